// Whether a terminal is ours at the moment. A shell gives it to one of its jobs; those behind it (`&`, `bg`) are stopped
// by the system as soon as they read from it or change its mode.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { pid } from 'node:process'

/** True also where nobody can tell, and where this process has no terminal of its own. */
export function isInForeground(): boolean {
  try {
    return isStatOfForeground(readFileSync('/proc/self/stat', 'utf8'))
  } catch {
    return isForegroundToPs(groupsToldByPs(pid)) // macOS and BSD have no such file
  }
}

/** What /proc/PID/stat says (proc_pid_stat(5)). The name of the program, in brackets, may have blanks and brackets in it. */
export function isStatOfForeground(stat: string): boolean {
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return isForeground(group, foreground)
}

/** What ps(1) says of a process: its group, and the group that has its terminal. Nothing where there is no ps. */
export function groupsToldByPs(id: number): string {
  const columns = ['-o', 'pgid=', '-o', 'tpgid='] // FreeBSD takes what follows the first = for a title
  const { stdout } = spawnSync('ps', [...columns, '-p', String(id)], { encoding: 'utf8', timeout: 2000 })
  return stdout ?? ''
}

export function isForegroundToPs(groups: string): boolean {
  const [, group, foreground] = /^\s*(\d+)\s+(-?\d+)\s*$/.exec(groups) ?? []
  return isForeground(group, foreground)
}

/** Without a terminal the second is -1 or 0. */
function isForeground(group: string | undefined, foreground: string | undefined): boolean {
  return foreground === undefined || Number(foreground) <= 0 || foreground === group
}

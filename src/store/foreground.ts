// Whether a terminal is ours at the moment. A shell gives it to one of its jobs; those behind it (`&`, `bg`) are stopped
// by the system as soon as they read from it or change its mode.

import { readFileSync } from 'node:fs'

/** Known on Linux; elsewhere, and where this process has no terminal of its own, there is nobody to ask: true. */
export function isInForeground(): boolean {
  try {
    return isStatOfForeground(readFileSync('/proc/self/stat', 'utf8'))
  } catch {
    return true
  }
}

/** What /proc/PID/stat says (proc_pid_stat(5)). The name of the program, in brackets, may have blanks and brackets in it. */
export function isStatOfForeground(stat: string): boolean {
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return foreground === undefined || foreground === '-1' || foreground === group
}

// Watches the machine while something is measured on it: what other programs took of its processors, and how far its
// cores are apart.

import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { run } from './programs.mjs'

const ROUND_TRIP = fileURLToPath(new URL('round-trip.mjs', import.meta.url))

/** With more than this share of the processors taken by others, a run is repeated. */
const DISTURBED = 0.03
const PAUSE_MILLISECONDS = 5000

export function describeMachine() {
  const processors = cpus()
  return `${processors[0].model.trim()}, ${processors.length} cores, Node ${process.versions.node}`
}

/** What `measure` gives, when others let it work; or its last attempt. With `roundTrip` and `othersShare` beside it. */
export function inPeace(measure, { attempts, onDisturbed }) {
  for (let attempt = 1; ; attempt++) {
    const roundTrip = Number(run(process.execPath, [ROUND_TRIP]))
    const before = processorTimes()
    const figures = measure()
    const othersShare = shareOfOthers(before, processorTimes())
    if (othersShare <= DISTURBED || attempt === attempts) return { ...figures, roundTrip, othersShare }
    onDisturbed(othersShare)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLISECONDS)
  }
}

/** Ticks since the start: of all processors, of those the busy ones, and of these the ones for us and our children. */
function processorTimes() {
  if (process.platform !== 'linux') return { all: 0, busy: 0, ours: 0 }
  const [user, nice, system, idle, ioWait, interrupt, softInterrupt, steal] = numbers('/proc/stat', /^cpu +/)
  const busy = user + nice + system + interrupt + softInterrupt + steal
  const [ownUser, ownSystem, childUser, childSystem] = numbers('/proc/self/stat', /^.*\) /).slice(11)
  return { all: busy + idle + ioWait, busy, ours: ownUser + ownSystem + childUser + childSystem }
}

/** The numbers of a file's first line; what is none, a state's letter say, counts as NaN. */
function numbers(path, beginning) {
  return readFileSync(path, 'utf8').split('\n')[0].replace(beginning, '').trim().split(' ').map(Number)
}

/** 0 where nobody counts. */
function shareOfOthers(before, after) {
  const all = after.all - before.all
  return all === 0 ? 0 : Math.max(0, after.busy - before.busy - (after.ours - before.ours)) / all
}

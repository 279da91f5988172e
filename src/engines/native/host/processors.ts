// How many threads compute best on this machine.

import { availableParallelism } from 'node:os'

/** With more, a step of any model that a single machine trains is spent on waiting for each other. */
const MOST_THREADS = 64

/** A thread for each processor that this process may use. */
export function usualThreads(): number {
  return Math.min(availableParallelism(), MOST_THREADS)
}

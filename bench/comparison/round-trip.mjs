// Prints how many nanoseconds a signal takes from one core to another and back: node bench/comparison/round-trip.mjs
// Virtual machines move between processors: two cores that share a cache need some 50 ns, others 400, and a core that
// another program uses thousands. Threads that often wait for each other are as fast as this lets them be.

import { isMainThread, Worker, workerData } from 'node:worker_threads'

const TRIPS = 200
const MILLISECONDS = 300
const END = -1

/** The one number that both threads see: odd when it is the worker's turn. */
const turn = isMainThread ? new Int32Array(new SharedArrayBuffer(4)) : workerData

if (isMainThread) new Worker(new URL(import.meta.url), { workerData: turn }).on('online', printMedian)
else answer()

function answer() {
  for (let next = 1; waitFor(next); next += 2) Atomics.store(turn, 0, next + 1)
}

function printMedian() {
  const times = []
  const end = performance.now() + MILLISECONDS
  while (performance.now() < end) times.push(nanosecondsEach(times.length * TRIPS))
  Atomics.store(turn, 0, END)
  console.log(Math.round(times.toSorted((a, b) => a - b)[times.length >> 1]))
}

function nanosecondsEach(first) {
  const before = performance.now()
  for (let trip = first; trip < first + TRIPS; trip++) {
    Atomics.store(turn, 0, 2 * trip + 1)
    waitFor(2 * trip + 2)
  }
  return ((performance.now() - before) * 1e6) / TRIPS
}

/** Whether the value came, rather than the end. */
function waitFor(value) {
  for (;;) {
    const seen = Atomics.load(turn, 0)
    if (seen === value || seen === END) return seen === value
  }
}

// Watching a run by its log: when it ends, and when it is told that nothing comes any more.

import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { watch, type WatchOptions } from '../../src/run/watch.ts'
import { appendEvent, LOG_FILE, type RunEvent } from '../../src/store/runFolder.ts'
import { temporaryFolder } from '../store/fixtures.ts'

const saved = (step: number, elapsedSeconds: number): RunEvent => ({
  event: 'saved',
  step,
  elapsedSeconds,
  folder: 'x',
  best: false,
})
const FINISHED: RunEvent = { event: 'finished', step: 2, elapsedSeconds: 2, reason: 'interrupted' }

/** A log with these events that was last written to so many seconds ago. */
function logOf(secondsAgo: number, ...events: RunEvent[]): string {
  const folder = temporaryFolder()
  for (const event of events) appendEvent(folder, event)
  const then = Date.now() / 1000 - secondsAgo
  utimesSync(join(folder, LOG_FILE), then, then)
  return folder
}

/** What is told of a run until it has been at rest for two looks, or has finished. */
async function watched(folder: string, options: Partial<WatchOptions> = {}) {
  const ending = new AbortController()
  const rests: number[] = []
  const onRest = (seconds: number) => void (rests.push(seconds) > 1 && ending.abort())
  const steps: unknown[] = []
  const patience = setTimeout(() => ending.abort(), 1000)
  for await (const event of watch(folder, { signal: ending.signal, onRest, ...options })) {
    steps.push(event === 'restart' ? event : event.step)
  }
  clearTimeout(patience)
  return { rests, steps, wasEnded: !ending.signal.aborted }
}

it('a run that has logged nothing for long is told of, with the age of its log', async () => {
  const { rests, steps } = await watched(logOf(3600, saved(1, 1), saved(2, 2)))
  expect(steps).toEqual([1, 2])
  expect(rests).toHaveLength(2)
  for (const seconds of rests) expect(Math.round(seconds / 60)).toBe(60)
})

it('a rest is longer than what the run takes between two lines', async () => {
  expect((await watched(logOf(3600, saved(1, 1), saved(2, 2000)))).rests).toEqual([])
  expect((await watched(logOf(5, saved(1, 1), saved(2, 2)))).rests).toEqual([])
})

it('a finished run is watched no longer, or for as long as is wished; it does not rest', async () => {
  const folder = logOf(3600, saved(1, 1), FINISHED)
  expect(await watched(folder)).toEqual({ rests: [], steps: [1, 2], wasEnded: true })
  expect(await watched(folder, { lasting: true })).toEqual({ rests: [], steps: [1, 2], wasEnded: false })
})

// Following a log that is really written, appended to, torn, cut and replaced while it is read.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { followEvents, type LogChange } from '../../src/store/followEvents.ts'
import { appendEvent, cutEvents, LOG_FILE } from '../../src/store/runFolder.ts'
import { temporaryFolder, userErrorOf } from './fixtures.ts'

interface Followed {
  readonly changes: AsyncGenerator<LogChange>
  /** What the next changes are, until the log has nothing more for now. */
  readonly news: () => Promise<(number | 'restart')[]>
  readonly end: () => void
}

/** Follows a log, looking only when it is asked to: pauses last until the next call of `news`. */
function following(folder: string): Followed {
  const ending = new AbortController()
  let resume: (() => void) | undefined
  let idle: (() => void) | undefined
  const seen: (number | 'restart')[] = []
  const pause = () => {
    idle?.()
    return new Promise<void>((resolve) => (resume = resolve))
  }
  const changes = followEvents(folder, { signal: ending.signal, pause })
  const read = async () => {
    for await (const change of changes) seen.push(change === 'restart' ? change : change.step)
  }
  let reading: Promise<void> | undefined
  const news = async () => {
    const isIdle = new Promise<void>((resolve) => (idle = resolve))
    reading ??= read()
    resume?.()
    await Promise.race([isIdle, reading])
    return seen.splice(0)
  }
  return { changes, news, end: () => ending.abort() }
}

function lineOf(step: number): string {
  return `{"event":"step","step":${step}}\n`
}

describe('a log that is followed', () => {
  it('need not be there yet, nor its folder', async () => {
    const folder = join(temporaryFolder(), 'run')
    const { news } = following(folder)
    expect(await news()).toEqual([])
    mkdirSync(folder)
    expect(await news()).toEqual([])
    appendEvent(folder, { event: 'started', step: 0 })
    expect(await news()).toEqual([0])
  })

  it('gives each event once, those that were there and those that come', async () => {
    const folder = temporaryFolder()
    for (const step of [1, 2, 3]) appendEvent(folder, { event: 'step', step })
    const { news } = following(folder)
    expect(await news()).toEqual([1, 2, 3])
    expect(await news()).toEqual([])
    appendEvent(folder, { event: 'step', step: 4 })
    expect(await news()).toEqual([4])
  })

  it('waits for the rest of a torn line, also within a character', async () => {
    const folder = temporaryFolder()
    const log = join(folder, LOG_FILE)
    const bytes = Buffer.from('{"event":"sampled","step":7,"text":"漢字"}\n')
    const { news } = following(folder)
    writeFileSync(log, lineOf(1))
    await news()
    for (const [start, end] of [
      [0, 5],
      [5, 37],
      [37, bytes.length - 1],
    ]) {
      appendFileSync(log, bytes.subarray(start, end))
      expect(await news()).toEqual([])
    }
    appendFileSync(log, bytes.subarray(-1))
    appendFileSync(log, lineOf(8))
    expect(await news()).toEqual([7, 8])
  })

  it('leaves out whole lines that are no events', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, LOG_FILE), `{"event":"st\n\nnull\n{"event":1,"step":2}\n${lineOf(3)}`)
    expect(await following(folder).news()).toEqual([3])
  })

  it('begins anew when the run was resumed from an earlier step', async () => {
    const folder = temporaryFolder()
    for (const step of [1, 2, 3]) appendEvent(folder, { event: 'step', step })
    const { news } = following(folder)
    await news()
    cutEvents(folder, 1)
    for (const step of [2, 3, 4, 5]) appendEvent(folder, { event: 'step', step }) // longer than before
    expect(await news()).toEqual(['restart', 1, 2, 3, 4, 5])
    expect(await news()).toEqual([])
  })

  it('begins anew when it was removed and written again, or made shorter, or has other bytes', async () => {
    const folder = temporaryFolder()
    const log = join(folder, LOG_FILE)
    writeFileSync(log, lineOf(1) + lineOf(2))
    const { news } = following(folder)
    expect(await news()).toEqual([1, 2])
    rmSync(log)
    expect(await news()).toEqual([])
    writeFileSync(log, lineOf(3))
    expect(await news()).toEqual(['restart', 3])
    truncateSync(log, 0)
    expect(await news()).toEqual(['restart'])
    writeFileSync(log, lineOf(4) + lineOf(5))
    expect(await news()).toEqual([4, 5])
    writeFileSync(log, lineOf(6) + lineOf(7)) // in place, of the same length
    expect(await news()).toEqual(['restart', 6, 7])
  })

  it('of many megabytes is read to its end', async () => {
    const folder = temporaryFolder()
    const lines = Array.from({ length: 60_000 }, (_, step) => lineOf(step))
    writeFileSync(join(folder, LOG_FILE), lines.join(''))
    const steps = await following(folder).news()
    expect(steps).toHaveLength(60_000)
    expect(steps.every((step, index) => step === index)).toBe(true)
  })

  it('that is no file, or holds a line without an end, is an error', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, LOG_FILE))
    const { changes } = following(folder)
    expect(await userErrorOf(() => changes.next())).toMatchObject({ exitCode: 1 })
    const other = temporaryFolder()
    writeFileSync(join(other, LOG_FILE), 'x'.repeat(20_000_000))
    const error = await userErrorOf(() => following(other).changes.next())
    expect(error.message).toMatch(/metrics\.jsonl is damaged: it has a line of more than/)
  })

  it('ends with the signal, also in the middle of a pause', async () => {
    const folder = temporaryFolder()
    const ending = new AbortController()
    const changes = followEvents(folder, { signal: ending.signal })
    const next = changes.next()
    ending.abort()
    expect(await next).toEqual({ done: true, value: undefined })
  })

  it('lets a signal be heard while many megabytes are replayed', async () => {
    const folder = temporaryFolder()
    const lines = Array.from({ length: 60_000 }, (_, step) => lineOf(step))
    writeFileSync(join(folder, LOG_FILE), lines.join(''))
    const ending = new AbortController()
    setImmediate(() => ending.abort()) // as soon as anything but the log has its turn
    let seen = 0
    for await (const _ of followEvents(folder, { signal: ending.signal })) seen++
    expect(seen).toBeGreaterThan(0)
    expect(seen).toBeLessThan(lines.length)
  })

  it('gives all that another process appends, in pieces of any size', async () => {
    const folder = temporaryFolder()
    const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, join(folder, LOG_FILE)])
    const ending = new AbortController()
    const steps: number[] = []
    for await (const change of followEvents(folder, { signal: ending.signal })) {
      if (change === 'restart') throw new Error('the log was only appended to')
      steps.push(change.step)
      if (change.step === 199) ending.abort()
    }
    expect(steps).toEqual(Array.from({ length: 200 }, (_, step) => step))
    if (writer.exitCode === null) await once(writer, 'exit')
  })
})

/** Appends 200 events in pieces of 17 bytes, with a rest now and then. */
const WRITER = `
import { appendFileSync } from 'node:fs'
const text = Array.from({ length: 200 }, (_, step) => JSON.stringify({ event: 'step', step, text: '漢字' }) + '\\n').join('')
const bytes = Buffer.from(text)
for (let at = 0; at < bytes.length; at += 17) {
  appendFileSync(process.argv[1], bytes.subarray(at, at + 17))
  if (at % 1700 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
}
`

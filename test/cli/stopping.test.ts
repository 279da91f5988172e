// A training that is asked to end before it has begun: what its person reads, and what is left.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Context } from '../../src/cli/context.ts'
import { trainCommand } from '../../src/cli/train.ts'
import { eventsOf, TALES } from './spawn.ts'

const folder = mkdtempSync(join(tmpdir(), 'tgpt-stopping-'))
afterAll(() => rmSync(folder, { recursive: true }))

const corpus = join(folder, 'tales.txt')
writeFileSync(corpus, TALES)

const SIZE = { 'n-layer': '1', 'n-head': '1', 'n-embd': '8', 'block-size': '8', 'batch-size': '2', steps: '6' }

/** Trains under a signal that has come already. @returns what was written to standard error. */
async function trainAfterStop(out: string, flags: Readonly<Record<string, string>>): Promise<string> {
  let stderr = ''
  const context: Partial<Context> = {
    signal: AbortSignal.abort(),
    stdout: () => {},
    stderr: (text) => (stderr += text),
    terminal: undefined,
    onStop: () => () => {},
    clock: () => 0,
    root: folder,
    availableBytes: Infinity,
    versions: { tgpt: 'test', node: 'test' },
    command: 'tgpt',
  }
  await trainCommand(context as Context).handler({ _: ['train'], $0: 'tgpt', corpus, out, ...SIZE, ...flags })
  return stderr
}

describe('a training that is asked to end while it is prepared', () => {
  it.each([
    ['lines', {}],
    ['events', { json: 'true' }],
  ])('says in %s that it stops, and does no step', async (name, flags) => {
    const out = join(folder, name)
    const stderr = await trainAfterStop(out, flags)
    expect(stderr.match(/^stopping: /gm)).toHaveLength(1)
    expect(eventsOf(out).at(-1)).toMatchObject({ event: 'finished', reason: 'interrupted', step: 0 })
  })
})

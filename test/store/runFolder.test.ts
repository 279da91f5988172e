// Run folders: run.json, the log, and making a folder without ever touching what is not ours.

import { appendFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  appendEvent,
  createRunFolder,
  cutEvents,
  freshRunFolder,
  readEvents,
  readRun,
  writeRun,
  type RunRecord,
} from '../../src/store/runFolder.ts'
import { runWith, temporaryFolder, userErrorOf } from './fixtures.ts'

const RECORD: RunRecord = {
  settings: { nLayer: 4, dropout: 0.2, tokenizer: 'char' },
  seed: 1337,
  corpus: { name: 'tales', path: '/corpora/tales.txt', sha256: 'ab'.repeat(32), bytes: 99 },
  engine: { name: 'native', detail: '2 threads', reason: 'the fastest here', precision: 'bf16' },
  versions: { tgpt: '0.1.0', node: '22.1.0' },
}

describe('run.json', () => {
  it('comes back as it was', () => {
    const folder = temporaryFolder()
    writeRun(folder, RECORD)
    expect(readRun(folder)).toEqual(RECORD)
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({ format: 1, seed: 1337 })
  })

  it('of a run from before precisions could be chosen is one in fp32', () => {
    const folder = temporaryFolder()
    const { name, detail, reason } = RECORD.engine
    writeFileSync(join(folder, 'run.json'), JSON.stringify({ format: 1, ...RECORD, engine: { name, detail, reason } }))
    expect(readRun(folder).engine.precision).toBe('fp32')
  })

  it.each<[string, unknown, RegExp]>([
    ['a newer format', { ...RECORD, format: 2 }, /written by a newer tgpt/],
    ['no format', RECORD, /no format number/],
    ['a list', [], /not a JSON object/],
    ['a seed that is text', { ...RECORD, format: 1, seed: '1' }, /seed is not a whole number/],
    ['no settings', { ...RECORD, format: 1, settings: null }, /settings is missing/],
    ['no hash', { ...RECORD, format: 1, corpus: { ...RECORD.corpus, sha256: 1 } }, /corpus.sha256 is not a text/],
    [
      'no known precision',
      { ...RECORD, format: 1, engine: { ...RECORD.engine, precision: 'fp8' } },
      /engine.precision is not known/,
    ],
    [
      'no size',
      { ...RECORD, format: 1, corpus: { ...RECORD.corpus, bytes: -1 } },
      /corpus.bytes is not a whole number/,
    ],
  ])('with %s is refused', async (_, json, message) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'run.json'), JSON.stringify(json))
    const error = await userErrorOf(() => readRun(folder))
    expect(error.message).toMatch(message)
    expect(error.message).toContain(join(folder, 'run.json'))
    expect(error.exitCode).toBe(1)
  })
})

describe('the log', () => {
  it('gives its events back, with null for what is not finite', () => {
    const folder = temporaryFolder()
    expect(readEvents(folder)).toEqual([])
    appendEvent(folder, { event: 'started', step: 0 })
    appendEvent(folder, { event: 'step', step: 1, loss: NaN })
    expect(readEvents(folder)).toEqual([
      { event: 'started', step: 0 },
      { event: 'step', step: 1, loss: null },
    ])
  })

  it('with a torn last line is read without it; one torn before is named', async () => {
    const folder = temporaryFolder()
    appendEvent(folder, { event: 'step', step: 1 })
    appendFileSync(join(folder, 'metrics.jsonl'), '{"event":"st')
    expect(readEvents(folder)).toHaveLength(1)
    appendEvent(folder, { event: 'step', step: 2 })
    appendEvent(folder, { event: 'step', step: 3 })
    const error = await userErrorOf(() => readEvents(folder))
    expect(error.message).toMatch(/metrics.jsonl is damaged: line 2 is no event/)
    cutEvents(folder, 3)
    expect(readEvents(folder).map(({ step }) => step)).toEqual([1, 3])
  })

  it('is cut back to a step, in order, bytes unchanged', () => {
    const folder = temporaryFolder()
    const lines = ['{"event":"started","step":0}', '{"event":"step", "step":1, "loss":0.10}']
    const later = ['{"event":"step","step":2}', '{"event":"finished","step":1}', '{"event":"ste']
    writeFileSync(join(folder, 'metrics.jsonl'), [...lines, ...later].join('\n'))
    cutEvents(folder, 1)
    expect(readFileSync(join(folder, 'metrics.jsonl'), 'utf8')).toBe(`${lines.join('\n')}\n`)
  })

  it('in a folder that was removed is an error', async () => {
    const folder = join(temporaryFolder(), 'gone')
    const error = await userErrorOf(() => appendEvent(folder, { event: 'step', step: 1 }))
    expect(error.message).toMatch(/cannot write .*metrics.jsonl: its folder does not exist/)
    cutEvents(folder, 1)
  })
})

describe('a new run folder', () => {
  it('is made with its parents, and an empty one is taken', () => {
    const folder = join(temporaryFolder(), 'a', 'b')
    createRunFolder(folder, { overwrite: false })
    createRunFolder(folder, { overwrite: false })
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([false, true])('that cannot be written to is refused first (overwrite: %s)', async (overwrite) => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const readOnly = process.platform === 'linux' ? ['/proc/run', '/proc/1', '/proc/a/b'] : []
    for (const path of [file, join(file, 'run'), ...readOnly]) {
      expect(await userErrorOf(() => createRunFolder(path, { overwrite }))).toMatchObject({ exitCode: 1 })
    }
  })

  it('is refused where a run or anything else is', async () => {
    const run = await runWith(500)
    const error = await userErrorOf(() => createRunFolder(run, { overwrite: false }))
    expect(error.message).toBe(`${run} already holds a run`)
    const foreign = temporaryFolder()
    writeFileSync(join(foreign, 'thesis.txt'), '')
    const other = await userErrorOf(() => createRunFolder(foreign, { overwrite: false }))
    expect(other).toMatchObject({ message: `${foreign} is not empty`, exitCode: 2 })
  })

  it('overwrites our own files and nothing else', async () => {
    const run = await runWith(500, 1000)
    writeRun(run, RECORD)
    appendEvent(run, { event: 'started', step: 0 })
    mkdirSync(join(run, 'step-by-step'))
    writeFileSync(join(run, 'notes.txt'), 'precious')
    const outside = temporaryFolder()
    writeFileSync(join(outside, 'precious'), '')
    symlinkSync(outside, join(run, 'step-000750'))
    createRunFolder(run, { overwrite: true })
    expect(readdirSync(run).toSorted()).toEqual(['notes.txt', 'step-by-step'])
    expect(readdirSync(outside)).toEqual(['precious'])
  })

  it('gets the first name that is free', () => {
    const parent = temporaryFolder()
    expect(freshRunFolder(parent, 'tales')).toBe(join(parent, 'tales'))
    mkdirSync(join(parent, 'tales'))
    symlinkSync('nowhere', join(parent, 'tales-2'))
    expect(freshRunFolder(parent, 'tales')).toBe(join(parent, 'tales-3'))
    expect(freshRunFolder(join(parent, 'none'), 'tales')).toBe(join(parent, 'none', 'tales'))
  })
})

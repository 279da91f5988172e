// Comparing runs from their folders: figures, differences, and runs that lack some of it.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { compareRuns } from '../../src/run/compare.ts'
import { appendEvent, type RunRecord, writeRun } from '../../src/store/runFolder.ts'

const root = mkdtempSync(join(tmpdir(), 'tgpt-compare-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const RECORD: RunRecord = {
  settings: { steps: 20, seed: 1, dropout: 0 },
  seed: 1,
  corpus: { name: 'tales', path: '/tales.txt', sha256: 'ab'.repeat(32), bytes: 99 },
  engine: { name: 'native', detail: '2 threads', reason: 'the fastest here', precision: 'fp32' },
  versions: { tgpt: '0.1.0', node: '22.1.0' },
}

function runAt(path: string, changes: Partial<RunRecord> = {}): string {
  const folder = join(root, path)
  mkdirSync(folder, { recursive: true })
  writeRun(folder, { ...RECORD, ...changes })
  return folder
}

function evaluated(folder: string, step: number, validationLoss: number): void {
  appendEvent(folder, { event: 'evaluated', step, elapsedSeconds: step, trainLoss: 1, validationLoss, best: false })
}

it('a run is summed up by its evaluations: the best after the first step, and the last figure', () => {
  const folder = runAt('whole')
  for (const [step, loss] of [
    [0, 0.5],
    [10, 2],
    [20, 3],
  ])
    evaluated(folder, step, loss)
  const validation = { loss: 2.5, tokens: 9, ofTokens: 9 }
  appendEvent(folder, { event: 'finished', step: 20, elapsedSeconds: 33, reason: 'completed', validation })
  const [run, empty] = compareRuns([folder, runAt('empty')]).runs
  expect(run).toEqual({
    name: 'whole',
    folder,
    step: 20,
    steps: 20,
    elapsedSeconds: 33,
    evaluations: [
      { step: 0, trainLoss: 1, validationLoss: 0.5 },
      { step: 10, trainLoss: 1, validationLoss: 2 },
      { step: 20, trainLoss: 1, validationLoss: 3 },
    ],
    best: { step: 10, validationLoss: 2 },
    finalValidationLoss: 2.5,
  })
  expect(empty).toEqual({
    name: 'empty',
    folder: join(root, 'empty'),
    step: 0,
    steps: 20,
    elapsedSeconds: 0,
    evaluations: [],
  })
})

it('only what differs is listed, with null for what a run lacks', () => {
  const other = runAt('other', {
    settings: { steps: 20, seed: 2, rotary: true },
    corpus: { ...RECORD.corpus, sha256: 'cd'.repeat(32), path: '/elsewhere.txt' },
    engine: { ...RECORD.engine, reason: 'asked for', precision: 'bf16' },
  })
  expect(compareRuns([runAt('one'), other]).differences).toEqual([
    { setting: 'seed', values: [1, 2] },
    { setting: 'dropout', values: [0, null] },
    { setting: 'corpusSha256', values: ['ab'.repeat(32), 'cd'.repeat(32)] },
    { setting: 'precision', values: ['fp32', 'bf16'] },
    { setting: 'rotary', values: [null, true] },
  ])
})

it('runs of one name are told apart by their folders', () => {
  const folders = [runAt('x/tales'), runAt('y/tales'), runAt('z')]
  expect(compareRuns(folders).runs.map(({ name }) => name)).toEqual([folders[0], folders[1], 'z'])
})

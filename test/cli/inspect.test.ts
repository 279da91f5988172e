// tgpt inspect: what is in a checkpoint, for people and for programs.

import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Inspection } from '../../src/gpt/inspection.ts'
import { modelAlone } from './damage.ts'
import { eventsOf, pointedAt, SMALL, succeeds, TALES, tgpt, trained } from './spawn.ts'

let folder: string
let run: string

beforeAll(async () => {
  ;({ folder, run } = await trained(`${SMALL} --steps 4 --eval-interval 2 --dropout 0.1 --bias`))
})

async function inspected(...args: string[]): Promise<Inspection> {
  const { stdout, stderr } = await succeeds(tgpt(folder, ['inspect', ...args, '--json']))
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Inspection
}

describe.concurrent('tgpt inspect', () => {
  it('shows configuration, parameters, totals, corpus and loss history', async () => {
    const { stdout, stderr } = await succeeds(tgpt(folder, 'inspect tales'))
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^ {2}width +8$/m)
    expect(stdout).toMatch(/^ {2}biases +yes$/m)
    expect(stdout).toMatch(/^ {2}h\.0\.attn\.c_attn\.weight +8 x 24 +192 {2}decayed$/m)
    expect(stdout).toMatch(/^ {2}h\.0\.attn\.c_attn\.bias +24 +24$/m)
    expect(stdout).toMatch(/^ {2}parameters +[\d,]+ \([\d,]+ without positions/m)
    expect(stdout).toMatch(/^ {2}memory +at least .* to train, .* to sample$/m)
    expect(stdout).toMatch(/^ {2}FLOPs +.* a token/m)
    expect(stdout).toContain(createHash('sha256').update(TALES).digest('hex'))
    expect(stdout).toMatch(/Loss history\n +step +train +validation\n +0 .*\n +2 .*\n +4 .*/)
  })

  it('--json has all of it, and the figures agree', async () => {
    const { model, parameters, flopsPerToken, run: around, tokenizer, dropout, step } = await inspected('tales')
    const vocabSize = new Set(TALES).size
    expect(model).toEqual({
      vocabSize,
      blockSize: 8,
      nLayer: 1,
      nHead: 1,
      nEmbd: 8,
      bias: true,
      activation: 'gelu_new',
    })
    expect({ tokenizer, dropout, step }).toEqual({ tokenizer: { kind: 'char', vocabSize }, dropout: 0.1, step: 4 })
    const sum = (of: readonly { parameters: number }[]) => of.reduce((total, tensor) => total + tensor.parameters, 0)
    expect(parameters.total).toBe(sum(parameters.tensors))
    expect(parameters.decayed.parameters).toBe(sum(parameters.tensors.filter(({ shape }) => shape.length === 2)))
    expect(parameters.withoutPositions).toBe(parameters.total - 8 * 8)
    expect(flopsPerToken).toBe(6 * parameters.withoutPositions + 12 * 1 * 8 * 8)
    const evaluated = eventsOf(run).filter(({ event }) => event === 'evaluated')
    expect(around?.history).toEqual(
      evaluated.map(({ step: at, trainLoss, validationLoss }) => ({ step: at, trainLoss, validationLoss })),
    )
    expect(around?.corpus).toMatchObject({
      bytes: TALES.length,
      sha256: createHash('sha256').update(TALES).digest('hex'),
    })
  })

  it('takes a run by folder, by name, or not at all, and its latest, best and step folders', async () => {
    const latest = pointedAt(realpathSync(run), 'latest')
    const named = [
      'checkpoints/tales',
      run,
      'tales',
      'tales/latest',
      'checkpoints/tales/latest',
      'checkpoints/tales/step-000004',
    ]
    const found = await Promise.all([inspected(), ...named.map((name) => inspected(name))])
    expect(found.map((each) => realpathSync(each.folder))).toEqual(Array.from({ length: 7 }, () => latest))
    expect((await inspected('tales/best')).folder).toContain(pointedAt(run, 'best').slice(-11))
    expect((await inspected('tales/step-000002')).step).toBe(2)
  })

  it('takes a folder with a model alone', async () => {
    const alone = modelAlone(pointedAt(run, 'latest'), join(folder, 'alone'))
    const inspection = await inspected(alone)
    expect(inspection.model).toEqual((await inspected('tales')).model)
    expect(Object.keys(inspection)).not.toContain('run')
    const { stdout } = await succeeds(tgpt(folder, ['inspect', alone]))
    expect(stdout).toMatch(/^ {2}width +8$/m)
  })
})

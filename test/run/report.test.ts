// What a page takes from a log that nobody vouches for, and how much of a text it shows attention for.

import { describe, expect, it } from 'vitest'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { readEvent } from '../../src/gpt/readEvent.ts'
import { attentionTokens, courseAndSamples, report } from '../../src/run/report.ts'
import type { RunEvent } from '../../src/store/runFolder.ts'
import { modelWith } from './look/fixtures.ts'

const told = (...lines: RunEvent[]) => courseAndSamples(lines.flatMap((line) => readEvent(line) ?? []))

const step = (at: number, fields: object = {}): RunEvent => ({
  event: 'step',
  step: at,
  elapsedSeconds: at,
  loss: 2,
  learningRate: 1e-3,
  gradientNorm: 0.5,
  tokensPerSecond: 500,
  ...fields,
})
const evaluated = (at: number, fields: object = {}): RunEvent => ({
  event: 'evaluated',
  step: at,
  elapsedSeconds: at,
  trainLoss: 4.2,
  validationLoss: 4.3,
  best: false,
  ...fields,
})
const sampled = (at: number, text: unknown): RunEvent => ({ event: 'sampled', step: at, elapsedSeconds: at, text })

describe('the course of a run', () => {
  it('has steps, evaluations and the best of them, the time, the speed and the end', () => {
    const validation = { loss: 1.5, tokens: 7, ofTokens: 9 }
    const finished = { event: 'finished', step: 1, elapsedSeconds: 3, reason: 'completed', validation }
    const { course } = told(evaluated(0, { validationLoss: 1 }), step(1), evaluated(1), finished)
    expect(course).toEqual({
      steps: [{ step: 1, loss: 2, learningRate: 1e-3, gradientNorm: 0.5 }],
      evaluations: [
        { step: 0, trainLoss: 4.2, validationLoss: 1 },
        { step: 1, trainLoss: 4.2, validationLoss: 4.3 },
      ],
      best: { step: 1, trainLoss: 4.2, validationLoss: 4.3 },
      step: 1,
      elapsedSeconds: 3,
      tokensPerSecond: 500,
      ending: { completed: true, validation },
    })
  })

  it('is empty for an empty log', () => {
    expect(told()).toEqual({ course: { steps: [], evaluations: [], step: 0 }, samples: [] })
  })

  it('takes null for a number that was not finite, and one that no float32 can hold', () => {
    const { steps, elapsedSeconds } = told(
      step(1, { loss: null }),
      step(2, { gradientNorm: 1e300, elapsedSeconds: -1 }),
    ).course
    expect(steps.map(({ loss, gradientNorm }) => [loss, gradientNorm])).toEqual([
      [NaN, 0.5],
      [2, NaN],
    ])
    expect(elapsedSeconds).toBe(1)
  })

  it('leaves out what does not fit', () => {
    const interrupted = { event: 'finished', step: 4, elapsedSeconds: 4, reason: 'interrupted' }
    const { course } = told(
      step(1, { loss: 'low' }),
      step(2, { gradientNorm: undefined }),
      evaluated(3, { trainLoss: [1] }),
      interrupted,
      { ...interrupted, reason: '<b>' },
    )
    expect(course).toEqual({ steps: [], evaluations: [], step: 4, elapsedSeconds: 4, ending: { completed: false } })
  })

  it('brings steps into order, and a long run to about a thousand of them', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => step(20_000 - index, { loss: index === 77 ? 9 : 2 }))
    const { steps } = told(...lines).course
    expect(steps.length).toBeLessThanOrEqual(1002)
    expect(steps.map((each) => each.step)).toEqual(steps.map((each) => each.step).toSorted((a, b) => a - b))
    expect(steps.find(({ loss }) => loss === 9)?.step).toBe(20_000 - 77)
  })
})

describe('the samples of a run', () => {
  it('are texts alone, and of many some from the first to the last', () => {
    const lines = Array.from({ length: 100 }, (_, index) => sampled(index, `no. ${index}`))
    const { samples } = told(...lines, sampled(100, 7))
    expect(samples.length).toBe(24)
    expect([samples[0], samples.at(-1)]).toEqual([
      { step: 0, text: 'no. 0' },
      { step: 99, text: 'no. 99' },
    ])
  })

  it('are cut where they would fill the page', () => {
    const [{ text }] = told(sampled(1, 'x'.repeat(1e6))).samples
    expect(text).toBe(`${'x'.repeat(4000)}…`)
  })
})

describe('attentionTokens', () => {
  const model = (nLayer: number, nHead: number, blockSize: number) => ({ nLayer, nHead, blockSize }) as ModelConfig

  it('is at most 48, a block, and what many heads leave room for', () => {
    expect(attentionTokens(model(4, 4, 64))).toBe(48)
    expect(attentionTokens(model(4, 4, 8))).toBe(8)
    expect(attentionTokens(model(48, 25, 1024))).toBe(15) // 1200 maps of 120 cells: 144,000
  })
})

describe('report', () => {
  it('shows the beginning of a text whose maps would be too many in full', async () => {
    const { stepFolder } = await modelWith({ blockSize: 4096 })
    const text = 'to be '.repeat(1000)
    const { attention } = await report({ stepFolder, runFolder: undefined }, { text, version: '0' })
    expect(attention?.tokens.map((token) => token.text).join('')).toBe(text.slice(0, 48))
    expect(attention?.heads.map(({ weights }) => weights.length)).toEqual([48, 48, 48, 48])
    expect(attention?.notices).toEqual(['the first 48 of 6000 tokens are shown'])
  })
})

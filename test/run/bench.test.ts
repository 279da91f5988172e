// Figures of a benchmark, by a clock that moves a second at each look.

import { describe, expect, it } from 'vitest'
import { bench, type BenchRequest } from '../../src/run/bench.ts'
import { neededFlopsPerToken } from '../../src/gpt/counts.ts'
import type { Settings } from '../../src/gpt/settings.ts'

const SMALL: Partial<Settings> = {
  nLayer: 1,
  nHead: 1,
  nEmbd: 8,
  blockSize: 4,
  batchSize: 3,
  gradientAccumulation: 2,
}
const request: BenchRequest = {
  preset: 'tiny',
  given: SMALL,
  vocabSize: 11,
  engine: 'auto',
  threads: undefined,
  precision: undefined,
  steps: 4,
  availableBytes: Infinity,
}

function io(signal = new AbortController().signal) {
  let seconds = 0
  return { clock: () => seconds++, signal, peakMemoryBytes: () => 12_345 }
}

describe('a benchmark', () => {
  it('times as many steps as asked, and its figures agree', async () => {
    const { figures, model, tokensPerStep, steps } = (await bench(request, io()))!
    expect({ tokensPerStep, steps }).toEqual({ tokensPerStep: 2 * 3 * 4, steps: 4 })
    expect(model).toMatchObject({ vocabSize: 11, nEmbd: 8, activation: 'gelu_new' })
    const { peakGflops, ...rest } = figures
    const gflops = (neededFlopsPerToken(model) * tokensPerStep) / 1e9
    expect(rest).toEqual({
      engine: expect.any(String) as string,
      detail: expect.any(String) as string,
      millisecondsPerStep: 1000,
      tokensPerSecond: tokensPerStep,
      gflops,
      shareOfPeak: peakGflops && gflops / peakGflops,
      decodeTokensPerSecond: expect.any(Number) as number,
      peakMemoryBytes: 12_345,
    })
  })

  it('times at least five steps, and ten seconds of them, unless told', async () => {
    expect((await bench({ ...request, steps: undefined }, io()))!.steps).toBeGreaterThanOrEqual(5)
    let seconds = 0
    const slow = { ...io(), clock: () => (seconds += 100) }
    expect((await bench({ ...request, steps: undefined }, slow))!.steps).toBe(5)
  })

  it('takes one micro-batch and a usual vocabulary, unless told', async () => {
    const { gradientAccumulation: _, ...given } = SMALL
    const usual = (await bench({ ...request, given, vocabSize: undefined, preset: 'gpt2' }, io()))!
    expect([usual.tokensPerStep, usual.model.vocabSize]).toEqual([3 * 4, 50_257])
    expect((await bench({ ...request, given, vocabSize: undefined }, io()))!.model.vocabSize).toBe(65)
  })

  it('says nothing when it was interrupted', async () => {
    expect(await bench(request, io(AbortSignal.abort()))).toBeUndefined()
    const controller = new AbortController()
    const { clock, ...rest } = io(controller.signal)
    const abortLater = () => {
      if (clock() > 5) controller.abort()
      return clock()
    }
    expect(await bench({ ...request, steps: 1_000_000 }, { ...rest, clock: abortLater })).toBeUndefined()
  })

  it('refuses a model that does not fit into memory, before it is made', async () => {
    await expect(bench({ ...request, availableBytes: 1000 }, io())).rejects.toThrow('needs about')
  })
})

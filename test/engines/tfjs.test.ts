import { describe, expect, it, vi } from 'vitest'
import type { StepHyper } from '../../src/gpt/engine.ts'
import { adamW, clipFactor, globalNorm } from '../../src/engines/tfjs/adamw.ts'
import { loadBackend } from '../../src/engines/tfjs/backend.ts'
import { TfjsEngine } from '../../src/engines/tfjs/engine.ts'
import { initialParameters } from '../../src/gpt/parameters.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { tfjsTrainingBytes } from '../../src/engines/tfjs/memory.ts'
import { describeEngine } from './parity.ts'

const backend = await loadBackend()
const { tf } = backend

describeEngine('tfjs', async (options) => new TfjsEngine(backend, options))

const HYPER: StepHyper = {
  step: 0,
  learningRate: 0.1,
  beta1: 0.5,
  beta2: 0.75,
  epsilon: 0.5,
  weightDecay: 0.25,
  gradientClip: 1,
  dropout: 0,
}

describe('AdamW, worked by hand', () => {
  // Two steps at p = 2 with gradients 4 and 2. Step 1: m = 2, v = 4, both corrected to 4 and 16: the update is
  // 0.1 * 4 / (4 + 0.5). Step 2: m = 2, v = 4; corrected by 3/4 and 7/16: 8/3 and 64/7.
  const first = 2 * (1 - 0.025) - (0.1 * 4) / 4.5
  const second = first * (1 - 0.025) - (0.1 * (8 / 3)) / (Math.sqrt(64 / 7) + 0.5)

  it('decays the weight, then moves by the corrected means', () => {
    const start = { parameter: tf.tensor([2]), first: tf.tensor([0]), second: tf.tensor([0]) }
    const one = adamW(tf, start, tf.tensor([4]), true, HYPER)
    expect([one.parameter, one.first, one.second].map((tensor) => tensor.dataSync()[0])).toEqual([
      expect.closeTo(first, 6),
      2,
      4,
    ])
    const two = adamW(tf, one, tf.tensor([2]), true, { ...HYPER, step: 1 })
    expect([two.parameter, two.first, two.second].map((tensor) => tensor.dataSync()[0])).toEqual([
      expect.closeTo(second, 6),
      2,
      4,
    ])
  })

  it('does not decay what is not to be decayed', () => {
    const start = { parameter: tf.tensor([2]), first: tf.tensor([0]), second: tf.tensor([0]) }
    expect(adamW(tf, start, tf.tensor([4]), false, HYPER).parameter.dataSync()[0]).toBeCloseTo(2 - 0.4 / 4.5, 6)
  })

  it('clips by the norm of all gradients together, and only above the limit', () => {
    expect(globalNorm(tf, [tf.tensor([3, 0]), tf.tensor([[4], [12]])]).dataSync()[0]).toBe(13)
    expect(clipFactor(13, 6.5)).toBeCloseTo(0.5, 6)
    expect(clipFactor(0.3, 1)).toBe(1)
    expect(clipFactor(1e-6, 1e-6)).toBeCloseTo(0.5, 6) // PyTorch's guard against a norm of 0
    expect(clipFactor(13, 0)).toBe(1)
  })
})

it('refuses what TensorFlow.js cannot compute in', () => {
  const model = { vocabSize: 7, blockSize: 4, nLayer: 1, nHead: 1, nEmbd: 4, bias: true, activation: 'gelu' } as const
  expect(() => new TfjsEngine(backend, { model, seed: 1, precision: 'bf16' })).toThrow('in fp32, not in bf16')
  expect(new TfjsEngine(backend, { model, seed: 1, precision: 'fp32' }).name).toBe('tfjs')
})

describe('memory', () => {
  it('holds as many tensors after many steps, evaluations and samples as after one, and none when disposed', async () => {
    const before = tf.memory().numTensors
    const model = { vocabSize: 7, blockSize: 4, nLayer: 1, nHead: 1, nEmbd: 4, bias: true, activation: 'gelu' } as const
    const engine = new TfjsEngine(backend, { model, seed: 1 })
    await engine.load(initialParameters(model, 1))
    const loaded = tf.memory().numTensors
    const batch = { inputs: Int32Array.of(1, 2, 3, 4), targets: Int32Array.of(2, 3, 4, 5), batchSize: 1 }
    for (let step = 0; step < 5; step++) {
      await engine.trainStep([batch, batch], { ...HYPER, step, dropout: 0.1 })
      await engine.losses(batch)
      await engine.gradients(batch)
      const decoder = engine.decoder()
      await decoder.prefill(batch.inputs)
      const fork = decoder.fork(2)
      await fork.next(Int32Array.of(1, 2))
      ;[decoder, fork].forEach((each) => each.dispose())
      expect(tf.memory().numTensors).toBe(loaded)
    }
    engine.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each([
    { nLayer: 2, nHead: 2, nEmbd: 32, blockSize: 24, vocabSize: 75, batchSize: 8 },
    { nLayer: 1, nHead: 8, nEmbd: 32, blockSize: 96, vocabSize: 75, batchSize: 2 },
    { nLayer: 1, nHead: 1, nEmbd: 16, blockSize: 16, vocabSize: 1500, batchSize: 8 },
  ])(
    'of a step is what was foretold, within a quarter: $nEmbd wide, block $blockSize',
    async ({ batchSize, ...sizes }) => {
      const model = { ...sizes, bias: true, activation: 'gelu_new' } as const
      const peak = await peakOfStep(model, batchSize, 1)
      expect(tfjsTrainingBytes(model, batchSize) / peak).toBeGreaterThan(0.8)
      expect(tfjsTrainingBytes(model, batchSize) / peak).toBeLessThan(1.25)
    },
  )

  it('does not grow with the number of micro-batches', async () => {
    const model = {
      vocabSize: 50,
      blockSize: 4,
      nLayer: 2,
      nHead: 2,
      nEmbd: 32,
      bias: false,
      activation: 'gelu',
    } as const
    expect(await peakOfStep(model, 1, 12)).toBeLessThan(1.1 * (await peakOfStep(model, 1, 2)))
  })
})

/** The most bytes of tensors that were alive at once in one step. */
async function peakOfStep(model: ModelConfig, batchSize: number, microBatches: number): Promise<number> {
  const engine = new TfjsEngine(backend, { model, seed: 1 })
  await engine.load(initialParameters(model, 1))
  const ids = Int32Array.from({ length: batchSize * model.blockSize }, (_, index) => index % model.vocabSize)
  let peak = 0
  const track = tf.engine().trackTensor.bind(tf.engine())
  const tracker = vi.spyOn(tf.engine(), 'trackTensor')
  tracker.mockImplementation((...args) => {
    track(...args)
    peak = Math.max(peak, tf.memory().numBytes)
  })
  const batches = Array.from({ length: microBatches }, () => ({ inputs: ids, targets: ids, batchSize }))
  await engine.trainStep(batches, HYPER)
  tracker.mockRestore()
  engine.dispose()
  return peak
}

// The part of the suite that holds an engine to the oracle: any configuration, dropout, every gradient, and AdamW.

import { afterAll, describe, expect, it } from 'vitest'
import type { NamedTensors } from '../../src/base/namedTensors.ts'
import type { Batch, Engine, EngineOptions, StepHyper } from '../../src/gpt/engine.ts'
import { ACTIVATIONS, type ModelConfig } from '../../src/gpt/model.ts'
import { expectNear, largest } from './expectNear.ts'
import { drawer, livelyParameters } from './inputs.ts'
import { Oracle, type OracleParameters } from './oracle.ts'

export type OpenEngine = (options: EngineOptions) => Promise<Engine>

/** Single precision, in nats. */
const LOSS_TOLERANCE = 1e-5
const LOGIT_TOLERANCE = 1e-4

/** Two words long, so that both count. */
const SEED = 2 ** 40 + 7
const SMALL = { vocabSize: 7, blockSize: 4, nLayer: 2, nHead: 2, nEmbd: 4 } as const
const VARIANTS: ModelConfig[] = ACTIVATIONS.flatMap((activation) =>
  [false, true].map((bias) => ({ ...SMALL, bias, activation })),
)
/** The plain gradient: no clipping, no decay, and no memory, so that AdamW's first moment is the gradient itself. */
const PLAIN: StepHyper = {
  step: 0,
  learningRate: 0,
  beta1: 0,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  gradientClip: 0,
  dropout: 0,
}

export function describeAgainstOracle(name: string, open: OpenEngine): void {
  describe(`${name} equals the oracle`, () => {
    const opened: Engine[] = []
    const start = async (model: ModelConfig, parameters: NamedTensors): Promise<Engine> => {
      const engine = await open({ model, seed: SEED })
      opened.push(engine)
      await engine.load(parameters)
      return engine
    }
    afterAll(() => opened.forEach((engine) => engine.dispose()))

    it.each([1, 2, 3, 4, 5, 6, 7, 8])('in losses and logits of random configuration %i', async (number) => {
      const draw = drawer(number)
      const model = randomModel(draw)
      const parameters = livelyParameters(model, number)
      const [length, batchSize] = [1 + draw(model.blockSize), 1 + draw(4)]
      const batch = randomBatch(model, batchSize, length, draw)
      const [engine, oracle] = [await start(model, parameters), new Oracle(model, parameters)]
      const what = JSON.stringify({ ...model, batchSize, length })
      expectNear(await engine.losses(batch), oracle.losses(batch), LOSS_TOLERANCE, `losses of ${what}`)
      const ids = batch.inputs.slice(0, length)
      expectNear(await engine.logits(ids), oracle.logits(ids, 1).flat(), LOGIT_TOLERANCE, `logits of ${what}`)
    })

    describe.each(VARIANTS)('with $activation, bias $bias:', (model) => {
      const parameters = livelyParameters(model, 1)
      const draw = drawer(2)
      // Windows shorter than the block, and not as many targets to score in one micro-batch as in the other.
      const batches = [randomBatch(model, 2, 3, draw), randomBatch(model, 3, 3, draw)]

      it('the loss with dropout, where each step, micro-batch, layer and site has masks of its own', async () => {
        const engine = await start(model, parameters)
        for (const step of [0, 6]) {
          const { loss } = await engine.trainStep(batches, { ...PLAIN, step, dropout: 0.3 })
          const expected = meanOverMicroBatches(model, parameters, batches, { rate: 0.3, step })
          expect(Math.abs(loss - expected), `${loss} for ${expected}`).toBeLessThan(LOSS_TOLERANCE)
        }
      })

      it('the mean gradient of two micro-batches with dropout', async () => {
        const engine = await start(model, parameters)
        const { gradientNorm } = await engine.trainStep(batches, { ...PLAIN, dropout: 0.3 })
        const { firstMoments } = (await engine.save()).optimizer
        const loss = (some: OracleParameters) =>
          meanOverMicroBatches(model, some, batches, { rate: 0.3, step: PLAIN.step })
        expectDerivatives(firstMoments, parameters, loss)
        const norm = Math.hypot(...Array.from(firstMoments.values(), ({ data }) => Math.hypot(...data)))
        expect(Math.abs(gradientNorm - norm)).toBeLessThan(1e-4 * norm)
      })

      it('the gradients without dropout, of a batch in which some targets are not scored', async () => {
        const engine = await start(model, parameters)
        const loss = (some: OracleParameters) => new Oracle(model, some).meanLoss(batches[0])
        expectDerivatives(await engine.gradients(batches[0]), parameters, loss)
      })
    })
  })

  describe(`${name}, in AdamW,`, () => {
    it.each([1e-8, 1e-6, 1e-4])('adds epsilon %s, which counts where gradients are as small', async (epsilon) => {
      const model = VARIANTS[3]
      const parameters = livelyParameters(model, 1)
      const batch = randomBatch(model, 2, 3, drawer(2))
      const engine = await open({ model, seed: SEED })
      await engine.load(parameters)
      const gradients = await engine.gradients(batch)
      // Clipping makes them small: all elements together get a norm of 1e-6. In the first step AdamW's means are the
      // gradient g and its square, so that a weight moves by g / (|g| + epsilon).
      const tiny = { ...PLAIN, learningRate: 1, beta1: 0.9, epsilon, gradientClip: 1e-6 }
      const { gradientNorm } = await engine.trainStep([batch], tiny)
      const moved = (await engine.save()).parameters
      engine.dispose()
      for (const [tensor, { data }] of parameters) {
        const expected = data.map((weight, index) => {
          const clipped = (gradients.get(tensor)!.data[index] * 1e-6) / (gradientNorm + 1e-6)
          return weight - clipped / (Math.abs(clipped) + epsilon)
        })
        // Single precision knows g to 1e-7 of the norm 1e-6: at most 1e-13 / epsilon, which is 1e-5, of a step.
        expectNear(moved.get(tensor)!.data, expected, 1e-4, tensor)
      }
    })
  })
}

function randomModel(draw: (below: number) => number): ModelConfig {
  const nHead = 1 + draw(4)
  return {
    vocabSize: 2 + draw(40),
    blockSize: 2 + draw(10),
    nLayer: 1 + draw(3),
    nHead,
    nEmbd: nHead * (1 + draw(7)),
    bias: draw(2) === 1,
    activation: ACTIVATIONS[draw(2)],
  }
}

/** Any ids, of which about a fifth of the targets are not scored; the first always is. */
function randomBatch(model: ModelConfig, batchSize: number, length: number, draw: (below: number) => number): Batch {
  const id = (): number => draw(model.vocabSize)
  const inputs = Int32Array.from({ length: batchSize * length }, id)
  return { inputs, targets: inputs.map((_, index) => (index > 0 && draw(5) === 0 ? -1 : id())), batchSize }
}

function meanOverMicroBatches(
  model: ModelConfig,
  parameters: OracleParameters,
  batches: readonly Batch[],
  { rate, step }: { rate: number; step: number },
): number {
  const losses = batches.map((batch, microStep) =>
    new Oracle(model, parameters, rate === 0 ? undefined : { rate, seed: SEED, step, microStep }).meanLoss(batch),
  )
  return losses.reduce((sum, loss) => sum + loss) / batches.length
}

const HALF_STEP = 1e-5
const ELEMENTS = 16

/**
 * Compares gradients with central differences of the loss, at some elements of every tensor. Those differences are good
 * to about 1e-9 in Float64; the tolerance is for what single precision leaves of sums that cancel, as against PyTorch.
 */
function expectDerivatives(
  gradients: NamedTensors,
  parameters: NamedTensors,
  lossOf: (parameters: OracleParameters) => number,
): void {
  expect([...gradients.keys()].toSorted()).toEqual([...parameters.keys()].toSorted())
  const movable = new Map(Array.from(parameters, ([name, { data }]) => [name, { data: Float64Array.from(data) }]))
  const draw = drawer(3)
  for (const [name, { data }] of movable) {
    const gradient = gradients.get(name)!.data
    const elements = Array.from({ length: Math.min(ELEMENTS, data.length) }, () => draw(data.length))
    const derivatives = elements.map((element) => centralDifference(data, element, () => lossOf(movable)))
    const found = elements.map((element) => gradient[element])
    expectNear(found, derivatives, Math.max(1e-6, 1e-4 * largest(gradient)), name)
  }
}

function centralDifference(data: Float64Array, element: number, loss: () => number): number {
  const value = data[element]
  const [above, below] = [value + HALF_STEP, value - HALF_STEP].map((moved) => {
    data[element] = moved
    return loss()
  })
  data[element] = value
  return (above - below) / (2 * HALF_STEP)
}

// The suite that every engine must pass to be offered: agreement with PyTorch and with the oracle, and what the
// interface promises.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NamedTensors } from '../../src/base/namedTensors.ts'
import type { Batch, Engine } from '../../src/gpt/engine.ts'
import { slideContext } from '../../src/gpt/engine.ts'
import { ACTIVATIONS, type ModelConfig } from '../../src/gpt/model.ts'
import { initialParameters } from '../../src/gpt/parameters.ts'
import { learningRateAt } from '../../src/gpt/schedule.ts'
import { modelOf, REFERENCE_CASES, referenceFile, referenceTensors } from '../reference/load.ts'
import { describeAgainstOracle, type OpenEngine } from './againstOracle.ts'
import { expectNear, largest } from './expectNear.ts'
import { HYPER, livelyParameters } from './inputs.ts'

const LOSS_TOLERANCE = 1e-5
const LOGIT_TOLERANCE = 1e-4
const WEIGHT_TOLERANCE = 1e-4

const ODD_MODEL: ModelConfig = {
  vocabSize: 13,
  blockSize: 7,
  nLayer: 2,
  nHead: 3,
  nEmbd: 15,
  bias: true,
  activation: 'gelu_new',
}

export function describeEngine(name: string, open: OpenEngine): void {
  describe.each(REFERENCE_CASES)(`${name} equals PyTorch: %s`, (referenceCase) => {
    const reference = referenceFile(referenceCase)
    const batches = reference.batches.map(({ x, y }) => batchOf(x, y))
    let engine: Engine
    beforeAll(async () => {
      engine = await open({ model: modelOf(reference), seed: 1 })
      await engine.load(referenceTensors(referenceCase, 'initial'))
    })
    afterAll(() => engine.dispose())

    it('logits of the untrained weights', async () => {
      expectNear(
        await engine.logits(batches[0].inputs.slice(0, 16)),
        reference.logits_first_row_before.flat(),
        LOGIT_TOLERANCE,
      )
    })

    it('every gradient of the first batch, within 1e-4 of its largest element', async () => {
      const gradients = await engine.gradients(batches[0])
      const expected = referenceTensors(referenceCase, 'gradients-step0')
      expect([...gradients.keys()].toSorted()).toEqual([...expected.keys()].toSorted())
      for (const [tensor, { shape, data }] of expected) {
        expect(gradients.get(tensor)!.shape, tensor).toEqual(shape)
        expectNear(gradients.get(tensor)!.data, data, Math.max(1e-6, 1e-4 * largest(data)), tensor)
      }
    })

    it('the losses and gradient norms of ten steps, and the weights and logits after them', async () => {
      const { betas, eps, weight_decay, grad_clip_norm, schedule } = reference.optimizer
      for (const step of reference.steps) {
        const learningRate = learningRateAt(step.step, {
          learningRate: schedule.learning_rate,
          minLearningRate: schedule.min_learning_rate,
          warmupSteps: schedule.warmup_steps,
          decaySteps: schedule.decay_steps,
        })
        expect(learningRate).toBeCloseTo(step.learning_rate, 12)
        const result = await engine.trainStep([batches[step.step]], {
          step: step.step,
          learningRate,
          beta1: betas[0],
          beta2: betas[1],
          epsilon: eps,
          weightDecay: weight_decay,
          gradientClip: grad_clip_norm,
          dropout: 0,
        })
        expect(Math.abs(result.loss - step.loss)).toBeLessThan(LOSS_TOLERANCE)
        expect(Math.abs(result.gradientNorm - step.grad_norm_before_clip)).toBeLessThan(
          1e-4 * step.grad_norm_before_clip,
        )
      }
      const { parameters } = await engine.save()
      for (const [tensor, { data }] of referenceTensors(referenceCase, 'final')) {
        const part = tensor.endsWith('c_attn.bias') ? withoutKeyPart : (values: Float32Array) => values
        expectNear(part(parameters.get(tensor)!.data), part(data), WEIGHT_TOLERANCE, tensor)
      }
      expectNear(
        await engine.logits(batches[0].inputs.slice(0, 16)),
        reference.logits_first_row_after.flat(),
        LOGIT_TOLERANCE,
      )
    })
  })

  describeAgainstOracle(name, open)

  describe(`${name} keeps the promises of an engine`, () => {
    const opened: Engine[] = []
    const start = async (model: ModelConfig = ODD_MODEL, seed = 3): Promise<Engine> => {
      const engine = await open({ model, seed })
      opened.push(engine)
      await engine.load(initialParameters(model, 5))
      return engine
    }
    /** With weights that leave no part of the model without effect: new ones are nearly 0, and their biases are 0. */
    const startLively = async (model: ModelConfig = ODD_MODEL): Promise<Engine> => {
      const engine = await start(model)
      await engine.load(livelyParameters(model, 5))
      return engine
    }
    afterAll(() => opened.forEach((engine) => engine.dispose()))

    it('drives the loss of one batch to near 0', async () => {
      const engine = await start()
      let loss = Infinity
      for (let step = 0; step < 200; step++) {
        ;({ loss } = await engine.trainStep([oddBatch(1)], { ...HYPER, step, weightDecay: 0 }))
      }
      expect(loss).toBeLessThan(0.05)
    })

    it('scores targets of -1 as 0 and leaves them out of the mean', async () => {
      const engine = await start()
      const batch = oddBatch(2)
      const whole = await engine.losses(batch)
      const targets = batch.targets.map((target, index) => (index % 3 === 0 ? -1 : target))
      const some = await engine.losses({ ...batch, targets })
      whole.forEach((loss, index) => expect(some[index]).toBe(index % 3 === 0 ? 0 : loss))
      const scored = [...some].filter((_, index) => index % 3 !== 0)
      const { loss } = await engine.trainStep([{ ...batch, targets }], HYPER)
      expect(loss).toBeCloseTo(scored.reduce((sum, value) => sum + value) / scored.length, 5)
    })

    it('accepts windows shorter than a block, and their losses are those of the same prefix', async () => {
      const engine = await start()
      const long = await engine.losses(rows(oddBatch(4), 0, 1))
      const batch = oddBatch(4)
      const short = await engine.losses({
        inputs: batch.inputs.slice(0, 3),
        targets: batch.targets.slice(0, 3),
        batchSize: 1,
      })
      expectNear(short, long.slice(0, 3), LOSS_TOLERANCE)
    })

    it('updates from two micro-batches as from one batch of both', async () => {
      const [together, apart] = [await start(), await start()]
      const batch = oddBatch(6)
      const one = await together.trainStep([batch], HYPER)
      const two = await apart.trainStep([rows(batch, 0, 1), rows(batch, 1, 2)], HYPER)
      expect(two.loss).toBeCloseTo(one.loss, 5)
      expect(two.gradientNorm).toBeCloseTo(one.gradientNorm, 4)
      await expectSameWeights(apart, together, 2e-4)
    })

    it('goes on after save and load bit for bit, with dropout and accumulation on', async () => {
      const hyper = { ...HYPER, dropout: 0.3 }
      const [straight, first, second] = [await start(), await start(), await start()]
      const steps = [0, 1, 2, 3]
      const losses: number[] = []
      for (const step of steps)
        losses.push((await straight.trainStep([oddBatch(step), oddBatch(step + 9)], { ...hyper, step })).loss)
      const resumed: number[] = []
      for (const step of steps.slice(0, 2))
        resumed.push((await first.trainStep([oddBatch(step), oddBatch(step + 9)], { ...hyper, step })).loss)
      const saved = await first.save()
      await second.load(saved.parameters, saved.optimizer)
      for (const step of steps.slice(2))
        resumed.push((await second.trainStep([oddBatch(step), oddBatch(step + 9)], { ...hyper, step })).loss)
      expect(resumed).toEqual(losses)
      await expectSameWeights(second, straight, 0)
    })

    it('drops with dropout: another loss for another step or seed, the plain loss on average', async () => {
      const [engine, other] = [await start(ODD_MODEL, 3), await start(ODD_MODEL, 4)]
      const dropped = { ...HYPER, learningRate: 0, weightDecay: 0, dropout: 0.2 }
      const plain = (await engine.trainStep([oddBatch(1)], { ...dropped, dropout: 0 })).loss
      const losses: number[] = []
      for (let step = 0; step < 60; step++)
        losses.push((await engine.trainStep([oddBatch(1)], { ...dropped, step })).loss)
      expect(new Set(losses).size).toBe(60)
      expect((await other.trainStep([oddBatch(1)], { ...dropped, step: 0 })).loss).not.toBe(losses[0])
      expect(Math.abs(losses.reduce((sum, loss) => sum + loss) / 60 - plain)).toBeLessThan(0.02)
      expect(await engine.losses(oddBatch(1))).toEqual(await other.losses(oddBatch(1))) // never in evaluation
    })

    it.each(ACTIVATIONS)(
      'decodes from the cache what the uncached pass gives, also past the end (%s)',
      async (activation) => {
        const engine = await startLively({ ...ODD_MODEL, activation })
        const ids = Int32Array.from({ length: 20 }, (_, index) => (index * 5 + 2) % ODD_MODEL.vocabSize)
        const decoder = engine.decoder()
        let context: Int32Array = ids.slice(0, 3)
        expectNear(await decoder.prefill(context), await lastLogits(engine, context), LOGIT_TOLERANCE)
        for (const id of ids.slice(3)) {
          context = slideContext(Int32Array.of(...context, id), ODD_MODEL.blockSize)
          expectNear(await decoder.next(Int32Array.of(id)), await lastLogits(engine, context), LOGIT_TOLERANCE)
        }
        decoder.dispose()
      },
    )

    it('forks a decoder into sequences that go their own ways', async () => {
      const engine = await startLively()
      const decoder = engine.decoder()
      await decoder.prefill(Int32Array.of(1, 2, 3))
      const fork = decoder.fork(2)
      const together = await fork.next(Int32Array.of(4, 5))
      expectNear(together.subarray(0, 13), await lastLogits(engine, Int32Array.of(1, 2, 3, 4)), LOGIT_TOLERANCE)
      expectNear(together.subarray(13), await lastLogits(engine, Int32Array.of(1, 2, 3, 5)), LOGIT_TOLERANCE)
      expectNear(
        await decoder.next(Int32Array.of(6)),
        await lastLogits(engine, Int32Array.of(1, 2, 3, 6)),
        LOGIT_TOLERANCE,
      )
      ;[decoder, fork].forEach((each) => each.dispose())
    })

    it('ends a decoder with the next change of the weights', async () => {
      const engine = await start()
      const decoder = engine.decoder()
      await decoder.prefill(Int32Array.of(1))
      await engine.trainStep([oddBatch(1)], HYPER)
      await expect(decoder.next(Int32Array.of(2))).rejects.toThrow('weights have changed')
      decoder.dispose()
    })
  })
}

function batchOf(x: readonly number[][], y: readonly number[][]): Batch {
  return { inputs: Int32Array.from(x.flat()), targets: Int32Array.from(y.flat()), batchSize: x.length }
}

/** Two windows of seven arbitrary but fixed ids. */
function oddBatch(shift: number): Batch {
  const id = (_: unknown, index: number) => (index * index * 3 + index * shift + shift) % ODD_MODEL.vocabSize
  return {
    inputs: Int32Array.from({ length: 14 }, id),
    targets: Int32Array.from({ length: 14 }, (_, index) => id(_, index + 1)),
    batchSize: 2,
  }
}

function rows({ inputs, targets, batchSize }: Batch, from: number, to: number): Batch {
  const length = inputs.length / batchSize
  const part = (ids: Int32Array) => ids.slice(from * length, to * length)
  return { inputs: part(inputs), targets: part(targets), batchSize: to - from }
}

/** The key third of c_attn.bias has no effect on the loss: rounding decides its gradient. */
function withoutKeyPart(values: Float32Array): Float32Array {
  const third = values.length / 3
  return Float32Array.of(...values.slice(0, third), ...values.slice(2 * third))
}

async function lastLogits(engine: Engine, ids: Int32Array): Promise<Float32Array> {
  const logits = await engine.logits(ids)
  return logits.slice(-logits.length / ids.length)
}

async function expectSameWeights(actual: Engine, expected: Engine, tolerance: number): Promise<void> {
  const [left, right]: NamedTensors[] = [(await actual.save()).parameters, (await expected.save()).parameters]
  for (const [name, { data }] of right) expectNear(left.get(name)!.data, data, tolerance, name)
}

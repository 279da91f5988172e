// The native engine wherever this machine can run it: the suite of all engines, and what is promised of this one alone.

import { afterAll, describe, expect, it } from 'vitest'
import { loadBackend } from '../../../src/engines/tfjs/backend.ts'
import { TfjsEngine } from '../../../src/engines/tfjs/engine.ts'
import type { Batch, Engine } from '../../../src/gpt/engine.ts'
import { ACTIVATIONS, type ModelConfig } from '../../../src/gpt/model.ts'
import { initialParameters } from '../../../src/gpt/parameters.ts'
import { expectNear, largest } from '../expectNear.ts'
import { drawer, HYPER } from '../inputs.ts'
import { describeEngine } from '../parity.ts'
import { missing, type Place, places } from './places.ts'

for (const { name, reason } of missing) {
  console.log(`tests of ${name} are skipped: ${reason}`)
  it.skip(name)
}
for (const { name, open } of places) describeEngine(name, open)

const opened: Engine[] = []
afterAll(() => opened.forEach((engine) => engine.dispose()))

async function started(place: Place, model: ModelConfig, threads?: number): Promise<Engine> {
  const engine = await place.open({ model, seed: 9, threads })
  opened.push(engine)
  await engine.load(initialParameters(model, 4))
  return engine
}

function randomBatch(
  { vocabSize }: ModelConfig,
  batchSize: number,
  length: number,
  draw: (below: number) => number,
): Batch {
  const ids = () => Int32Array.from({ length: batchSize * length }, () => draw(vocabSize))
  return { inputs: ids(), targets: ids().map((id) => (draw(9) === 0 ? -1 : id)), batchSize }
}

describe.each(places)('$name', (place) => {
  const model: ModelConfig = {
    vocabSize: 37,
    blockSize: 21,
    nLayer: 2,
    nHead: 3,
    nEmbd: 39,
    bias: true,
    activation: 'gelu_new',
  }

  /** Losses, norms and weights of ten steps. */
  async function tenSteps(threads: number): Promise<unknown> {
    const engine = await started(place, model, threads)
    const draw = drawer(1)
    const results: unknown[] = []
    for (let step = 0; step < 10; step++) {
      const batches = [randomBatch(model, 7, 21, draw), randomBatch(model, 3, 11, draw)]
      results.push(await engine.trainStep(batches, { ...HYPER, step, dropout: 0.2 }))
    }
    const saved = await engine.save()
    const scored = await engine.losses(randomBatch(model, 9, 21, draw))
    engine.dispose()
    return { results, saved, scored }
  }

  it('gives the same bits on 1, 2 and 3 threads, and again, with dropout and accumulation', async () => {
    const once = await tenSteps(1)
    for (const threads of [1, 2, 3]) expect(await tenSteps(threads), `${threads} threads`).toEqual(once)
  })

  it('holds as much memory after a thousand steps as before them', async () => {
    const engine = await started(place, model)
    const batch = randomBatch(model, 4, 21, drawer(2))
    const steps = async (count: number): Promise<number> => {
      for (let step = 0; step < count; step++) {
        await engine.trainStep([batch], { ...HYPER, step, learningRate: 1e-4, dropout: 0.1 })
        if (step % 2 === 0) await decodeABit(engine)
      }
      return process.memoryUsage().rss
    }
    const before = await steps(200)
    const after = await steps(1000)
    engine.dispose()
    // A step has half a megabyte of activations, and two decoders have fifty kilobytes of keys and values.
    expect(after - before).toBeLessThan(16 * 2 ** 20)
  })
})

async function decodeABit(engine: Engine): Promise<void> {
  const decoder = engine.decoder()
  await decoder.prefill(Int32Array.of(1, 2, 3))
  const fork = decoder.fork(3)
  await fork.next(Int32Array.of(4, 5, 6))
  for (const each of [decoder, fork]) each.dispose()
}

describe('configurations of odd sizes', async () => {
  const backend = await loadBackend()

  function randomModel(draw: (below: number) => number): ModelConfig {
    const nHead = 1 + draw(5)
    return {
      vocabSize: 2 + draw(300),
      blockSize: 1 + draw(70),
      nLayer: 1 + draw(2),
      nHead,
      nEmbd: nHead * (1 + draw(24)),
      bias: draw(2) === 1,
      activation: ACTIVATIONS[draw(2)],
    }
  }

  it.each([1, 2, 3, 4, 5, 6])('give what the reference engine gives: %i', async (number) => {
    const draw = drawer(100 + number)
    const model = randomModel(draw)
    const [batchSize, length] = [1 + draw(7), 1 + draw(model.blockSize)]
    await compare(model, [randomBatch(model, batchSize, length, draw), randomBatch(model, 2, model.blockSize, draw)])
  })

  /** Where the core cuts its work: a slice into parts, a weight into units of rows, a product into blocks. */
  const large: Partial<ModelConfig>[] = [
    { vocabSize: 530, blockSize: 200, nHead: 3, nEmbd: 132 },
    { vocabSize: 50257, blockSize: 16, nHead: 2, nEmbd: 84 },
  ]
  it.each(large)('give what the reference engine gives: $vocabSize ids, block $blockSize', async (sizes) => {
    const model = { nLayer: 1, bias: true, activation: 'gelu_new', ...sizes } as ModelConfig
    const draw = drawer(7)
    await compare(model, [randomBatch(model, 1, model.blockSize, draw), randomBatch(model, 1, model.blockSize, draw)])
  })

  async function compare(model: ModelConfig, batches: readonly [Batch, Batch]): Promise<void> {
    const reference = new TfjsEngine(backend, { model, seed: 9 })
    await reference.load(initialParameters(model, 4))
    const expected = await answersOf(reference, batches)
    reference.dispose()
    for (const place of places) {
      const engine = await started(place, model)
      const { batchSize, inputs } = batches[0]
      const what = `${place.name}, ${JSON.stringify({ ...model, batchSize, length: inputs.length / batchSize })}`
      expectAnswers(await answersOf(engine, batches), expected, what)
      engine.dispose()
    }
  }

  /** Before training, in this order, and after a step with dropout and two micro-batches. */
  async function answersOf(engine: Engine, batches: readonly Batch[]) {
    const [batch, other] = batches
    const losses = await engine.losses(batch)
    const logits = await engine.logits(batch.inputs.slice(0, batch.inputs.length / batch.batchSize))
    const gradients = await engine.gradients(other)
    const step = await engine.trainStep(batches, { ...HYPER, dropout: 0.25 })
    return { losses, logits, gradients, step, lossesAfter: await engine.losses(other) }
  }

  type Answers = Awaited<ReturnType<typeof answersOf>>

  function expectAnswers(actual: Answers, expected: Answers, what: string): void {
    expectNear(actual.losses, expected.losses, 2e-5, `losses: ${what}`)
    expectNear(actual.logits, expected.logits, 1e-4, `logits: ${what}`)
    for (const [name, { data }] of expected.gradients) {
      const tolerance = Math.max(1e-6, 1e-4 * largest(data))
      expectNear(actual.gradients.get(name)!.data, data, tolerance, `${name}: ${what}`)
    }
    expect(actual.step.loss, what).toBeCloseTo(expected.step.loss, 4)
    expect(actual.step.gradientNorm / expected.step.gradientNorm, what).toBeCloseTo(1, 4)
    expectNear(actual.lossesAfter, expected.lossesAfter, 1e-3, `losses after a step: ${what}`)
  }
})

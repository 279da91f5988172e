// What a run asks of its engine, call by call.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Stream, streamKey, uniformAt } from '../../src/base/threefry.ts'
import type { Batch, StepHyper } from '../../src/gpt/engine.ts'
import type { EvaluatedEvent, TrainEvent } from '../../src/gpt/events.ts'
import { learningRateAt } from '../../src/gpt/schedule.ts'
import type { Settings } from '../../src/gpt/settings.ts'
import { resumeRun } from '../../src/run/resume.ts'
import { startRun } from '../../src/run/start.ts'
import { train } from '../../src/run/train.ts'
import type { Training } from '../../src/run/training.ts'
import { evaluationBatches, trainingBatch } from '../../src/text/batches.ts'
import { arraySource, type TokenSource } from '../../src/text/tokenSource.ts'
import { FakeEngine } from './fakeEngine.ts'

const folder = mkdtempSync(join(tmpdir(), 'tgpt-training-'))
afterAll(() => rmSync(folder, { recursive: true }))

const corpusPath = join(folder, 'rhyme.txt')
writeFileSync(
  corpusPath,
  'six for the lantern, seven for the bell, eight for the limpet asleep in its shell.\n'.repeat(6),
)

/** Figures that differ from each other and from the presets, so that none can stand in for another. */
const DISTINCT: Partial<Settings> = {
  nLayer: 1,
  nHead: 1,
  nEmbd: 2,
  blockSize: 7,
  batchSize: 4,
  gradientAccumulation: 3,
  dropout: 0.15,
  validationFraction: 0.3,
  steps: 11,
  learningRate: 0.031,
  minLearningRate: 0.007,
  warmupSteps: 2,
  decaySteps: 9,
  weightDecay: 0.37,
  beta1: 0.81,
  beta2: 0.93,
  gradClip: 1.7,
  evalInterval: 5,
  evalIters: 6,
  logInterval: 1,
  saveInterval: 8,
  seed: 2 ** 33 + 5,
}
const { seed, batchSize, blockSize } = DISTINCT as Settings

const versions = { tgpt: 'test', node: 'test' }
const common = {
  engine: undefined,
  threads: undefined,
  precision: undefined,
  root: folder,
  availableBytes: Infinity,
  versions,
}

/** A new run whose engine is a fake. */
async function start(out: string, given: Partial<Settings> = {}, lossAt?: (step: number) => number) {
  const request = { corpusPath, preset: undefined, given: { ...DISTINCT, ...given }, overwrite: false }
  const place = { out: join(folder, out), engine: 'auto' as const }
  return faked(await startRun({ ...common, ...request, ...place }), lossAt)
}

async function resume(run: string, lossAt?: (step: number) => number) {
  const resumed = await resumeRun({ ...common, run: join(folder, run), corpusPath: undefined, given: {}, force: false })
  if ('finished' in resumed) throw new Error('finished')
  return faked(resumed, lossAt)
}

function faked(training: Training, lossAt?: (step: number) => number): Training & { engine: FakeEngine } {
  training.engine.dispose()
  return { ...training, engine: new FakeEngine(training.model, lossAt, training.progress.step) }
}

/** An event with the batches that were scored for it. */
interface Told {
  readonly event: TrainEvent
  readonly scored: readonly Batch[]
}

async function follow(training: Training & { engine: FakeEngine }, stopAfter = Infinity): Promise<Told[]> {
  const controller = new AbortController()
  const told: Told[] = []
  for await (const event of train(training, { clock: () => 0, signal: controller.signal })) {
    told.push({ event, scored: training.engine.takeScored() })
    if (event.event === 'step' && event.step === stopAfter) controller.abort()
  }
  return told
}

function evaluations(told: readonly Told[]): { event: EvaluatedEvent; scored: readonly Batch[] }[] {
  return told.flatMap(({ event, scored }) => (event.event === 'evaluated' ? [{ event, scored }] : []))
}

function meanTarget(batches: Iterable<Batch>): number {
  const targets = Array.from(batches, (batch) => [...batch.targets]).flat()
  return targets.reduce((sum, target) => sum + target, 0) / targets.length
}

describe('each update', () => {
  it('has the hyperparameters of the settings, and the learning rate of its step', async () => {
    const training = await start('hyper')
    const told = await follow(training)
    const schedule = { learningRate: 0.031, minLearningRate: 0.007, warmupSteps: 2, decaySteps: 9 }
    const expected = Array.from({ length: 11 }, (_, step): StepHyper => {
      const fixed = { beta1: 0.81, beta2: 0.93, epsilon: 1e-8, weightDecay: 0.37, gradientClip: 1.7, dropout: 0.15 }
      return { step, learningRate: learningRateAt(step, schedule), ...fixed }
    })
    expect(training.engine.steps.map(({ hyper }) => hyper)).toEqual(expected)
    const steps = told.map(({ event }) => event).filter((event) => event.event === 'step')
    expect(
      steps.map(({ step, learningRate, loss, gradientNorm }) => ({ step, learningRate, loss, gradientNorm })),
    ).toEqual(
      // The fake engine's loss and norm tell the step.
      expected.map(({ step, learningRate }) => ({
        step: step + 1,
        learningRate,
        loss: step + 0.5,
        gradientNorm: step + 0.25,
      })),
    )
  })

  it('has the micro-batches of its step, from the training part, also in a run that was resumed', async () => {
    const first = await start('batches')
    await follow(first, 6)
    const second = await resume('batches')
    await follow(second)
    const steps = [...first.engine.steps, ...second.engine.steps]
    expect(steps.map(({ hyper }) => hyper.step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    for (const [step, { microBatches }] of steps.entries()) {
      const expected = [0, 1, 2].map((microStep) =>
        trainingBatch(first.parts.train, { seed, step, microStep, batchSize, blockSize }),
      )
      expect(microBatches).toEqual(expected)
    }
    const distinct = new Set(steps.flatMap(({ microBatches }) => microBatches.map(({ inputs }) => inputs.join())))
    expect(distinct.size).toBe(33)
  })
})

describe('an evaluation', () => {
  it('is of the same few windows of each part every time, and its losses are their means', async () => {
    const training = await start('evaluations')
    const told = evaluations(await follow(training))
    expect(told.map(({ event }) => event.step)).toEqual([0, 5, 10, 11])
    const windows = (part: TokenSource) => [...evaluationBatches(part, { seed, iterations: 6, batchSize, blockSize })]
    const { train: trained, validation } = training.parts
    for (const { event, scored } of told) {
      expect(scored).toEqual([...windows(trained), ...windows(validation)])
      expect(event.trainLoss).toBeCloseTo(meanTarget(windows(trained)), 10)
      expect(event.validationLoss).toBeCloseTo(meanTarget(windows(validation)), 10)
    }
  })
})

describe('the scoring at the end', () => {
  it('goes once over the validation part, in blocks one after the other', async () => {
    const training = await start('scoring')
    const { event, scored } = (await follow(training)).at(-1)!
    const { validation } = training.parts
    const ids = [...validation.read(0, validation.length)]
    expect(ids.length % blockSize).not.toBe(1) // so that the last window is a short one
    expect(scored.flatMap(({ inputs }) => [...inputs])).toEqual(ids.slice(0, -1))
    expect(scored.flatMap(({ targets }) => [...targets])).toEqual(ids.slice(1))
    const lengths = scored.map(({ inputs, batchSize: rows }) => ({ rows, length: inputs.length / rows }))
    expect(lengths.every(({ rows, length }) => rows <= batchSize && length <= blockSize)).toBe(true)
    expect(lengths.slice(0, -2).every(({ rows, length }) => rows === batchSize && length === blockSize)).toBe(true)
    expect(event).toMatchObject({
      event: 'finished',
      reason: 'completed',
      validation: {
        loss: expect.closeTo(meanTarget(scored), 10) as number,
        tokens: ids.length - 1,
        ofTokens: ids.length - 1,
      },
    })
  })

  it('reads a million tokens of a longer validation part, and says of how many', async () => {
    const training = await start('million', { blockSize: 50, batchSize: 200, gradientAccumulation: 1, steps: 1 })
    const validation = arraySource(new Int32Array(1_000_200).map((_, index) => (index < 1_000_000 ? 1 : 2)))
    const { event, scored } = (await follow({ ...training, parts: { ...training.parts, validation } })).at(-1)!
    expect(scored.reduce((count, { targets }) => count + targets.length, 0)).toBe(999_999)
    expect(event).toMatchObject({ validation: { loss: 1, tokens: 999_999, ofTokens: 1_000_199 } })
  })
})

describe('the best checkpoint', () => {
  const given = { steps: 8, evalInterval: 2, saveInterval: 100, keep: 1 }

  it.each([
    ['stays the one before the stop, when it is never beaten', 5, 4],
    ['becomes a later one that beats it', 1, 8],
  ])('of a resumed run %s', async (_, lastLoss, bestStep) => {
    // Before the first update a loss counts for nothing, however low.
    const losses: Readonly<Record<number, number>> = { 0: 0.5, 2: 3, 4: 2, 6: 6, 8: lastLoss }
    const lossAt = (step: number) => losses[step] ?? 9
    const run = `best-${bestStep}`
    const first = evaluations(await follow(await start(run, given, lossAt), 5))
    const training = await resume(run, lossAt)
    expect(training.progress).toMatchObject({ step: 5, best: { loss: 2, step: 4 } })
    const second = evaluations(await follow(training))
    expect([...first, ...second].map(({ event }) => [event.step, event.validationLoss, event.best])).toEqual([
      [0, 0.5, false],
      [2, 3, true],
      [4, 2, true],
      [6, 6, false],
      [8, lastLoss, bestStep === 8],
    ])
    expect(readFileSync(join(folder, run, 'best'), 'utf8').trim()).toBe(`step-00000${bestStep}`)
    for (const step of new Set([bestStep, 8])) {
      const state: unknown = JSON.parse(readFileSync(join(folder, run, `step-00000${step}`, 'state.json'), 'utf8'))
      expect(state).toMatchObject({ step, bestValidationLoss: losses[bestStep], bestStep })
    }
  })
})

describe('the samples', () => {
  it("are drawn with the sampling key of the run's seed, from a newline on, and free their decoders", async () => {
    const training = await start('sample')
    const told = await follow(training)
    const samples = told.map(({ event }) => event).filter((event) => event.event === 'sampled')
    const { vocabSize } = training.model
    expect(vocabSize).toBeLessThan(40) // so that all of it takes part
    const key = streamKey(seed, Stream.sampling, 0)
    const draws = Array.from({ length: 300 }, (_, n) => Math.floor(uniformAt(key, n) * vocabSize))
    const text = training.tokenizer.decode(draws)
    expect(samples.map(({ step, text: sampled }) => [step, sampled])).toEqual([
      ...[0, 5, 10].map((step) => [step, text.slice(0, 200)]), // ids are characters here
      [11, text],
    ])
    for (const decoder of training.engine.decoders) {
      expect(decoder.prompts).toEqual([[...training.tokenizer.encode('\n')]])
      expect(decoder.disposed).toBe(true)
    }
  })
})

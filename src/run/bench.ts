// How fast an engine trains and decodes a model on this machine, and how close that is to what the machine can do.

import { median } from '../base/median.ts'
import { Stream, streamKey, wordAt } from '../base/threefry.ts'
import { type EngineName, selectEngine } from '../engines/open.ts'
import type { Benchmark, BenchmarkFigures } from '../gpt/benchmark.ts'
import { countParameters, neededFlopsPerToken } from '../gpt/counts.ts'
import type { Batch, Engine, Precision, StepHyper } from '../gpt/engine.ts'
import type { ModelConfig } from '../gpt/model.ts'
import { initialParameters } from '../gpt/parameters.ts'
import { type PresetName, resolveSettings } from '../gpt/presets.ts'
import { sampleToken } from '../gpt/sampler.ts'
import { modelConfig, type SettingKey, type Settings } from '../gpt/settings.ts'
import { peakGflopsOf } from './speed.ts'
import { ADAM_EPSILON } from './train.ts'
import { checkMemory } from './training.ts'

/** The settings that decide how much work a step is. */
export const BENCH_SETTINGS = [
  'nLayer',
  'nHead',
  'nEmbd',
  'blockSize',
  'bias',
  'activation',
  'dropout',
  'tokenizer',
  'batchSize',
  'gradientAccumulation',
] as const satisfies readonly SettingKey[]

export interface BenchRequest {
  /** Undefined: one that suits the engine. */
  readonly preset: PresetName | undefined
  readonly given: Partial<Settings>
  /** Undefined: a usual one for the tokenizer. */
  readonly vocabSize: number | undefined
  readonly engine: EngineName
  readonly threads: number | undefined
  readonly precision: Precision | undefined
  /** Steps to time; undefined: as many as a few seconds hold. */
  readonly steps: number | undefined
  /** Memory that is free on this machine. */
  readonly availableBytes: number
}

export interface BenchIo {
  /** Seconds, from any origin. */
  readonly clock: () => number
  readonly signal: AbortSignal
  /** The most memory that this process has had at once. */
  readonly peakMemoryBytes: () => number
}

const VOCABULARY = { char: 65, gpt2: 50_257 } as const
/** The first steps wait for memory and compilers. */
const WARM_UP_STEPS = 2
const LEAST_STEPS = 5
const TRAINING_SECONDS = 10
const DECODING_SECONDS = 2

/** What a step is. */
interface Work {
  readonly settings: Settings
  readonly model: ModelConfig
  readonly tokensPerStep: number
  readonly steps: number | undefined
}

/** Undefined if the signal ended it early. @throws UserError for settings or an engine that will not do. */
export async function bench(request: BenchRequest, io: BenchIo): Promise<Benchmark | undefined> {
  const choice = await selectEngine(request.engine)
  const settings = resolveSettings(request.preset ?? choice.suitedPreset, { gradientAccumulation: 1, ...request.given })
  const model = modelConfig(settings, request.vocabSize ?? VOCABULARY[settings.tokenizer])
  checkMemory(choice, model, settings, request.availableBytes)
  const { threads, precision, steps } = request
  const { gradientAccumulation, batchSize, blockSize, seed } = settings
  const tokensPerStep = gradientAccumulation * batchSize * blockSize
  const engine = await choice.open({ model, seed, threads, precision })
  try {
    await engine.load(initialParameters(model, seed))
    const measured = await measure(engine, { settings, model, tokensPerStep, steps }, io)
    if (io.signal.aborted) return undefined
    const parameters = countParameters(model).total
    return { ...measured, engineReason: choice.reason, model, parameters, tokensPerStep }
  } finally {
    engine.dispose()
  }
}

async function measure(engine: Engine, work: Work, io: BenchIo): Promise<{ figures: BenchmarkFigures; steps: number }> {
  const peakBefore = await peakGflopsOf(engine, io.clock)
  const times = await stepTimes(engine, work, io)
  const peakAfter = await peakGflopsOf(engine, io.clock) // machines that are shared change their speed
  const peakGflops = peakBefore === undefined || peakAfter === undefined ? null : Math.max(peakBefore, peakAfter)
  const decodeTokensPerSecond = await decodingSpeed(engine, work.model, io)
  const seconds = median(times)
  const tokensPerSecond = work.tokensPerStep / seconds
  const gflops = (neededFlopsPerToken(work.model) * tokensPerSecond) / 1e9
  const figures = {
    engine: engine.name,
    detail: engine.detail,
    millisecondsPerStep: 1000 * seconds,
    tokensPerSecond,
    gflops,
    peakGflops,
    shareOfPeak: peakGflops && gflops / peakGflops,
    decodeTokensPerSecond,
    peakMemoryBytes: io.peakMemoryBytes(),
  }
  return { figures, steps: times.length }
}

/** Seconds of each step that is timed. */
async function stepTimes(engine: Engine, work: Work, { clock, signal }: BenchIo): Promise<number[]> {
  const { settings, model, steps } = work
  const batch = anyBatch(settings, model)
  const batches = Array.from({ length: settings.gradientAccumulation }, () => batch)
  const times: number[] = []
  let began = clock()
  const isEnough = () =>
    steps === undefined ? times.length >= LEAST_STEPS && clock() - began > TRAINING_SECONDS : times.length === steps
  for (let step = 0; !isEnough() && !signal.aborted; step++) {
    const before = clock()
    await engine.trainStep(batches, hyperOf(settings, step))
    if (step >= WARM_UP_STEPS) times.push(clock() - before)
    else began = clock()
  }
  return times
}

function hyperOf(settings: Settings, step: number): StepHyper {
  const { beta1, beta2, weightDecay, gradClip: gradientClip, dropout, minLearningRate: learningRate } = settings
  return { step, learningRate, beta1, beta2, epsilon: ADAM_EPSILON, weightDecay, gradientClip, dropout }
}

function anyBatch({ batchSize, blockSize, seed }: Settings, { vocabSize }: ModelConfig): Batch {
  const key = streamKey(seed, Stream.data, 0)
  const ids = Int32Array.from({ length: batchSize * blockSize + 1 }, (_, index) => wordAt(key, index) % vocabSize)
  return { inputs: ids.slice(0, -1), targets: ids.slice(1), batchSize }
}

/** Tokens a second; when a block is full, another begins. */
async function decodingSpeed(engine: Engine, { blockSize }: ModelConfig, { clock, signal }: BenchIo): Promise<number> {
  const decoder = engine.decoder()
  let id = Int32Array.of(0)
  let tokens = 0
  const began = clock()
  while (clock() - began < DECODING_SECONDS && !signal.aborted) {
    const logits = await (tokens % blockSize === 0 ? decoder.prefill(id) : decoder.next(id))
    id = Int32Array.of(sampleToken(logits, { temperature: 0, topK: 0 }, 0))
    tokens++
  }
  decoder.dispose()
  return tokens / (clock() - began)
}

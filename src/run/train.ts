// Training, from the first step to the last, as a stream of events. It writes its own log, and needs nobody to watch.

import { join } from 'node:path'
import { failure } from '../base/errors.ts'
import { firstNonFinite } from '../base/namedTensors.ts'
import type { Activity, Wish } from '../gpt/controls.ts'
import { countParameters, neededFlopsPerToken } from '../gpt/counts.ts'
import type { Batch, StepHyper } from '../gpt/engine.ts'
import type {
  EvaluatedEvent,
  FinishedEvent,
  ResumedEvent,
  SampledEvent,
  SavedEvent,
  StartedEvent,
  StepEvent,
  TrainEvent,
} from '../gpt/events.ts'
import { learningRateAt } from '../gpt/schedule.ts'
import { prune, writeCheckpoint } from '../store/checkpoint.ts'
import { appendEvent } from '../store/runFolder.ts'
import { listSteps } from '../store/stepFolders.ts'
import { consecutiveWindows, evaluationBatches, trainingBatch } from '../text/batches.ts'
import { firstTokens, type TokenSource } from '../text/tokenSource.ts'
import { expectedSeconds } from './expectation.ts'
import { sampleOf } from './generate.ts'
import { meanLoss } from './meanLoss.ts'
import type { Requests } from './requests.ts'
import { peakGflopsOf, Speed } from './speed.ts'
import { type Best, evaluationBlock, FINAL_EVALUATION_TOKENS, type Training } from './training.ts'

export interface TrainIo {
  /** Seconds, from any origin. */
  readonly clock: () => number
  /** Aborted: the step in progress is finished and saved, and the run ends. */
  readonly signal: AbortSignal
  /** What somebody asks of the run on the way; undefined if nobody can. */
  readonly requests?: Requests | undefined
}

/**
 * Trains until all steps are done or the signal is aborted. Each event is in metrics.jsonl before it is yielded.
 * @throws UserError if a number is no longer finite, or if a checkpoint cannot be written.
 */
export async function* train(training: Training, io: TrainIo): AsyncGenerator<TrainEvent> {
  const { settings } = training
  const run = new Run(training, io)
  yield run.logged(await run.opening())
  for (;;) {
    run.closeRequests()
    const evaluation = run.evaluationIsDue() ? await run.evaluate() : undefined
    if (evaluation) yield run.logged(evaluation)
    const sample = run.sampleIsDue() ? await run.sample(SAMPLE_TOKENS) : undefined
    if (sample) yield run.logged(sample)
    if (run.savingIsDue() || evaluation?.best) yield run.logged(await run.save(evaluation?.best ?? false))
    if (run.step === settings.steps || io.signal.aborted) break
    if (await run.isAskedForMore()) continue
    const step = await run.trainStep()
    if (step.step % settings.logInterval === 0) yield run.logged(step)
  }
  run.closeRequests()
  const sample = await run.sample(LAST_SAMPLE_TOKENS)
  if (sample) yield run.logged(sample)
  yield run.logged(await run.finish())
}

export const ADAM_EPSILON = 1e-8

/** Short ones on the way, so that noise is seen to become words; a longer one by the finished model. */
const SAMPLE_TOKENS = 200
const LAST_SAMPLE_TOKENS = 300

/** The state of a run between events. */
class Run {
  /** Updates done. */
  step: number
  private best: Best | undefined
  private evaluatedStep: number
  private sampledStep: number
  private savedStep: number
  private wishes: ReadonlySet<Wish> = new Set()
  /** The speed since the last `step` event, and since the last evaluation. */
  private stepSpeed = new Speed()
  private evaluationSpeed = new Speed()
  private readonly startedAt: number
  private pausedSeconds = 0
  /** By the clock; undefined while it does not wait for the end of a pause. */
  private waitsSince: number | undefined

  constructor(
    private readonly training: Training,
    private readonly io: TrainIo,
  ) {
    const { step, best, evaluatedStep, sampledStep } = training.progress
    this.step = step
    this.best = best
    this.evaluatedStep = evaluatedStep
    this.sampledStep = sampledStep
    this.savedStep = training.resumed ? step : -1
    this.startedAt = io.clock()
    io.requests?.begin(() => this.now().elapsedSeconds)
  }

  logged<Event extends TrainEvent>(event: Event): Event {
    appendEvent(this.training.runFolder, { ...event })
    return event
  }

  async opening(): Promise<StartedEvent | ResumedEvent> {
    const { runFolder, corpus, parts, model, settings, engine, engineReason, notices } = this.training
    const seconds = await expectedSeconds(this.training, this.io.clock)
    const peakGflops = await peakGflopsOf(engine, this.io.clock)
    return {
      event: this.training.resumed ? 'resumed' : 'started',
      ...this.now(),
      run: runFolder,
      corpus: {
        name: corpus.name,
        bytes: corpus.bytes,
        trainTokens: parts.train.length,
        validationTokens: parts.validation.length,
      },
      model,
      settings,
      parameters: countParameters(model),
      engine: { name: engine.name, detail: engine.detail, reason: engineReason },
      flopsPerToken: neededFlopsPerToken(model),
      ...(peakGflops !== undefined && { peakGflops }),
      expected: { memoryBytes: this.training.memoryBytes, seconds },
      notices,
    }
  }

  /** Between two steps: waits while the run is paused. Whether something is to be done before the next step. */
  async isAskedForMore(): Promise<boolean> {
    const { requests, clock, signal } = this.io
    if (!requests) return false
    requests.tell('training')
    this.waitsSince = clock()
    this.wishes = await requests.next(this.step, signal)
    this.pausedSeconds += clock() - this.waitsSince
    this.waitsSince = undefined
    requests.tellDone(this.wishesDone())
    return this.wishes.size > 0 || signal.aborted
  }

  /** Where no step is left, nothing can be asked of the run. */
  closeRequests(): void {
    const isLast = this.step === this.training.settings.steps || this.io.signal.aborted
    if (isLast) this.io.requests?.close(this.step)
  }

  /** At step 0, at each interval, at the last step and on request; once each, also across a resumption. */
  evaluationIsDue(): boolean {
    const { evalInterval, steps } = this.training.settings
    const wanted = this.step % evalInterval === 0 || this.step === steps || this.wishes.has('evaluate')
    return wanted && this.evaluatedStep < this.step && !this.io.signal.aborted
  }

  /** Losses over the same windows each time; undefined if the signal came in between. */
  async evaluate(): Promise<EvaluatedEvent | undefined> {
    const { parts } = this.training
    const trainLoss = await this.fixedWindowsLoss(parts.train, 0)
    const validationLoss = await this.fixedWindowsLoss(parts.validation, 1)
    if (trainLoss === undefined || validationLoss === undefined) return undefined
    this.refuseNonFinite('loss', trainLoss + validationLoss)
    const best = this.step > 0 && validationLoss < (this.best?.loss ?? Infinity)
    if (best) this.best = { loss: validationLoss, step: this.step }
    this.evaluatedStep = this.step
    const speed = this.evaluationSpeed
    this.evaluationSpeed = new Speed()
    return { event: 'evaluated', ...this.now(), trainLoss, validationLoss, best, ...speed.measured() }
  }

  /** At each interval, on request and at the end, whatever ends the run. */
  savingIsDue(): boolean {
    const { saveInterval, steps } = this.training.settings
    const wanted = this.step > 0 && (this.step % saveInterval === 0 || this.step === steps)
    return this.savedStep < this.step && (wanted || this.wishes.has('save') || this.io.signal.aborted)
  }

  async save(best: boolean): Promise<SavedEvent> {
    const { runFolder, model, settings, tokenizer, engine } = this.training
    this.io.requests?.tell('saving')
    const saved = await engine.save()
    const broken = firstNonFinite(saved.parameters)
    if (broken) throw this.diverged(`the weights of ${broken} became NaN or infinite`)
    const state = {
      step: this.step,
      bestValidationLoss: this.best?.loss ?? null,
      bestStep: this.best?.step ?? null,
      tokensSeen: this.step * this.tokensPerStep(),
    }
    const checkpoint = { model, dropout: settings.dropout, tokenizer, state, ...saved }
    const folder = writeCheckpoint(runFolder, checkpoint, { best })
    prune(runFolder, settings.keep)
    this.savedStep = this.step
    return { event: 'saved', ...this.now(), folder, best }
  }

  async trainStep(): Promise<StepEvent> {
    const { settings, engine } = this.training
    this.io.requests?.tell('training')
    const before = this.io.clock()
    const hyper = this.hyper()
    const { loss, gradientNorm } = await engine.trainStep(this.microBatches(), hyper)
    this.step++
    this.refuseNonFinite('loss', loss)
    this.refuseNonFinite('gradient norm', gradientNorm)
    const seconds = this.io.clock() - before
    for (const speed of [this.stepSpeed, this.evaluationSpeed]) speed.add(this.tokensPerStep(), seconds)
    const { tokensPerSecond } = this.stepSpeed
    if (this.step % settings.logInterval === 0) this.stepSpeed = new Speed()
    return { event: 'step', ...this.now(), loss, learningRate: hyper.learningRate, gradientNorm, tokensPerSecond }
  }

  /** After each evaluation and on request, but for the last step: that sample comes at the end. */
  sampleIsDue(): boolean {
    const wanted = this.evaluatedStep === this.step || this.wishes.has('sample')
    return wanted && this.step < this.training.settings.steps
  }

  /** Text by the model as it is; undefined if this step's sample is there already, or on interruption. */
  async sample(maxTokens: number): Promise<SampledEvent | undefined> {
    const { signal } = this.io
    if (signal.aborted || this.sampledStep === this.step) return undefined
    this.io.requests?.tell('sampling')
    const text = await sampleOf(this.training, maxTokens, signal)
    if (signal.aborted) return undefined
    this.sampledStep = this.step
    return { event: 'sampled', ...this.now(), text }
  }

  /** Ends the run. It is complete when it was also scored over its validation part, from start to end. */
  async finish(): Promise<FinishedEvent> {
    const { settings, parts, engine, model } = this.training
    const part = firstTokens(parts.validation, FINAL_EVALUATION_TOKENS)
    const { batchSize } = settings
    const { blockSize } = model
    const batches = consecutiveWindows(part, batchSize, blockSize)
    const windows = this.counted('scoring', batches, (tokens) => tokens / (part.length - 1))
    const mean = await meanLoss(engine, windows, this.io.signal)
    if (mean === undefined) return { event: 'finished', ...this.now(), reason: 'interrupted' }
    const validation = { ...mean, ofTokens: parts.validation.length - 1 }
    return { event: 'finished', ...this.now(), reason: 'completed', validation }
  }

  private now(): { step: number; elapsedSeconds: number } {
    const seconds = (this.waitsSince ?? this.io.clock()) - this.startedAt - this.pausedSeconds
    return { step: this.step, elapsedSeconds: this.training.progress.elapsedSeconds + seconds }
  }

  private tokensPerStep(): number {
    const { batchSize, gradientAccumulation, blockSize } = this.training.settings
    return batchSize * gradientAccumulation * blockSize
  }

  private hyper(): StepHyper {
    const { settings } = this.training
    const { beta1, beta2, weightDecay, gradClip: gradientClip, dropout } = settings
    const learningRate = learningRateAt(this.step, settings)
    return { step: this.step, learningRate, beta1, beta2, epsilon: ADAM_EPSILON, weightDecay, gradientClip, dropout }
  }

  private microBatches(): Batch[] {
    const { settings, parts } = this.training
    const { seed, batchSize, blockSize, gradientAccumulation } = settings
    return Array.from({ length: gradientAccumulation }, (_, microStep) =>
      trainingBatch(parts.train, { seed, step: this.step, microStep, batchSize, blockSize }),
    )
  }

  /** @param half the part's place among the two that are evaluated. */
  private async fixedWindowsLoss(part: TokenSource, half: 0 | 1): Promise<number | undefined> {
    const { settings, engine } = this.training
    const { seed, evalIters: iterations, batchSize } = settings
    const blockSize = evaluationBlock(part, settings.blockSize)
    const batches = evaluationBatches(part, { seed, iterations, batchSize, blockSize })
    const all = iterations * batchSize * blockSize
    const told = this.counted('evaluating', batches, (tokens) => (half + tokens / all) / 2)
    return (await meanLoss(engine, told, this.io.signal))?.loss
  }

  /** The same batches; before each it tells how much is done. */
  private *counted(
    activity: Activity,
    batches: Iterable<Batch>,
    shareOf: (tokens: number) => number,
  ): Generator<Batch> {
    let tokens = 0
    for (const batch of batches) {
      this.io.requests?.tell(activity, shareOf(tokens))
      tokens += batch.targets.length
      yield batch
    }
  }

  private wishesDone(): ReadonlySet<Wish> {
    const steps: Readonly<Record<Wish, number>> = {
      evaluate: this.evaluatedStep,
      sample: this.sampledStep,
      save: this.savedStep,
    }
    return new Set([...this.wishes].filter((wish) => steps[wish] === this.step))
  }

  private refuseNonFinite(what: string, value: number): void {
    if (!Number.isFinite(value)) throw this.diverged(`the ${what} became ${value}`)
  }

  private diverged(what: string): Error {
    const { runFolder } = this.training
    const [newest] = listSteps(runFolder)
    const kept = newest === undefined ? '' : `What was saved before is whole: ${join(runFolder, newest)}. `
    return failure(`${what} at step ${this.step}: training has diverged`, `${kept}Try a lower --learning-rate.`)
  }
}

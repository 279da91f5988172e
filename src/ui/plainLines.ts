// A run's events as plain lines of text, for pipes, logs and terminals without a dashboard.

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
import { bytes, count, duration, loss, plural, rate, table } from './format.ts'
import { type Moment, remainingSeconds } from './pace.ts'
import { clipped, onOneLine } from './fit.ts'
import { harmless } from './visible.ts'

const SAMPLE_CELLS = 75

/** What lines need to know of earlier events. Hand each event to `lines`, in order. */
export class PlainLines {
  private totalSteps = 0
  /** Where this session began. */
  private origin: Moment = { step: 0, elapsedSeconds: 0 }

  lines(event: TrainEvent): string[] {
    switch (event.event) {
      case 'started':
      case 'resumed':
        this.totalSteps = event.settings.steps
        this.origin = event
        return opening(event)
      case 'step':
        return [this.step(event)]
      case 'evaluated':
        return [this.evaluated(event)]
      case 'saved':
        return [saved(event)]
      case 'sampled':
        return this.sampled(event)
      case 'finished':
        return finished(event)
    }
  }

  private step(event: StepEvent): string {
    const speed = `${count(event.tokensPerSecond)} tok/s`
    return `${this.position(event.step)}  loss ${loss(event.loss)}  lr ${rate(event.learningRate)}  grad ${event.gradientNorm.toFixed(2)}  ${speed}`
  }

  private evaluated(event: EvaluatedEvent): string {
    const speed = event.tokensPerSecond
    const remaining = remainingSeconds(this.origin, event, this.totalSteps)
    const eta = remaining === undefined ? '' : `  ETA ${duration(remaining)}`
    const pace = speed === undefined ? '' : `  ${count(speed)} tok/s${eta}`
    const losses = `train ${loss(event.trainLoss)}  validation ${loss(event.validationLoss)}`
    return `${this.position(event.step)}  ${losses}${event.best ? '  (best)' : ''}${pace}`
  }

  /** In full at the end; on the way a glimpse. */
  private sampled(event: SampledEvent): string[] {
    if (event.step < this.totalSteps)
      return [`${this.position(event.step)}  sample ${clipped(onOneLine(event.text), SAMPLE_CELLS)}`]
    return ['', `--- a sample after step ${event.step} ---`, harmless(event.text), '---']
  }

  private position(step: number): string {
    const total = String(this.totalSteps)
    return `step ${String(step).padStart(total.length)}/${total}`
  }
}

function opening(event: StartedEvent | ResumedEvent): string[] {
  const { corpus, model, settings, parameters, engine, expected } = event
  const { decayed, notDecayed } = parameters
  const batch = settings.batchSize * settings.gradientAccumulation * model.blockSize
  const rows = [
    ['run', event.event === 'resumed' ? `${event.run}, resumed after step ${event.step}` : event.run],
    ['engine', `${engine.name}: ${engine.detail} (${engine.reason})`],
    [
      'corpus',
      `${corpus.name}, ${bytes(corpus.bytes)}: ${count(corpus.trainTokens)} tokens to train on, ${count(corpus.validationTokens)} to validate`,
    ],
    ['tokenizer', `${settings.tokenizer}, a vocabulary of ${count(model.vocabSize)}`],
    [
      'model',
      `${plural(model.nLayer, 'layer')}, ${plural(model.nHead, 'head')}, ${model.nEmbd} wide, block ${model.blockSize}: ${count(parameters.total)} parameters`,
    ],
    [
      'decay',
      `${decayed.tensors} tensors, ${count(decayed.parameters)} parameters decayed; ${notDecayed.tensors}, ${count(notDecayed.parameters)} not decayed`,
    ],
    ['steps', `${count(settings.steps)} of ${count(batch)} tokens each`],
    ['expected', `${duration(expected.seconds)}, and ${bytes(expected.memoryBytes)} of memory besides Node's own`],
  ]
  return [...table(rows), ...event.notices.map((notice) => `note: ${notice}`)]
}

function saved(event: SavedEvent): string {
  return `saved ${event.folder}${event.best ? ' (best)' : ''}`
}

function finished(event: FinishedEvent): string[] {
  const { validation } = event
  if (event.reason === 'interrupted')
    return [`stopped after step ${event.step}, ${duration(event.elapsedSeconds)} of training`]
  const took = `done: ${count(event.step)} steps in ${duration(event.elapsedSeconds)}`
  if (!validation) return [took]
  const part =
    validation.tokens === validation.ofTokens
      ? 'the whole validation part'
      : `the first of ${count(validation.ofTokens)}`
  return [`${took}; validation loss ${loss(validation.loss)} over ${count(validation.tokens)} tokens (${part})`]
}

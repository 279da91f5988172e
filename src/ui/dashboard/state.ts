// What the dashboard knows of a run: a function of the run's events, one after the other, and of nothing else.

import type {
  EvaluatedEvent,
  FinishedEvent,
  ResumedEvent,
  SampledEvent,
  StartedEvent,
  StepEvent,
  TrainEvent,
} from '../../gpt/events.ts'
import { count, duration, loss as nats } from '../format.ts'
import { type Moment, remainingSeconds } from '../pace.ts'
import { append, EMPTY, type Series, until } from './series.ts'

export interface RunState extends Moment {
  /** How this session began; undefined before its first event. */
  readonly opening: StartedEvent | ResumedEvent | undefined
  readonly curves: Curves
  /** The last of each kind. */
  readonly latest: {
    readonly step?: StepEvent
    readonly evaluation?: EvaluatedEvent
    readonly sample?: SampledEvent
  }
  /** The last one that was measured: always finite. */
  readonly tokensPerSecond: number | undefined
  /** The highest of these in this session. */
  readonly fastest: number
  /** The lowest validation loss of the trained model. */
  readonly best: { readonly step: number; readonly loss: number } | undefined
  /** How many evaluations in a row had a higher validation loss than the one before. */
  readonly rises: number
  /** The newest last. */
  readonly messages: readonly Message[]
  readonly finished: FinishedEvent | undefined
}

export interface Curves {
  /** The loss of each logged step, by the luck of its batch. */
  readonly loss: Series
  /** Of evaluations. */
  readonly train: Series
  readonly validation: Series
  readonly learningRate: Series
  readonly gradientNorm: Series
}

export interface Message {
  readonly step: number
  readonly text: string
  /** What happens all the time, what is worth knowing, and what should be acted on. */
  readonly kind: 'routine' | 'news' | 'warning'
}

const NO_CURVES: Curves = { loss: EMPTY, train: EMPTY, validation: EMPTY, learningRate: EMPTY, gradientNorm: EMPTY }

export const NOTHING_YET: RunState = {
  step: 0,
  elapsedSeconds: 0,
  opening: undefined,
  curves: NO_CURVES,
  latest: {},
  tokensPerSecond: undefined,
  fastest: 0,
  best: undefined,
  rises: 0,
  messages: [],
  finished: undefined,
}

export function reduce(before: RunState, event: TrainEvent): RunState {
  const state = { ...before, step: event.step, elapsedSeconds: event.elapsedSeconds }
  switch (event.event) {
    case 'started':
    case 'resumed':
      return opened(state, event)
    case 'step':
      return stepped(state, event)
    case 'evaluated':
      return evaluated(state, event)
    case 'sampled':
      return { ...state, latest: { ...state.latest, sample: event } }
    case 'saved':
      return withMessage(state, event.best ? 'saved, the best so far' : 'saved', 'routine')
    case 'finished':
      return withMessage({ ...state, finished: event }, howItEnded(event))
  }
}

/** Seconds that are left: by this session's pace, before its first step by what was expected. */
export function secondsLeft({ opening, ...now }: RunState): number | undefined {
  return opening && (remainingSeconds(opening, now, opening.settings.steps) ?? opening.expected.seconds)
}

/**
 * The floating-point operations that are done, as a part of what the machine could do; undefined if one is not known.
 * A peak that was once exceeded in this session was measured while the machine was busy: then it is not known, for the
 * speed that exceeded it is no peak either.
 */
export function shareOfPeak({ opening, tokensPerSecond, fastest }: RunState): number | undefined {
  const { flopsPerToken, peakGflops } = opening ?? {}
  if (!flopsPerToken || !peakGflops || !tokensPerSecond) return undefined
  const most = (peakGflops * 1e9) / flopsPerToken
  return fastest <= most ? tokensPerSecond / most : undefined
}

function opened(state: RunState, event: StartedEvent | ResumedEvent): RunState {
  const { step, elapsedSeconds } = event
  const before = event.event === 'started' ? NOTHING_YET : upTo(state, step)
  const resumed: RunState = { ...before, step, elapsedSeconds, opening: event, fastest: 0, finished: undefined }
  const messages = event.notices.reduce<RunState>((so, notice) => withMessage(so, notice), resumed)
  return event.event === 'resumed' ? withMessage(messages, `resumed after step ${count(step)}`) : messages
}

/**
 * What stays known of a run that goes on from this step: nothing that came later. What is known of the last evaluation
 * and of the best alone is forgotten with it.
 */
function upTo(state: RunState, step: number): RunState {
  const isKnown = (what: { readonly step: number } | undefined): boolean => what !== undefined && what.step <= step
  const { loss, train, validation, learningRate, gradientNorm } = state.curves
  const cut = (series: Series): Series => until(series, step)
  const curves: Curves = {
    loss: cut(loss),
    train: cut(train),
    validation: cut(validation),
    learningRate: cut(learningRate),
    gradientNorm: cut(gradientNorm),
  }
  const { latest } = state
  return {
    ...state,
    curves,
    latest: {
      ...(isKnown(latest.step) && { step: latest.step }),
      ...(isKnown(latest.evaluation) && { evaluation: latest.evaluation }),
      ...(isKnown(latest.sample) && { sample: latest.sample }),
    },
    best: isKnown(state.best) ? state.best : undefined,
    rises: isKnown(latest.evaluation) ? state.rises : 0,
    messages: state.messages.filter(isKnown),
  }
}

function stepped(state: RunState, event: StepEvent): RunState {
  const { loss, learningRate, gradientNorm } = state.curves
  const step = {
    ...event,
    loss: measured(event.loss),
    learningRate: measured(event.learningRate),
    gradientNorm: measured(event.gradientNorm),
  }
  const curves = {
    ...state.curves,
    loss: append(loss, { x: step.step, y: step.loss }),
    learningRate: append(learningRate, { x: step.step, y: step.learningRate }),
    gradientNorm: append(gradientNorm, { x: step.step, y: step.gradientNorm }),
  }
  return withSpeed({ ...state, curves, latest: { ...state.latest, step } }, event.tokensPerSecond)
}

/** A speed that could not be measured, or is missing, changes nothing. */
function withSpeed(state: RunState, tokensPerSecond = Number.NaN): RunState {
  if (!Number.isFinite(tokensPerSecond)) return state
  return { ...state, tokensPerSecond, fastest: Math.max(state.fastest, tokensPerSecond) }
}

function evaluated(state: RunState, event: EvaluatedEvent): RunState {
  const { step } = event
  const [trainLoss, validationLoss] = [measured(event.trainLoss), measured(event.validationLoss)]
  const last = state.latest.evaluation
  const curves = {
    ...state.curves,
    train: append(state.curves.train, { x: step, y: trainLoss }),
    validation: append(state.curves.validation, { x: step, y: validationLoss }),
  }
  const measuredNow = withSpeed(state, event.tokensPerSecond)
  return warnedOfRise({
    ...measuredNow,
    curves,
    rises: last && validationLoss > last.validationLoss ? state.rises + 1 : 0,
    best: event.best ? { step, loss: validationLoss } : state.best,
    latest: { ...state.latest, evaluation: { ...event, trainLoss, validationLoss } },
  })
}

/** In a log, a number that was not finite is null. */
function measured(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN
}

function howItEnded({ reason, validation, elapsedSeconds }: FinishedEvent): string {
  if (reason === 'interrupted') return `stopped after ${duration(elapsedSeconds)} of training`
  if (!validation) return `done in ${duration(elapsedSeconds)}`
  const { tokens, ofTokens } = validation
  const part = tokens === ofTokens ? 'the whole validation part' : `${count(tokens)} of its ${count(ofTokens)} tokens`
  return `done in ${duration(elapsedSeconds)}: validation loss ${nats(validation.loss)} over ${part}`
}

/** Fewer rises than this are luck. */
const RISES_TO_TELL = 3

function warnedOfRise(state: RunState): RunState {
  if (state.rises < RISES_TO_TELL) return state
  const best = state.best ? `; the best is step ${count(state.best.step)}` : ''
  return withMessage(state, `validation has risen for ${spelled(state.rises)} evaluations${best}`, 'warning')
}

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'] as const

function spelled(value: number): string {
  return WORDS[value] ?? String(value)
}

const MOST_MESSAGES = 20

function withMessage(state: RunState, text: string, kind: Message['kind'] = 'news'): RunState {
  const message = { step: state.step, text, kind }
  return { ...state, messages: [...state.messages, message].slice(-MOST_MESSAGES) }
}

// What happens in a run, as one stream of plain records: the log on disk, lines on a screen and tests all read it.

import type { ParameterCounts } from './counts.ts'
import type { ModelConfig } from './model.ts'
import type { Settings } from './settings.ts'

interface EventBase {
  /** Updates done when it happened. */
  readonly step: number
  /** Seconds of training so far, earlier sessions of a resumed run included. */
  readonly elapsedSeconds: number
}

export interface StartedEvent extends EventBase {
  readonly event: 'started'
  readonly run: string
  readonly corpus: {
    readonly name: string
    readonly bytes: number
    readonly trainTokens: number
    readonly validationTokens: number
  }
  readonly model: ModelConfig
  readonly settings: Settings
  readonly parameters: ParameterCounts
  readonly engine: { readonly name: string; readonly detail: string; readonly reason: string }
  /** Floating-point operations that a token needs, forward and backward; runs from before do not have it. */
  readonly flopsPerToken?: number
  /** What the engine's threads can multiply and add at best, in 1e9 operations a second; absent if it cannot tell. */
  readonly peakGflops?: number
  readonly expected: { readonly memoryBytes: number; readonly seconds: number }
  /** What the person should know before the first step. */
  readonly notices: readonly string[]
}

export interface ResumedEvent extends Omit<StartedEvent, 'event'> {
  readonly event: 'resumed'
}

export interface StepEvent extends EventBase {
  readonly event: 'step'
  /** Of update number `step`, before that update; nats per token. */
  readonly loss: number
  readonly learningRate: number
  readonly gradientNorm: number
  readonly tokensPerSecond: number
}

export interface EvaluatedEvent extends EventBase {
  readonly event: 'evaluated'
  readonly trainLoss: number
  readonly validationLoss: number
  /** Whether it is below all earlier evaluations of the trained model. */
  readonly best: boolean
  /** Of the training since the last evaluation; absent before the first step. */
  readonly tokensPerSecond?: number
}

export interface SavedEvent extends EventBase {
  readonly event: 'saved'
  readonly folder: string
  readonly best: boolean
}

export interface SampledEvent extends EventBase {
  readonly event: 'sampled'
  readonly text: string
}

export interface FinishedEvent extends EventBase {
  readonly event: 'finished'
  readonly reason: 'completed' | 'interrupted'
  /** Mean over consecutive windows of the validation part; absent after an interruption. */
  readonly validation?: { readonly loss: number; readonly tokens: number; readonly ofTokens: number }
}

export type TrainEvent =
  StartedEvent | ResumedEvent | StepEvent | EvaluatedEvent | SavedEvent | SampledEvent | FinishedEvent

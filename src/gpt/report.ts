// What the page about a run shows (`tgpt report`), as plain data; src/ui/report turns it into HTML.

import type { Evaluation } from './evaluation.ts'
import type { Inspection } from './inspection.ts'
import type { AttentionLook } from './look.ts'

export interface Report {
  /** The run's name, or that of the folder where no run is around it. */
  readonly name: string
  /** Of the tgpt that made the page. */
  readonly version: string
  readonly inspection: Inspection
  /** Absent for a model without a run. */
  readonly course?: Course
  /** From the first to the last. */
  readonly samples: readonly ReportSample[]
  /** For a text, of which it may be the beginning only. */
  readonly attention?: AttentionLook
  /** What could not be shown, and why. */
  readonly notices: readonly string[]
}

/** How the training went, as far as the log tells. Numbers that were not finite are NaN. */
export interface Course {
  /** Of a long run those that matter: extremes are among them, means are not. */
  readonly steps: readonly LoggedStep[]
  readonly evaluations: readonly Evaluation[]
  /** Absent before the first evaluation of the trained model. */
  readonly best?: Evaluation
  /** Updates done, by the last line of the log. */
  readonly step: number
  readonly elapsedSeconds?: number
  /** The last that was measured. */
  readonly tokensPerSecond?: number
  readonly ending?: Ending
}

/** How a run ended; a run without an ending trains still, or was killed. */
export interface Ending {
  readonly completed: boolean
  /** Over so many tokens from the start of the validation part, in nats a token. */
  readonly validation?: { readonly loss: number; readonly tokens: number; readonly ofTokens: number }
}

export interface LoggedStep {
  readonly step: number
  /** Of one batch, in nats a token. */
  readonly loss: number
  readonly learningRate: number
  readonly gradientNorm: number
}

export interface ReportSample {
  readonly step: number
  readonly text: string
}

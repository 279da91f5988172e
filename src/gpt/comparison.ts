// Several runs side by side, as plain figures: `tgpt compare` draws them, `--json` writes them out.

import type { Evaluation } from './evaluation.ts'

export interface Comparison {
  readonly runs: readonly ComparedRun[]
  /** The settings that are not the same in all runs, and no others. */
  readonly differences: readonly Difference[]
}

export interface ComparedRun {
  /** What tells it from the others. */
  readonly name: string
  readonly folder: string
  /** Updates done. */
  readonly step: number
  /** Updates in all, as the run was set; absent if its record does not say. */
  readonly steps?: number
  /** Seconds of training so far. */
  readonly elapsedSeconds: number
  readonly evaluations: readonly Evaluation[]
  /** The lowest of the evaluations after the first step; absent before. */
  readonly best?: { readonly validationLoss: number; readonly step: number }
  /** Over consecutive windows of the validation part, when all steps were done; absent before. */
  readonly finalValidationLoss?: number
}

export type SettingValue = string | number | boolean

export interface Difference {
  readonly setting: string
  /** One for each run, in their order; null if the run does not have it. */
  readonly values: readonly (SettingValue | null)[]
}

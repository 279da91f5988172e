// What there is to know about a checkpoint, as plain figures: `tgpt inspect` prints it, `--json` writes it out.

import type { countByPart, ParameterCounts } from './counts.ts'
import type { Evaluation } from './evaluation.ts'
import type { ModelConfig } from './model.ts'

export interface Inspection {
  readonly folder: string
  /** Updates done; absent for a model from elsewhere. */
  readonly step?: number
  readonly model: ModelConfig
  readonly dropout: number
  readonly tokenizer: { readonly kind: string; readonly vocabSize: number }
  readonly parameters: ParameterCounts & {
    readonly parts: ReturnType<typeof countByPart>
    readonly tensors: readonly InspectedTensor[]
  }
  /** nanoGPT's formula: forward and backward, attention in full. */
  readonly flopsPerToken: number
  readonly memory: { readonly trainingBytes: number; readonly samplingBytes: number }
  readonly best?: { readonly validationLoss: number; readonly step: number }
  readonly run?: InspectedRun
  readonly warnings: readonly string[]
}

export interface InspectedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly parameters: number
  readonly decayed: boolean
}

/** What the run folder around a step folder adds. */
export interface InspectedRun {
  readonly folder: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly corpus: { readonly name: string; readonly path: string; readonly sha256: string; readonly bytes: number }
  readonly engine: { readonly name: string; readonly detail: string; readonly reason: string }
  readonly versions: { readonly tgpt: string; readonly node: string }
  readonly history: readonly Evaluation[]
  /** Of the history, which may go on after this checkpoint. */
  readonly bestInHistory?: Evaluation
}

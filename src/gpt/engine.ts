// The seam between training and arithmetic: what every engine does. Shapes: B sequences, T tokens, V vocabulary.

import type { NamedTensors } from '../base/namedTensors.ts'
import type { ModelConfig } from './model.ts'

/** B windows of T tokens, row-major [B, T]. `targets[i]` is the id that follows `inputs[i]`; -1 is not scored. */
export interface Batch {
  readonly inputs: Int32Array
  readonly targets: Int32Array
  readonly batchSize: number
}

/** What one update needs besides its data. */
export interface StepHyper {
  /** Updates done before this one: 0 for the first. Dropout masks and AdamW's bias correction follow from it. */
  readonly step: number
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
  /** The largest global gradient norm; 0 is no clipping. */
  readonly gradientClip: number
  readonly dropout: number
}

export interface StepResult {
  /** Mean loss of the micro-batches in nats, before the update. */
  readonly loss: number
  /** Global L2 norm of the mean gradient, before clipping. */
  readonly gradientNorm: number
}

/** AdamW's two running means for every parameter (PyTorch's `exp_avg` and `exp_avg_sq`). */
export interface OptimizerState {
  readonly firstMoments: NamedTensors
  readonly secondMoments: NamedTensors
}

export interface Engine {
  readonly name: string
  /** What it runs on, for people: "AVX-512, 2 threads, fp32". */
  readonly detail: string
  /** Takes a copy of the parameters; without `optimizer` the moments start at zero. */
  load(parameters: NamedTensors, optimizer?: OptimizerState): Promise<void>
  /** One update from the mean gradient over the micro-batches. */
  trainStep(microBatches: readonly Batch[], hyper: StepHyper): Promise<StepResult>
  /** The loss of each target in nats, [B * T], without dropout; 0 where the target is -1. */
  losses(batch: Batch): Promise<Float32Array>
  /** Logits of all positions of one sequence of at most a block, [T, V]. */
  logits(ids: Int32Array): Promise<Float32Array>
  /** Gradients of the batch's mean loss, without dropout: for tests and diagnosis. */
  gradients(batch: Batch): Promise<NamedTensors>
  decoder(): Decoder
  save(): Promise<{ parameters: NamedTensors; optimizer: OptimizerState }>
  /** Multiplies and adds on all its threads for a moment, as fast as they can; the floating-point operations done. */
  multiplyAndAdd?(): Promise<number>
  dispose(): void
}

/** Generates token after token, with cached keys and values. It ends with the next change of the engine's weights. */
export interface Decoder {
  /** Reads a prompt of 1 to `blockSize` ids; the logits that follow it, [V]. */
  prefill(ids: Int32Array): Promise<Float32Array>
  /** Appends one id to each sequence; the logits that follow, [sequences, V]. Past a block, `slideContext` rules. */
  next(ids: Int32Array): Promise<Float32Array>
  /** A decoder of `sequences` copies of this one's single sequence. */
  fork(sequences: number): Decoder
  dispose(): void
}

/** What products are computed in; sums and weights are fp32 always. */
export const PRECISIONS = ['fp32', 'bf16'] as const
export type Precision = (typeof PRECISIONS)[number]

export interface EngineOptions {
  readonly model: ModelConfig
  /** Seeds the dropout masks. */
  readonly seed: number
  /** Threads to use; undefined: the engine chooses. */
  readonly threads?: number | undefined
  /** Undefined: fp32. */
  readonly precision?: Precision | undefined
}

/** Checks a batch before an engine reads it. @throws RangeError: a batch that does not fit the model is a bug of ours. */
export function checkBatch({ inputs, targets, batchSize }: Batch, model: ModelConfig): void {
  const length = inputs.length / batchSize
  if (!Number.isInteger(length) || length < 1 || length > model.blockSize || targets.length !== inputs.length) {
    throw new RangeError(`a batch of ${batchSize} windows with ${inputs.length} inputs and ${targets.length} targets`)
  }
  checkIds(inputs, model, 0)
  checkIds(targets, model, -1)
}

/** Checks one sequence of 1 to `blockSize` ids. @throws RangeError */
export function checkSequence(ids: Int32Array, model: ModelConfig): void {
  if (ids.length < 1 || ids.length > model.blockSize) throw new RangeError(`a sequence of ${ids.length} ids`)
  checkIds(ids, model, 0)
}

/** Checks that ids are in the vocabulary, or as low as `lowest`. @throws RangeError */
export function checkIds(ids: Int32Array, { vocabSize }: ModelConfig, lowest: number): void {
  const outside = ids.find((id) => id < lowest || id >= vocabSize)
  if (outside !== undefined) throw new RangeError(`the id ${outside} is outside a vocabulary of ${vocabSize}`)
}

/**
 * The context to go on from: all of it while it fits; else its last half block, read anew, because positions are
 * learned and must restart at 0. Every engine and every uncached check uses this rule.
 */
export function slideContext(ids: Int32Array, blockSize: number): Int32Array {
  return ids.length <= blockSize ? ids : ids.slice(-Math.max(1, Math.floor(blockSize / 2)))
}

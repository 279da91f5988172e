// Windows over a source of tokens: random ones to train on, fixed ones to evaluate on, consecutive ones to score all.

import { foldIn, Stream, streamKey, uniformAt, type Key } from '../base/threefry.ts'
import type { TokenSource } from './tokenSource.ts'

/** B windows of T tokens, row-major [B, T]; `targets[i]` is the id that follows `inputs[i]` in the source. */
export interface Windows {
  readonly inputs: Int32Array
  readonly targets: Int32Array
  readonly batchSize: number
}

/** How many windows (B) of how many tokens (T). */
export interface WindowShape {
  readonly batchSize: number
  readonly blockSize: number
}

/**
 * Windows that start anywhere with equal probability, as nanoGPT's `get_batch`: the key alone decides where.
 * Throws RangeError if the source has no block and one target after it.
 */
export function randomWindows(source: TokenSource, batchSize: number, blockSize: number, key: Key): Windows {
  const starts = source.length - blockSize
  if (starts <= 0) throw new RangeError(`${source.length} tokens hold no window of ${blockSize} and its targets`)
  const drawn = Array.from({ length: batchSize }, (_, row) => Math.floor(uniformAt(key, row) * starts))
  return windowsAt(source, blockSize, drawn)
}

/** The batch of one micro-step of one training step: a function of its arguments, so that a resumed run repeats it. */
export function trainingBatch(
  source: TokenSource,
  { seed, step, microStep, batchSize, blockSize }: WindowShape & { seed: number; step: number; microStep: number },
): Windows {
  return randomWindows(source, batchSize, blockSize, foldIn(streamKey(seed, Stream.data, step), microStep))
}

/** The same windows at each call, so that losses can be compared along a run. */
export function* evaluationBatches(
  source: TokenSource,
  { seed, iterations, batchSize, blockSize }: WindowShape & { seed: number; iterations: number },
): Generator<Windows> {
  for (let iteration = 0; iteration < iterations; iteration++) {
    yield randomWindows(source, batchSize, blockSize, streamKey(seed, Stream.evaluation, iteration))
  }
}

/**
 * The whole source in order, each token but the first a target once: full windows in groups of `batchSize` (the last
 * group may be smaller), then the remaining tokens as one short window.
 */
export function* consecutiveWindows(source: TokenSource, batchSize: number, blockSize: number): Generator<Windows> {
  const targets = Math.max(0, source.length - 1)
  const full = Math.floor(targets / blockSize)
  for (let first = 0; first < full; first += batchSize) {
    const rows = Math.min(batchSize, full - first)
    yield windowsAt(
      source,
      blockSize,
      Array.from({ length: rows }, (_, row) => (first + row) * blockSize),
    )
  }
  const remaining = targets - full * blockSize
  if (remaining > 0) yield windowsAt(source, remaining, [full * blockSize])
}

/** The windows of T tokens at the given starts, [B, T], with their targets one further on. */
function windowsAt(source: TokenSource, blockSize: number, starts: readonly number[]): Windows {
  const inputs = new Int32Array(starts.length * blockSize)
  const targets = new Int32Array(starts.length * blockSize)
  for (const [row, start] of starts.entries()) {
    const ids = source.read(start, start + blockSize + 1)
    inputs.set(ids.subarray(0, blockSize), row * blockSize)
    targets.set(ids.subarray(1), row * blockSize)
  }
  return { inputs, targets, batchSize: starts.length }
}

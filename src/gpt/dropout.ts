// Where GPT-2 drops elements, and the key of each mask: what engines must share so that they draw the same masks.
// A mask covers its tensor row-major, [B, T, C], or [B, H, T, T] for attention with the masked half included; element i
// is dropped as `fillDropoutMask` says.

import { foldIn, type Key, Stream, streamKey } from '../base/threefry.ts'

/** The places in the model, numbered. */
export const dropoutSite = {
  embedding: 0,
  /** Attention's probabilities. */
  attention: (layer: number) => 1 + 3 * layer,
  attentionOutput: (layer: number) => 2 + 3 * layer,
  mlpOutput: (layer: number) => 3 + 3 * layer,
} as const

/** The key of one mask: no two sites, micro-batches or steps share one. */
export function dropoutKey(seed: number, step: number, site: number, microStep: number): Key {
  return foldIn(dropoutStepKey(seed, step), site, microStep)
}

/** What the keys of all masks of a step are made from. */
export function dropoutStepKey(seed: number, step: number): Key {
  return streamKey(seed, Stream.dropout, step)
}

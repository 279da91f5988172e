// From logits to one token id: temperature, top-k, and a draw that the caller's uniform number decides.

import { failure } from '../base/errors.ts'

export interface SamplerOptions {
  /** 0 is greedy. */
  readonly temperature: number
  /** Only the k most probable tokens take part; 0 is off, more than the vocabulary is the whole of it. */
  readonly topK: number
}

/** Draws an id from softmax(logits / temperature) over the top k, with `uniform` in [0, 1). Of equals, the lowest id. */
export function sampleToken(logits: Float32Array, { temperature, topK }: SamplerOptions, uniform: number): number {
  if (logits.some(Number.isNaN)) throw failure('the model gives no numbers (NaN) here', 'Use an earlier checkpoint.')
  const best = argmax(logits)
  if (temperature === 0) return best
  const candidates = topK === 0 || topK >= logits.length ? [...logits.keys()] : largest(logits, topK)
  const weights = candidates.map((id) => Math.exp((logits[id] - logits[best]) / temperature))
  const target = uniform * weights.reduce((sum, weight) => sum + weight, 0)
  let cumulative = 0
  for (const [index, weight] of weights.entries()) {
    cumulative += weight
    if (target < cumulative) return candidates[index]
  }
  return best // only where rounding leaves the sum at the target
}

function argmax(logits: Float32Array): number {
  return logits.reduce((best, logit, id) => (logit > logits[best] ? id : best), 0)
}

/** Above this, sorting all ids is faster than keeping the largest in order. */
const FEW = 200

/** The ids of the `count` largest logits, falling. For a few, one pass: sorting 50,000 takes longer than a small model. */
export function largest(logits: Float32Array, count: number): number[] {
  if (count > FEW) return [...logits.keys()].toSorted((a, b) => logits[b] - logits[a] || a - b).slice(0, count)
  const ids: number[] = []
  for (const [id, logit] of logits.entries()) {
    if (ids.length === count && !(logit > logits[ids[count - 1]])) continue
    let place = Math.min(ids.length, count - 1)
    for (; place > 0 && logit > logits[ids[place - 1]]; place--) ids[place] = ids[place - 1]
    ids[place] = id
  }
  return ids
}

// From logits to one token id: temperature, top-k, and a draw that the caller's uniform number decides.

export interface SamplerOptions {
  /** 0 is greedy. */
  readonly temperature: number
  /** Only the k most probable tokens take part; 0 is off, more than the vocabulary is the whole of it. */
  readonly topK: number
}

/** Draws an id from softmax(logits / temperature) over the top k, with `uniform` in [0, 1). Equal logits: lowest id first. */
export function sampleToken(logits: Float32Array, { temperature, topK }: SamplerOptions, uniform: number): number {
  if (temperature === 0) return argmax(logits)
  const candidates = topCandidates(logits, topK)
  const largest = logits[candidates[0]]
  const weights = candidates.map((id) => Math.exp((logits[id] - largest) / temperature))
  const target = uniform * weights.reduce((sum, weight) => sum + weight, 0)
  let cumulative = 0
  for (const [index, weight] of weights.entries()) {
    cumulative += weight
    if (target < cumulative) return candidates[index]
  }
  return candidates[0] // only reached when rounding leaves the sum just below the target
}

function argmax(logits: Float32Array): number {
  return logits.reduce((best, logit, id) => (logit > logits[best] ? id : best), 0)
}

/** Ids by falling logit, the k largest of them. */
function topCandidates(logits: Float32Array, topK: number): number[] {
  const ids = Array.from(logits.keys()).toSorted((a, b) => logits[b] - logits[a] || a - b)
  return topK === 0 ? ids : ids.slice(0, topK)
}

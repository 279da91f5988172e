// What is seen inside a model on one pass over one text, as plain figures: `tgpt inspect --trace` and its kin show it,
// `--json` writes it out. Shapes: T tokens, H heads, C width, V vocabulary.

/** What computes for a look: the reference engine, whose every step is in plain sight. Ids are 1 to a block of them. */
export interface Looker {
  /** The tensors on the way from ids to logits whose names are wanted, in the order of their computation. */
  tensors(ids: Int32Array, wanted: (name: string) => boolean): AsyncGenerator<SeenTensor>
  /**
   * What the model would predict if each layer were its last: the final LayerNorm and the head after the embedding and
   * after each block, [T, V] each ("logit lens", nostalgebraist, 2020). The last equals the model's logits.
   */
  lens(ids: Int32Array): AsyncGenerator<SeenTensor>
  dispose(): void
}

export interface SeenTensor {
  /** As the parameters' names: `h.0.attn.probabilities`. */
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface Token {
  readonly id: number
  /** Bytes that are no whole character are spelled: <0xE2>. */
  readonly text: string
}

/** A token that may come, and how probable the model finds it. */
export interface Candidate extends Token {
  readonly probability: number
}

export interface Look {
  /** Of the checkpoint. */
  readonly folder: string
  /** What the model read, at most a block. */
  readonly tokens: readonly Token[]
  /** What was done to the text that the person should know. */
  readonly notices: readonly string[]
}

export interface Trace extends Look {
  readonly tensors: readonly TracedTensor[]
  /** What the model expects after the text, the most probable first. */
  readonly next: readonly Candidate[]
}

export interface TracedTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** Figures of all elements but the masked ones. */
  readonly mean: number
  readonly standardDeviation: number
  readonly min: number
  readonly max: number
  /** How many elements are minus infinity: scores of what lies ahead. */
  readonly masked: number
  /** What it is, in a few words. */
  readonly meaning: string
}

export interface AttentionLook extends Look {
  readonly heads: readonly HeadAttention[]
}

export interface HeadAttention {
  readonly layer: number
  readonly head: number
  /** [T][T]: row t is how much token t takes from each token; 0 ahead of it. Rows sum to 1. */
  readonly weights: readonly (readonly number[])[]
}

export interface Predictions extends Look {
  readonly vocabSize: number
  /** One for each token. */
  readonly positions: readonly PredictedPosition[]
  /** The text in the smallest runs of tokens that are whole characters. */
  readonly stretches: readonly Stretch[]
  /** Nats a token, over all but the first; absent for a single token. */
  readonly meanSurprise?: number
}

export interface Stretch {
  readonly text: string
  /** Of all its tokens together, in nats; absent for the first. */
  readonly surprise?: number
}

export interface PredictedPosition {
  readonly token: Token
  /** Of the token, given those before it; absent for the first. */
  readonly probability?: number
  /** Minus the logarithm of that, in nats. */
  readonly surprise?: number
  /** What the model expects after the token, the most probable first. */
  readonly next: readonly Candidate[]
}

export interface Neighbours {
  readonly folder: string
  readonly token: Token
  /** The nearest first. */
  readonly neighbours: readonly Neighbour[]
}

export interface Neighbour extends Token {
  /** The cosine of the angle between the two rows of wte: 1 is the same direction, 0 a right angle. */
  readonly similarity: number
}

export interface LayersLook extends Look {
  readonly vocabSize: number
  /** The embedding, then each block. */
  readonly layers: readonly LayerLook[]
}

export interface LayerLook {
  /** The tensor that is looked at: `embedding`, `h.0.resid_post`. */
  readonly name: string
  /** One for each token: what this layer would have come after it. */
  readonly positions: readonly LayerPosition[]
  /** Mean surprise in nats at the tokens that did come; absent for a single token. */
  readonly meanSurprise?: number
  /** How often the most probable token was the one that came. */
  readonly right: number
}

export interface LayerPosition {
  readonly next: readonly Candidate[]
  /** Of the token that did come; absent for the last. */
  readonly answer?: number
}

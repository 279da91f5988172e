// The readable definition of the model: GPT-2's forward pass in TensorFlow.js operations. Other engines must equal it.
// Shapes: B sequences, T new tokens, S = past + new tokens, H heads, C width, V vocabulary. C / H is a head's size.

import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { dropoutSite } from '../../gpt/dropout.ts'
import { LAYER_NORM_EPSILON, type ModelConfig } from '../../gpt/model.ts'
import type { Tf } from './tf.ts'

/** Parameters by the names of `paramSpecs`. */
export type Parameters = ReadonlyMap<string, Tensor>

/** Drops elements of a tensor at one site; the identity outside training. */
export type Dropout = <T extends Tensor>(x: T, site: number) => T

export const noDropout: Dropout = (x) => x

/** Keys and values of the tokens read so far, [B, H, S, C / H] each. */
export type KeysAndValues = {
  readonly keys: Tensor4D
  readonly values: Tensor4D
}

/** Is shown what is computed on the way, by names that follow the parameters': `h.0.attn.c_attn`. It changes nothing. */
export type Observer = (name: string, x: Tensor) => void

export interface ForwardOptions {
  readonly dropout?: Dropout
  /** One entry a layer: what earlier tokens left behind. The new tokens' positions follow on. */
  readonly past?: readonly KeysAndValues[]
  readonly observer?: Observer
}

export interface ForwardResult {
  readonly logits: Tensor2D // [B * T, V]
  readonly present: readonly KeysAndValues[]
}

/** A part of the model: its parameters and its observer, both by names below the part's own. */
type Part = {
  readonly parameters: Parameters
  readonly observer: Observer
}

export class Gpt {
  constructor(
    private readonly tf: Tf,
    private readonly model: ModelConfig,
  ) {}

  /** Logits for each token of `ids`, [B, T] row-major. Call inside `tf.tidy`. */
  forward(parameters: Parameters, ids: Int32Array, batchSize: number, options: ForwardOptions = {}): ForwardResult {
    const { tf, model } = this
    const { dropout = noDropout, past, observer = unobserved } = options
    const whole = { parameters, observer }
    const present: KeysAndValues[] = []
    const pastLength = past?.[0].keys.shape[2] ?? 0
    let x = dropout(this.embed(whole, ids, batchSize, pastLength), dropoutSite.embedding) // [B * T, C]
    for (let layer = 0; layer < model.nLayer; layer++) {
      const block = below(whole, `h.${layer}.`)
      const normed = this.layerNorm(block, 'ln_1', x)
      const attended = this.attention(below(block, 'attn.'), normed, batchSize, layer, dropout, past?.[layer])
      present.push(attended.present)
      x = shown(block, 'resid_mid', tf.add(x, attended.output))
      const added = dropout(
        this.mlp(below(block, 'mlp.'), this.layerNorm(block, 'ln_2', x)),
        dropoutSite.mlpOutput(layer),
      )
      x = shown(block, 'resid_post', tf.add(x, added))
    }
    return { logits: this.head(whole, x), present }
  }

  /** What the model would predict if `x`, [N, C], left its last block: logits, [N, V]. */
  logitsOf(parameters: Parameters, x: Tensor2D): Tensor2D {
    return this.head({ parameters, observer: unobserved }, x)
  }

  /** The loss of each target in nats, [B * T]; 0 where the target is -1. */
  tokenLosses(logits: Tensor2D, targets: Int32Array): Tensor1D {
    const { tf } = this
    const cells = Array.from(targets, (target, row) => [row, Math.max(target, 0)])
    const scored = tf.tensor1d(Float32Array.from(targets, (target) => (target < 0 ? 0 : 1)))
    const logProbabilities = tf.gatherND(tf.logSoftmax(logits), tf.tensor2d(cells, [targets.length, 2], 'int32'))
    return tf.neg(tf.mul<Tensor1D>(logProbabilities, scored))
  }

  /** Token and position embeddings, added: [B * T, C]. */
  private embed(part: Part, ids: Int32Array, batchSize: number, pastLength: number): Tensor2D {
    const { tf } = this
    const length = ids.length / batchSize
    const positions = Int32Array.from(ids, (_, index) => pastLength + (index % length))
    const rows = (name: string, indices: Int32Array) =>
      shown(part, name, tf.gather(part.parameters.get(`${name}.weight`) as Tensor2D, tf.tensor1d(indices, 'int32')))
    return shown(part, 'embedding', tf.add(rows('wte', ids), rows('wpe', positions)))
  }

  /** The last LayerNorm, and the head that is tied to the token embedding: [N, C] to [N, V]. */
  private head(part: Part, x: Tensor2D): Tensor2D {
    const normed = this.layerNorm(part, 'ln_f', x)
    return shown(part, 'logits', this.tf.matMul(normed, part.parameters.get('wte.weight') as Tensor2D, false, true))
  }

  /** Each row normalised to mean 0 and variance 1, scaled and shifted: [N, C] to [N, C]. */
  private layerNorm(part: Part, name: string, x: Tensor2D): Tensor2D {
    const { tf } = this
    const mean = (t: Tensor): Tensor => tf.mul(tf.sum(t, -1, true), 1 / this.model.nEmbd) // [N, 1]
    const centred = tf.sub(x, mean(x))
    const inverseDeviation = tf.rsqrt(tf.add(mean(tf.square(centred)), LAYER_NORM_EPSILON))
    const scaled = tf.mul(tf.mul(centred, inverseDeviation), part.parameters.get(`${name}.weight`)!)
    return shown(part, name, this.addBias(part, name, scaled as Tensor2D))
  }

  /** x W + b: [N, in] to [N, out]. */
  private linear(part: Part, name: string, x: Tensor2D): Tensor2D {
    const product: Tensor2D = this.tf.matMul(x, part.parameters.get(`${name}.weight`) as Tensor2D)
    return shown(part, name, this.addBias(part, name, product))
  }

  private addBias({ parameters }: Part, name: string, x: Tensor2D): Tensor2D {
    const bias = parameters.get(`${name}.bias`)
    return bias ? this.tf.add(x, bias) : x
  }

  /** Causal self-attention over past and new tokens: [B * T, C] to [B * T, C]. */
  private attention(part: Part, x: Tensor2D, batchSize: number, layer: number, dropout: Dropout, past?: KeysAndValues) {
    const { tf } = this
    const thirds = tf.split(this.linear(part, 'c_attn', x), 3, 1)
    const [queries, newKeys, newValues] = thirds.map((third, index) =>
      shown(part, ['q', 'k', 'v'][index], this.toHeads(third, batchSize)),
    )
    const keys = past ? tf.concat([past.keys, newKeys], 2) : newKeys // [B, H, S, C / H]
    const values = past ? tf.concat([past.values, newValues], 2) : newValues
    const scale = 1 / Math.sqrt(queries.shape[3])
    const scores = tf.mul(tf.matMul(queries, keys, false, true), scale) // [B, H, T, S]
    const masked = shown(part, 'scores', tf.add(scores, this.causalMask(queries.shape[2], keys.shape[2])))
    const probabilities = shown(part, 'probabilities', tf.softmax(masked))
    const mixed = this.fromHeads(tf.matMul(dropout(probabilities, dropoutSite.attention(layer)), values))
    const projected = this.linear(part, 'c_proj', shown(part, 'mixed', mixed))
    return { output: dropout(projected, dropoutSite.attentionOutput(layer)), present: { keys, values } }
  }

  /** [B * T, C] to [B, H, T, C / H]. */
  private toHeads(x: Tensor, batchSize: number): Tensor4D {
    const { nHead, nEmbd } = this.model
    return this.tf.transpose(this.tf.reshape(x, [batchSize, -1, nHead, nEmbd / nHead]), [0, 2, 1, 3])
  }

  /** [B, H, T, C / H] to [B * T, C]. */
  private fromHeads(x: Tensor): Tensor2D {
    return this.tf.reshape(this.tf.transpose(x, [0, 2, 1, 3]), [-1, this.model.nEmbd])
  }

  /** Added to scores: 0 where token t, which stands at S - T + t, may look; minus infinity ahead of it. [T, S]. */
  private causalMask(length: number, total: number): Tensor2D {
    const offset = total - length
    const mask = new Float32Array(length * total)
    for (let t = 0; t < length; t++) mask.fill(-Infinity, t * total + offset + t + 1, (t + 1) * total)
    return this.tf.tensor2d(mask, [length, total])
  }

  /** Position by position, 4 C wide inside: [N, C] to [N, C]. */
  private mlp(part: Part, x: Tensor2D): Tensor2D {
    return this.linear(part, 'c_proj', shown(part, 'act', this.activate(this.linear(part, 'c_fc', x))))
  }

  private activate(x: Tensor2D): Tensor2D {
    return this.model.activation === 'gelu' ? this.geluExact(x) : this.geluTanh(x)
  }

  /** x Phi(x), with the error function (Hendrycks and Gimpel, 2016). */
  private geluExact(x: Tensor2D): Tensor2D {
    const { tf } = this
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
  }

  /** The same paper's approximation, as GPT-2 computes it: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
  private geluTanh(x: Tensor2D): Tensor2D {
    const { tf } = this
    const inner = tf.mul(tf.add(x, tf.mul(tf.mul(x, tf.square(x)), 0.044715)), Math.sqrt(2 / Math.PI))
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
  }
}

const unobserved: Observer = () => {}

/** What it is given, once the part's observer has seen it. */
function shown<T extends Tensor>({ observer }: Part, name: string, x: T): T {
  observer(name, x)
  return x
}

/** The part whose names start with `prefix`; inside, they go without it. */
function below({ parameters, observer }: Part, prefix: string): Part {
  const inside = [...parameters].filter(([name]) => name.startsWith(prefix))
  return {
    parameters: new Map(inside.map(([name, tensor]) => [name.slice(prefix.length), tensor])),
    observer: (name, x) => observer(`${prefix}${name}`, x),
  }
}

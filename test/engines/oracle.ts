// The model once more, in plain Float64 arithmetic, one number after the other: no tensors, no library, nothing of any
// engine. What it lacks in speed it has in being plainly right. B sequences of T tokens; a matrix has a row a token.

import { foldIn, Stream, streamKey, wordAt } from '../../src/base/threefry.ts'
import type { Batch } from '../../src/gpt/engine.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'

type Matrix = number[][]

/** Parameters by the names of `paramSpecs`, in any precision. */
export type OracleParameters = ReadonlyMap<string, { readonly data: ArrayLike<number> }>

export interface OracleDropout {
  readonly rate: number
  readonly seed: number
  readonly step: number
  readonly microStep: number
}

const GELU = {
  gelu: (x: number): number => (x / 2) * (1 + erf(x / Math.SQRT2)),
  gelu_new: (x: number): number => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
}

export class Oracle {
  constructor(
    private readonly model: ModelConfig,
    private readonly parameters: OracleParameters,
    private readonly dropout?: OracleDropout,
  ) {}

  /** The mean loss over the scored targets, in nats. */
  meanLoss(batch: Batch): number {
    return sum(this.losses(batch)) / batch.targets.filter((target) => target >= 0).length
  }

  /** The loss of each target, [B * T]; 0 where the target is -1. */
  losses({ inputs, targets, batchSize }: Batch): number[] {
    const logits = this.logits(inputs, batchSize)
    return Array.from(targets, (target, row) => (target < 0 ? 0 : -Math.log(softmax(logits[row])[target])))
  }

  /** [B * T, V] */
  logits(ids: Int32Array, batchSize: number): Matrix {
    const { nLayer, activation } = this.model
    const length = ids.length / batchSize
    const [tokens, positions] = [this.rows('wte.weight'), this.rows('wpe.weight')]
    let x = Array.from(ids, (id, row) => added(tokens[id], positions[row % length])) // [B * T, C]
    x = this.droppedRows(x, 0)
    for (let layer = 0; layer < nLayer; layer++) {
      const h = `h.${layer}`
      const qkv = this.linear(`${h}.attn.c_attn`, this.layerNorm(`${h}.ln_1`, x)) // [B * T, 3C]
      const mixed = this.attention(qkv, length, 1 + 3 * layer)
      const attended = this.droppedRows(this.linear(`${h}.attn.c_proj`, mixed), 2 + 3 * layer)
      x = x.map((row, index) => added(row, attended[index]))
      const inner = this.linear(`${h}.mlp.c_fc`, this.layerNorm(`${h}.ln_2`, x)) // [B * T, 4C]
      const activated = inner.map((row) => row.map(GELU[activation]))
      const output = this.droppedRows(this.linear(`${h}.mlp.c_proj`, activated), 3 + 3 * layer)
      x = x.map((row, index) => added(row, output[index]))
    }
    return this.layerNorm('ln_f', x).map((row) => tokens.map((token) => dot(row, token)))
  }

  /** Each token's mixture of the values of the tokens up to itself, head by head: [B * T, C]. */
  private attention(qkv: Matrix, length: number, site: number): Matrix {
    const { nEmbd, nHead } = this.model
    const size = nEmbd / nHead
    const kept = this.mask(site) // of [B, H, T, T]
    return qkv.map((row, index) => {
      const [sequence, t] = [Math.floor(index / length), index % length]
      const past = qkv.slice(index - t, index + 1)
      return Array.from({ length: nHead }, (_, head) => {
        const part = (of: number[], third: number) => of.slice(third * nEmbd + head * size).slice(0, size)
        const query = part(row, 0)
        const scores = past.map((other) => dot(query, part(other, 1)) / Math.sqrt(size))
        const first = ((sequence * nHead + head) * length + t) * length
        const weights = softmax(scores).map((probability, s) => probability * kept(first + s))
        const values = past.map((other) => part(other, 2))
        return Array.from({ length: size }, (__, c) => sum(weights.map((weight, s) => weight * values[s][c])))
      }).flat()
    })
  }

  private layerNorm(name: string, x: Matrix): Matrix {
    const [weight, bias] = [this.vector(`${name}.weight`), this.vector(`${name}.bias`)]
    return x.map((row) => {
      const mean = sum(row) / row.length
      const deviation = Math.sqrt(sum(row.map((value) => (value - mean) ** 2)) / row.length + 1e-5)
      return row.map((value, c) => ((value - mean) / deviation) * weight[c] + (bias[c] ?? 0))
    })
  }

  /** x W + b, with W [in, out]. */
  private linear(name: string, x: Matrix): Matrix {
    const [weight, bias] = [this.vector(`${name}.weight`), this.vector(`${name}.bias`)]
    const nOut = weight.length / x[0].length
    const column = (row: number[], out: number) => sum(row.map((value, c) => value * weight[c * nOut + out]))
    return x.map((row) => Array.from({ length: nOut }, (_, out) => column(row, out) + (bias[out] ?? 0)))
  }

  private droppedRows(x: Matrix, site: number): Matrix {
    const kept = this.mask(site) // of [B, T, C]
    return x.map((row, index) => row.map((value, c) => value * kept(index * row.length + c)))
  }

  /** What each element of a site is multiplied by. */
  private mask(site: number): (element: number) => number {
    if (!this.dropout) return () => 1
    const { rate, seed, step, microStep } = this.dropout
    const key = foldIn(streamKey(seed, Stream.dropout, step), site, microStep)
    return (element) => (wordAt(key, element) >>> 8 < Math.round(rate * 2 ** 24) ? 0 : 1 / (1 - rate))
  }

  /** Empty for a bias that the model does not have. */
  private vector(name: string): number[] {
    return Array.from(this.parameters.get(name)?.data ?? [])
  }

  private rows(name: string): Matrix {
    const [data, width] = [this.vector(name), this.model.nEmbd]
    return Array.from({ length: data.length / width }, (_, row) => data.slice(row * width, (row + 1) * width))
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function dot(a: readonly number[], b: readonly number[]): number {
  return sum(a.map((value, index) => value * b[index]))
}

function added(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, index) => value + b[index])
}

function softmax(values: readonly number[]): number[] {
  const weights = values.map((value) => Math.exp(value - Math.max(...values)))
  return weights.map((weight) => weight / sum(weights))
}

/** The error function as 2 / sqrt(pi) e^(-x^2) times the sum of 2^n x^(2n+1) / (2n+1)!!, all terms of one sign. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x) // to the last bit
  let [term, total] = [x, 0]
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    total += term
    term *= (2 * x * x) / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total
}

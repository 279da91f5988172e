// Cached decoding on the reference engine: each new token attends to the kept keys and values of those before it.

import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { checkSequence, type Decoder, slideContext } from '../../gpt/engine.ts'
import type { ModelConfig } from '../../gpt/model.ts'
import type { Tf } from './tf.ts'
import { letOthersRun } from './eventLoop.ts'
import type { Gpt, KeysAndValues, Parameters } from './gpt.ts'

/** What a decoder shares with its engine. `parameters` throws once the weights have changed. */
export interface DecoderSource {
  readonly tf: Tf
  readonly gpt: Gpt
  readonly model: ModelConfig
  readonly parameters: () => Parameters
}

export class TfjsDecoder implements Decoder {
  /** The ids that each sequence's cache holds; all sequences are equally long. */
  private histories: Int32Array[]
  private cache: readonly KeysAndValues[]

  constructor(
    private readonly source: DecoderSource,
    histories: Int32Array[] = [],
    cache: readonly KeysAndValues[] = [],
  ) {
    this.histories = histories
    this.cache = cache
  }

  async prefill(ids: Int32Array): Promise<Float32Array> {
    checkSequence(ids, this.source.model)
    return this.restart([ids.slice()])
  }

  async next(ids: Int32Array): Promise<Float32Array> {
    if (this.histories.length === 0 || ids.length !== this.histories.length) {
      throw new RangeError(`${ids.length} ids for ${this.histories.length} sequences`)
    }
    const longer = this.histories.map((history, sequence) => appended(history, ids[sequence]))
    if (longer[0].length > this.source.model.blockSize) {
      return this.restart(longer.map((history) => slideContext(history, this.source.model.blockSize)))
    }
    this.histories = longer
    return this.advance(ids, this.cache)
  }

  fork(sequences: number): Decoder {
    const { tf } = this.source
    const copies = (x: Tensor4D): Tensor4D => tf.tile(x, [sequences, 1, 1, 1])
    const cache = this.cache.map(({ keys, values }) => ({ keys: copies(keys), values: copies(values) }))
    return new TfjsDecoder(
      this.source,
      Array.from({ length: sequences }, () => this.histories[0].slice()),
      cache,
    )
  }

  dispose(): void {
    this.replaceCache([])
  }

  private restart(histories: Int32Array[]): Promise<Float32Array> {
    this.histories = histories
    const ids = new Int32Array(histories.length * histories[0].length)
    histories.forEach((history, sequence) => ids.set(history, sequence * history.length))
    return this.advance(ids, undefined)
  }

  /** Reads new ids, [sequences, T], after what the cache holds: the logits of each sequence's last, [sequences, V]. */
  private async advance(ids: Int32Array, past: readonly KeysAndValues[] | undefined): Promise<Float32Array> {
    await letOthersRun()
    const { tf, gpt, parameters } = this.source
    const sequences = this.histories.length
    const { last, present } = tf.tidy(() => {
      const { logits, present: grown } = gpt.forward(parameters(), ids, sequences, past ? { past } : {})
      return { last: this.lastOfEach(logits, sequences), present: [...grown] }
    })
    this.replaceCache(present)
    const data = (await last.data()) as Float32Array
    last.dispose()
    return data
  }

  private lastOfEach(logits: Tensor2D, sequences: number): Tensor2D {
    const length = logits.shape[0] / sequences
    const rows = Int32Array.from({ length: sequences }, (_, sequence) => (sequence + 1) * length - 1)
    return this.source.tf.gather(logits, this.source.tf.tensor1d(rows, 'int32'))
  }

  private replaceCache(cache: readonly KeysAndValues[]): void {
    for (const { keys, values } of this.cache) this.source.tf.dispose([keys, values])
    this.cache = cache
  }
}

function appended(history: Int32Array, id: number): Int32Array {
  const longer = new Int32Array(history.length + 1)
  longer.set(history)
  longer[history.length] = id
  return longer
}

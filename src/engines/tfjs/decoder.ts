// Cached decoding on the reference engine: each new token attends to the kept keys and values of those before it.

import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { ModelConfig } from '../../gpt/model.ts'
import { CachedDecoder } from '../cachedDecoder.ts'
import { letOthersRun } from '../eventLoop.ts'
import type { Gpt, KeysAndValues, Parameters } from './gpt.ts'
import type { Tf } from './tf.ts'

/** What a decoder shares with its engine. `parameters` throws once the weights have changed. */
export interface DecoderSource {
  readonly tf: Tf
  readonly gpt: Gpt
  readonly model: ModelConfig
  readonly parameters: () => Parameters
}

export class TfjsDecoder extends CachedDecoder {
  constructor(
    private readonly source: DecoderSource,
    private cache: readonly KeysAndValues[] = [],
  ) {
    super(source.model)
  }

  dispose(): void {
    this.replaceCache([])
  }

  protected async advance(ids: Int32Array, sequences: number, fresh: boolean): Promise<Float32Array> {
    await letOthersRun()
    const { tf, gpt, parameters } = this.source
    const past = fresh ? {} : { past: this.cache }
    const { last, present } = tf.tidy(() => {
      const { logits, present: grown } = gpt.forward(parameters(), ids, sequences, past)
      return { last: this.lastOfEach(logits, sequences), present: [...grown] }
    })
    this.replaceCache(present)
    const data = (await last.data()) as Float32Array
    last.dispose()
    return data
  }

  protected forkCache(sequences: number): CachedDecoder {
    const { tf } = this.source
    const copies = (x: Tensor4D): Tensor4D => tf.tile(x, [sequences, 1, 1, 1])
    const cache = this.cache.map(({ keys, values }) => ({ keys: copies(keys), values: copies(values) }))
    return new TfjsDecoder(this.source, cache)
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

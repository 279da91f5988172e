// Cached decoding on the native engine: the core keeps the keys and values.

import type { ModelConfig } from '../../gpt/model.ts'
import { CachedDecoder } from '../cachedDecoder.ts'
import type { Session } from './session.ts'
import { outOfMemory } from './staging.ts'
import type { Teamwork } from './teamwork.ts'

/** What a decoder shares with its engine. */
export interface DecoderSource {
  readonly session: Session
  readonly model: ModelConfig
  readonly parameters: number
  readonly teamwork: Teamwork
  /** Throws once the weights have changed. */
  readonly checkWeights: () => void
}

export class NativeDecoder extends CachedDecoder {
  private disposed = false

  /**
   * @param decoder the core's, once there is one.
   * @param sequences that it has.
   */
  constructor(
    private readonly source: DecoderSource,
    private decoder?: number,
    private sequences = 0,
  ) {
    super(source.model)
  }

  dispose(): void {
    this.disposed = true
    this.close()
  }

  protected advance(ids: Int32Array, sequences: number, fresh: boolean): Promise<Float32Array> {
    const { session, model, parameters, teamwork } = this.source
    const results = sequences * model.vocabSize
    const prepare = () => {
      this.checkUsable()
      const decoder = this.decoderOf(sequences)
      const [inputs, logits] = session.staging.place([ids], results)
      const length = ids.length / sequences
      const timed = length === 1 ? teamwork.begin(sequences) : undefined
      const threads = timed?.threads ?? teamwork.threads
      if (session.call('prepareAdvance', decoder, inputs, length, fresh ? 1 : 0, logits, threads) === 0) {
        throw outOfMemory('decoding', 'Choose a smaller model, or ask for fewer samples.')
      }
      return () => {
        timed?.done()
        return session.staging.read(logits, results)
      }
    }
    return session.job(prepare, 2 * parameters * ids.length)
  }

  protected forkCache(sequences: number): CachedDecoder {
    this.checkUsable()
    const copies = this.source.session.openDecoder(sequences, this.decoder)
    return new NativeDecoder(this.source, copies, sequences)
  }

  /** The core's decoder for so many sequences: a fork that reads a prompt of its own has a single one again. */
  private decoderOf(sequences: number): number {
    if (this.decoder !== undefined && this.sequences === sequences) return this.decoder
    this.close()
    this.sequences = sequences
    this.decoder = this.source.session.openDecoder(sequences)
    return this.decoder
  }

  private close(): void {
    if (this.decoder !== undefined) this.source.session.closeDecoder(this.decoder)
    this.decoder = undefined
  }

  private checkUsable(): void {
    if (this.disposed) throw new Error('the decoder was disposed of')
    this.source.checkWeights()
  }
}

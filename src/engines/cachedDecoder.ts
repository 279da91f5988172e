// What all decoders with a cache have in common: which ids the cache holds, and when it must be filled anew.

import { checkIds, checkSequence, type Decoder, slideContext } from '../gpt/engine.ts'
import type { ModelConfig } from '../gpt/model.ts'

export abstract class CachedDecoder implements Decoder {
  /** The ids that each sequence's cache holds; all sequences are equally long. */
  private histories: Int32Array[] = []

  constructor(protected readonly model: ModelConfig) {}

  async prefill(ids: Int32Array): Promise<Float32Array> {
    checkSequence(ids, this.model)
    return this.restart([ids.slice()])
  }

  async next(ids: Int32Array): Promise<Float32Array> {
    const sequences = this.histories.length
    if (sequences === 0 || ids.length !== sequences)
      throw new RangeError(`${ids.length} ids for ${sequences} sequences`)
    checkIds(ids, this.model, 0)
    const longer = this.histories.map((history, sequence) => appended(history, ids[sequence]))
    if (longer[0].length > this.model.blockSize) {
      return this.restart(longer.map((history) => slideContext(history, this.model.blockSize)))
    }
    this.histories = longer
    return this.advance(ids, sequences, false)
  }

  fork(sequences: number): Decoder {
    if (this.histories.length !== 1) throw new RangeError(`a fork of ${this.histories.length} sequences`)
    const copy = this.forkCache(sequences)
    copy.histories = Array.from({ length: sequences }, () => this.histories[0])
    return copy
  }

  abstract dispose(): void

  /**
   * Reads new ids, [sequences, T], after what the cache holds, or `fresh` into an empty one.
   * The logits of each sequence's last, [sequences, V].
   */
  protected abstract advance(ids: Int32Array, sequences: number, fresh: boolean): Promise<Float32Array>

  /** A decoder whose cache has so many copies of this one's single sequence. */
  protected abstract forkCache(sequences: number): CachedDecoder

  private restart(histories: Int32Array[]): Promise<Float32Array> {
    this.histories = histories
    const ids = new Int32Array(histories.length * histories[0].length)
    histories.forEach((history, sequence) => ids.set(history, sequence * history.length))
    return this.advance(ids, histories.length, true)
  }
}

function appended(history: Int32Array, id: number): Int32Array {
  const longer = new Int32Array(history.length + 1)
  longer.set(history)
  longer[history.length] = id
  return longer
}

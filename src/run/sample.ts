// New text from a trained model: one or several continuations of a prompt.

import { Stream, streamKey } from '../base/threefry.ts'
import { cacheBytes } from '../gpt/counts.ts'
import type { SamplerOptions } from '../gpt/sampler.ts'
import { cropped, generateTexts, promptIds, type TextPiece } from './generate.ts'
import { type OpenModelRequest, openModel } from './model.ts'

export interface SampleRequest extends OpenModelRequest, SamplerOptions {
  /** Empty: from end-of-text, else a newline, else the first id. */
  readonly prompt: string
  readonly maxTokens: number
  readonly numSamples: number
  readonly seed: number
  readonly signal: AbortSignal
}

export type SampleEvent =
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'begin'; readonly sample: number }
  | { readonly kind: 'text'; readonly text: string }

/** Samples that are decoded together: a batch takes little longer than one, and the first is not kept waiting. */
const SAMPLES_AT_ONCE = 8

/** The keys and values of the samples that are decoded together take at most so many bytes, if one of them fits. */
const CACHE_BYTES = 512 * 2 ** 20

/** The samples one after the other, the first as it is produced. The prompt is read once and is not part of the text. */
export async function* sample(request: SampleRequest): AsyncGenerator<SampleEvent> {
  const { model, tokenizer, engine } = await openModel(request)
  const { seed, numSamples, signal } = request
  try {
    const ids = promptIds(tokenizer, request.prompt)
    if (ids.length > model.blockSize) yield { kind: 'notice', text: cropped('prompt', ids.length, model.blockSize) }
    const prompted = engine.decoder()
    const logits = await prompted.prefill(ids.slice(-model.blockSize))
    const atOnce = Math.max(1, Math.min(SAMPLES_AT_ONCE, Math.floor(CACHE_BYTES / cacheBytes(model))))
    for (let first = 0; first < numSamples && !signal.aborted; first += atOnce) {
      const count = Math.min(atOnce, numSamples - first)
      const keys = Array.from({ length: count }, (_, index) => streamKey(seed, Stream.sampling, first + index))
      const decoder = prompted.fork(count)
      yield* inOrder(generateTexts(decoder, logits, tokenizer, keys, request), { first, count, signal })
      decoder.dispose()
    }
    prompted.dispose()
  } finally {
    engine.dispose()
  }
}

/** Shows the first text that has not ended; the others wait for their turn, which does not come after the signal. */
async function* inOrder(
  pieces: AsyncIterable<TextPiece>,
  { first, count, signal }: { first: number; count: number; signal: AbortSignal },
): AsyncGenerator<SampleEvent> {
  const texts = Array.from({ length: count }, () => ({ waiting: '', ended: false }))
  let shown = 0
  yield { kind: 'begin', sample: first }
  for await (const { index, text, last } of pieces) {
    if (index === shown) yield { kind: 'text', text }
    else texts[index].waiting += text
    texts[index].ended = last
    for (; texts[shown].ended && shown + 1 < count && !signal.aborted; shown++) {
      yield { kind: 'begin', sample: first + shown + 1 }
      yield { kind: 'text', text: texts[shown + 1].waiting }
    }
  }
}

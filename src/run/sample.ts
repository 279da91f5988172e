// New text from a trained model: one or several continuations of a prompt.

import { Stream, streamKey } from '../base/threefry.ts'
import type { SamplerOptions } from '../gpt/sampler.ts'
import { generateText, promptIds } from './generate.ts'
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

/** The samples one after the other, each as it is produced. The prompt is read once and is not part of the text. */
export async function* sample(request: SampleRequest): AsyncGenerator<SampleEvent> {
  const { model, tokenizer, engine } = await openModel(request)
  try {
    const ids = promptIds(tokenizer, request.prompt)
    const { blockSize } = model
    if (ids.length > blockSize) {
      yield {
        kind: 'notice',
        text: `the prompt has ${ids.length} tokens; the model sees the last ${blockSize}, one block`,
      }
    }
    const prompted = engine.decoder()
    const logits = await prompted.prefill(ids.slice(-blockSize))
    for (let index = 0; index < request.numSamples && !request.signal.aborted; index++) {
      yield { kind: 'begin', sample: index }
      const decoder = prompted.fork(1)
      const options = { ...request, key: streamKey(request.seed, Stream.sampling, index) }
      for await (const text of generateText(decoder, logits, tokenizer, options)) yield { kind: 'text', text }
      decoder.dispose()
    }
    prompted.dispose()
  } finally {
    engine.dispose()
  }
}

// Token after token from a decoder: the loop that `sample` and the end of a training share.

import { type Key, uniformAt } from '../base/threefry.ts'
import type { Decoder } from '../gpt/engine.ts'
import { sampleToken, type SamplerOptions } from '../gpt/sampler.ts'
import type { Tokenizer } from '../text/tokenizerTypes.ts'

export interface GenerateOptions extends SamplerOptions {
  readonly maxTokens: number
  /** Decides every draw: token n uses uniform number n. */
  readonly key: Key
  readonly signal: AbortSignal
}

/** Text as it is produced, up to `maxTokens` tokens or end-of-text. `logits` are those after the prompt, [V]. */
export async function* generateText(
  decoder: Decoder,
  logits: Float32Array,
  tokenizer: Tokenizer,
  options: GenerateOptions,
): AsyncGenerator<string> {
  const text = tokenizer.decoder()
  let current = logits
  for (let index = 0; index < options.maxTokens && !options.signal.aborted; index++) {
    const id = sampleToken(current, options, uniformAt(options.key, index))
    if (id === tokenizer.endOfText) break
    yield text.push(id)
    if (index + 1 < options.maxTokens) current = await decoder.next(Int32Array.of(id))
  }
  yield text.end()
}

/** The ids to start from: the prompt's, or without one end-of-text, else a newline, else the first id. */
export function promptIds(tokenizer: Tokenizer, prompt: string): Int32Array {
  if (prompt !== '') return tokenizer.encode(prompt)
  if (tokenizer.endOfText !== undefined) return Int32Array.of(tokenizer.endOfText)
  try {
    return tokenizer.encode('\n')
  } catch {
    return Int32Array.of(0) // a vocabulary without a newline
  }
}

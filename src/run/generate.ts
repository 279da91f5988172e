// Token after token from a decoder: the loop that `sample` and the samples of a training share.

import { type Key, Stream, streamKey, uniformAt } from '../base/threefry.ts'
import type { Decoder } from '../gpt/engine.ts'
import { sampleToken, type SamplerOptions } from '../gpt/sampler.ts'
import type { Tokenizer } from '../text/tokenizerTypes.ts'
import type { Training } from './training.ts'

interface Limits extends SamplerOptions {
  readonly maxTokens: number
  readonly signal: AbortSignal
}

export interface GenerateOptions extends Limits {
  /** Decides every draw: token n uses uniform number n. */
  readonly key: Key
}

/** Text as it is produced, up to `maxTokens` tokens or end-of-text. `logits` are those after the prompt, [V]. */
export async function* generateText(
  decoder: Decoder,
  logits: Float32Array,
  tokenizer: Tokenizer,
  { key, ...limits }: GenerateOptions,
): AsyncGenerator<string> {
  for await (const { text } of generateTexts(decoder, logits, tokenizer, [key], limits)) yield text
}

const SAMPLER: SamplerOptions = { temperature: 0.8, topK: 40 }

/** Text by a model in training, from nothing: the same draws each time, so that samples of a run can be compared. */
export async function sampleOf(
  { engine, tokenizer, settings }: Pick<Training, 'engine' | 'tokenizer' | 'settings'>,
  maxTokens: number,
  signal: AbortSignal,
): Promise<string> {
  const key = streamKey(settings.seed, Stream.sampling, 0)
  const decoder = engine.decoder()
  let text = ''
  try {
    const logits = await decoder.prefill(promptIds(tokenizer, ''))
    const pieces = generateText(decoder, logits, tokenizer, { ...SAMPLER, maxTokens, key, signal })
    for await (const piece of pieces) text += piece
  } finally {
    decoder.dispose()
  }
  return text
}

/** A piece of one of several texts. */
export interface TextPiece {
  /** Which text, from 0. */
  readonly index: number
  readonly text: string
  /** Whether the text ends here. */
  readonly last: boolean
}

/**
 * Several texts after one prompt, in turn a token of each; each is what it would be alone.
 * @param decoder of as many sequences as there are keys.
 * @param logits those after the prompt, [V].
 */
export async function* generateTexts(
  decoder: Decoder,
  logits: Float32Array,
  tokenizer: Tokenizer,
  keys: readonly Key[],
  { maxTokens, signal, ...sampler }: Limits,
): AsyncGenerator<TextPiece> {
  const ids = new Int32Array(keys.length) // a text that has ended stays in the batch with its last id
  let open = keys.map((key, index) => ({ key, index, text: tokenizer.decoder() }))
  let rows = keys.map(() => logits)
  for (let token = 0; token < maxTokens && open.length > 0 && !signal.aborted; token++) {
    for (const { key, index, text } of open) {
      ids[index] = sampleToken(rows[index], sampler, uniformAt(key, token))
      const last = ids[index] === tokenizer.endOfText
      yield { index, text: last ? text.end() : text.push(ids[index]), last }
    }
    open = open.filter(({ index }) => ids[index] !== tokenizer.endOfText)
    if (open.length > 0 && token + 1 < maxTokens) rows = rowsOf(await decoder.next(ids.slice()), keys.length)
  }
  for (const { index, text } of open) yield { index, text: text.end(), last: true }
}

/** The rows of logits, [count, V], as views. */
export function rowsOf(logits: Float32Array, count: number): Float32Array[] {
  const length = logits.length / count
  return Array.from({ length: count }, (_, row) => logits.subarray(row * length, (row + 1) * length))
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

/** What to tell a person whose text is longer than a block. */
export function cropped(what: string, tokens: number, blockSize: number): string {
  return `the ${what} has ${tokens} tokens; the model sees the last ${blockSize}, one block`
}

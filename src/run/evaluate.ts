// The loss of a trained model on whole files of text.

import { UserError } from '../base/errors.ts'
import { type Corpus, readCorpus } from '../store/corpus.ts'
import { consecutiveWindows } from '../text/batches.ts'
import type { Tokenizer } from '../text/tokenizerTypes.ts'
import { arraySource, type TokenSource } from '../text/tokenSource.ts'
import { meanLoss } from './meanLoss.ts'
import { type OpenModelRequest, openModel } from './model.ts'

export interface EvaluateRequest extends OpenModelRequest {
  readonly files: readonly string[]
  readonly signal: AbortSignal
}

/** The figures of `tgpt eval`; the keys are those of its JSON. */
export interface TextEvaluation {
  /** Mean nats per token. */
  readonly loss: number
  readonly perplexity: number
  /** All nats, in bits, over all bytes of the files. */
  readonly bitsPerByte: number
  /** Tokens predicted: all of each file but its first. */
  readonly tokens: number
  readonly bytes: number
}

/** Tokens scored together: enough to keep an engine busy, few enough for a small memory. */
const TOKENS_AT_ONCE = 2048

/**
 * Scores each file in consecutive windows of one block, every token but its first exactly once.
 * Undefined if the signal ended it early. @throws UserError for a bad checkpoint or file, or an unknown character.
 */
export async function evaluateFiles(request: EvaluateRequest): Promise<TextEvaluation | undefined> {
  const texts = await Promise.all(request.files.map(readCorpus))
  const { model, tokenizer, engine } = await openModel(request)
  try {
    const sources = texts.map((text) => scorable(text, tokenizer))
    const rows = Math.max(1, Math.floor(TOKENS_AT_ONCE / model.blockSize))
    const batches = sources.map((source) => consecutiveWindows(source, rows, model.blockSize))
    const mean = await meanLoss(engine, chained(batches), request.signal)
    const bytes = texts.reduce((sum, text) => sum + text.bytes, 0)
    return mean && figures(mean.loss, mean.tokens, bytes)
  } finally {
    engine.dispose()
  }
}

function scorable({ path, text }: Corpus, tokenizer: Tokenizer): TokenSource {
  const ids = tokenizer.encode(text)
  if (ids.length < 2) throw new UserError(`${path} is a single token: there is nothing to predict`)
  return arraySource(ids)
}

function* chained<Item>(parts: Iterable<Iterable<Item>>): Generator<Item> {
  for (const part of parts) yield* part
}

function figures(loss: number, tokens: number, bytes: number): TextEvaluation {
  return { loss, perplexity: Math.exp(loss), bitsPerByte: (loss * tokens) / Math.LN2 / bytes, tokens, bytes }
}

// Makes tokenizers: for a corpus, or from a tokenizer.json. GPT-2's data is only loaded when it is asked for.

import { charTokenizerFromFile, charTokenizerOf } from './charTokenizer.ts'
import { readTokenizerFile } from './tokenizerFile.ts'
import type { Tokenizer, TokenizerKind } from './tokenizerTypes.ts'

/** A tokenizer for a corpus. The text decides the vocabulary of `char`; `gpt2` has a fixed one. */
export async function createTokenizer(kind: TokenizerKind, corpusText: string): Promise<Tokenizer> {
  if (kind === 'char') return charTokenizerOf(corpusText)
  const { gpt2Tokenizer } = await import('./gpt2Tokenizer.ts')
  return gpt2Tokenizer
}

/** The tokenizer of a parsed tokenizer.json. Throws UserError (exit code 1) if it is neither `char` nor GPT-2's. */
export async function tokenizerFromJson(json: unknown): Promise<Tokenizer> {
  const file = readTokenizerFile(json)
  if (file.merges.length === 0) return charTokenizerFromFile(file)
  const { gpt2TokenizerFromFile } = await import('./gpt2Tokenizer.ts')
  return gpt2TokenizerFromFile(file)
}

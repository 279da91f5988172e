// Hugging Face's Rust tokenizers, reading what our tokenizers write: the other implementation to agree with.

import { Tokenizer as HuggingFace } from 'tokenizers'
import type { Tokenizer } from '../../src/text/tokenizerTypes.ts'

export interface Oracle {
  encode(text: string): Promise<number[]>
  decode(ids: Int32Array): Promise<string>
}

export function oracleOf(tokenizer: Tokenizer): Oracle {
  const oracle = HuggingFace.fromString(JSON.stringify(tokenizer.toJson()))
  return {
    encode: async (text) => (await oracle.encode(text, null, { addSpecialTokens: false })).getIds(),
    decode: (ids) => oracle.decode([...ids], false),
  }
}

// What a tokenizer is, apart from how each kind is made. `tokenizer.ts` makes them.

import type { TokenizerJson } from './tokenizerFile.ts'

export const TOKENIZERS = ['char', 'gpt2'] as const
export type TokenizerKind = (typeof TOKENIZERS)[number]

export interface Tokenizer {
  readonly kind: TokenizerKind
  readonly vocabSize: number
  /** The id that stands between documents; undefined where the vocabulary has none. No text encodes to it. */
  readonly endOfText: number | undefined
  /** The ids of a text. Throws UserError (exit code 2) at a character that the vocabulary lacks. */
  encode(text: string): Int32Array
  /** The text of ids; U+FFFD for bytes that are no UTF-8. Throws RangeError at an id outside the vocabulary. */
  decode(ids: Iterable<number>): string
  /** The UTF-8 bytes that a token stands for; they need not be whole characters. Throws RangeError as `decode`. */
  bytesOf(id: number): Uint8Array
  /** A fresh decoder for one stream of ids. */
  decoder(): StreamDecoder
  /** The contents of a tokenizer.json, as Hugging Face's `tokenizers` reads it. */
  toJson(): TokenizerJson
}

/** Turns ids into text one at a time, for one stream; it shares no state with other decoders. */
export interface StreamDecoder {
  /** The text that this id completes: empty while a character is still missing bytes. */
  push(id: number): string
  /** Ends the stream: one U+FFFD if it stops inside a character, else ''. */
  end(): string
}

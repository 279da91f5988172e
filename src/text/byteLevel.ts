// Tokens that are strings of bytes: how they are spelled in a tokenizer.json, and how a stream of them becomes text.

import type { StreamDecoder } from './tokenizerTypes.ts'

/** The bytes of every token, end to end: token `id` is `bytes[offsets[id]]` up to `bytes[offsets[id + 1]]`. */
export class ByteTable {
  readonly size: number
  readonly #bytes: Uint8Array
  readonly #offsets: Uint32Array

  constructor(tokens: readonly Uint8Array[]) {
    this.size = tokens.length
    this.#offsets = new Uint32Array(tokens.length + 1)
    for (const [id, token] of tokens.entries()) this.#offsets[id + 1] = this.#offsets[id] + token.length
    this.#bytes = new Uint8Array(this.#offsets[tokens.length])
    for (const [id, token] of tokens.entries()) this.#bytes.set(token, this.#offsets[id])
  }

  /** The bytes of a token, as a view. Throws RangeError outside the vocabulary. */
  bytesOf(id: number): Uint8Array {
    const isKnown = Number.isInteger(id) && id >= 0 && id < this.size
    if (!isKnown) throw new RangeError(`id ${id} is outside a vocabulary of ${this.size}`)
    return this.#bytes.subarray(this.#offsets[id], this.#offsets[id + 1])
  }
}

/** A decoder of one stream. It keeps a BOM, which is a character like any other here. */
export function utf8StreamDecoder(table: ByteTable): StreamDecoder {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  return {
    push: (id) => utf8.decode(table.bytesOf(id), { stream: true }),
    end: () => utf8.decode(),
  }
}

/** A visible character for each byte, as GPT-2's `bytes_to_unicode` has it (openai/gpt-2, encoder.py). */
const BYTE_ALPHABET: readonly string[] = byteAlphabet()

/** A token as tokenizer.json spells it. */
export function spellBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => BYTE_ALPHABET[byte]).join('')
}

/** Printable Latin-1 stands for itself; the other bytes, in order, for the characters from U+0100. */
function byteAlphabet(): string[] {
  let substitute = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad)
    return String.fromCharCode(isPrintable ? byte : substitute++)
  })
}

// A token for each character: a code point of Unicode, never half of a surrogate pair.

import { UserError } from '../base/errors.ts'
import { bpeJson, refusal, type TokenizerFile, type TokenizerJson } from './tokenizerFile.ts'
import type { StreamDecoder, Tokenizer } from './tokenizerTypes.ts'

const CODE_POINTS = 0x110000
const NOT_IN_VOCABULARY = -1
/** Enough for an alphabet; a Chinese vocabulary would fill the screen. */
const CHARACTERS_IN_HINT = 100

/** The tokenizer of a text (well-formed UTF-16): its characters in code point order. */
export function charTokenizerOf(text: string): Tokenizer {
  const seen = new Uint8Array(CODE_POINTS)
  for (let at = 0; at < text.length;) {
    const codePoint = codePointAt(text, at)
    seen[codePoint] = 1
    at += unitsOf(codePoint)
  }
  const codePoints = Array.from(seen.keys()).filter((codePoint) => seen[codePoint] === 1)
  return new CharTokenizer(codePoints.map((codePoint) => String.fromCodePoint(codePoint)))
}

/** The tokenizer of a tokenizer.json without merges. UserError (exit code 1) unless its tokens are characters. */
export function charTokenizerFromFile({ tokens, preTokenizer, addedTokens }: TokenizerFile): Tokenizer {
  if (preTokenizer !== undefined) throw refusal('it has no merges, yet it splits the text with a pre-tokenizer')
  if (addedTokens.length > 0) throw refusal('it has no merges, yet it adds tokens')
  const other = tokens.find((token) => !isCharacter(token))
  if (other === undefined) return new CharTokenizer(tokens)
  throw refusal(`it has no merges, and its token ${JSON.stringify(other)} is not one character`)
}

class CharTokenizer implements Tokenizer {
  readonly kind = 'char'
  readonly endOfText = undefined
  readonly vocabSize: number
  readonly #characters: readonly string[]
  readonly #idOfCodePoint = new Int32Array(CODE_POINTS).fill(NOT_IN_VOCABULARY)

  constructor(characters: readonly string[]) {
    this.#characters = characters
    this.vocabSize = characters.length
    for (const [id, character] of characters.entries()) this.#idOfCodePoint[codePointAt(character, 0)] = id
  }

  encode(text: string): Int32Array {
    const ids = new Int32Array(text.length) // at most: a character takes one or two units
    let count = 0
    for (let at = 0; at < text.length;) {
      const codePoint = codePointAt(text, at)
      const id = this.#idOfCodePoint[codePoint]
      if (id === NOT_IN_VOCABULARY) throw this.#unknown(codePoint)
      ids[count++] = id
      at += unitsOf(codePoint)
    }
    return count === ids.length ? ids : ids.slice(0, count)
  }

  decode(ids: Iterable<number>): string {
    return Array.from(ids, (id) => this.#character(id)).join('')
  }

  bytesOf(id: number): Uint8Array {
    return new TextEncoder().encode(this.#character(id))
  }

  decoder(): StreamDecoder {
    return { push: (id) => this.#character(id), end: () => '' }
  }

  /** A BPE model without merges: each character stays a token. `Fuse` joins them without spaces. */
  toJson(): TokenizerJson {
    const decoder = { type: 'Fuse' }
    return bpeJson(this.#characters, [], { added_tokens: [], pre_tokenizer: null, post_processor: null, decoder })
  }

  #character(id: number): string {
    const character = this.#characters[id]
    if (character === undefined) throw new RangeError(`id ${id} is outside a vocabulary of ${this.vocabSize}`)
    return character
  }

  #unknown(codePoint: number): UserError {
    const shown = this.#characters.slice(0, CHARACTERS_IN_HINT).map(readable).join(' ')
    const rest = this.vocabSize > CHARACTERS_IN_HINT ? ' …' : ''
    const hint = `It knows ${this.vocabSize} characters: ${shown}${rest}`
    return new UserError(`the character ${nameOf(codePoint)} is not in the vocabulary of this model`, hint)
  }
}

/** "é" (U+00E9); U+0000 alone where quotes would show nothing, or a mess. */
function nameOf(codePoint: number): string {
  const character = String.fromCodePoint(codePoint)
  const shown = readable(character)
  return shown === character ? `"${character}" (${hexOf(codePoint)})` : shown
}

/** The character itself; U+000A and the like for controls, marks, surrogates and blanks of any kind. */
function readable(character: string): string {
  return /[\p{C}\p{M}\p{Z}]/u.test(character) ? hexOf(codePointAt(character, 0)) : character
}

function hexOf(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
}

function isCharacter(token: string): boolean {
  return /^\P{Surrogate}$/su.test(token)
}

/** The code point at a unit below `text.length`; a lone surrogate is its own. */
function codePointAt(text: string, at: number): number {
  return text.codePointAt(at) ?? 0 // 0 only beyond the end, which no caller asks for
}

function unitsOf(codePoint: number): number {
  return codePoint > 0xffff ? 2 : 1
}

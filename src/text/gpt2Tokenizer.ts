// GPT-2's tokenizer: gpt-tokenizer's ranks, with our own splitting, merging and decoding. Import it lazily: it takes
// a quarter of a second. The package's encoder is not used, because it loses U+FEFF, splits U+0085 otherwise than
// OpenAI's tiktoken, is quadratic in long words, and its decoder leaks bytes from one text into the next.

import { UserError } from '../base/errors.ts'
import ranks from 'gpt-tokenizer/bpeRanks/r50k_base'
import { ByteTable, spellBytes, utf8StreamDecoder } from './byteLevel.ts'
import { mergePairs, pairKey, pairOfKey, type Merges } from './bytePairMerge.ts'
import { bpeJson, refusal, type TokenizerFile, type TokenizerJson } from './tokenizerFile.ts'
import type { StreamDecoder, Tokenizer } from './tokenizerTypes.ts'

const END_OF_TEXT = '<|endoftext|>'
const BYTES = 256

/**
 * GPT-2's split (openai/gpt-2, encoder.py). Its \s is Unicode's White_Space; JavaScript's differs by U+FEFF and U+0085.
 * A run of 4 million letters is within V8's limits, whatever the script.
 */
const PIECES = new RegExp(
  [
    String.raw`'(?:[sdmt]|ll|ve|re)`,
    String.raw` ?\p{L}+`,
    String.raw` ?\p{N}+`,
    String.raw` ?[^\p{White_Space}\p{L}\p{N}]+`,
    String.raw`\p{White_Space}+(?!\P{White_Space})`, // all blanks but the last, which goes with the word after it
    String.raw`\p{White_Space}+`,
  ].join('|'),
  'gu',
)

/** Longer pieces are rarely met twice, and more of them than this would be a burden. */
const CACHED_PIECE_LENGTH = 64
const CACHED_PIECES = 2 ** 16

const utf8 = new TextEncoder()
const mergeable = ranks.map((token) => (typeof token === 'string' ? utf8.encode(token) : Uint8Array.from(token)))
const endOfText = mergeable.length
const table = new ByteTable([...mergeable, utf8.encode(END_OF_TEXT)])
const idOfByte = new Uint8Array(BYTES) // the first 256 tokens are the bytes, in an order of their own
for (const [id, [byte]] of mergeable.slice(0, BYTES).entries()) idOfByte[byte] = id
const merges = mergesOf(mergeable)

/** GPT-2's tokenizer. It holds no state, so that one is enough. */
export const gpt2Tokenizer: Tokenizer = {
  kind: 'gpt2',
  vocabSize: table.size,
  endOfText,
  encode,
  decode: (ids) => decode(utf8StreamDecoder(table), ids),
  bytesOf: (id) => table.bytesOf(id).slice(),
  decoder: () => utf8StreamDecoder(table),
  toJson,
}

/** GPT-2's tokenizer, if the file is its own. Throws UserError (exit code 1) if it is any other BPE. */
export function gpt2TokenizerFromFile(file: TokenizerFile): Tokenizer {
  const tokens = tokenSpellings()
  const sameVocabulary = file.tokens.length >= endOfText && file.tokens.every((token, id) => token === tokens[id])
  if (!sameVocabulary) throw refusal('its vocabulary is not that of GPT-2')
  const ours = mergeSpellings()
  const sameMerges = file.merges.length === ours.length && file.merges.every((merge, rank) => merge === ours[rank])
  if (!sameMerges) throw refusal('its vocabulary is that of GPT-2, but its merges are not')
  checkPipeline(file)
  return gpt2Tokenizer
}

/**
 * The ids of a text, all of it plain: "<|endoftext|>" in it is spelled out, and a lone surrogate becomes U+FFFD.
 * The cache lives for one call: its keys may be slices that keep the whole text in memory.
 */
function encode(text: string): Int32Array {
  const ids = new IdList()
  const cache = new Map<string, readonly number[]>()
  for (const piece of piecesOf(text)) {
    const known = cache.get(piece)
    const pieceIds = known ?? encodePiece(piece)
    if (known === undefined && piece.length <= CACHED_PIECE_LENGTH) {
      if (cache.size === CACHED_PIECES) cache.clear()
      cache.set(piece, pieceIds)
    }
    ids.append(pieceIds)
  }
  return ids.toArray()
}

/** Splits a text as GPT-2 does. @throws UserError where V8's regular expressions end: millions of letters in one run. */
function* piecesOf(text: string): Generator<string> {
  try {
    for (const [piece] of text.matchAll(PIECES)) yield piece
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UserError(
      'the text has a run of millions of letters, too long for the gpt2 tokenizer',
      'Break it into lines, or use --tokenizer char.',
    )
  }
}

function encodePiece(piece: string): number[] {
  return mergePairs(byteIds(utf8.encode(piece)), merges)
}

function decode(stream: StreamDecoder, ids: Iterable<number>): string {
  let text = ''
  for (const id of ids) text += stream.push(id)
  return text + stream.end()
}

/** The merge behind each token: the last two parts of its bytes when only the merges before it are known. */
function mergesOf(tokens: readonly Uint8Array[]): Merges {
  const known = new Map<number, number>()
  for (let id = BYTES; id < tokens.length; id++) {
    const [left, right] = mergePairs(byteIds(tokens[id]), known)
    known.set(pairKey(left, right), id)
  }
  return known
}

function byteIds(bytes: Uint8Array): number[] {
  return Array.from(bytes, (byte) => idOfByte[byte])
}

/** As the hub's tokenizer.json of GPT-2. */
function toJson(): TokenizerJson {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false }
  return bpeJson(tokenSpellings(), mergeSpellings(), {
    added_tokens: [{ id: endOfText, content: END_OF_TEXT, ...plain, special: true }],
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
  })
}

/** Vocabulary and merges are GPT-2's; the rest of the file must not make other ids of them. */
function checkPipeline({ preTokenizer, addedTokens }: TokenizerFile): void {
  const { type, add_prefix_space: addsSpace, use_regex: splits = true } = preTokenizer ?? {}
  if (type !== 'ByteLevel' || splits !== true) throw refusal('it does not split the text as GPT-2 does')
  if (addsSpace !== false) throw refusal('it puts a space before the text, which GPT-2 does not')
  const isOurs = ([content, id]: readonly [unknown, unknown]): boolean => content === END_OF_TEXT && id === endOfText
  if (!addedTokens.every(isOurs)) throw refusal(`it adds tokens other than ${END_OF_TEXT} to those of GPT-2`)
}

/** Every token by id; <|endoftext|> is the only one that is no string of bytes. */
function tokenSpellings(): string[] {
  return [...mergeable.map(spellBytes), END_OF_TEXT]
}

/** Every merge by rank: the order in which the map was filled. */
function mergeSpellings(): string[] {
  return Array.from(merges.keys(), (key) =>
    pairOfKey(key)
      .map((id) => spellBytes(table.bytesOf(id)))
      .join(' '),
  )
}

/** A list of ids that grows without boxing them: a corpus may have a hundred million. */
class IdList {
  #ids = new Int32Array(1024)
  #length = 0

  append(ids: readonly number[]): void {
    if (this.#length + ids.length > this.#ids.length) this.#grow(this.#length + ids.length)
    for (const id of ids) this.#ids[this.#length++] = id
  }

  toArray(): Int32Array {
    return this.#ids.slice(0, this.#length)
  }

  #grow(needed: number): void {
    const larger = new Int32Array(Math.max(needed, 2 * this.#ids.length))
    larger.set(this.#ids)
    this.#ids = larger
  }
}

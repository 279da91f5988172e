import { describe, expect, it } from 'vitest'
import { type Key, seedKey, uniformAt } from '../../src/base/threefry.ts'
import { generateText, generateTexts, type GenerateOptions, promptIds } from '../../src/run/generate.ts'
import { charTokenizerOf } from '../../src/text/charTokenizer.ts'
import type { Tokenizer } from '../../src/text/tokenizerTypes.ts'
import { collect } from './collect.ts'
import { FakeDecoder } from './fakeEngine.ts'

const LETTERS = 'abcdefghij'
const KEY: Key = seedKey(8)
/** What the key draws from ten letters that are all equally probable. */
const DRAWN = Array.from({ length: 60 }, (_, n) => Math.floor(uniformAt(KEY, n) * LETTERS.length))
const UNIFORM = new Float32Array(LETTERS.length)

/** Ten letters; the end of the stream shows as a full stop. */
function letters(endOfText?: number): Tokenizer {
  const tokenizer = charTokenizerOf(LETTERS)
  return {
    kind: tokenizer.kind,
    vocabSize: tokenizer.vocabSize,
    endOfText,
    encode: (text) => tokenizer.encode(text),
    decode: (ids) => tokenizer.decode(ids),
    bytesOf: (id) => tokenizer.bytesOf(id),
    decoder: () => ({ push: (id) => LETTERS[id], end: () => '.' }),
    toJson: () => tokenizer.toJson(),
  }
}

interface Wanted extends Partial<GenerateOptions> {
  readonly tokenizer?: Tokenizer
  readonly decoder?: FakeDecoder
  readonly logits?: Float32Array
  readonly onPiece?: (count: number) => void
}

async function generate({ tokenizer, decoder, logits, onPiece, ...options }: Wanted): Promise<string> {
  const all = { maxTokens: 60, temperature: 1, topK: 0, key: KEY, signal: new AbortController().signal, ...options }
  const pieces: string[] = []
  const text = generateText(decoder ?? new FakeDecoder(10), logits ?? UNIFORM, tokenizer ?? letters(), all)
  for await (const piece of text) {
    pieces.push(piece)
    onPiece?.(pieces.length)
  }
  return pieces.join('')
}

function spelled(ids: readonly number[]): string {
  return ids.map((id) => LETTERS[id]).join('')
}

describe('generated text', () => {
  it('draws token n with uniform number n of the key', async () => {
    expect(new Set(DRAWN).size).toBe(LETTERS.length)
    expect(await generate({})).toBe(`${spelled(DRAWN)}.`)
  })

  it('tells the decoder each token once, and not the last, after which nothing comes', async () => {
    const decoder = new FakeDecoder(10)
    expect(await generate({ decoder, maxTokens: 5 })).toBe(`${spelled(DRAWN.slice(0, 5))}.`)
    expect(decoder.ids).toEqual(DRAWN.slice(0, 4))
  })

  it('draws the first token from the logits of the prompt, and each other from those after the one before', async () => {
    const only = (id: number) => Float32Array.from(LETTERS, (_, other) => (other === id ? 0 : -Infinity))
    const decoder = new FakeDecoder(10, (id) => only((id + 3) % 10))
    expect(await generate({ decoder, logits: only(7), maxTokens: 5 })).toBe('hadgj.')
  })

  it('samples as its options say', async () => {
    const rising = Float32Array.from(LETTERS, (_, id) => id)
    const decoder = () => new FakeDecoder(10, () => rising)
    expect(await generate({ decoder: decoder(), logits: rising, temperature: 0 })).toBe(`${'j'.repeat(60)}.`)
    const two = await generate({ decoder: decoder(), logits: rising, topK: 2, temperature: 2 })
    expect([...new Set(two)].toSorted()).toEqual(['.', 'i', 'j'])
  })

  it('stops at end-of-text, which is not a part of it', async () => {
    const endOfText = DRAWN[4]
    const before = DRAWN.slice(0, DRAWN.indexOf(endOfText))
    expect(before.length).toBeGreaterThan(2)
    const decoder = new FakeDecoder(10)
    expect(await generate({ decoder, tokenizer: letters(endOfText) })).toBe(`${spelled(before)}.`)
    expect(decoder.ids).toEqual(before)
  })

  it.each([1, 3])('stops when the signal is aborted at piece %i', async (count) => {
    const controller = new AbortController()
    const onPiece = (pieces: number) => pieces === count && controller.abort()
    const text = await generate({ signal: controller.signal, onPiece })
    expect(text.replace('.', '')).toBe(spelled(DRAWN.slice(0, count)))
  })

  it('does not begin when the signal is aborted before it', async () => {
    const decoder = new FakeDecoder(10)
    expect((await generate({ decoder, signal: AbortSignal.abort() })).replace('.', '')).toBe('')
    expect(decoder.ids).toEqual([])
  })
})

describe('several texts at once', () => {
  const keys = [1, 2, 3].map((seed) => seedKey(seed))
  const maxTokens = 60
  const limits = { maxTokens, temperature: 1, topK: 0, signal: new AbortController().signal }
  /** Letters that depend on the one before. */
  const chained = (id: number) => Float32Array.from(LETTERS, (_, other) => ((id * 7 + other * 3) % 10) / 4)
  const piecesOf = (tokenizer: Tokenizer, decoder = new FakeDecoder(10, chained)) =>
    collect(generateTexts(decoder, UNIFORM, tokenizer, keys, limits))

  it('are each what they are alone, token by token in turn', async () => {
    const pieces = await piecesOf(letters())
    for (const [index, key] of keys.entries()) {
      const alone = await generate({ decoder: new FakeDecoder(10, chained), key, maxTokens })
      const mine = pieces.filter((piece) => piece.index === index)
      expect(mine.map(({ text }) => text).join('')).toBe(alone)
      expect(mine.map(({ last }) => last)).toEqual([...Array.from({ length: maxTokens }, () => false), true])
    }
    expect(pieces.slice(0, 6).map(({ index }) => index)).toEqual([0, 1, 2, 0, 1, 2])
  })

  it('end each at its own end-of-text, and the decoder rests when all have ended', async () => {
    const tokenizer = letters(4)
    const decoder = new FakeDecoder(10, chained)
    const pieces = await piecesOf(tokenizer, decoder)
    const lengths: number[] = []
    for (const [index, key] of keys.entries()) {
      const alone = await generate({ decoder: new FakeDecoder(10, chained), key, maxTokens, tokenizer })
      const mine = pieces.filter((piece) => piece.index === index)
      expect(mine.map(({ text }) => text).join('')).toBe(alone)
      expect(mine.findIndex(({ last }) => last)).toBe(mine.length - 1)
      lengths.push(alone.length - 1) // without the full stop
    }
    const longest = Math.max(...lengths)
    expect(new Set(lengths).size).toBeGreaterThan(1)
    expect(longest).toBeLessThan(maxTokens)
    expect(decoder.ids).toHaveLength(keys.length * longest)
  })
})

describe('the ids to start from', () => {
  it.each([
    ['the prompt', letters(3), 'cab', [2, 0, 1]],
    ['end-of-text where there is no prompt', letters(3), '', [3]],
    ['a newline where there is no end-of-text', charTokenizerOf('a\nb'), '', [0]],
    ['the first id where there is no newline', letters(), '', [0]],
  ])('are %s', (_, tokenizer, prompt, ids) => {
    expect([...promptIds(tokenizer, prompt)]).toEqual(ids)
  })
})

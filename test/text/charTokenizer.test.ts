import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { charTokenizerOf } from '../../src/text/charTokenizer.ts'
import { tokenizerFromJson } from '../../src/text/tokenizer.ts'
import { oracleOf } from './oracle.ts'
import { NASTY_TEXTS } from './texts.ts'

const everything = Object.values(NASTY_TEXTS).join('')
const saltmarrow = readFileSync(new URL('../../corpora/saltmarrow.txt', import.meta.url), 'utf8')

/** The UserError that encoding ends with. */
function errorOf(vocabulary: string, text: string): UserError {
  try {
    charTokenizerOf(vocabulary).encode(text)
  } catch (error) {
    if (error instanceof UserError) return error
  }
  throw new Error('encode did not throw a UserError')
}

test('the bytes of a token are those of its character', () => {
  const tokenizer = charTokenizerOf('aé漢😀')
  const all = Array.from(tokenizer.encode('aé漢😀'), (id) => Buffer.from(tokenizer.bytesOf(id)).toString('hex'))
  expect(all).toEqual(['61', 'c3a9', 'e6bca2', 'f09f9880'])
  expect(() => tokenizer.bytesOf(4)).toThrow(RangeError)
})

describe('vocabulary', () => {
  test('is in code point order, not in that of UTF-16 units', () => {
    const tokenizer = charTokenizerOf('😀\ufffdba\uffff中a')
    expect(tokenizer.vocabSize).toBe(6)
    expect(tokenizer.decode([0, 1, 2, 3, 4, 5])).toBe('ab中\ufffd\uffff😀')
  })

  test('has one id for a character of two units', () => {
    expect([...charTokenizerOf('😀a').encode('a😀a😀')]).toEqual([0, 1, 0, 1])
  })

  test('has no end of text', () => {
    expect(charTokenizerOf('<|endoftext|>').endOfText).toBeUndefined()
  })
})

describe('round trips', () => {
  test.each(Object.entries(NASTY_TEXTS))('%s', (_, text) => {
    const tokenizer = charTokenizerOf(everything)
    const ids = tokenizer.encode(text)
    expect(ids).toHaveLength(Array.from(text).length)
    expect(tokenizer.decode(ids)).toBe(text)
  })

  test('a stream gives each character at once', () => {
    const tokenizer = charTokenizerOf('a😀')
    const stream = tokenizer.decoder()
    expect([...tokenizer.encode('😀a😀')].map((id) => stream.push(id))).toEqual(['😀', 'a', '😀'])
    expect(stream.end()).toBe('')
  })

  test.each([-1, 2, 0.5, NaN])('id %d is outside the vocabulary', (id) => {
    const tokenizer = charTokenizerOf('ab')
    expect(() => tokenizer.decode([0, id])).toThrow(RangeError)
    expect(() => tokenizer.decoder().push(id)).toThrow(RangeError)
  })
})

describe('unknown characters', () => {
  test('are named, with what is known', () => {
    const error = errorOf('cab\n', 'café')
    expect(error.message).toBe('the character "f" (U+0066) is not in the vocabulary of this model')
    expect(error.hint).toBe('It knows 4 characters: U+000A a b c')
    expect(error.exitCode).toBe(2)
  })

  test.each([
    ['é', '"é" (U+00E9)'],
    ['😀', '"😀" (U+1F600)'],
    ['\0', 'U+0000'],
    ['\u0301', 'U+0301'],
    ['\u00a0', 'U+00A0'],
    ['\ud800', 'U+D800'],
    ['\udfff', 'U+DFFF'],
  ])('%j is shown as %s', (character, shown) => {
    expect(errorOf('ab', `ab${character}`).message).toBe(
      `the character ${shown} is not in the vocabulary of this model`,
    )
  })

  test('half of a known character is unknown', () => {
    expect(errorOf('😀', '\ud83d').message).toContain('U+D83D')
  })

  test('a large vocabulary is cut short', () => {
    const large = Array.from({ length: 500 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('')
    const { hint } = errorOf(large, 'x')
    expect(hint).toMatch(/^It knows 500 characters: 一 /)
    expect(hint).toMatch(/ …$/)
    expect(hint.length).toBeLessThan(250)
  })
})

describe('tokenizer.json', () => {
  test.each([...Object.entries(NASTY_TEXTS), ['saltmarrow', saltmarrow] as const])(
    "Hugging Face's tokenizers reads it and agrees on %s",
    async (_, text) => {
      const tokenizer = charTokenizerOf(everything + saltmarrow)
      const oracle = oracleOf(tokenizer)
      const ids = tokenizer.encode(text)
      expect(ids).toEqual(Int32Array.from(await oracle.encode(text)))
      expect(await oracle.decode(ids)).toBe(text)
    },
  )

  test('comes back as the same tokenizer', async () => {
    const tokenizer = charTokenizerOf(everything)
    const read = await tokenizerFromJson(JSON.parse(JSON.stringify(tokenizer.toJson())))
    expect(read.kind).toBe('char')
    expect(read.vocabSize).toBe(tokenizer.vocabSize)
    expect(read.encode(everything)).toEqual(tokenizer.encode(everything))
    expect(read.toJson()).toEqual(tokenizer.toJson())
  })

  test('keeps the order of the file, whatever it is', async () => {
    const read = await tokenizerFromJson({ model: { type: 'BPE', vocab: { b: 0, '😀': 1, a: 2, '0': 3 }, merges: [] } })
    expect([...read.encode('0ab😀')]).toEqual([3, 2, 0, 1])
  })
})

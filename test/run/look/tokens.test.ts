import { describe, expect, it } from 'vitest'
import { Prediction, quoted, spelled, wholeness } from '../../../src/run/look/tokens.ts'
import { createTokenizer } from '../../../src/text/tokenizer.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

describe('spelled', () => {
  it.each([
    [utf8('sea'), 'sea'],
    [utf8(' é漢🌊'), ' é漢🌊'],
    [Uint8Array.of(0xe2), '<0xE2>'],
    [Uint8Array.of(0x20, 0xf0, 0x9f), ' <0xF0><0x9F>'],
    [Uint8Array.of(0x80, 0x61, 0x0a, 0xff), '<0x80>a\n<0xFF>'],
    [Uint8Array.of(0xc0, 0xaf), '<0xC0><0xAF>'], // an overlong slash is no slash
    [utf8('\uFEFFa'), '\uFEFFa'],
    [new Uint8Array(), ''],
  ])('%j is %j', (bytes, text) => {
    expect(spelled(bytes)).toBe(text)
  })
})

describe('wholeness', () => {
  it.each([
    [utf8('a漢'), 'whole'],
    [utf8('a漢').subarray(0, 3), 'begun'],
    [Uint8Array.of(0xa2), 'broken'],
    [Uint8Array.of(0xe6, 0x61), 'broken'],
  ])('%j is %s', (bytes, expected) => {
    expect(wholeness(bytes)).toBe(expected)
  })
})

it('quoted shows what a terminal would obey', () => {
  expect(quoted('a"\n\u001b[31m\u009b\u202e漢')).toBe('"a\\"\\n\\u001b[31m\\u{9b}\\u{202e}漢"')
})

describe('a prediction', () => {
  it('is the softmax of the logits, exact where exponentials would overflow', async () => {
    const tokenizer = await createTokenizer('char', 'abc')
    const prediction = new Prediction(tokenizer, Float32Array.of(1000, 1000, 1000 + Math.log(2)))
    expect(prediction.top(2)).toEqual([
      { id: 2, text: 'c', probability: expect.closeTo(0.5, 4) as number },
      { id: 0, text: 'a', probability: expect.closeTo(0.25, 4) as number },
    ])
    expect(prediction.surpriseAt(1)).toBeCloseTo(Math.log(4), 4)
  })
})

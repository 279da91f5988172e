import { describe, expect, it } from 'vitest'
import { harmless, harmlessJson, visible } from '../../src/ui/visible.ts'

describe('visible', () => {
  it.each([
    ['to be', 'to be'],
    ['a\nb', 'a⏎b'],
    ['\t\r', '\\t\\r'],
    ['\u001b[31m', '\\x1b[31m'],
    ['\u0000\u007f\u009b', '\\x00\\x7f\\x9b'],
    ['\u200b\u202e\ufeff', '\\u{200b}\\u{202e}\\u{feff}'],
    ['\u00a0\u3000', '\\xa0\\u{3000}'],
    ['\u2028', '\\u{2028}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\u0301', '◌\u0301'],
    ['e\u0301', 'e\u0301'],
    ['漢🌊', '漢🌊'],
  ])('%j is %s', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })
})

describe('harmless', () => {
  it.each([
    ['a\n\tb', 'a\n\tb'],
    ['\u001b[31m', '␛[31m'],
    ['\u0000\u007f\u009b', '␀␡⟨U+009B⟩'],
    ['\u202e\u2028\ud800', '⟨U+202E⟩⟨U+2028⟩⟨U+D800⟩'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
  ])('%j is %s', (text, shown) => {
    expect(harmless(text)).toBe(shown)
  })
})

describe('harmlessJson', () => {
  const value = { '\u009b2J': ['\u007f', '\u0080', '\u009f', '\u001b\\', 'é漢\u00a0'] }

  it('is JSON of the same value, without a character that a terminal obeys', () => {
    expect(harmlessJson(value)).toBe(String.raw`{"\u009b2J":["\u007f","\u0080","\u009f","\u001b\\","é漢` + '\u00a0"]}')
    expect(JSON.parse(harmlessJson(value))).toEqual(value)
    expect(harmlessJson(value)).not.toMatch(/\p{Cc}/u)
  })

  it('has lines for people where it is asked to', () => {
    expect(harmlessJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}')
  })
})

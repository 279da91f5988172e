import { describe, expect, it } from 'vitest'
import { cells } from '../../src/ui/style.ts'
import { characters, clipped, label, visible } from '../../src/ui/visible.ts'

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

it('a label shows spaces, and is cut to its width with an ellipsis', () => {
  expect(label(' the sea ')).toBe('·the·sea·')
  expect(label(' the sea ', 5)).toBe('·the…')
  expect(label('漢字漢字', 5)).toBe('漢字…')
  expect(cells(label('漢字漢字', 4))).toBe(3) // half a character does not fit
  expect(clipped('fits', 4)).toBe('fits')
})

it('characters keep marks with what they stand on', () => {
  expect(characters('e\u0301a漢')).toEqual(['e\u0301', 'a', '漢'])
})

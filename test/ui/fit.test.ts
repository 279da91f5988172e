import { describe, expect, it } from 'vitest'
import { characters, clipped, label, onOneLine, wrapped } from '../../src/ui/fit.ts'
import { cells } from '../../src/ui/style.ts'

describe('text on one line', () => {
  it('shows newlines, tabs and controls as signs, and leaves nothing that a terminal obeys', () => {
    expect(onOneLine('To\nbe\r\nor\tnot')).toBe('To⏎be⏎or⇥not')
    expect(onOneLine('\x1b[2J\x07')).toBe('␛[2J␇')
  })

  it('is clipped to a width in cells, an ellipsis included', () => {
    expect(clipped('twelve cells', 12)).toBe('twelve cells')
    expect(clipped('twelve cells', 11)).toBe('twelve cel…')
    expect(clipped('水水水', 5)).toBe('水水…')
    expect(clipped('水水水', 4)).toBe('水…')
    expect([clipped('ab', 1), clipped('ab', 0)]).toEqual(['…', ''])
    expect(clipped('👩‍🚀👩‍🚀', 3)).toBe('👩‍🚀…') // never within a character
  })
})

describe('text in lines', () => {
  it('breaks at newlines, and at blanks where a line is too long', () => {
    expect(wrapped('one two three\n\nfour', 8)).toEqual(['one two', 'three', '', 'four'])
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrapped('abcdefgh ij', 4)).toEqual(['abcd', 'efgh', 'ij'])
  })

  it('measures wide characters, and breaks between them', () => {
    expect(wrapped('水火木金', 5)).toEqual(['水火', '木金'])
    for (const line of wrapped('a水b火c木d金'.repeat(9), 7)) expect(cells(line)).toBeLessThanOrEqual(7)
    expect(wrapped('水', 1)).toEqual([])
  })

  it('holds no control but for what it breaks at', () => {
    expect(wrapped('a\r\nb\x1b[31m\tc', 20)).toEqual(['a', 'b␛[31m  c'])
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

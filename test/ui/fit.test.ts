import { describe, expect, it } from 'vitest'
import { cut, onOneLine, wrapped } from '../../src/ui/fit.ts'
import { cells } from '../../src/ui/style.ts'

describe('text on one line', () => {
  it('shows newlines, tabs and controls as signs, and leaves nothing that a terminal obeys', () => {
    expect(onOneLine('To\nbe\r\nor\tnot')).toBe('To⏎be⏎or⇥not')
    expect(onOneLine('\x1b[2J\x07')).toBe('␛[2J␇')
  })

  it('is cut to a width in cells, an ellipsis included', () => {
    expect(cut('twelve cells', 12)).toBe('twelve cells')
    expect(cut('twelve cells', 11)).toBe('twelve cel…')
    expect(cut('水水水', 5)).toBe('水水…')
    expect(cut('水水水', 4)).toBe('水…')
    expect([cut('ab', 1), cut('ab', 0)]).toEqual(['…', ''])
    expect(cut('👩‍🚀👩‍🚀', 3)).toBe('👩‍🚀…') // never within a character
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

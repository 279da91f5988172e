import { describe, expect, it } from 'vitest'
import { BOLD, lineCells } from '../../src/ui/style.ts'
import { beside, plainLine, styledLine, styledTable, prose } from '../../src/ui/styledTable.ts'
import { textOf } from './lines.ts'

describe('styledTable', () => {
  it('aligns by cells, also wide characters and styled ones', () => {
    const lines = styledTable(
      [
        ['token', 'p'],
        ['漢字', styledLine('3%', BOLD)],
        ['a', '100%'],
      ],
      [1],
    )
    expect(textOf(lines)).toEqual([
      'token     p', //
      '漢字     3%',
      'a      100%',
    ])
    expect(lines.map(lineCells)).toEqual([11, 11, 11])
    expect(lines[1].find(({ text }) => text === '3%')?.style).toEqual(BOLD)
  })

  it('takes rows of different lengths, and none', () => {
    expect(textOf(styledTable([['a', 'b', 'c'], ['long']]))).toEqual(['a     b  c', 'long'])
    expect(styledTable([])).toEqual([])
  })
})

it('beside puts blocks next to each other, the shorter with nothing below', () => {
  const blocks = [[plainLine('漢'), plainLine('b')], [plainLine('1')], [plainLine('x'), plainLine('y')]]
  expect(textOf(beside(blocks, 1))).toEqual(['漢 1 x', 'b    y'])
})

it('prose breaks between words, and within one that is too long', () => {
  expect(textOf(prose('to be or immeasurably not', 8))).toEqual(['to be or', 'immeasur', 'ably not'])
})

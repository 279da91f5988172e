import { describe, expect, it } from 'vitest'
import { fittedTable, namedValues } from '../../src/ui/fittedTable.ts'
import { BOLD, lineCells } from '../../src/ui/style.ts'
import { styledLine } from '../../src/ui/styledTable.ts'
import { textOf } from './lines.ts'

describe('a fitted table', () => {
  const rows = [
    [styledLine('the mast of oak', BOLD), '12', 'tall'],
    ['sail', '3', ''],
  ]
  const shown = (width: number) => textOf(fittedTable(rows, width, [1]))

  it('is whole where there is room', () => {
    expect(shown(25)).toEqual(['the mast of oak  12  tall', 'sail              3'])
    expect(shown(Infinity)).toEqual(shown(25))
  })

  it('leaves out its last columns for the first, but not the second', () => {
    expect(shown(24)).toEqual(['the mast of oak  12', 'sail              3'])
    expect(shown(18)).toEqual(['the mast of  12', 'oak', 'sail          3'])
  })

  it('has names alone where values leave too little for them, and keeps their style', () => {
    expect(shown(11)).toEqual(['the mast of', 'oak', 'sail'])
    expect(fittedTable(rows, 11)[1].find(({ text }) => text === 'oak')?.style).toEqual(BOLD)
  })

  it('may have no rows', () => {
    expect(fittedTable([], 20)).toEqual([])
  })
})

describe('names and values', () => {
  it('go on below the beginning of a value, in cells', () => {
    const lines = namedValues(
      [
        ['folder', '/漢字漢字漢字'],
        ['step', '4'],
      ],
      18,
    )
    expect(textOf(lines)).toEqual(['folder  /漢字漢字', '        漢字', 'step    4'])
    expect(Math.max(...lines.map(lineCells))).toBeLessThanOrEqual(18)
  })

  it('have shorter names where these would leave nothing for values', () => {
    expect(textOf(namedValues([['accumulation', 'seven']], 16))).toEqual(['accum…  seven'])
  })
})

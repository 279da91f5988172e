import { describe, expect, it } from 'vitest'
import type { AttentionLook } from '../../../src/gpt/look.ts'
import { attentionLines } from '../../../src/ui/look/attentionLines.ts'
import { heatMapLegend, heatMapLines } from '../../../src/ui/look/heatMap.ts'
import { BLUES } from '../../../src/ui/look/shade.ts'
import { lineCells } from '../../../src/ui/style.ts'
import { textOf } from '../lines.ts'

const SHEET = { columns: 60, colours: 0 } as const

/** What weights from 0 to 1 must look like: the square root, in nine steps. */
const WEIGHTS = [
  [1, 0, 0],
  [0, 1, 0],
  [0.25, 0.0625, 0.6875],
]

function lookAt(tokens: readonly string[], heads = [0]): AttentionLook {
  const weights = WEIGHTS.slice(0, tokens.length).map((row) => row.slice(0, tokens.length))
  return {
    folder: '/run',
    notices: [],
    tokens: tokens.map((text, id) => ({ id, text })),
    heads: heads.map((head) => ({ layer: 1, head, weights })),
  }
}

describe('a heat map', () => {
  it('tells a weight of 0 from a cell that there is nothing to say of', () => {
    const map = {
      values: [
        [1, undefined],
        [0, 0.25],
      ],
      rows: ['a', 'bc'],
      columns: ['x', 'yz'],
    }
    expect(textOf(heatMapLines(map, { cellWidth: 2, nameWidth: 3 }, SHEET))).toEqual([
      '      y', //
      '    x z',
      '  a @@',
      ' bc ..++',
    ])
    const [, , , row] = heatMapLines(map, { cellWidth: 2, nameWidth: 3 }, { ...SHEET, colours: 3 })
    expect(row.slice(1)).toEqual([
      { text: '  ', style: { background: BLUES[0] } },
      { text: '  ', style: { background: expect.anything() as unknown } },
    ])
    const [, , above] = heatMapLines(map, { cellWidth: 2, nameWidth: 3 }, { ...SHEET, colours: 3 })
    expect(above[2]).toEqual({ text: '  ' })
  })

  it('writes long names of columns downwards to an ellipsis, and wide ones too', () => {
    const map = { values: [[0, 0]], rows: ['r'], columns: ['abcdefghij', '漢'] }
    const lines = heatMapLines(map, { cellWidth: 2, nameWidth: 1 }, SHEET)
    expect(textOf(lines)).toEqual(['  a', '  b', '  c', '  d', '  e', '  f', '  g', '  … 漢', 'r ....'])
  })

  it('explains its characters, or its colours', () => {
    expect(textOf([heatMapLegend('weight', { ...SHEET, columns: 67 })])).toEqual([
      'weight  . 0%  : 2%  - 6%  = 14%  + 25%  * 39%  # 56%  % 77%  @ 100%',
    ])
    expect(textOf([heatMapLegend('weight', SHEET)])).toEqual(['weight  . 0%  - 6%  + 25%  # 56%  @ 100%'])
    expect(textOf([heatMapLegend('weight', { ...SHEET, colours: 2 })])).toEqual([
      'weight     0%     6%     25%     56%     100%',
    ])
  })
})

describe('attention', () => {
  it('is a map for each head, as many side by side as fit, with its habits below', () => {
    expect(textOf(attentionLines(lookAt(['T', 'o', '\n'], [0, 1, 2]), { columns: 40, colours: 0 }))).toEqual([
      'layer 1, head 0   layer 1, head 1',
      '  T o ⏎             T o ⏎',
      'T @@              T @@',
      'o ..@@            o ..@@',
      '⏎ ++--%%          ⏎ ++--%%',
      '',
      'layer 1, head 2',
      '  T o ⏎',
      'T @@',
      'o ..@@',
      '⏎ ++--%%',
      '',
      'weight  . 0%  - 6%  + 25%  # 56%  @ 100%',
      'Each row is a token that looks back,',
      'each column one that it looks at. The',
      'weights of a row sum to 100%; what is',
      'blank lies ahead of the token, where the',
      'causal mask lets it see nothing.',
      '',
      'Where a head looks on average, from the third token on',
      '  layer  head  itself  one before  the first',
      '      1     0     69%        6.3%        25%',
      '      1     1     69%        6.3%        25%',
      '      1     2     69%        6.3%        25%',
    ])
  })

  it('halves its cells before it leaves tokens out, and says what it left out', () => {
    const lines = (columns: number) => textOf(attentionLines(lookAt(['a', 'b', 'c']), { columns, colours: 0 }))
    expect(lines(8).slice(1, 5)).toEqual(['  a b c', 'a @@', 'b ..@@', 'c ++--%%'])
    expect(lines(7).slice(1, 5)).toEqual(['  abc', 'a @', 'b .@', 'c +-%'])
    expect(lines(4).slice(1, 4)).toEqual(['  bc', 'b @', 'c -%'])
    expect(lines(4)).toContain('The last 2 of 3 tokens are shown: no more fit the width.')
    expect(lines(7).join('\n')).not.toContain('The last')
  })

  it('keeps two cells for wide names', () => {
    const lines = attentionLines(lookAt(['漢', '字', 'a']), { columns: 7, colours: 0 })
    expect(textOf(lines.slice(1, 4))).toEqual(['   字a', '字 @@', ' a --%%'])
  })

  it('shows no control character of a text, and fits the screen', () => {
    const lines = attentionLines(lookAt(['\u001b', ' a very long token', '\t'], [0, 1]), SHEET)
    expect(textOf(lines).join('')).not.toMatch(/\p{Cc}/u)
    expect(Math.max(...lines.slice(0, 16).map(lineCells))).toBeLessThanOrEqual(60)
  })

  it('of one token has a single cell and no habits', () => {
    expect(textOf(attentionLines(lookAt(['a']), SHEET)).slice(0, 4)).toEqual(['layer 1, head 0', '  a', 'a @@', ''])
  })
})

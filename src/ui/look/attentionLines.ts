// Heat maps of attention: each row is a token that looks back, each column a token that it looks at.

import type { AttentionLook, HeadAttention } from '../../gpt/look.ts'
import { BOLD, DIM, cells, type Line, lineCells } from '../style.ts'
import { beside, blank, indented, plainLine, styledLine, styledTable, prose } from '../styledTable.ts'
import { characters, label } from '../fit.ts'
import { percentage } from './figures.ts'
import { habitsOf } from './habits.ts'
import { heatMapLegend, heatMapLines, type HeatMapLayout } from './heatMap.ts'
import type { Sheet } from './shade.ts'

const NAME_WIDTH = 14
const GAP = 3

const READING =
  'Each row is a token that looks back, each column one that it looks at. ' +
  'The weights of a row sum to 100%; what is blank lies ahead of the token, where the causal mask lets it see nothing.'

export function attentionLines(look: AttentionLook, sheet: Sheet): Line[] {
  const names = look.tokens.map(({ text }) => label(text))
  const { shown, ...layout } = fitted(names, sheet.columns)
  const first = names.length - shown
  const blocks = look.heads.map((head) => [
    styledLine(`layer ${head.layer}, head ${head.head}`, BOLD),
    ...heatMapLines(lastOf(head, names, first), layout, sheet),
  ])
  return [
    ...inRows(blocks, sheet.columns),
    heatMapLegend('weight', sheet),
    ...prose(READING, sheet.columns, DIM),
    ...habitLines(look),
    ...(first > 0 ? [plainLine(`The last ${shown} of ${names.length} tokens are shown: no more fit the width.`)] : []),
  ]
}

/** Two cells of the terminal for a weight look square; one will do, unless a name needs two. */
function fitted(names: readonly string[], columns: number): HeatMapLayout & { readonly shown: number } {
  const nameWidth = Math.min(NAME_WIDTH, Math.max(...names.map(cells)))
  const room = Math.max(1, columns - nameWidth - 1)
  const wide = names.some((name) => characters(name).some((character) => cells(character) > 1))
  const cellWidth = wide || 2 * names.length <= room ? 2 : 1
  return { nameWidth, cellWidth, shown: Math.max(1, Math.min(names.length, Math.floor(room / cellWidth))) }
}

function lastOf({ weights }: HeadAttention, names: readonly string[], first: number) {
  const values = weights.slice(first).map((row, index) => {
    const query = first + index
    return row.slice(first).map((weight, key) => (first + key > query ? undefined : weight))
  })
  return { values, rows: names.slice(first), columns: names.slice(first) }
}

/** As many blocks side by side as fit, then a blank line. */
function inRows(blocks: readonly (readonly Line[])[], columns: number): Line[] {
  const width = Math.max(...blocks.flat().map(lineCells))
  const perRow = Math.max(1, Math.floor((columns + GAP) / (width + GAP)))
  const rows: Line[] = []
  for (let first = 0; first < blocks.length; first += perRow) {
    rows.push(...beside(blocks.slice(first, first + perRow), GAP), [blank(0)])
  }
  return rows
}

function habitLines({ heads }: AttentionLook): Line[] {
  const header = ['layer', 'head', 'itself', 'one before', 'the first'].map((name) => styledLine(name, DIM))
  const rows = heads.flatMap(({ layer, head, weights }) => {
    const found = habitsOf(weights)
    if (!found) return []
    return [[String(layer), String(head), ...[found.itself, found.before, found.first].map(percentage)]]
  })
  if (rows.length === 0) return []
  return [
    plainLine(''),
    styledLine('Where a head looks on average, from the third token on', BOLD),
    ...indented(styledTable([header, ...rows], [0, 1, 2, 3, 4])),
  ]
}

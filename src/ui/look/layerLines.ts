// What each layer would already predict: a row for each layer, a column for each position of the text.

import type { Candidate, LayerLook, LayersLook, Token } from '../../gpt/look.ts'
import { loss } from '../format.ts'
import { BOLD, DIM, cells, type Line, type Span } from '../style.ts'
import { blank, type Cell, indented, plainLine, styledLine, styledTable, prose } from '../styledTable.ts'
import { label } from '../fit.ts'
import { percentage } from './figures.ts'
import { heatMapLegend, heatMapLines, strength } from './heatMap.ts'
import { BLUES, hasRamps, onRamp, type Sheet } from './shade.ts'

const TOKEN_WIDTH = 10
const INDENT = 2

const READING =
  'Each layer is read as if it were the last: its residual stream goes through ln_f and the head. ' +
  'A cell is the token that it finds most probable next; * marks the one that did come.'

export function layerLines(look: LayersLook, sheet: Sheet): Line[] {
  const names = look.layers.map(layerName)
  const grid = fitted(look, names, sheet.columns - INDENT)
  const shown = look.tokens.length - grid.first
  const cropped =
    grid.first > 0 ? [plainLine(`The last ${shown} of ${look.tokens.length} tokens are shown: no more fit.`)] : []
  return [
    styledLine('Most probable next token, layer by layer', BOLD),
    ...indented([...gridLines(look, names, grid, sheet), ...cropped]),
    ...indented(prose(READING, sheet.columns - INDENT, DIM)),
    plainLine(''),
    ...answerLines(look, names, grid, sheet),
    ...(hasRamps(sheet) || look.tokens.length > 1
      ? [...indented([heatMapLegend('probability', { ...sheet, columns: sheet.columns - INDENT })]), plainLine('')]
      : []),
    styledLine('By layer', BOLD),
    ...indented(summary(look)),
  ]
}

/** `embedding`; a block goes by its name alone. */
function layerName({ name }: LayerLook): string {
  return name.replace('.resid_post', '')
}

interface Grid {
  /** The first token that is shown: columns from here on fit. */
  readonly first: number
  /** Of each shown column: as wide as its widest token, a mark, and a blank. */
  readonly columnWidths: readonly number[]
  readonly nameWidth: number
}

function fitted({ layers, tokens }: LayersLook, names: readonly string[], columns: number): Grid {
  const nameWidth = Math.max(...[...names, 'after', 'came'].map(cells))
  const widths = tokens.map((token, column) => {
    const texts = [
      token,
      ...tokens.slice(column + 1, column + 2),
      ...layers.map((each) => each.positions[column].next[0]),
    ]
    return Math.max(...texts.map(({ text }) => cells(label(text, TOKEN_WIDTH)))) + 2
  })
  let first = tokens.length - 1
  let room = columns - nameWidth - 1 - widths[first]
  while (first > 0 && widths[first - 1] <= room) room -= widths[--first]
  return { first, columnWidths: widths.slice(first), nameWidth }
}

/** The tokens, then a row for each layer, then the tokens that came. */
function gridLines({ tokens, layers }: LayersLook, names: readonly string[], grid: Grid, sheet: Sheet): Line[] {
  const { first, columnWidths, nameWidth } = grid
  const row = (name: string, columns: readonly Span[]): Line => [
    { text: `${name.padStart(nameWidth)} `, style: DIM },
    ...columns.flatMap((column, index) => [column, blank(columnWidths[index] - cells(column.text))]),
  ]
  const tokenRow = (name: string, from: number): Line =>
    row(
      name,
      tokens.slice(from).map(({ text }) => ({ text: label(text, TOKEN_WIDTH), style: BOLD })),
    )
  const layerRow = ({ positions }: LayerLook, index: number): Line =>
    row(
      names[index],
      positions.slice(first).map(({ next: [best] }, column) => {
        const came = tokens[first + column + 1] as Token | undefined
        return guessCell(best, best.id === came?.id, columnWidths[column] - 1, sheet)
      }),
    )
  const cameRow = tokens.length > 1 ? [tokenRow('came', first + 1)] : []
  return [tokenRow('after', first), ...layers.map(layerRow), ...cameRow]
}

function guessCell({ text, probability }: Candidate, right: boolean, width: number, sheet: Sheet): Span {
  const marked = `${label(text, TOKEN_WIDTH)}${right ? '*' : ''}`
  const style = hasRamps(sheet) ? onRamp(strength(probability), BLUES) : {}
  return { text: marked + ' '.repeat(width - cells(marked)), style }
}

/** How probable each layer finds the token that came. */
function answerLines(
  { layers, tokens }: LayersLook,
  names: readonly string[],
  { first, nameWidth }: Grid,
  sheet: Sheet,
): Line[] {
  const came = tokens.slice(first + 1).map(({ text }) => label(text))
  if (came.length === 0) return []
  const values = layers.map(({ positions }) => positions.slice(first, -1).map(({ answer }) => answer))
  return [
    styledLine('Probability of the token that came, layer by layer', BOLD),
    ...indented(heatMapLines({ values, rows: names, columns: came }, { cellWidth: 2, nameWidth }, sheet)),
  ]
}

/** Mean surprise, how often the most probable token came, and what is expected after the text. */
function summary({ layers, tokens }: LayersLook): Line[] {
  const known = tokens.length - 1
  const header = ['layer', ...(known > 0 ? ['nats', 'right'] : []), 'after the last token']
  const rows = layers.map((layer): Cell[] => {
    const figures = layer.meanSurprise === undefined ? [] : [loss(layer.meanSurprise), `${layer.right} of ${known}`]
    return [layerName(layer), ...figures, candidates(layer.positions[known].next)]
  })
  return styledTable([header.map((name) => styledLine(name, DIM)), ...rows], known > 0 ? [1, 2] : [])
}

function candidates(next: readonly Candidate[]): Line {
  return next.flatMap(({ text, probability }): Line => [
    { text: `${label(text, TOKEN_WIDTH)} ` },
    { text: `${percentage(probability)}  `, style: DIM },
  ])
}

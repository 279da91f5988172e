// What each layer would already predict: a row for each layer, a column for each position of the text.

import type { Candidate, LayerLook, LayersLook } from '../../gpt/look.ts'
import { loss } from '../format.ts'
import { cells, type Line, type Span } from '../style.ts'
import { blank, BOLD, type Cell, DIM, indented, plain, styled, styledTable, wrapped } from '../styledTable.ts'
import { label } from '../visible.ts'
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
  const { shown, columnWidth, nameWidth } = fitted(look, names, sheet.columns - INDENT)
  const first = look.tokens.length - shown
  const cropped = first > 0 ? [plain(`The last ${shown} of ${look.tokens.length} tokens are shown: no more fit.`)] : []
  return [
    styled('Most probable next token, layer by layer', BOLD),
    ...indented([...gridLines(look, names, { first, columnWidth, nameWidth }, sheet), ...cropped]),
    ...indented(wrapped(READING, sheet.columns - INDENT, DIM)),
    plain(''),
    ...answerLines(look, names, { first, nameWidth }, sheet),
    ...(hasRamps(sheet) || look.tokens.length > 1
      ? [...indented([heatMapLegend('probability', sheet)]), plain('')]
      : []),
    styled('By layer', BOLD),
    ...indented(summary(look)),
  ]
}

/** `embedding`; a block goes by its name alone. */
function layerName({ name }: LayerLook): string {
  return name.replace('.resid_post', '')
}

/** Every column is as wide as the widest token in it, a mark, and a blank: the same for all, so that rows align. */
function fitted({ layers, tokens }: LayersLook, names: readonly string[], columns: number) {
  const texts = [...tokens, ...layers.flatMap(({ positions }) => positions.map(({ next }) => next[0]))]
  const columnWidth = Math.max(...texts.map(({ text }) => cells(label(text, TOKEN_WIDTH)))) + 2
  const nameWidth = Math.max(...[...names, 'after', 'came'].map(cells))
  const shown = Math.max(1, Math.min(tokens.length, Math.floor((columns - nameWidth - 1) / columnWidth)))
  return { shown, columnWidth, nameWidth }
}

interface Grid {
  readonly first: number
  readonly columnWidth: number
  readonly nameWidth: number
}

function gridLines(look: LayersLook, names: readonly string[], grid: Grid, sheet: Sheet): Line[] {
  const tokens = look.tokens.slice(grid.first)
  const tokenRow = (name: string, texts: readonly string[]): Line => [
    { text: `${name.padStart(grid.nameWidth)} `, style: DIM },
    ...texts.map((text) => padded({ text: label(text, TOKEN_WIDTH), style: BOLD }, grid.columnWidth)).flat(),
  ]
  const layerRows = look.layers.map((layer, index): Line => {
    const cellsOfRow = layer.positions.slice(grid.first).map(({ next: [best] }, column) => {
      const came = look.tokens[grid.first + column + 1]?.id === best.id
      const text = `${label(best.text, TOKEN_WIDTH)}${came ? '*' : ''}`
      const style = hasRamps(sheet) ? onRamp(strength(best.probability), BLUES) : {}
      const width = cells(text)
      return [{ text: text + ' '.repeat(grid.columnWidth - 1 - width), style }, blank(1)]
    })
    return [{ text: `${names[index].padStart(grid.nameWidth)} `, style: DIM }, ...cellsOfRow.flat()]
  })
  const came = tokens.slice(1).map(({ text }) => text)
  return [
    tokenRow(
      'after',
      tokens.map(({ text }) => text),
    ),
    ...layerRows,
    ...(came.length > 0 ? [tokenRow('came', came)] : []),
  ]
}

function padded(span: Span, width: number): Line {
  return [span, blank(width - cells(span.text))]
}

/** How probable each layer finds the token that came. */
function answerLines(
  { layers, tokens }: LayersLook,
  names: readonly string[],
  { first, nameWidth }: Omit<Grid, 'columnWidth'>,
  sheet: Sheet,
): Line[] {
  const came = tokens.slice(first + 1).map(({ text }) => label(text))
  if (came.length === 0) return []
  const values = layers.map(({ positions }) => positions.slice(first, -1).map(({ answer }) => answer))
  return [
    styled('Probability of the token that came, layer by layer', BOLD),
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
  return styledTable([header.map((name) => styled(name, DIM)), ...rows], known > 0 ? [1, 2] : [])
}

function candidates(next: readonly Candidate[]): Line {
  return next.flatMap(({ text, probability }): Line => [
    { text: `${label(text, TOKEN_WIDTH)} ` },
    { text: `${percentage(probability)}  `, style: DIM },
  ])
}

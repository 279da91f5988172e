// A matrix of weights from 0 to 1 as a picture, with names for its rows and columns.

import { DIM, cells, type Line, lineCells, type Span } from '../style.ts'
import { blank, plainLine } from '../styledTable.ts'
import { characters, clipped } from '../fit.ts'
import { BLUES, hasRamps, shade, type Sheet, STEPS } from './shade.ts'

export interface HeatMap {
  /** Undefined: a cell that there is nothing to say of; it stays blank. */
  readonly values: readonly (readonly (number | undefined)[])[]
  readonly rows: readonly string[]
  readonly columns: readonly string[]
}

export interface HeatMapLayout {
  /** Cells of the terminal for one value: 1 or 2. */
  readonly cellWidth: number
  /** Cells for the names of rows. */
  readonly nameWidth: number
}

/** Longer names of columns, which are written downwards, would push the picture off the screen. */
const NAME_HEIGHT = 8

/** Strength goes with the square root of a weight: small weights are many, and must be told from nothing. */
export function strength(weight: number): number {
  return Math.sqrt(weight)
}

/** The names of columns, written downwards, then a line for each row. */
export function heatMapLines({ values, rows, columns }: HeatMap, layout: HeatMapLayout, sheet: Sheet): Line[] {
  const { cellWidth, nameWidth } = layout
  const cell = (value: number | undefined): Span =>
    value === undefined ? blank(cellWidth) : shade(strength(value), cellWidth, sheet, BLUES)
  const body = values.map((row, index): Line => {
    const name = clipped(rows[index], nameWidth)
    return [{ text: `${' '.repeat(nameWidth - cells(name))}${name} `, style: DIM }, ...row.map(cell)]
  })
  return [...downwards(columns, layout), ...body]
}

/** Names of columns from top to bottom; they end just above their columns. */
function downwards(names: readonly string[], { cellWidth, nameWidth }: HeatMapLayout): Line[] {
  const letters = names.map((name) => {
    const all = characters(name)
    return all.length > NAME_HEIGHT ? [...all.slice(0, NAME_HEIGHT - 1), '…'] : all
  })
  const height = Math.max(0, ...letters.map((each) => each.length))
  return Array.from({ length: height }, (_, line) => {
    const row = letters.map((each) => {
      const letter = each[line - height + each.length] ?? ''
      return letter + ' '.repeat(Math.max(0, cellWidth - cells(letter)))
    })
    return [blank(nameWidth + 1), { text: row.join('').trimEnd(), style: DIM }]
  })
}

/** Which strength stands for which weight: as many steps as fit. */
export function heatMapLegend(what: string, sheet: Sheet): Line {
  const finest = hasRamps(sheet) ? 2 : 1
  const legends = [finest, 2, 4].map((stride) => legendOf(what, stride, sheet))
  return legends.find((line) => lineCells(line) <= sheet.columns) ?? legends[2]
}

function legendOf(what: string, stride: number, sheet: Sheet): Line {
  const steps = STEPS.filter((_, index) => index % stride === 0)
  const swatches = steps.flatMap((step): Line => {
    const swatch = shade(step, hasRamps(sheet) ? 2 : 1, sheet, BLUES)
    return [blank(2), swatch, { text: ` ${percent(step ** 2)}` }]
  })
  return [...plainLine(what), ...swatches]
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`
}

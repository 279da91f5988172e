// Tables and blocks of styled text: aligned by the cells that a terminal gives them.

import { wrapped } from './fit.ts'
import { type Line, lineCells, type Span, type Style } from './style.ts'

export type Cell = string | Line

/** Rows of cells as lines of aligned columns, two blanks apart; columns named in `right` are aligned to the right. */
export function styledTable(rows: readonly (readonly Cell[])[], right: readonly number[] = []): Line[] {
  const lines = rows.map((row) => row.map((cell): Line => (typeof cell === 'string' ? [{ text: cell }] : cell)))
  const columns = Math.max(0, ...lines.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    lines.reduce((width, row) => Math.max(width, lineCells(row[column] ?? [])), 0),
  )
  return lines.map((row) =>
    row.flatMap((cell, column): Span[] => {
      const pad = blank(widths[column] - lineCells(cell))
      const aligned = right.includes(column) ? [pad, ...cell] : column + 1 < row.length ? [...cell, pad] : cell
      return column === 0 ? [...aligned] : [blank(2), ...aligned]
    }),
  )
}

/** Blocks of lines next to each other, `gap` blanks apart. */
export function beside(blocks: readonly (readonly Line[])[], gap: number): Line[] {
  const widths = blocks.map(widest)
  const height = Math.max(0, ...blocks.map((block) => block.length))
  return Array.from({ length: height }, (_, index) =>
    blocks.flatMap((block, column) => {
      const line = block[index] ?? []
      const last = column === blocks.length - 1
      return last ? line : [...line, blank(widths[column] - lineCells(line) + gap)]
    }),
  )
}

/** The cells that the longest line fills. */
export function widest(lines: readonly Line[]): number {
  return lines.reduce((width, line) => Math.max(width, lineCells(line)), 0)
}

export function blank(width: number): Span {
  return { text: ' '.repeat(Math.max(0, width)) }
}

export function styledLine(text: string, style: Style): Line {
  return [{ text, style }]
}

export function plainLine(text: string): Line {
  return [{ text }]
}

export function indented(lines: readonly Line[], by = 2): Line[] {
  return lines.map((line) => [blank(by), ...line])
}

/** Text in lines of at most `columns` cells. */
export function prose(text: string, columns: number, style: Style = {}): Line[] {
  return wrapped(text, columns).map((line) => styledLine(line, style))
}

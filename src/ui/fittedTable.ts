// Tables that fit into a width: what is too long goes on below itself, and what is said last is left out first.

import { clipped, wrapped } from './fit.ts'
import { cells, DIM, type Line, lineCells } from './style.ts'
import { type Cell, styledLine, styledTable, widest } from './styledTable.ts'

/** Fewer cells than these tell nothing. */
const FEWEST_CELLS = 8
const BLANKS_BETWEEN = 2

/** Names and their values: a long value goes on below itself. */
export function namedValues(rows: readonly (readonly [name: string, value: string])[], width: number): Line[] {
  const names = rows.map(([name]) => clipped(name, width - BLANKS_BETWEEN - FEWEST_CELLS))
  const room = width - BLANKS_BETWEEN - Math.max(0, ...names.map(cells))
  const partsOf = (value: string, row: number) =>
    wrapped(value, room).map((part, index): Cell[] => [styledLine(index === 0 ? names[row] : '', DIM), part])
  return styledTable(rows.flatMap(([, value], row) => partsOf(value, row)))
}

/** As many columns as leave room for the first, but two where they fit at all; then its cells go on below themselves. */
export function fittedTable(rows: readonly (readonly Cell[])[], width: number, right: readonly number[] = []): Line[] {
  const names = widest(styledTable(rows.map((row) => row.slice(0, 1))))
  const roomIn = (columns: number) => width - widest(styledTable(rows.map((row) => ['', ...row.slice(1, columns)])))
  const isEnough = (columns: number) => roomIn(columns) >= (columns > 2 ? names : Math.min(names, FEWEST_CELLS))
  const most = Math.max(1, ...rows.map((row) => row.length))
  const columns = Array.from({ length: most }, (_, left) => most - left).find(isEnough) ?? 1
  const shown = rows.flatMap(([name, ...others]) => {
    const [first, ...further] = wrappedCell(name, roomIn(columns))
    return [[first, ...others.slice(0, columns - 1)], ...further.map((part) => [part])]
  })
  return styledTable(shown, right)
}

/** Its style is that of its beginning. */
function wrappedCell(cell: Cell, width: number): Cell[] {
  const line = typeof cell === 'string' ? [{ text: cell }] : cell
  if (lineCells(line) <= width) return [line]
  const text = line.map((span) => span.text).join('')
  return wrapped(text, width).map((part) => styledLine(part, line[0].style ?? {}))
}

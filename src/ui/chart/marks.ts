// Marked points of a chart, each with its text beside it where there is room.

import { cells, type Style } from '../style.ts'
import type { Canvas } from './canvas.ts'

export interface MarkedCell {
  readonly column: number
  readonly row: number
  readonly sign: string
  readonly text: string
  readonly style: Style
}

/** Signs come first, so that no text hides one. Of signs in one cell the last is seen. */
export function drawMarks(canvas: Canvas, marks: readonly MarkedCell[]): void {
  const bySeat = new Map(marks.map((mark) => [mark.row * canvas.columns + mark.column, mark]))
  for (const { row, column, sign: text, style } of bySeat.values()) canvas.write(row, column, { text, style })
  for (const mark of marks) writeBeside(canvas, mark)
}

/** Rows by nearness to the point, its own first. */
const ROWS_AWAY = [0, -1, 1, -2, 2, -3, 3]

/** Writes the text where it covers the least of the curves; leaves it out where it would not fit. */
function writeBeside(canvas: Canvas, { row, column, text, style }: MarkedCell): void {
  const width = cells(text)
  const places = ROWS_AWAY.flatMap((away) =>
    columnsBeside(column, width, away === 0 ? 1 : 0).map((start) => ({ row: row + away, start })),
  )
  const [best] = places
    .filter((place) => width > 0 && canvas.hasRoom(place.row, place.start, width))
    .map((place) => ({ ...place, covered: canvas.covered(place.row, place.start, width) }))
    .toSorted((a, b) => a.covered - b.covered)
  if (best) canvas.write(best.row, best.start, { text, style })
}

/** To the right of a column, to the left of it, and, on another row, over or under it. */
function columnsBeside(column: number, width: number, blank: 0 | 1): number[] {
  const sides = [column + 1 + blank, column - width - blank]
  return blank === 1 ? sides : [...sides, column - Math.floor(width / 2), column - width + 1, column]
}

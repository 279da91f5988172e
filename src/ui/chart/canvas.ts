// A canvas of braille dots, two across and four down in each cell of a terminal, with texts on top. It knows no numbers.

import { cells, type Line, type Span, type Style } from '../style.ts'

export const DOTS_ACROSS = 2
export const DOTS_DOWN = 4

/** U+2800 and one bit for each dot: The Unicode Standard, "Braille Patterns". */
const BLANK_PATTERN = 0x2800
const DOT_BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const // [row][column]

/** A size that was asked for in whole cells: none where it is no number, as the width of what is no terminal. */
export function wholeCells(size: number): number {
  return Math.max(0, Math.floor(size) || 0)
}

/** A place among the dots; the first row is on top. */
export interface Dot {
  readonly x: number
  readonly y: number
}

interface Label extends Span {
  readonly column: number
  readonly width: number
}

export class Canvas {
  private readonly dots: Uint8Array // [rows, columns]
  private readonly styles: (Style | undefined)[] // [rows, columns]
  private readonly labels: readonly Label[][] // [rows]

  /** A size in cells. */
  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    this.dots = new Uint8Array(columns * rows)
    this.styles = Array.from({ length: columns * rows })
    this.labels = Array.from({ length: rows }, () => [])
  }

  /** Sets a dot. The whole cell takes the style: a cell has one colour, and the last to draw there chooses it. */
  dot({ x, y }: Dot, style: Style): void {
    const cell = Math.floor(y / DOTS_DOWN) * this.columns + Math.floor(x / DOTS_ACROSS)
    this.dots[cell] |= DOT_BITS[y % DOTS_DOWN][x % DOTS_ACROSS]
    this.styles[cell] = style
  }

  /** All dots of one column from `top` to `bottom`. */
  upright(x: number, top: number, bottom: number, style: Style): void {
    for (let y = top; y <= bottom; y++) this.dot({ x, y }, style)
  }

  /** A straight line without holes, one dot wide: Bresenham, "Algorithm for computer control of a digital plotter" (1965). */
  line(from: Dot, to: Dot, style: Style): void {
    const [across, down] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)]
    const [right, below] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)]
    let { x, y } = from
    let error = across - down
    this.dot(from, style)
    while (x !== to.x || y !== to.y) {
      const twice = 2 * error
      if (twice > -down) [error, x] = [error - down, x + right]
      if (twice < across) [error, y] = [error + across, y + below]
      this.dot({ x, y }, style)
    }
  }

  /** Puts text over the dots. */
  write(row: number, column: number, { text, style }: Span): void {
    this.labels[row].push({ column, width: cells(text), text, ...(style && { style }) })
  }

  /** Whether a text of this width lies on the canvas and over no other text. */
  hasRoom(row: number, column: number, width: number): boolean {
    const isInside = row >= 0 && row < this.rows && column >= 0 && column + width <= this.columns
    return isInside && this.labels[row].every((it) => column + width <= it.column || it.column + it.width <= column)
  }

  /** How many cells with dots a text of this width would cover. */
  covered(row: number, column: number, width: number): number {
    const start = row * this.columns + column
    return this.dots.subarray(start, start + width).reduce((sum, dots) => sum + (dots === 0 ? 0 : 1), 0)
  }

  /** One line for each row, blanks at its end left out. */
  lines(): Line[] {
    return this.labels.map((_, row) => this.lineOf(row))
  }

  private lineOf(row: number): Line {
    const spans: Span[] = []
    const labels = new Map(this.labels[row].map((label) => [label.column, label]))
    for (let column = 0; column < this.lastUsed(row);) {
      const label = labels.get(column)
      append(spans, label ?? this.cell(row, column))
      column += label?.width ?? 1
    }
    return spans
  }

  private cell(row: number, column: number): Span {
    const at = row * this.columns + column
    const style = this.styles[at]
    return style ? { text: String.fromCodePoint(BLANK_PATTERN + this.dots[at]), style } : { text: ' ' }
  }

  /** The column after the last one that shows anything. */
  private lastUsed(row: number): number {
    const dots = this.dots.subarray(row * this.columns, (row + 1) * this.columns)
    const ends = this.labels[row].map(({ column, width }) => column + width)
    return Math.max(dots.findLastIndex((cell) => cell !== 0) + 1, ...ends)
  }
}

/** Neighbours of one style become one span. */
function append(spans: Span[], { text, style }: Span): void {
  const last = spans.at(-1)
  if (last && last.style === style) spans[spans.length - 1] = { ...last, text: last.text + text }
  else spans.push({ text, ...(style && { style }) })
}

// Styled text: what every picture in a terminal is made of. Pictures are plain data, so that tests read them and the
// dashboard, `inspect` and `compare` share them; colours become escape codes here and nowhere else.

import { Chalk, type ChalkInstance, type ColorName, type ColorSupportLevel, supportsColor } from 'chalk'
import stringWidth from 'string-width'

/** Red, green and blue, 0 to 255; shown as near as the terminal can. */
export type Rgb = readonly [number, number, number]
/** One of the sixteen that the person's own theme defines, or an exact one. */
export type Colour = ColorName | Rgb

export interface Style {
  readonly colour?: Colour
  readonly background?: Rgb
  readonly bold?: boolean
  readonly dim?: boolean
}

export const DIM: Style = { dim: true }
export const BOLD: Style = { bold: true }

export interface Span {
  readonly text: string
  readonly style?: Style
}

/** One line of a picture, without its end. */
export type Line = readonly Span[]

/** How many colours a terminal shows: none, 16, 256 or all. */
export type ColourDepth = ColorSupportLevel

/** https://no-color.org: any value that is not empty asks for none. */
export function colourDepth(environment: Readonly<Record<string, string | undefined>>): ColourDepth {
  if (environment.NO_COLOR) return 0
  return supportsColor ? supportsColor.level : 0
}

/** A line as text with escape codes; at depth 0 the text alone. */
export function painted(line: Line, depth: ColourDepth): string {
  const chalk = new Chalk({ level: depth })
  return line.map(({ text, style }) => (style ? brush(chalk, style)(text) : text)).join('')
}

/** Lines as one text, each without the blanks at its end. */
export function paintedText(lines: readonly Line[], depth: ColourDepth): string {
  return lines.map((line) => painted(line, depth).trimEnd()).join('\n')
}

function brush(chalk: ChalkInstance, { colour, background, bold, dim }: Style): ChalkInstance {
  let result = chalk
  if (bold) result = result.bold
  if (dim) result = result.dim
  if (background) result = result.bgRgb(...background)
  if (typeof colour === 'string') return result[colour]
  return colour ? result.rgb(...colour) : result
}

/** The cells of a terminal that a text fills: two for each wide character, none for what joins the one before. */
export function cells(text: string): number {
  return stringWidth(text)
}

export function lineCells(line: Line): number {
  return line.reduce((sum, { text }) => sum + cells(text), 0)
}

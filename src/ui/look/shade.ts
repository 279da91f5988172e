// How strong a figure is, from 0 to 1, as a cell of a picture: a colour, or where there are few colours a character.

import type { ColourDepth, Rgb, Span, Style } from '../style.ts'

/** What a picture is drawn on. */
export interface Sheet {
  readonly columns: number
  readonly colours: ColourDepth
}

/** Colours of rising lightness, so that their order can be seen. */
export type Ramp = readonly Rgb[]

export const BLUES: Ramp = [
  [18, 28, 56],
  [30, 84, 150],
  [80, 160, 220],
  [200, 236, 255],
]
export const REDS: Ramp = [
  [42, 22, 30],
  [124, 32, 52],
  [226, 92, 50],
  [255, 216, 130],
]

/** From weak to strong, for a terminal with sixteen colours or none. */
const CHARACTERS = '.:-=+*#%@'

/** The steps that a legend explains: shares of the way from weak to strong. */
export const STEPS: readonly number[] = Array.from(CHARACTERS, (_, step) => step / (CHARACTERS.length - 1))

/** Sixteen colours have no order of their own: there, characters say more. */
export function hasRamps({ colours }: Sheet): boolean {
  return colours >= 2
}

/** A cell of this width, for a share from 0 to 1. */
export function shade(share: number, width: number, sheet: Sheet, ramp: Ramp): Span {
  if (hasRamps(sheet)) return { text: ' '.repeat(width), style: { background: rampColour(share, ramp) } }
  return { text: character(share).repeat(width) }
}

export function character(share: number): string {
  return CHARACTERS[Math.round(within(share) * (CHARACTERS.length - 1))]
}

/** Text on the ramp's colour, in black or white, whichever can be read. */
export function onRamp(share: number, ramp: Ramp): Style {
  const background = rampColour(share, ramp)
  const [red, green, blue] = background
  const light = 0.299 * red + 0.587 * green + 0.114 * blue > 128 // the luma of ITU-R BT.601
  return { background, colour: light ? [0, 0, 0] : [255, 255, 255] }
}

/** Between the two nearest colours of the ramp. */
function rampColour(share: number, ramp: Ramp): Rgb {
  const place = within(share) * (ramp.length - 1)
  const lower = Math.min(Math.floor(place), ramp.length - 2)
  const mixed = ramp[lower].map((low, part) => Math.round(low + (place - lower) * (ramp[lower + 1][part] - low)))
  return [mixed[0], mixed[1], mixed[2]]
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share))
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of at most `width` cells, to an eighth of a cell. Something is never nothing. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(within(share) * width * 8)
  const shown = share > 0 ? Math.max(1, eighths) : 0
  return '█'.repeat(Math.floor(shown / 8)) + EIGHTHS[shown % 8]
}

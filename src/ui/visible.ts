// Text of people and of models, made safe and plain to see: nothing in it reaches the terminal as a command.

import { cells } from './style.ts'

/** Controls, formats, surrogates and what Unicode has not assigned; separators other than the common space. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

const NAMED: Readonly<Record<string, string>> = { '\n': '⏎', '\t': '\\t', '\r': '\\r' }

/** A newline as ⏎, what cannot be seen as an escape, and a mark that stands at the beginning on a circle. */
export function visible(text: string): string {
  const shown = text.replaceAll(HIDDEN, (character) => NAMED[character] ?? escaped(character))
  return /^\p{M}/u.test(shown) ? `◌${shown}` : shown
}

function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`
}

/** A token as a name for itself: spaces are dots, and what is longer than `width` cells ends in an ellipsis. */
export function label(token: string, width = Infinity): string {
  return clipped(visible(token).replaceAll(' ', '·'), width)
}

/** The text, or as much of it as fits and an ellipsis. */
export function clipped(text: string, width: number): string {
  if (cells(text) <= width) return text
  let head = ''
  for (const character of characters(text)) {
    if (cells(head + character) > width - 1) break
    head += character
  }
  return `${head}…`
}

/** What a reader takes for one character each: marks stay with what they stand on. */
export function characters(text: string): string[] {
  return Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment)
}

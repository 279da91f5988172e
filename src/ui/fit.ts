// Text fitted into lines of a known width, in cells of a terminal.

import { cells } from './style.ts'
import { harmless, visible } from './visible.ts'

/** Text from outside on one line: newlines and tabs are shown as signs. */
export function onOneLine(text: string): string {
  return harmless(text.replaceAll(/\r?\n/g, '⏎').replaceAll('\t', '⇥'))
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What a reader takes for one character each: marks stay with what they stand on. */
export function characters(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** A token as a name for itself: spaces are dots, and what is longer than `width` cells ends in an ellipsis. */
export function label(token: string, width = Infinity): string {
  return clipped(visible(token).replaceAll(' ', '·'), width)
}

/** The beginning that fits, with an ellipsis if something is left out. */
export function clipped(text: string, width: number): string {
  if (cells(text) <= width) return text
  return width < 1 ? '' : `${beginning(text, width - 1)}…`
}

/** Text from outside as lines that fit, broken at blanks where there are some. */
export function wrapped(text: string, width: number): string[] {
  const lines = harmless(text.replaceAll(/\r\n/g, '\n').replaceAll('\t', '  ')).split('\n')
  return lines.flatMap((line) => wrappedLine(line, width))
}

function wrappedLine(line: string, width: number): string[] {
  const lines: string[] = []
  let rest = line
  while (cells(rest) > width) {
    const most = beginning(rest, width)
    if (most === '') return lines // a character that is wider than the line
    const blank = most.lastIndexOf(' ')
    const end = rest[most.length] === ' ' || blank <= 0 ? most.length : blank
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).replace(/^ /, '')
  }
  return [...lines, rest]
}

/** The characters that fit. */
function beginning(text: string, width: number): string {
  let [end, used] = [0, 0]
  for (const { segment } of segmenter.segment(text)) {
    used += cells(segment)
    if (used > width) break
    end += segment.length
  }
  return text.slice(0, end)
}

// Lines of styled text put side by side within a width.

import { clipped } from '../fit.ts'
import { cells, type Line, lineCells, type Span, type Style } from '../style.ts'

/** One colour for each curve of a chart, and for its value wherever that is told. */
export const COLOURS = {
  progress: { colour: 'cyan' },
  raw: { colour: 'cyan', dim: true },
  batch: { colour: 'cyan' },
  train: { colour: 'yellow' },
  validation: { colour: 'magenta' },
  best: { colour: 'green' },
  learningRate: { colour: 'green' },
  gradientNorm: { colour: 'yellow' },
  warning: { colour: 'yellow' },
} as const satisfies Readonly<Record<string, Style>>

export function plain(text: string): Span {
  return { text }
}

export function styled(text: string, style: Style): Span {
  return { text, style }
}

/** What of a line fits, with an ellipsis if something is left out. */
export function fitted(line: Line, width: number): Line {
  if (lineCells(line) <= width) return line
  const spans: Span[] = []
  let left = width
  for (const span of line) {
    const text = clipped(span.text, left)
    if (text !== '') spans.push({ ...span, text })
    left -= cells(span.text)
    if (left < 0 || text === '') break
  }
  return spans
}

/** The first of several versions that fits, or what fits of the last. */
export function firstFitting(versions: readonly Line[], width: number): Line {
  return versions.find((line) => lineCells(line) <= width) ?? fitted(versions.at(-1) ?? [], width)
}

/** One part at each end of the line; the left one gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineCells(right)
  const start = fitted(left, room - (left.length > 0 ? 1 : 0))
  return [...start, plain(' '.repeat(Math.max(0, room - lineCells(start)))), ...right]
}

/** Parts with the same gap between any two. */
export function joined(parts: readonly Line[], gap: string): Line {
  return parts.flatMap((part, index) => (index === 0 ? part : [plain(gap), ...part]))
}

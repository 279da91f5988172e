// What the tests of charts share: points from values, and pictures as text.

import type { Point } from '../../../src/ui/chart/points.ts'
import { type Line, painted } from '../../../src/ui/style.ts'

/** Values at 0, 1, 2, … */
export function pointsOf(...values: number[]): Point[] {
  return values.map((y, x) => ({ x, y }))
}

/** `count` points that a function of their index gives. */
export function pointsBy(count: number, value: (index: number) => number): Point[] {
  return Array.from({ length: count }, (_, x) => ({ x, y: value(x) }))
}

export function textOf(lines: readonly Line[]): string[] {
  return lines.map((line) => painted(line, 0))
}

// A curve alone, in a few cells, without axes: how something goes, not how much it is.

import type { Line, Style } from '../style.ts'
import { positionAxis, valueAxis } from './axis.ts'
import { Canvas, wholeCells } from './canvas.ts'
import { drawCurve } from './curve.ts'
import { extent, measured, type Point, type Scale } from './points.ts'

export interface SparklineOptions {
  /** In cells: exactly `height` lines, none of them wider. */
  readonly width: number
  readonly height: number
  readonly style: Style
  readonly scale?: Scale
}

export function sparkline(
  points: readonly Point[],
  { width, height, style, scale = 'linear' }: SparklineOptions,
): Line[] {
  const canvas = new Canvas(wholeCells(width), wholeCells(height))
  const curve = measured(points, scale)
  const [range, y] = [extent([curve], 'x'), valueAxis([curve], scale)]
  if (range && y && canvas.columns * canvas.rows > 0) drawCurve(canvas, curve, { x: positionAxis(range), y }, style)
  return canvas.lines()
}

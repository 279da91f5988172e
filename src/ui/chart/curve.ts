// A curve on a canvas: from measured points to dots. Ten thousand points cost no more than reading them once.

import { type Axis, placeOn } from './axis.ts'
import { type Canvas, type Dot, DOTS_ACROSS, DOTS_DOWN } from './canvas.ts'
import type { Style } from '../style.ts'
import { isDrawn, type Point } from './points.ts'

export interface Axes {
  readonly x: Axis
  readonly y: Axis
}

/** The dot nearest to a measured point. */
export function dotOf({ x, y }: Point, axes: Axes, { columns, rows }: Canvas): Dot {
  return {
    x: Math.round(placeOn(axes.x, x) * (columns * DOTS_ACROSS - 1)),
    y: Math.round((1 - placeOn(axes.y, y)) * (rows * DOTS_DOWN - 1)),
  }
}

/** What a curve reaches within one column of dots. */
interface Reach {
  readonly x: number
  top: number
  bottom: number
}

/**
 * Draws lines between consecutive points, and none across a gap. Points of one column become the line from their lowest
 * to their highest, so that no spike is lost.
 */
export function drawCurve(canvas: Canvas, points: readonly Point[], axes: Axes, style: Style): void {
  let reach: Reach | undefined
  let last: Dot | undefined
  const finish = () => reach && canvas.upright(reach.x, reach.top, reach.bottom, style)
  for (const point of points) {
    const dot = isDrawn(point) ? dotOf(point, axes, canvas) : undefined
    if (dot && reach && dot.x === reach.x) {
      reach.top = Math.min(reach.top, dot.y)
      reach.bottom = Math.max(reach.bottom, dot.y)
    } else {
      finish()
      if (dot && last) canvas.line(last, dot, style)
      reach = dot && { x: dot.x, top: dot.y, bottom: dot.y }
    }
    last = dot
  }
  finish()
}

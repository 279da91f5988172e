// A curve that grows without end in bounded memory: when it is full, neighbours become one point, their mean.

import type { Point } from '../chart/points.ts'

/** More points than any screen has columns of dots, by far. */
const MOST_POINTS = 4096

/** Immutable to those who hold it; yet to append one point is not to copy all the others. */
export interface Series {
  /** Shared by the versions of a series: each sees its own `length` of it, and only the longest may grow it. */
  readonly store: Point[]
  readonly length: number
  /** Of how many values each point is the mean. */
  readonly stride: number
  /** The last values, not enough for a point yet. */
  readonly waiting: readonly Point[]
}

export const EMPTY: Series = { store: [], length: 0, stride: 1, waiting: [] }

/** @param point its `x` not below those before; a `y` that is not finite is a gap. */
export function append(series: Series, point: Point): Series {
  const waiting = [...series.waiting, point]
  if (waiting.length < series.stride) return { ...series, waiting }
  const isLongest = series.store.length === series.length
  const store = isLongest ? series.store : series.store.slice(0, series.length)
  store.push(meanOf(waiting))
  const grown = { ...series, store, length: store.length, waiting: [] }
  return grown.length < MOST_POINTS ? grown : merged(grown)
}

/** The points, the last one of as many values as there are. */
export function pointsOf({ store, length, waiting }: Series): Point[] {
  const points = store.slice(0, length)
  return waiting.length > 0 ? [...points, meanOf(waiting)] : points
}

/** What of it is not beyond `x`. */
export function until(series: Series, x: number): Series {
  const store = pointsOf(series).filter((point) => point.x <= x)
  return { ...series, store, length: store.length, waiting: [] }
}

function merged({ store, stride }: Series): Series {
  const pairs = Array.from({ length: store.length / 2 }, (_, pair) => meanOf(store.slice(2 * pair, 2 * pair + 2)))
  return { store: pairs, length: pairs.length, stride: 2 * stride, waiting: [] }
}

/** Gaps count for nothing; of gaps alone the mean is one. */
function meanOf(points: readonly Point[]): Point {
  return { x: mean(points.map(({ x }) => x)), y: mean(points.map(({ y }) => y).filter(Number.isFinite)) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

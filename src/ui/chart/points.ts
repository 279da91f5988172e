// The points of curves as an axis measures them, and the part of them that a chart shows. No cells and dots here.

/** A `y` that is not finite is a gap; `x` ascends along a curve. */
export interface Point {
  readonly x: number
  readonly y: number
}

export type Scale = 'linear' | 'log'

/** From the lowest to the highest. */
export type Range = readonly [low: number, high: number]

/** Beyond this in size a number is drawn no more than an infinite one: sums and differences must stay finite. */
const LARGEST = 1e300

export function isDrawn({ x, y }: Point): boolean {
  return Math.abs(x) <= LARGEST && Math.abs(y) <= LARGEST // false for NaN
}

/** Each y as the axis measures it: itself, or its decimal logarithm, which is a gap where there is none. */
export function measured(points: readonly Point[], scale: Scale): readonly Point[] {
  if (scale === 'linear') return points
  return points.map(({ x, y }) => ({ x, y: y > 0 && y <= LARGEST ? Math.log10(y) : Number.NaN }))
}

/** What of a curve lies in a range of x. A line that crosses the range's end is cut there. */
export function partWithin(points: readonly Point[], range: Range): Point[] {
  const part: Point[] = []
  let before: Point | undefined
  for (const point of points) {
    if (before && isDrawn(before) && isDrawn(point)) part.push(...crossings(before, point, range))
    if (!isDrawn(point) || (point.x >= range[0] && point.x <= range[1])) part.push(point)
    before = point
  }
  return part
}

function crossings(from: Point, to: Point, range: Range): Point[] {
  return range
    .filter((edge) => from.x < edge && edge < to.x)
    .map((edge) => ({ x: edge, y: from.y + ((edge - from.x) / (to.x - from.x)) * (to.y - from.y) }))
}

/** The lowest and the highest of a coordinate; undefined if nothing is drawn. */
export function extent(curves: readonly (readonly Point[])[], coordinate: 'x' | 'y'): Range | undefined {
  let [low, high] = [Infinity, -Infinity]
  for (const points of curves) {
    for (const point of points) {
      if (!isDrawn(point)) continue
      low = Math.min(low, point[coordinate])
      high = Math.max(high, point[coordinate])
    }
  }
  return low <= high ? [low, high] : undefined
}

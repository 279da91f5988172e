import { describe, expect, it } from 'vitest'
import { append, EMPTY, pointsOf, type Series, until } from '../../../src/ui/dashboard/series.ts'

function grown(count: number, y: (x: number) => number, from: Series = EMPTY): Series {
  return Array.from({ length: count }, (_, index) => index + 1).reduce(
    (series, x) => append(series, { x, y: y(x) }),
    from,
  )
}

describe('a series', () => {
  it('holds the points in order', () => {
    expect(pointsOf(grown(3, (x) => 10 * x))).toEqual([
      { x: 1, y: 10 },
      { x: 2, y: 20 },
      { x: 3, y: 30 },
    ])
  })

  it('of a hundred thousand values is bounded, keeps its ends, and each point is the mean of neighbours', () => {
    const points = pointsOf(grown(100_000, (x) => 2 * x))
    expect(points.length).toBeGreaterThan(2000)
    expect(points.length).toBeLessThanOrEqual(4096)
    expect(points.every(({ x, y }) => Math.abs(y - 2 * x) < 1e-6)).toBe(true) // the mean of a line lies on it
    expect(points[0].x).toBeLessThan(50)
    expect(points.at(-1)!.x).toBeGreaterThan(99_950)
    expect(points.every(({ x }, index) => index === 0 || x > points[index - 1].x)).toBe(true)
  })

  it('shows its last values before they make up a point', () => {
    const full = grown(4096, () => 1) // pairs from here on
    expect(pointsOf(append(full, { x: 5000, y: 7 })).at(-1)).toEqual({ x: 5000, y: 7 })
  })

  it('leaves gaps out of a mean, and is a gap where there is nothing else', () => {
    const gaps = grown(4096, (x) => (x === 2 || x === 3 || x === 4 ? NaN : 1))
    expect(pointsOf(gaps).slice(0, 3)).toEqual([
      { x: 1.5, y: 1 },
      { x: 3.5, y: NaN },
      { x: 5.5, y: 1 },
    ])
  })

  it('does not change when others grow from it', () => {
    const common = grown(3, (x) => x)
    const [one, two] = [append(common, { x: 4, y: 1 }), append(common, { x: 4, y: 2 })]
    expect([common, one, two].map((series) => pointsOf(series).map(({ y }) => y))).toEqual([
      [1, 2, 3],
      [1, 2, 3, 1],
      [1, 2, 3, 2],
    ])
  })

  it('can be cut, and grows on from there', () => {
    const whole = grown(5, (x) => x)
    expect(pointsOf(append(until(whole, 2), { x: 3, y: 9 }))).toEqual([
      { x: 1, y: 1 },
      { x: 2, y: 2 },
      { x: 3, y: 9 },
    ])
    expect(pointsOf(whole)).toHaveLength(5)
  })
})

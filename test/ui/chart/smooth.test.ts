import { describe, expect, it } from 'vitest'
import { smoothed, suitedDecay } from '../../../src/ui/chart/smooth.ts'
import { pointsBy, pointsOf } from './frames.ts'

const valuesOf = (points: readonly { y: number }[]) => points.map(({ y }) => y)

describe('smoothing', () => {
  it('is the mean of all values so far, each weighted by its age', () => {
    // by hand: 8; (0.5 * 8 + 2) / 1.5; (0.25 * 8 + 0.5 * 2 + 6) / 1.75
    const values = valuesOf(smoothed(pointsOf(8, 2, 6), 0.5))
    expect(values[0]).toBe(8)
    expect(values[1]).toBeCloseTo(4, 12)
    expect(values[2]).toBeCloseTo(9 / 1.75, 12)
  })

  it('starts at the first value, not at zero, and keeps a constant', () => {
    for (const value of valuesOf(smoothed(pointsOf(3, 3, 3, 3), 0.99))) expect(value).toBeCloseTo(3, 12)
  })

  it('skips gaps, and leaves each point at its place', () => {
    const points = smoothed(pointsOf(8, Number.NaN, 2), 0.5)
    expect(points).toEqual([
      { x: 0, y: 8 },
      { x: 1, y: Number.NaN },
      { x: 2, y: 4 },
    ])
  })

  it('leaves a few points as they are, and most of the noise of many out', () => {
    expect(valuesOf(smoothed(pointsOf(5, 1, 4)))).toEqual([5, 1, 4])
    const noisy = smoothed(pointsBy(3000, (index) => 2 + (index % 2 === 0 ? 1 : -1)))
    expect(Math.abs(noisy[2999].y - 2)).toBeLessThan(0.01)
    expect(suitedDecay(3000)).toBe(0.99)
  })
})

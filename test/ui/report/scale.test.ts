import { describe, expect, it } from 'vitest'
import { percent, percentDown, stepScale, tickLabels, valueScale } from '../../../src/ui/report/scale.ts'

describe('stepScale', () => {
  it('begins at 0, ends at the last step, and has whole numbers at its ticks', () => {
    expect(stepScale([10, 2000], 6)).toEqual({ min: 0, max: 2000, ticks: [0, 500, 1000, 1500, 2000] })
    expect(stepScale([1, 2, 3], 6)).toEqual({ min: 0, max: 3, ticks: [0, 1, 2, 3] })
    expect(stepScale([0], 6)).toEqual({ min: 0, max: 1, ticks: [0, 1] })
  })
})

describe('valueScale', () => {
  it('reaches from tick to tick around the values', () => {
    expect(valueScale([4.2, 1.7], 7)).toEqual({ min: 1.5, max: 4.5, ticks: [1.5, 2, 2.5, 3, 3.5, 4, 4.5] })
    expect(valueScale([0.3], 3, 0)).toEqual({ min: 0, max: 0.3, ticks: [0, 0.1, 0.2, 0.3] })
  })

  it.each([[[2, 2]], [[1, 1 + 1e-15]], [[0]], [[-7]], [[1e-30]], [[3.4e38, -3.4e38]], [[NaN, Infinity]], [[]]])(
    'has room for %j',
    (values) => {
      const { min, max, ticks } = valueScale(values, 5)
      expect(max).toBeGreaterThan(min)
      expect(Number.isFinite(max - min)).toBe(true)
      expect(ticks.length).toBeGreaterThan(1)
      expect(ticks.length).toBeLessThan(10)
      for (const value of values.filter(Number.isFinite)) {
        expect(min).toBeLessThanOrEqual(value)
        expect(max).toBeGreaterThanOrEqual(value)
      }
    },
  )
})

describe('tickLabels', () => {
  it('writes all alike', () => {
    expect(tickLabels(valueScale([1.5, 3], 4))).toEqual(['1.5', '2.0', '2.5', '3.0'])
    expect(tickLabels(valueScale([0, 0.001], 2))).toEqual(['0.0000', '0.0005', '0.0010'])
    expect(tickLabels(valueScale([0, 6e-5], 3))).toEqual(['0', '2e-5', '4e-5', '6e-5'])
    expect(tickLabels(valueScale([0, 2e9], 2))).toEqual(['0', '1e+9', '2e+9'])
  })
})

it('percent goes right, percentDown from the top', () => {
  const scale = { min: 1, max: 4, ticks: [] }
  expect([percent(1, scale), percent(2, scale), percent(4, scale)]).toEqual([0, 33.33, 100])
  expect([percentDown(1, scale), percentDown(2, scale), percentDown(4, scale)]).toEqual([100, 66.67, 0])
})

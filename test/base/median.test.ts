import { expect, it } from 'vitest'
import { median } from '../../src/base/median.ts'

it('the median is the middle, or the mean of the two in the middle, in whatever order they come', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([10, 1, 4, 2])).toBe(3)
  expect(median([])).toBeNaN()
})

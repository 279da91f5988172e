import { describe, expect, it } from 'vitest'
import { spread, thinned } from '../../src/run/thinning.ts'

const rows = (values: readonly number[]) => values.map((value, index) => ({ index, value }))
const byValue = [({ value }: { value: number }) => value]

describe('thinned', () => {
  it('keeps all rows up to the limit', () => {
    const few = rows([3, 1, 2])
    expect(thinned(few, byValue, 3)).toBe(few)
  })

  it('keeps the first, the last, and the extremes of each stretch, in order', () => {
    const many = rows([5, 4, 9, 3, /* */ 7, 1, 2, 6])
    expect(thinned(many, byValue, 4).map(({ index }) => index)).toEqual([0, 2, 3, 4, 5, 7])
  })

  it('keeps one spike among a hundred thousand, by any of its measures', () => {
    const many = rows(Array.from({ length: 100_000 }, (_, index) => (index === 54_321 ? 99 : 1)))
    const kept = thinned(many, [() => 0, ({ value }) => value], 1000)
    expect(kept.length).toBeLessThanOrEqual(1002)
    expect(kept).toContainEqual({ index: 54_321, value: 99 })
  })

  it('keeps where numbers ended being finite, and the extremes beside', () => {
    const many = rows([1, 2, NaN, NaN, 3, Infinity, 4, 2, 1, 1])
    expect(thinned(many, byValue, 2).map(({ index }) => index)).toEqual([0, 2, 6, 9])
  })
})

describe('spread', () => {
  it('takes the first, the last, and others evenly in between', () => {
    const hundred = Array.from({ length: 101 }, (_, index) => index)
    expect(spread(hundred, 5)).toEqual([0, 25, 50, 75, 100])
    expect(spread([1, 2], 5)).toEqual([1, 2])
  })
})

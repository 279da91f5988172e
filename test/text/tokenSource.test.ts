import { describe, expect, test } from 'vitest'
import { arraySource, splitSource } from '../../src/text/tokenSource.ts'

const ids = Int32Array.from({ length: 10 }, (_, index) => 100 + index)

describe('arraySource', () => {
  test('reads ranges', () => {
    const source = arraySource(ids)
    expect(source.length).toBe(10)
    expect([...source.read(3, 6)]).toEqual([103, 104, 105])
    expect(source.read(0, 10)).toEqual(ids)
    expect(source.read(10, 10)).toHaveLength(0)
  })

  test('reads views, not copies', () => {
    expect(arraySource(ids).read(3, 6).buffer).toBe(ids.buffer)
  })

  test.each([
    [-1, 3],
    [3, 11],
    [6, 3],
    [11, 11],
    [NaN, 3],
    [0, NaN],
  ])('refuses %d to %d', (start, end) => {
    expect(() => arraySource(ids).read(start, end)).toThrow(RangeError)
  })
})

describe('splitSource', () => {
  test.each([
    [10, 0.1, 9],
    [10, 0.25, 7],
    [10, 0, 10],
    [10, 1, 0],
    [1, 0.1, 0],
    [0, 0.1, 0],
    [1_115_394, 0.1, 1_003_854], // nanoGPT's own numbers for Shakespeare
  ])('%d tokens with %d for validation: %d train', (length, fraction, train) => {
    const parts = splitSource(arraySource(new Int32Array(length)), fraction)
    expect(parts.train.length).toBe(train)
    expect(parts.validation.length).toBe(length - train)
  })

  test('the last part validates, and both are views', () => {
    const { train, validation } = splitSource(arraySource(ids), 0.3)
    expect([...train.read(0, 7)]).toEqual([100, 101, 102, 103, 104, 105, 106])
    expect([...validation.read(0, 3)]).toEqual([107, 108, 109])
    expect(validation.read(1, 3).buffer).toBe(ids.buffer)
  })

  test('no part reaches into the other', () => {
    const { train, validation } = splitSource(arraySource(ids), 0.3)
    expect(() => train.read(5, 8)).toThrow(RangeError)
    expect(() => validation.read(-1, 2)).toThrow(RangeError)
    expect(() => validation.read(0, 4)).toThrow(RangeError)
  })
})

// Comparisons of many numbers at once, with one message for all of them.

import { expect } from 'vitest'

/** Each value within the tolerance of its counterpart. */
export function expectNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'values',
): void {
  expect(actual.length, `the number of ${what}`).toBe(expected.length)
  let apart = 0
  for (let index = 0; index < expected.length; index++) {
    const distance = Math.abs(actual[index] - expected[index])
    if (!(distance <= apart)) apart = distance // also where it is not a number
    if (Number.isNaN(apart)) break
  }
  expect(apart <= tolerance, `${what}: ${apart} apart, ${tolerance} allowed`).toBe(true)
}

export function largest(values: ArrayLike<number>): number {
  let most = 0
  for (let index = 0; index < values.length; index++) most = Math.max(most, Math.abs(values[index]))
  return most
}

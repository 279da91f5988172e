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
  const distances = Array.from(actual, (value, index) => Math.abs(value - expected[index]))
  expect(
    distances.every((distance) => distance <= tolerance),
    `${what}: ${Math.max(...distances)} apart, ${tolerance} allowed`,
  ).toBe(true)
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

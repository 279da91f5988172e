// What a head of attention looks at on average, whatever the tokens are.

import type { HeadAttention } from '../../gpt/look.ts'

/** Shares of its attention, from 0 to 1. */
export interface Habits {
  readonly itself: number
  readonly before: number
  readonly first: number
}

/** From this row on, itself, the token before and the first token are three different ones. */
const DISTINCT = 2

/** Means over the rows from the third on; undefined where there are none. */
export function habitsOf(weights: HeadAttention['weights']): Habits | undefined {
  const rows = weights.slice(DISTINCT)
  if (rows.length === 0) return undefined
  const mean = (weightOf: (row: readonly number[], query: number) => number): number =>
    rows.reduce((sum, row, index) => sum + weightOf(row, index + DISTINCT), 0) / rows.length
  return {
    itself: mean((row, query) => row[query]),
    before: mean((row, query) => row[query - 1]),
    first: mean((row) => row[0]),
  }
}

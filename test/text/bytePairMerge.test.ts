import { describe, expect, test } from 'vitest'
import { mergePairs, pairKey, pairOfKey, type Merges } from '../../src/text/bytePairMerge.ts'
import { randomText } from './texts.ts'

/** The textbook: look at all pairs, join the leftmost of lowest rank, start again. */
function mergeSlowly(tokens: readonly number[], merges: Merges): number[] {
  const ranks = tokens.slice(1).map((right, at) => merges.get(pairKey(tokens[at], right)) ?? Infinity)
  const best = Math.min(...ranks)
  if (best === Infinity) return [...tokens]
  return mergeSlowly(tokens.toSpliced(ranks.indexOf(best), 2, best), merges)
}

/** Merges over the bytes 0 to 3: each new token joins two earlier ones, drawn at random. */
function randomMerges(count: number, seed: number): Merges {
  const draws = Array.from(randomText('0123456789', 8 * count, seed), Number)
  const merges = new Map<number, number>()
  for (let index = 0; index < count; index++) {
    const draw = (from: number): number => Number(draws.slice(from, from + 4).join('')) % (4 + merges.size)
    const key = pairKey(draw(8 * index), draw(8 * index + 4))
    if (!merges.has(key)) merges.set(key, 4 + merges.size)
  }
  return merges
}

describe('mergePairs', () => {
  test('worked example: a=0, b=1, c=2; ab=3, then abc=4', () => {
    const merges = new Map([
      [pairKey(0, 1), 3],
      [pairKey(3, 2), 4],
    ])
    expect(mergePairs([0, 1, 2, 1, 0, 1], merges)).toEqual([4, 1, 3])
  })

  test('the lowest rank goes first, even where another pair is further left', () => {
    const merges = new Map([
      [pairKey(1, 2), 3],
      [pairKey(0, 1), 4],
    ])
    expect(mergePairs([0, 1, 2], merges)).toEqual([0, 3])
  })

  test('of equal pairs that overlap, the leftmost goes first', () => {
    expect(mergePairs([0, 0, 0], new Map([[pairKey(0, 0), 1]]))).toEqual([1, 0])
  })

  test.each([[[]], [[0]], [[0, 1]]])('%j has nothing to merge', (tokens) => {
    expect(mergePairs([...tokens], new Map())).toEqual(tokens)
  })

  test('equals the textbook on random vocabularies and pieces', () => {
    for (let seed = 0; seed < 300; seed++) {
      const merges = randomMerges(1 + (seed % 40), seed)
      const tokens = Array.from(randomText('0123', seed % 61, seed + 1000), Number)
      expect(mergePairs([...tokens], merges), `seed ${seed}`).toEqual(mergeSlowly(tokens, merges))
    }
  })

  test('a pair comes back out of its key', () => {
    expect(pairOfKey(pairKey(50_256, 3))).toEqual([50_256, 3])
  })
})

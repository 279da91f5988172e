import { describe, expect, it } from 'vitest'
import { sampleToken } from '../../src/gpt/sampler.ts'

const LOGITS = Float32Array.of(0, Math.log(2), Math.log(4), Math.log(1)) // probabilities 1/8, 2/8, 4/8, 1/8
const draws = Array.from({ length: 800 }, (_, index) => (index + 0.5) / 800)

function shares(options: { temperature: number; topK: number }, logits = LOGITS): number[] {
  const ids = draws.map((uniform) => sampleToken(logits, options, uniform))
  return Array.from(logits, (_, id) => ids.filter((drawn) => drawn === id).length / draws.length)
}

describe('sampling a token', () => {
  it('follows softmax at temperature 1', () => {
    shares({ temperature: 1, topK: 0 }).forEach((share, id) =>
      expect(share).toBeCloseTo([1 / 8, 2 / 8, 4 / 8, 1 / 8][id], 2),
    )
  })

  it('divides logits by the temperature: 1/2 squares the odds', () => {
    shares({ temperature: 0.5, topK: 0 }).forEach((share, id) =>
      expect(share).toBeCloseTo([1 / 22, 4 / 22, 16 / 22, 1 / 22][id], 2),
    )
  })

  it('is greedy at temperature 0, and takes the lowest id among equals', () => {
    expect(shares({ temperature: 0, topK: 0 })).toEqual([0, 0, 1, 0])
    expect(sampleToken(Float32Array.of(1, 3, 3), { temperature: 0, topK: 0 }, 0.99)).toBe(1)
  })

  it('keeps the k most probable tokens and their odds', () => {
    shares({ temperature: 1, topK: 2 }).forEach((share, id) => expect(share).toBeCloseTo([0, 1 / 3, 2 / 3, 0][id], 2))
  })

  it('takes a top-k above the vocabulary as all of it', () => {
    expect(shares({ temperature: 1, topK: 99 })).toEqual(shares({ temperature: 1, topK: 0 }))
  })

  it('survives logits that overflow an exponential, and a draw of almost 1', () => {
    expect(sampleToken(Float32Array.of(1e4, -1e4, 1e4), { temperature: 0.01, topK: 0 }, 1 - 2 ** -53)).toBe(2)
    expect(sampleToken(Float32Array.of(-1e4, 1e4), { temperature: 1, topK: 0 }, 0)).toBe(1)
  })
})

it('refuses logits that are no numbers', () => {
  expect(() => sampleToken(Float32Array.of(1, NaN, 2), { temperature: 1, topK: 2 }, 0.5)).toThrow('NaN')
})

it('finds the same top k as a sort does, among many and with equals', () => {
  const logits = Float32Array.from({ length: 500 }, (_, id) => ((id * 7919) % 101) / 10)
  const sorted = Array.from(logits.keys()).toSorted((a, b) => logits[b] - logits[a] || a - b)
  for (const topK of [1, 2, 37, 499]) {
    const drawn = new Set(
      Array.from({ length: 20_000 }, (_, index) => sampleToken(logits, { temperature: 50, topK }, index / 20_000)),
    )
    expect(drawn).toEqual(new Set(sorted.slice(0, topK)))
  }
})

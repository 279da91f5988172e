// Threefry-2x32 with 20 rounds: random numbers as a function of (key, counter), with no state to save or to restore.
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).

/** 64 bits that name a sequence of random words. Keys come from `seedKey` and `foldIn`, never from history. */
export type Key = readonly [low: number, high: number]

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const
const PARITY = 0x1bd11bda
const ROUNDS = 20
const TWO_POW_32 = 2 ** 32

/** One block: two 32-bit words (unsigned) for a key and a 64-bit counter. */
export function threefry2x32([key0, key1]: Key, counterLow: number, counterHigh: number): [number, number] {
  const schedule = [key0, key1, key0 ^ key1 ^ PARITY]
  let x0 = (counterLow + key0) | 0
  let x1 = (counterHigh + key1) | 0
  for (let round = 0; round < ROUNDS; round++) {
    const rotation = ROTATIONS[round % 8]
    x0 = (x0 + x1) | 0
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0
    if (round % 4 === 3) {
      const injection = (round + 1) / 4
      x0 = (x0 + schedule[injection % 3]) | 0
      x1 = (x1 + schedule[(injection + 1) % 3] + injection) | 0
    }
  }
  return [x0 >>> 0, x1 >>> 0]
}

/** The key of a seed: a whole number from 0 to 2^53 - 1. */
export function seedKey(seed: number): Key {
  return [seed % TWO_POW_32, Math.floor(seed / TWO_POW_32)]
}

/** A new key for each pair of words below 2^32, independent of the keys of all other pairs. */
export function foldIn(key: Key, word0: number, word1 = 0): Key {
  return threefry2x32(key, word0, word1)
}

/** The 32-bit word of one element (0 to 2^53 - 1) of a key's sequence. Two neighbours share one block. */
export function wordAt(key: Key, element: number): number {
  const block = Math.floor(element / 2)
  return threefry2x32(key, block % TWO_POW_32, Math.floor(block / TWO_POW_32))[element % 2]
}

/** Uniform in [0, 1) with 53 random bits: block number `index` of the key's sequence. */
export function uniformAt(key: Key, index: number): number {
  const [word0, word1] = threefry2x32(key, index % TWO_POW_32, Math.floor(index / TWO_POW_32))
  return (word0 * 2 ** 21 + (word1 >>> 11)) / 2 ** 53
}

/** Fills `out` with independent N(0, standardDeviation^2): Box and Muller's pair for each block of the sequence. */
export function fillNormal(key: Key, standardDeviation: number, out: Float32Array): void {
  for (let index = 0; index < out.length; index += 2) {
    const [word0, word1] = threefry2x32(key, index / 2, 0)
    const uniform = (word0 + 1) / TWO_POW_32 // in (0, 1], so that its logarithm is finite
    const radius = standardDeviation * Math.sqrt(-2 * Math.log(uniform))
    const angle = (2 * Math.PI * word1) / TWO_POW_32
    out[index] = radius * Math.cos(angle)
    if (index + 1 < out.length) out[index + 1] = radius * Math.sin(angle)
  }
}

/**
 * Fills `out` with a dropout mask: 0 with probability `rate`, else 1 / (1 - rate), so that the expectation is 1.
 * Element i is dropped when the top 24 bits of word i are below rate * 2^24: exact in every language.
 */
export function fillDropoutMask(key: Key, rate: number, out: Float32Array): void {
  const threshold = Math.round(rate * 2 ** 24)
  const kept = 1 / (1 - rate)
  for (let index = 0; index < out.length; index += 2) {
    const [word0, word1] = threefry2x32(key, (index / 2) % TWO_POW_32, 0)
    out[index] = word0 >>> 8 < threshold ? 0 : kept
    if (index + 1 < out.length) out[index + 1] = word1 >>> 8 < threshold ? 0 : kept
  }
}

/** What a sequence of random numbers is for. Each purpose has a key of its own below the seed's. */
export const Stream = { initialisation: 1, data: 2, dropout: 3, evaluation: 4, sampling: 5 } as const
export type Stream = (typeof Stream)[keyof typeof Stream]

/** The key of one purpose at one step (or tensor, or sample). */
export function streamKey(seed: number, stream: Stream, step: number): Key {
  return foldIn(seedKey(seed), stream, step)
}

import { describe, expect, it } from 'vitest'
import {
  fillDropoutMask,
  fillNormal,
  foldIn,
  seedKey,
  Stream,
  streamKey,
  threefry2x32,
  uniformAt,
  wordAt,
} from '../../src/base/threefry.ts'

describe('Threefry-2x32, 20 rounds', () => {
  // The known answers that come with Random123 (kat_vectors).
  it.each([
    { key: [0, 0], counter: [0, 0], words: [0x6b200159, 0x99ba4efe] },
    { key: [0xffffffff, 0xffffffff], counter: [0xffffffff, 0xffffffff], words: [0x1cb996fc, 0xbb002be7] },
    { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], words: [0xc4923a9c, 0x483df7a0] },
  ] as const)('gives the known answer for counter $counter', ({ key, counter, words }) => {
    expect(threefry2x32(key, counter[0], counter[1])).toEqual(words)
  })
})

describe('keys', () => {
  it('differ for seeds that differ in any bit up to 2^53', () => {
    const seeds = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 52, Number.MAX_SAFE_INTEGER]
    expect(new Set(seeds.map((seed) => seedKey(seed).join())).size).toBe(seeds.length)
  })

  it('differ between purposes and steps', () => {
    const keys = Object.values(Stream).flatMap((stream) => [0, 1, 2].map((step) => streamKey(7, stream, step).join()))
    expect(new Set(keys).size).toBe(keys.length)
    expect(foldIn(seedKey(7), 1, 2)).not.toEqual(foldIn(seedKey(7), 2, 1))
  })
})

describe('random numbers', () => {
  const key = streamKey(42, Stream.data, 3)
  const uniforms = Array.from({ length: 20_000 }, (_, index) => uniformAt(key, index))

  it('are a function of key and index, in any order', () => {
    expect(uniformAt(key, 12_345)).toBe(uniforms[12_345])
    expect(wordAt(key, 7)).toBe(threefry2x32(key, 3, 0)[1])
    expect(wordAt(key, 2 ** 40)).toBe(threefry2x32(key, 2 ** 39 % 2 ** 32, 2 ** 7)[0])
  })

  it('are uniform in [0, 1): mean 1/2, variance 1/12, every twentieth as full', () => {
    expect(mean(uniforms)).toBeCloseTo(0.5, 2)
    expect(variance(uniforms)).toBeCloseTo(1 / 12, 2)
    const bins = Array.from({ length: 20 }, (_, bin) => uniforms.filter((u) => Math.floor(u * 20) === bin).length)
    bins.forEach((count) => expect(Math.abs(count - 1000)).toBeLessThan(150)) // five standard deviations
    expect(uniforms.every((u) => u >= 0 && u < 1)).toBe(true)
  })

  it('are normal with the deviation asked for, odd lengths too', () => {
    const normals = new Float32Array(20_001)
    fillNormal(key, 0.02, normals)
    expect(Math.abs(mean([...normals]))).toBeLessThan(5e-4)
    expect(Math.sqrt(variance([...normals])) / 0.02).toBeCloseTo(1, 1)
    const beyondTwo = normals.filter((x) => Math.abs(x) > 0.04).length / normals.length
    expect(beyondTwo).toBeCloseTo(0.0455, 2)
    expect(normals.every(Number.isFinite)).toBe(true)
  })

  it('drop about the asked share, and scale the rest so that the mean stays', () => {
    const mask = new Float32Array(20_001)
    fillDropoutMask(key, 0.2, mask)
    expect(mask.filter((x) => x === 0).length / mask.length).toBeCloseTo(0.2, 1)
    expect(mask.every((x) => x === 0 || x === Math.fround(1.25))).toBe(true)
    expect(mean([...mask])).toBeCloseTo(1, 1)
  })

  it('drop by logical element: a longer mask begins with the shorter one', () => {
    const [short, long] = [new Float32Array(99), new Float32Array(1000)]
    fillDropoutMask(key, 0.5, short)
    fillDropoutMask(key, 0.5, long)
    expect(long.slice(0, 99)).toEqual(short)
  })
})

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function variance(values: number[]): number {
  const centre = mean(values)
  return mean(values.map((value) => (value - centre) ** 2))
}

import { expect, it } from 'vitest'
import type { Benchmark } from '../../src/gpt/benchmark.ts'
import { benchmarkLines } from '../../src/ui/benchmarkLines.ts'

const benchmark: Benchmark = {
  figures: {
    engine: 'native',
    detail: 'AVX-512, 2 threads, fp32',
    millisecondsPerStep: 24.612,
    tokensPerSecond: 31_204.4,
    gflops: 161.29,
    peakGflops: 230.4,
    shareOfPeak: 0.70004,
    decodeTokensPerSecond: 20_600.2,
    peakMemoryBytes: 160_000_000,
  },
  engineReason: 'the addon is built',
  model: {
    vocabSize: 65,
    blockSize: 64,
    nLayer: 4,
    nHead: 4,
    nEmbd: 128,
    bias: false,
    activation: 'gelu',
  },
  parameters: 804_096,
  tokensPerStep: 768,
  steps: 406,
}

it('a benchmark as lines', () => {
  expect(benchmarkLines(benchmark)).toEqual([
    'engine    native: AVX-512, 2 threads, fp32 (the addon is built)',
    'model     4 layers, 4 heads, 128 wide, block 64, a vocabulary of 65: 804,096 parameters',
    'step      24.6 ms for 768 tokens, the median of 406',
    'training  31,204 tok/s, 161 GFLOP/s, 70% of the 230 that these threads can multiply and add',
    'decoding  20,600 tok/s, one sequence from the cache',
    "memory    153 MB at most, Node's own included",
  ])
})

it('of an engine that cannot tell its peak, and is slow', () => {
  const figures = {
    ...benchmark.figures,
    peakGflops: null,
    shareOfPeak: null,
    gflops: 0.4567,
    millisecondsPerStep: 8650,
  }
  const lines = benchmarkLines({ ...benchmark, figures })
  expect(lines.slice(2, 4)).toEqual([
    'step      8,650 ms for 768 tokens, the median of 406',
    'training  31,204 tok/s, 0.457 GFLOP/s',
  ])
})

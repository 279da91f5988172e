// What `tgpt bench` measures. `--json` writes out the figures.

import type { ModelConfig } from './model.ts'

export interface BenchmarkFigures {
  readonly engine: string
  readonly detail: string
  /** The median over the steps that were timed. */
  readonly millisecondsPerStep: number
  readonly tokensPerSecond: number
  /** 10^9 floating-point operations a second; causal attention counts as half, which is what must be done of it. */
  readonly gflops: number
  /** The most that the same threads can multiply and add, measured in the same run; null where an engine cannot tell. */
  readonly peakGflops: number | null
  /** `gflops` as a part of `peakGflops`. */
  readonly shareOfPeak: number | null
  /** One sequence within one block, from the cache, always the most probable token. */
  readonly decodeTokensPerSecond: number
  /** Of the whole process. */
  readonly peakMemoryBytes: number
}

/** The figures with what they were measured on. */
export interface Benchmark {
  readonly figures: BenchmarkFigures
  /** Why this engine. */
  readonly engineReason: string
  readonly model: ModelConfig
  readonly parameters: number
  readonly tokensPerStep: number
  /** Steps that were timed. */
  readonly steps: number
}

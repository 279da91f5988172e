// A benchmark as plain lines of text.

import type { Benchmark } from '../gpt/benchmark.ts'
import { bytes, count, plural, table } from './format.ts'

export function benchmarkLines({
  figures,
  engineReason,
  model,
  parameters,
  tokensPerStep,
  steps,
}: Benchmark): string[] {
  const { engine, detail, millisecondsPerStep, tokensPerSecond, decodeTokensPerSecond, peakMemoryBytes } = figures
  const sizes = `${plural(model.nLayer, 'layer')}, ${plural(model.nHead, 'head')}, ${model.nEmbd} wide, block ${model.blockSize}`
  return table([
    ['engine', `${engine}: ${detail} (${engineReason})`],
    ['model', `${sizes}, a vocabulary of ${count(model.vocabSize)}: ${count(parameters)} parameters`],
    [
      'step',
      `${significant(millisecondsPerStep)} ms for ${count(tokensPerStep)} tokens, the median of ${count(steps)}`,
    ],
    ['training', `${count(tokensPerSecond)} tok/s, ${speed(figures)}`],
    ['decoding', `${count(decodeTokensPerSecond)} tok/s, one sequence from the cache`],
    ['memory', `${bytes(peakMemoryBytes)} at most, Node's own included`],
  ])
}

function speed({ gflops, peakGflops, shareOfPeak }: Benchmark['figures']): string {
  const share =
    peakGflops === null || shareOfPeak === null
      ? ''
      : `, ${(100 * shareOfPeak).toFixed(0)}% of the ${significant(peakGflops)} that these threads can multiply and add`
  return `${significant(gflops)} GFLOP/s${share}`
}

/** Three digits that matter, or all before the point: 0.412, 24.6, 1630. */
function significant(value: number): string {
  return value >= 100 ? count(value) : value.toPrecision(3)
}

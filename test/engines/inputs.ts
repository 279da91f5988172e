// What the tests of engines start from: ordinary settings of a step, and numbers drawn from a seed.

import { seedKey, uniformAt } from '../../src/base/threefry.ts'
import type { StepHyper } from '../../src/gpt/engine.ts'

export const HYPER: StepHyper = {
  step: 0,
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.1,
  gradientClip: 1,
  dropout: 0,
}

/** A generator of whole numbers below a bound, the same ones for the same seed. */
export function drawer(seed: number): (below: number) => number {
  let drawn = 0
  return (below) => Math.floor(uniformAt(seedKey(seed), drawn++) * below)
}

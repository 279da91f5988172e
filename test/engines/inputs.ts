// What the tests of engines start from: ordinary settings of a step, and numbers drawn from a seed.

import type { NamedTensors } from '../../src/base/namedTensors.ts'
import { fillNormal, foldIn, seedKey, uniformAt } from '../../src/base/threefry.ts'
import type { StepHyper } from '../../src/gpt/engine.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { paramSpecs } from '../../src/gpt/parameters.ts'

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

/** Weights far larger than fresh ones, and biases, so that no part of the model is nearly linear or nearly nothing. */
export function livelyParameters(model: ModelConfig, seed: number): NamedTensors {
  const tensors = paramSpecs(model).map(({ name, shape, initializer }, index) => {
    const data = new Float32Array(shape.reduce((product, dimension) => product * dimension, 1))
    fillNormal(foldIn(seedKey(seed), index), 0.4, data)
    const centre = initializer.kind === 'constant' ? initializer.value : 0
    return [name, { shape, data: data.map((value) => value + centre) }] as const
  })
  return new Map(tensors)
}

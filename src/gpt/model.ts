// What a GPT is made of: the sizes that fix its tensors and the choices that fix its mathematics.

import { UserError } from '../base/errors.ts'

/** `gelu`: exact, x * Phi(x), as nanoGPT. `gelu_new`: the tanh approximation of GPT-2 and llama.cpp. */
export const ACTIVATIONS = ['gelu', 'gelu_new'] as const
export type Activation = (typeof ACTIVATIONS)[number]

export interface ModelConfig {
  readonly vocabSize: number
  /** The longest context, T at most. */
  readonly blockSize: number
  readonly nLayer: number
  readonly nHead: number
  readonly nEmbd: number
  readonly bias: boolean
  readonly activation: Activation
}

/** Added to the variance in LayerNorm, as in PyTorch and GPT-2. */
export const LAYER_NORM_EPSILON = 1e-5

/** Generous limits: far beyond a laptop's models, yet small enough that sizes stay exact and lists can be built. */
export const MODEL_LIMITS = {
  nLayer: 1000,
  nHead: 1024,
  nEmbd: 65_536,
  blockSize: 1_048_576,
  vocabSize: 4_194_304,
} as const

/**
 * Checks sizes that come from a person or a file, before anything is allocated for them.
 * @throws UserError that names the field, with `exitCode` 2 for flags and 1 for files.
 */
export function validateModel(model: ModelConfig, exitCode: 1 | 2): void {
  for (const field of ['vocabSize', 'blockSize', 'nLayer', 'nHead', 'nEmbd'] as const) {
    const value = model[field]
    if (!Number.isInteger(value) || value < 1 || value > MODEL_LIMITS[field]) {
      throw new UserError(
        `${field} is ${value}; it must be a whole number from 1 to ${MODEL_LIMITS[field]}`,
        '',
        exitCode,
      )
    }
  }
  if (model.nEmbd % model.nHead !== 0) {
    const nearest = model.nHead * Math.max(1, Math.round(model.nEmbd / model.nHead))
    throw new UserError(
      `the width ${model.nEmbd} (n-embd) cannot be shared among ${model.nHead} heads (n-head)`,
      `Choose a width that is a multiple of the heads: ${nearest}, say.`,
      exitCode,
    )
  }
}

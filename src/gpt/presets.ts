// Named sets of sizes and training settings, to start from; and how a person's own settings override them.

import { UserError } from '../base/errors.ts'
import type { Settings } from './settings.ts'

export const PRESETS = ['tiny', 'small', 'nano', 'baby', 'gpt2', 'gpt2-medium', 'gpt2-large', 'gpt2-xl'] as const
export type PresetName = (typeof PRESETS)[number]

/** What settings derive from others unless they are given. */
type Derived = 'minLearningRate' | 'decaySteps' | 'saveInterval'
type Preset = Omit<Settings, Derived>

const COMMON = {
  activation: 'gelu_new',
  bias: false,
  dropout: 0,
  tokenizer: 'char',
  validationFraction: 0.1,
  gradientAccumulation: 1,
  warmupSteps: 100,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  gradClip: 1,
  keep: 2,
  seed: 1337,
} as const

/** For the reference engine, which needs two minutes for what the others do in a second. */
const TINY: Preset = {
  ...COMMON,
  nLayer: 1,
  nHead: 2,
  nEmbd: 32,
  blockSize: 24,
  batchSize: 8,
  steps: 600,
  learningRate: 1e-2,
  evalInterval: 100,
  evalIters: 10,
  logInterval: 20,
}

/** For the fast engines: words and sentences within a minute or two. */
const SMALL: Preset = {
  ...COMMON,
  nLayer: 4,
  nHead: 4,
  nEmbd: 128,
  blockSize: 64,
  batchSize: 16,
  steps: 2500,
  learningRate: 3e-3,
  evalInterval: 250,
  evalIters: 20,
  logInterval: 50,
}

/** nanoGPT's README, "I only have a macbook": its configuration for a CPU. */
const NANO: Preset = {
  ...COMMON,
  activation: 'gelu',
  nLayer: 4,
  nHead: 4,
  nEmbd: 128,
  blockSize: 64,
  batchSize: 12,
  steps: 2000,
  learningRate: 1e-3,
  evalInterval: 250,
  evalIters: 20,
  logInterval: 10,
}

/** nanoGPT's config/train_shakespeare_char.py. */
const BABY: Preset = {
  ...NANO,
  nLayer: 6,
  nHead: 6,
  nEmbd: 384,
  blockSize: 256,
  batchSize: 64,
  steps: 5000,
  dropout: 0.2,
  evalIters: 200,
}

/** GPT-2's four sizes (Radford et al., 2019), trained with the defaults of nanoGPT's train.py. */
const gpt2 = (nLayer: number, nHead: number, nEmbd: number): Preset => ({
  ...COMMON,
  bias: true,
  tokenizer: 'gpt2',
  nLayer,
  nHead,
  nEmbd,
  blockSize: 1024,
  batchSize: 12,
  gradientAccumulation: 40,
  steps: 600_000,
  learningRate: 6e-4,
  warmupSteps: 2000,
  beta2: 0.95,
  evalInterval: 2000,
  evalIters: 200,
  logInterval: 10,
})

const TABLE: { readonly [Name in PresetName]: Preset } = {
  tiny: TINY,
  small: SMALL,
  nano: NANO,
  baby: BABY,
  gpt2: gpt2(12, 12, 768),
  'gpt2-medium': gpt2(24, 16, 1024),
  'gpt2-large': gpt2(36, 20, 1280),
  'gpt2-xl': gpt2(48, 25, 1600),
}

/** Checks a preset's name from a person. */
export function presetName(name: string): PresetName {
  const known = PRESETS.find((preset) => preset === name)
  if (!known) throw new UserError(`there is no preset "${name}"`, `Presets: ${PRESETS.join(', ')}.`)
  return known
}

/**
 * A preset overridden by a person's settings. What is derived follows the outcome: the decay ends with the last step,
 * at a tenth of the learning rate; warm-up takes at most a tenth of the steps; saving goes with evaluating.
 */
export function resolveSettings(preset: PresetName, given: Partial<Settings>): Settings {
  const merged = { ...TABLE[preset], ...given }
  const settings: Settings = {
    ...merged,
    minLearningRate: given.minLearningRate ?? merged.learningRate / 10,
    warmupSteps: given.warmupSteps ?? Math.min(merged.warmupSteps, Math.floor(merged.steps / 10)),
    decaySteps: given.decaySteps ?? merged.steps,
    saveInterval: given.saveInterval ?? merged.evalInterval,
  }
  if (settings.minLearningRate > settings.learningRate) {
    throw new UserError(
      `the lowest learning rate ${settings.minLearningRate} is above the highest, ${settings.learningRate}`,
    )
  }
  return settings
}

// Everything a person can set for a run: one table of names, kinds, ranges and explanations. Flags, configuration
// files, presets and the record of a run are all checked against it.

import { UserError } from '../base/errors.ts'
import { ACTIVATIONS, type Activation, MODEL_LIMITS, type ModelConfig, validateModel } from './model.ts'

export interface Settings {
  readonly nLayer: number
  readonly nHead: number
  readonly nEmbd: number
  readonly blockSize: number
  readonly bias: boolean
  readonly activation: Activation
  readonly dropout: number
  readonly tokenizer: 'char' | 'gpt2'
  readonly validationFraction: number
  readonly batchSize: number
  readonly gradientAccumulation: number
  readonly steps: number
  readonly learningRate: number
  readonly minLearningRate: number
  readonly warmupSteps: number
  readonly decaySteps: number
  readonly weightDecay: number
  readonly beta1: number
  readonly beta2: number
  readonly gradClip: number
  readonly evalInterval: number
  readonly evalIters: number
  readonly logInterval: number
  readonly saveInterval: number
  readonly keep: number
  readonly seed: number
}

export type SettingKey = keyof Settings

interface Range {
  readonly min: number
  readonly max: number
  /** Whether the bound itself is out of range. */
  readonly above?: boolean
  readonly below?: boolean
}

export type SettingSpec =
  | ({ readonly kind: 'integer' | 'number'; readonly describe: string } & Range)
  | { readonly kind: 'boolean'; readonly describe: string }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly describe: string }

const MANY = 1_000_000_000
const integer = (describe: string, min: number, max: number): SettingSpec => ({ kind: 'integer', describe, min, max })
const number = (describe: string, range: Range): SettingSpec => ({ kind: 'number', describe, ...range })
const fractionBelow1: Range = { min: 0, max: 1, below: true }

export const SETTINGS: { readonly [Key in SettingKey]: SettingSpec } = {
  nLayer: integer('transformer blocks', 1, MODEL_LIMITS.nLayer),
  nHead: integer('attention heads in each block', 1, MODEL_LIMITS.nHead),
  nEmbd: integer('width of the model, a multiple of the heads', 1, MODEL_LIMITS.nEmbd),
  blockSize: integer('tokens of context', 1, MODEL_LIMITS.blockSize),
  bias: { kind: 'boolean', describe: 'biases in linear layers and LayerNorms' },
  activation: { kind: 'choice', choices: ACTIVATIONS, describe: 'gelu (exact) or gelu_new (tanh, as GPT-2)' },
  dropout: number('probability of dropping an element in training', fractionBelow1),
  tokenizer: { kind: 'choice', choices: ['char', 'gpt2'], describe: "one token a character, or GPT-2's 50257 tokens" },
  validationFraction: number('last part of the corpus, kept for validation', { min: 0, max: 0.9 }),
  batchSize: integer('windows in a micro-batch', 1, 1_000_000),
  gradientAccumulation: integer('micro-batches for each update', 1, 1_000_000),
  steps: integer('updates in all', 1, MANY),
  learningRate: number('highest learning rate', { min: 0, above: true, max: 100 }),
  minLearningRate: number('learning rate after the decay (default: a tenth of the highest)', { min: 0, max: 100 }),
  warmupSteps: integer('steps of linear warm-up (default: at most a tenth of the steps)', 0, MANY),
  decaySteps: integer('step at which the cosine decay ends (default: the last)', 1, MANY),
  weightDecay: number("AdamW's decay of matrices and embeddings", { min: 0, max: 100 }),
  beta1: number("AdamW's memory of gradients", fractionBelow1),
  beta2: number("AdamW's memory of squared gradients", fractionBelow1),
  gradClip: number('largest norm of a gradient; 0 is no clipping', { min: 0, max: 1e9 }),
  evalInterval: integer('steps between evaluations', 1, MANY),
  evalIters: integer('batches in an evaluation, of each part', 1, 1_000_000),
  logInterval: integer('steps between lines of progress', 1, MANY),
  saveInterval: integer('steps between checkpoints (default: as evaluations)', 1, MANY),
  keep: integer('newest checkpoints to keep, besides the best', 1, 1_000_000),
  seed: integer('seed of all randomness', 0, Number.MAX_SAFE_INTEGER),
}

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[]

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key)
}

/** The flag's name for a setting's key: nLayer to n-layer. */
export function kebabCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/**
 * The value of a setting, checked. Text, as flags give it, is read as the setting's kind.
 * @param label what to call the setting in an error: `--n-layer`, `"nLayer" in config.json`.
 */
export function checkSetting(key: SettingKey, value: unknown, label: string): number | boolean | string {
  const spec = SETTINGS[key]
  switch (spec.kind) {
    case 'boolean':
      return checkBoolean(value, label)
    case 'choice':
      return checkChoice(value, spec.choices, label)
    case 'integer':
    case 'number':
      return checkNumber(value, spec, label)
  }
}

function checkBoolean(value: unknown, label: string): boolean {
  const text = String(value).toLowerCase() // Python writes True and False
  if (text !== 'true' && text !== 'false') throw new UserError(`${label} is ${quoted(value)}; it must be true or false`)
  return text === 'true'
}

function checkChoice(value: unknown, choices: readonly string[], label: string): string {
  if (typeof value === 'string' && choices.includes(value)) return value
  throw new UserError(`${label} is ${quoted(value)}; it must be one of: ${choices.join(', ')}`)
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A number from text or JSON that lies in its range. */
export function checkNumber(value: unknown, spec: Range & { kind: 'integer' | 'number' }, label: string): number {
  const parsed = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value
  const wanted = spec.kind === 'integer' ? 'a whole number' : 'a number'
  if (typeof parsed !== 'number' || !Number.isFinite(parsed))
    throw new UserError(`${label} is ${quoted(value)}; it must be ${wanted}`)
  const outside =
    parsed < spec.min || parsed > spec.max || (spec.above && parsed === spec.min) || (spec.below && parsed === spec.max)
  const fractional = spec.kind === 'integer' && !Number.isSafeInteger(parsed)
  if (outside || fractional)
    throw new UserError(`${label} is ${quoted(value)}; it must be ${wanted} ${rangeText(spec)}`)
  return parsed
}

function rangeText({ min, max, above, below }: Range): string {
  return above ? `above ${min}, at most ${max}` : below ? `from ${min} to below ${max}` : `from ${min} to ${max}`
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}

/** The sizes and choices that make the model, once the tokenizer's vocabulary is known. @throws UserError */
export function modelConfig(settings: Settings, vocabSize: number): ModelConfig {
  const { nLayer, nHead, nEmbd, blockSize, bias, activation } = settings
  const model = { vocabSize, blockSize, nLayer, nHead, nEmbd, bias, activation }
  validateModel(model, 2)
  return model
}

// Parameters, floating-point operations and memory of a model: figures from its sizes alone, nothing measured.

import { elementCount } from '../base/namedTensors.ts'
import type { ModelConfig } from './model.ts'
import { paramSpecs, type ParamSpec } from './parameters.ts'

export interface ParameterGroup {
  readonly tensors: number
  readonly parameters: number
}

export interface ParameterCounts {
  readonly total: number
  /** Without the position embeddings, as nanoGPT counts. */
  readonly withoutPositions: number
  readonly embeddings: number
  readonly decayed: ParameterGroup
  readonly notDecayed: ParameterGroup
}

export function countParameters(model: ModelConfig): ParameterCounts {
  const specs = paramSpecs(model)
  const positions = model.blockSize * model.nEmbd
  const all = group(specs)
  return {
    total: all.parameters,
    withoutPositions: all.parameters - positions,
    embeddings: model.vocabSize * model.nEmbd + positions,
    decayed: group(specs.filter((spec) => spec.decayed)),
    notDecayed: group(specs.filter((spec) => !spec.decayed)),
  }
}

export const PARTS = ['token embedding', 'position embedding', 'attention', 'MLP', 'layer norms'] as const
export type Part = (typeof PARTS)[number]

/** Where the parameters are: how many each kind of part has, over all layers. */
export function countByPart(model: ModelConfig): (ParameterGroup & { readonly part: Part })[] {
  const specs = paramSpecs(model)
  return PARTS.map((part) => ({ part, ...group(specs.filter(({ name }) => partOf(name) === part)) }))
}

/** Of a tensor's name. @throws for one that belongs to no part that is known here. */
export function partOf(name: string): Part {
  if (name.startsWith('wte.')) return 'token embedding'
  if (name.startsWith('wpe.')) return 'position embedding'
  if (name.includes('.attn.')) return 'attention'
  if (name.includes('.mlp.')) return 'MLP'
  if (/(^|\.)ln_\w+\.(weight|bias)$/.test(name)) return 'layer norms'
  throw new Error(`${name} belongs to no part of the model that is counted`)
}

function group(specs: readonly ParamSpec[]): ParameterGroup {
  return { tensors: specs.length, parameters: specs.reduce((sum, { shape }) => sum + elementCount(shape), 0) }
}

/**
 * FLOPs for each token, forward and backward: nanoGPT's 6N + 12*L*C*T, with N without positions (PaLM, appendix B).
 * Attention is counted in full, causal or not.
 */
export function flopsPerToken(model: ModelConfig): number {
  return 6 * countParameters(model).withoutPositions + 12 * model.nLayer * model.nEmbd * model.blockSize
}

/** The same with causal attention at half: the work that must be done, by which speeds are told. */
export function neededFlopsPerToken(model: ModelConfig): number {
  return flopsPerToken(model) - 6 * model.nLayer * model.nEmbd * model.blockSize
}

const FLOAT_BYTES = 4

/**
 * Bytes that training cannot do without: weights, gradients, AdamW's two moments, and the activations of a micro-batch.
 * An engine may take more.
 */
export function trainingBytes(model: ModelConfig, batchSize: number): number {
  return FLOAT_BYTES * (4 * countParameters(model).total + activationsPerToken(model) * batchSize * model.blockSize)
}

/** Bytes to sample one sequence: the weights, the keys and values of one block, and the logits. */
export function samplingBytes(model: ModelConfig): number {
  return cacheBytes(model) + FLOAT_BYTES * (countParameters(model).total + model.vocabSize)
}

/** Bytes of the keys and values of one sequence, a block long. */
export function cacheBytes({ nLayer, blockSize, nEmbd }: ModelConfig): number {
  return FLOAT_BYTES * 2 * nLayer * blockSize * nEmbd
}

/**
 * Floats that the backward pass needs for each token. A block keeps two LayerNorms, qkv, attention's output and the two
 * 4C-wide tensors of the MLP (16 C in all) and one row of scores and of probabilities a head; then come logits and
 * their gradient.
 */
function activationsPerToken({ nLayer, nEmbd, nHead, blockSize, vocabSize }: ModelConfig): number {
  return nLayer * (16 * nEmbd + 2 * nHead * blockSize) + 2 * nEmbd + 2 * vocabSize
}

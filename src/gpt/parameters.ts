// The one table of parameters. Initialisation, AdamW's groups, checkpoints and every count on a screen read this table.

import { elementCount, type NamedTensor, type NamedTensors } from '../base/namedTensors.ts'
import { fillNormal, Stream, streamKey } from '../base/threefry.ts'
import type { ModelConfig } from './model.ts'

export type Initializer =
  | { readonly kind: 'normal'; readonly standardDeviation: number }
  | { readonly kind: 'constant'; readonly value: number }

export interface ParamSpec {
  /** GPT-2's name below `transformer.`: `wte.weight`, `h.0.attn.c_attn.weight`. */
  readonly name: string
  /** Weights of projections are [in, out], as in GPT-2's Conv1D. */
  readonly shape: readonly number[]
  readonly initializer: Initializer
  /** Whether AdamW decays it: tensors of two or more dimensions, as in nanoGPT. */
  readonly decayed: boolean
}

const EMBEDDING_STD = 0.02
const ZEROS: Initializer = { kind: 'constant', value: 0 }
const ONES: Initializer = { kind: 'constant', value: 1 }

/** Every tensor of the model, once, in GPT-2's order. The head is tied to `wte` and so has no tensor of its own. */
export function paramSpecs(model: ModelConfig): ParamSpec[] {
  const { vocabSize, blockSize, nLayer, nEmbd } = model
  const blocks = Array.from({ length: nLayer }, (_, layer) => blockSpecs(model, `h.${layer}.`))
  return [
    spec('wte.weight', [vocabSize, nEmbd], normal(EMBEDDING_STD)),
    spec('wpe.weight', [blockSize, nEmbd], normal(EMBEDDING_STD)),
    ...blocks.flat(),
    ...layerNormSpecs(model, 'ln_f'),
  ]
}

/** One transformer block. Projections into the residual stream start smaller, by 1 / sqrt(2 * layers) (GPT-2, 2.3). */
function blockSpecs(model: ModelConfig, prefix: string): ParamSpec[] {
  const { nEmbd } = model
  const residual = normal(EMBEDDING_STD / Math.sqrt(2 * model.nLayer))
  return [
    ...layerNormSpecs(model, `${prefix}ln_1`),
    ...linearSpecs(model, `${prefix}attn.c_attn`, nEmbd, 3 * nEmbd, normal(EMBEDDING_STD)),
    ...linearSpecs(model, `${prefix}attn.c_proj`, nEmbd, nEmbd, residual),
    ...layerNormSpecs(model, `${prefix}ln_2`),
    ...linearSpecs(model, `${prefix}mlp.c_fc`, nEmbd, 4 * nEmbd, normal(EMBEDDING_STD)),
    ...linearSpecs(model, `${prefix}mlp.c_proj`, 4 * nEmbd, nEmbd, residual),
  ]
}

function layerNormSpecs({ nEmbd, bias }: ModelConfig, name: string): ParamSpec[] {
  return [spec(`${name}.weight`, [nEmbd], ONES), ...(bias ? [spec(`${name}.bias`, [nEmbd], ZEROS)] : [])]
}

function linearSpecs({ bias }: ModelConfig, name: string, nIn: number, nOut: number, init: Initializer): ParamSpec[] {
  return [spec(`${name}.weight`, [nIn, nOut], init), ...(bias ? [spec(`${name}.bias`, [nOut], ZEROS)] : [])]
}

function spec(name: string, shape: readonly number[], initializer: Initializer): ParamSpec {
  return { name, shape, initializer, decayed: shape.length >= 2 }
}

function normal(standardDeviation: number): Initializer {
  return { kind: 'normal', standardDeviation }
}

/** Fresh parameters, a function of the configuration and the seed alone. */
export function initialParameters(model: ModelConfig, seed: number): NamedTensors {
  return new Map(paramSpecs(model).map((param, index) => [param.name, initialTensor(param, seed, index)]))
}

function initialTensor({ shape, initializer }: ParamSpec, seed: number, index: number): NamedTensor {
  const data = new Float32Array(elementCount(shape))
  if (initializer.kind === 'constant') data.fill(initializer.value)
  else fillNormal(streamKey(seed, Stream.initialisation, index), initializer.standardDeviation, data)
  return { shape, data }
}

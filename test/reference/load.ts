// Reads the goldens of this folder: figures from PyTorch, in PyTorch's layout, turned into ours.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { NamedTensors } from '../../src/base/namedTensors.ts'
import type { Activation, ModelConfig } from '../../src/gpt/model.ts'
import { readTensors } from '../../src/store/safetensors.ts'

export const REFERENCE_CASES = ['nanogpt', 'nanogpt-bias', 'gpt2'] as const
export type ReferenceCase = (typeof REFERENCE_CASES)[number]

interface ReferenceFile {
  readonly model: {
    n_layer: number
    n_head: number
    n_embd: number
    block_size: number
    vocab_size: number
    bias: boolean
    activation: Activation
  }
  readonly optimizer: {
    betas: [number, number]
    eps: number
    weight_decay: number
    grad_clip_norm: number
    schedule: Record<string, number>
  }
  readonly parameters: Record<
    'total' | 'decayed_tensors' | 'decayed_parameters' | 'undecayed_tensors' | 'undecayed_parameters',
    number
  >
  readonly steps: readonly { step: number; learning_rate: number; loss: number; grad_norm_before_clip: number }[]
  readonly batches: readonly { x: number[][]; y: number[][] }[]
  readonly logits_first_row_before: number[][]
  readonly logits_first_row_after: number[][]
}

export function referenceFile(name: ReferenceCase): ReferenceFile {
  return JSON.parse(readFileSync(path(name, 'reference.json'), 'utf8')) as ReferenceFile
}

export function modelOf({ model }: ReferenceFile): ModelConfig {
  return {
    nLayer: model.n_layer,
    nHead: model.n_head,
    nEmbd: model.n_embd,
    blockSize: model.block_size,
    vocabSize: model.vocab_size,
    bias: model.bias,
    activation: model.activation,
  }
}

/** Tensors of one file by our names, with the weights of Linear layers turned from [out, in] to [in, out]. */
export function referenceTensors(name: ReferenceCase, file: 'initial' | 'final' | 'gradients-step0'): NamedTensors {
  const tensors = readTensors(path(name, `${file}.safetensors`))
  return new Map(
    Array.from(tensors, ([key, tensor]) => [
      key.replace('transformer.', ''),
      isLinear(key) ? transposed(tensor) : tensor,
    ]),
  )
}

function isLinear(key: string): boolean {
  return /\.(c_attn|c_proj|c_fc)\.weight$/.test(key)
}

function transposed({ shape: [rows, columns], data }: { shape: readonly number[]; data: Float32Array }) {
  return {
    shape: [columns, rows],
    data: Float32Array.from(data, (_, index) => data[(index % rows) * columns + Math.floor(index / rows)]),
  }
}

function path(name: ReferenceCase, file: string): string {
  return fileURLToPath(new URL(`${name}/${file}`, import.meta.url))
}

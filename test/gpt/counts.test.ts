// Where the parameters of a model are.

import { expect, it } from 'vitest'
import { countByPart, partOf } from '../../src/gpt/counts.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'

const MODEL: ModelConfig = {
  vocabSize: 5,
  blockSize: 3,
  nLayer: 2,
  nHead: 1,
  nEmbd: 4,
  bias: true,
  activation: 'gelu',
}

it('each part of a model with biases has its tensors', () => {
  expect(countByPart(MODEL)).toEqual([
    { part: 'token embedding', tensors: 1, parameters: 5 * 4 },
    { part: 'position embedding', tensors: 1, parameters: 3 * 4 },
    { part: 'attention', tensors: 2 * 4, parameters: 2 * (4 * 12 + 12 + 4 * 4 + 4) },
    { part: 'MLP', tensors: 2 * 4, parameters: 2 * (4 * 16 + 16 + 16 * 4 + 4) },
    { part: 'layer norms', tensors: 2 * 4 + 2, parameters: 5 * 2 * 4 },
  ])
})

it('a tensor that belongs to no part is an error, not a layer norm', () => {
  expect(partOf('h.11.ln_2.bias')).toBe('layer norms')
  for (const name of ['h.0.router.weight', 'lm_head.weight', 'h.0.ln_1']) expect(() => partOf(name)).toThrow(name)
})

// A small checkpoint to look into, with whatever is to be different about it.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { NamedTensor } from '../../../src/base/namedTensors.ts'
import type { ModelConfig } from '../../../src/gpt/model.ts'
import { initialParameters } from '../../../src/gpt/parameters.ts'
import { writeCheckpoint } from '../../../src/store/checkpoint.ts'
import { createTokenizer } from '../../../src/text/tokenizer.ts'
import type { TokenizerKind } from '../../../src/text/tokenizerTypes.ts'
import { temporaryFolder } from '../../store/fixtures.ts'

interface Wanted extends Partial<ModelConfig> {
  readonly tokenizer?: TokenizerKind
  readonly corpus?: string
  /** Takes the place of the token embedding. */
  readonly wte?: Float32Array
}

/** 2 layers, 2 heads, 4 wide, blocks of 8; weights large enough that its opinions differ. */
export async function modelWith({ tokenizer: kind = 'char', corpus = 'to be, or not', wte, ...changes }: Wanted = {}) {
  const tokenizer = await createTokenizer(kind, corpus)
  const sizes = { vocabSize: tokenizer.vocabSize, blockSize: 8, nLayer: 2, nHead: 2, nEmbd: 4 }
  const model: ModelConfig = { ...sizes, bias: false, activation: 'gelu_new', ...changes }
  const parameters = new Map(
    Array.from(initialParameters(model, 7), ([name, { shape, data }]): [string, NamedTensor] => [
      name,
      { shape, data: shape.length === 2 ? data.map((x) => 25 * x) : data },
    ]),
  )
  if (wte) parameters.set('wte.weight', { shape: [model.vocabSize, model.nEmbd], data: wte })
  const optimizer = { firstMoments: initialParameters(model, 8), secondMoments: initialParameters(model, 9) }
  const run = join(temporaryFolder(), 'run')
  mkdirSync(run)
  const state = { step: 1, bestValidationLoss: null, bestStep: null, tokensSeen: 1 }
  const stepFolder = writeCheckpoint(
    run,
    { model, dropout: 0, parameters, optimizer, tokenizer, state },
    { best: false },
  )
  return { stepFolder, model, parameters, tokenizer }
}

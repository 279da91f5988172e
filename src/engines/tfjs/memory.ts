// How much memory the reference engine takes to train. TensorFlow.js keeps the output of every operation until the
// backward pass is done, so that it takes several times what the mathematics needs.

import { countParameters } from '../../gpt/counts.ts'
import type { ModelConfig } from '../../gpt/model.ts'

const FLOAT_BYTES = 4

/** Floats at the peak of a step, fitted to peaks that were measured over 13 models: within a tenth of each. */
const FLOATS = { parameter: 13, blockWidth: 140, blockScore: 10, vocabulary: 6, width: 16 } as const

/** Bytes of tensors at the peak of a step with micro-batches of this size. */
export function tfjsTrainingBytes(model: ModelConfig, batchSize: number): number {
  const { nLayer, nEmbd, nHead, blockSize, vocabSize } = model
  const block = FLOATS.blockWidth * nEmbd + FLOATS.blockScore * nHead * blockSize
  const token = nLayer * block + FLOATS.vocabulary * vocabSize + FLOATS.width * nEmbd
  return FLOAT_BYTES * (FLOATS.parameter * countParameters(model).total + token * batchSize * blockSize)
}

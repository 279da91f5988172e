// How much memory the native engine takes to train.

import { countParameters } from '../../gpt/counts.ts'
import type { ModelConfig } from '../../gpt/model.ts'

const FLOAT_BYTES = 4

/** Of each parameter: its value, gradient and two moments, and a transposed copy for the backward pass. */
const FLOATS_PER_PARAMETER = 5

/** A batch is worked off in chunks, as cpp/activations.h says: as many sequences as fit into the first of these sizes. */
const CACHE_BYTES = 16 * 2 ** 20
const CHUNK_BYTES = 400 * 2 ** 20

/** For the threads to share, a chunk has so many sequences if they fit into CHUNK_BYTES, or else at least the second. */
const WISHED_SEQUENCES = 8
const LEAST_SEQUENCES = 4

/** Bytes at the peak of a step with micro-batches of this size, besides the program's own. */
export function nativeTrainingBytes(model: ModelConfig, batchSize: number): number {
  const sequenceBytes = FLOAT_BYTES * floatsPerSequence(model)
  const fitting = (bytes: number): number => Math.floor(bytes / sequenceBytes)
  const wished = Math.min(WISHED_SEQUENCES, fitting(CHUNK_BYTES))
  const sequences = Math.min(batchSize, Math.max(fitting(CACHE_BYTES), wished, LEAST_SEQUENCES))
  return FLOAT_BYTES * FLOATS_PER_PARAMETER * countParameters(model).total + sequences * sequenceBytes
}

/** Activations that the backward pass needs of one sequence; cpp/ decides by the same figure. */
function floatsPerSequence({ nLayer, nHead, nEmbd, blockSize, vocabSize }: ModelConfig): number {
  return blockSize * (nLayer * (16 * nEmbd + nHead * blockSize) + 3 * nEmbd + vocabSize)
}

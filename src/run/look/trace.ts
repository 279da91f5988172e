// The way of a text through the model: each tensor's shape and figures, from ids to probabilities.

import { elementCount } from '../../base/namedTensors.ts'
import type { SeenTensor, Trace, TracedTensor } from '../../gpt/look.ts'
import { rowsOf } from '../generate.ts'
import { type LookRequest, withLook } from './open.ts'
import { Prediction } from './tokens.ts'

const NEXT = 5

/** What each tensor is, by its name without the block's. */
const MEANINGS: Readonly<Record<string, string>> = {
  wte: "each token's row of the token embedding",
  wpe: "each position's row of the position embedding",
  embedding: 'wte + wpe: here the residual stream begins',
  ln_1: 'the stream, each position brought to mean 0 and variance 1 and scaled',
  'attn.c_attn': 'ln_1 times a matrix: queries, keys and values side by side',
  'attn.q': 'queries: what each position looks for, cut into heads',
  'attn.k': 'keys: what each position can be found by',
  'attn.v': 'values: what each position hands on when it is found',
  'attn.scores': 'q times k transposed / √(head size); −∞, left out here, if the key is ahead',
  'attn.probabilities': 'softmax of each row of scores: the attention weights',
  'attn.mixed': 'the values, averaged by these weights; heads side by side again',
  'attn.c_proj': 'mixed times a matrix: what attention adds to the stream',
  resid_mid: 'the stream after attention',
  ln_2: 'the stream, normalised once more',
  'mlp.c_fc': 'ln_2 times a matrix: four times as wide',
  'mlp.act': 'GELU of each number: negative ones go to nearly 0',
  'mlp.c_proj': 'act times a matrix: what the MLP adds to the stream',
  resid_post: 'the stream as this block hands it on',
  ln_f: 'the stream, normalised for the last time',
  logits: 'ln_f times wte transposed: a score for each token of the vocabulary',
  probabilities: 'softmax of each row of logits: what comes next, after each position',
}

/** @throws UserError as `withLook`. */
export async function trace(request: LookRequest): Promise<Trace> {
  return withLook(request, async ({ looker, tokenizer, ids, seen }) => {
    const tensors: TracedTensor[] = []
    let next: Trace['next'] = []
    for await (const tensor of looker.tensors(ids, () => true)) {
      tensors.push(traced(tensor))
      if (tensor.name !== 'logits') continue
      const predictions = rowsOf(tensor.data, ids.length).map((logits) => new Prediction(tokenizer, logits))
      tensors.push(traced(probabilitiesOf(predictions, tensor)))
      next = predictions[ids.length - 1].top(NEXT)
    }
    return { ...seen, tensors, next }
  })
}

function probabilitiesOf(predictions: readonly Prediction[], { shape }: SeenTensor): SeenTensor {
  const data = new Float32Array(elementCount(shape))
  const [, width] = shape
  for (const [row, prediction] of predictions.entries()) {
    for (let id = 0; id < width; id++) data[row * width + id] = prediction.probabilityOf(id)
  }
  return { name: 'probabilities', shape, data }
}

function traced({ name, shape, data }: SeenTensor): TracedTensor {
  return { name, shape, ...statistics(data), meaning: MEANINGS[name.replace(/^h\.\d+\./, '')] }
}

/** Over all elements but those of minus infinity, which are masked. */
function statistics(data: Float32Array) {
  const counted = data.filter((x) => x !== -Infinity)
  const mean = counted.reduce((sum, x) => sum + x, 0) / counted.length
  const variance = counted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / counted.length
  const min = counted.reduce((lowest, x) => Math.min(lowest, x), Infinity)
  const max = counted.reduce((highest, x) => Math.max(highest, x), -Infinity)
  return { mean, standardDeviation: Math.sqrt(variance), min, max, masked: data.length - counted.length }
}

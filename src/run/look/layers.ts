// What each layer would already predict: the logit lens.

import type { LayerLook, LayersLook, SeenTensor } from '../../gpt/look.ts'
import { rowsOf } from '../generate.ts'
import { type LookRequest, type OpenedLook, withLook } from './open.ts'
import { meanOf } from './predictions.ts'
import { Prediction } from './tokens.ts'

const NEXT = 3

/** @throws UserError as `withLook`. */
export async function layers(request: LookRequest): Promise<LayersLook> {
  return withLook(request, async (opened) => {
    const looks: LayerLook[] = []
    for await (const tensor of opened.looker.lens(opened.ids)) looks.push(layerLook(tensor, opened))
    return { ...opened.seen, vocabSize: opened.model.vocabSize, layers: looks }
  })
}

function layerLook({ name, data }: SeenTensor, { tokenizer, ids }: OpenedLook): LayerLook {
  const after = rowsOf(data, ids.length).map((logits) => new Prediction(tokenizer, logits))
  const positions = after.map((prediction, index) => ({
    next: prediction.top(NEXT),
    ...(index + 1 < ids.length && { answer: prediction.probabilityOf(ids[index + 1]) }),
  }))
  const right = positions.filter(({ next: [best] }, index) => best.id === ids[index + 1]).length
  const mean = meanOf(after.slice(0, -1).map((prediction, index) => prediction.surpriseAt(ids[index + 1])))
  return { name, positions, right, ...(mean !== undefined && { meanSurprise: mean }) }
}

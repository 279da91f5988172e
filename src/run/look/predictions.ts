// What the model expects after each token of a text, and how much each token surprises it.

import type { PredictedPosition, Predictions, Stretch } from '../../gpt/look.ts'
import type { Tokenizer } from '../../text/tokenizerTypes.ts'
import { rowsOf } from '../generate.ts'
import { type LookRequest, withLook } from './open.ts'
import { Prediction, spelled, wholeness } from './tokens.ts'

const NEXT = 5

/** @throws UserError as `withLook`. */
export async function predictions(request: LookRequest): Promise<Predictions> {
  return withLook(request, async ({ model, looker, tokenizer, ids, seen }) => {
    const positions: PredictedPosition[] = []
    for await (const { data } of looker.tensors(ids, (name) => name === 'logits')) {
      const after = rowsOf(data, ids.length).map((logits) => new Prediction(tokenizer, logits))
      for (const [index, token] of seen.tokens.entries()) {
        const before = index === 0 ? undefined : after[index - 1]
        const given = before && { probability: before.probabilityOf(token.id), surprise: before.surpriseAt(token.id) }
        positions.push({ token, ...given, next: after[index].top(NEXT) })
      }
    }
    const stretches = stretchesOf(positions, tokenizer)
    const mean = meanOf(positions.flatMap(({ surprise }) => surprise ?? []))
    return {
      ...seen,
      vocabSize: model.vocabSize,
      positions,
      stretches,
      ...(mean !== undefined && { meanSurprise: mean }),
    }
  })
}

/** A character of several tokens is one stretch; bytes that become no character are spelled. */
function stretchesOf(positions: readonly PredictedPosition[], tokenizer: Tokenizer): Stretch[] {
  const stretches: Stretch[] = []
  let bytes: number[] = []
  let surprises: number[] = []
  for (const [index, { token, surprise }] of positions.entries()) {
    bytes.push(...tokenizer.bytesOf(token.id))
    if (surprise !== undefined) surprises.push(surprise)
    if (wholeness(Uint8Array.from(bytes)) === 'begun' && index + 1 < positions.length) continue
    const sum = surprises.reduce((total, each) => total + each, 0)
    stretches.push({ text: spelled(Uint8Array.from(bytes)), ...(surprises.length > 0 && { surprise: sum }) })
    bytes = []
    surprises = []
  }
  return stretches
}

/** Undefined for no values. */
export function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

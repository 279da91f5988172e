// How much each token takes from those before it, head by head.

import { UserError } from '../../base/errors.ts'
import type { AttentionLook, HeadAttention, SeenTensor } from '../../gpt/look.ts'
import { checkNumber } from '../../gpt/settings.ts'
import { type LookRequest, withLook } from './open.ts'

export interface AttentionRequest extends LookRequest {
  /** `all`, `last`, or a number as the person wrote it: the model knows the range. */
  readonly layer: string
  readonly head: string
}

/** @throws UserError as `withLook`, and for a layer or a head that the model does not have. */
export async function attention(request: AttentionRequest): Promise<AttentionLook> {
  return withLook(request, async ({ model, looker, ids, seen }) => {
    const layers = chosen('layer', request.layer, model.nLayer)
    const heads = chosen('head', request.head, model.nHead)
    refuseTooMany(layers.length * heads.length, ids.length)
    const names = new Map(layers.map((layer) => [`h.${layer}.attn.probabilities`, layer]))
    const found: HeadAttention[] = []
    for await (const tensor of looker.tensors(ids, (name) => names.has(name))) {
      const layer = names.get(tensor.name)!
      for (const head of heads) found.push({ layer, head, weights: weightsOf(tensor, head) })
    }
    return { ...seen, heads: found }
  })
}

/** The one that is asked for, or all. @throws UserError that names the range. */
function chosen(what: 'layer' | 'head', written: string, count: number): number[] {
  if (written === 'last') return [count - 1]
  if (written === 'all') return Array.from({ length: count }, (_, index) => index)
  return [checkNumber(written, { kind: 'integer', min: 0, max: count - 1 }, `--${what}`)]
}

/** One head of [H, T, T] as rows. */
function weightsOf({ shape: [, length], data }: SeenTensor, head: number): number[][] {
  const start = head * length * length
  return Array.from({ length }, (_, row) => [...data.subarray(start + row * length, start + (row + 1) * length)])
}

/** The largest answer: more numbers than these would not fit one text of JSON. */
const MAX_WEIGHTS = 2 ** 24

function refuseTooMany(maps: number, tokens: number): void {
  if (maps * tokens ** 2 <= MAX_WEIGHTS) return
  throw new UserError(
    `${maps} x ${tokens} x ${tokens} weights are too many for one answer`,
    'Choose a --layer or a --head, or a shorter text.',
  )
}

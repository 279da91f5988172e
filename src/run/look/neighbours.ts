// Which tokens the model finds alike: the nearest rows of the token embedding. It needs no engine.

import { UserError } from '../../base/errors.ts'
import type { NamedTensor } from '../../base/namedTensors.ts'
import type { Neighbours } from '../../gpt/look.ts'
import { largest } from '../../gpt/sampler.ts'
import { readCheckpoint } from '../../store/checkpoint.ts'
import type { Tokenizer } from '../../text/tokenizerTypes.ts'
import { refuseNonFinite } from '../model.ts'
import type { LookRequest } from './open.ts'
import { quoted, tokenOf } from './tokens.ts'

const NEAREST = 10

/** @throws UserError for a bad checkpoint, and for a text that is not one token. */
export async function neighbours({ stepFolder, text }: LookRequest): Promise<Neighbours> {
  const { tokenizer, parameters } = await readCheckpoint(stepFolder, { optimizer: false })
  const id = onlyToken(tokenizer, text)
  refuseNonFinite(parameters, stepFolder)
  const similarities = cosines(parameters.get('wte.weight')!, id)
  const nearest = largest(similarities, Math.min(NEAREST + 1, similarities.length)).filter((other) => other !== id)
  const found = nearest.slice(0, NEAREST).map((other) => ({
    ...tokenOf(tokenizer, other),
    similarity: similarities[other],
  }))
  return { folder: stepFolder, token: tokenOf(tokenizer, id), neighbours: found }
}

const MAX_SHOWN = 12

function onlyToken(tokenizer: Tokenizer, text: string): number {
  if (text === '') throw new UserError('the text after --neighbours is empty', 'Give one token of the vocabulary.')
  const ids = tokenizer.encode(text)
  if (ids.length === 1) return ids[0]
  const parts = Array.from(ids.subarray(0, MAX_SHOWN), (id) => quoted(tokenOf(tokenizer, id).text))
  const list = `${parts.join(' ')}${ids.length > MAX_SHOWN ? ' …' : ''}`
  throw new UserError(`--neighbours takes one token, and this text is ${ids.length}: ${list}`, 'Give one of them.')
}

/** The cosine of the angle between one row of a matrix, [V, C], and each of its rows; 0 for a row of zeros. */
export function cosines({ shape: [rows, width], data }: NamedTensor, row: number): Float32Array {
  const rowAt = (index: number) => data.subarray(index * width, (index + 1) * width)
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, index) => sum + x * b[index], 0)
  const wanted = rowAt(row)
  const length = Math.sqrt(dot(wanted, wanted))
  return Float32Array.from({ length: rows }, (_, index) => {
    const other = rowAt(index)
    const product = length * Math.sqrt(dot(other, other))
    return product === 0 ? 0 : dot(wanted, other) / product
  })
}

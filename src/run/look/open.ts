// What every look begins with: a checkpoint, a text as the model reads it, and what sees each step of the model.

import { openLooker } from '../../engines/open.ts'
import type { Look, Looker } from '../../gpt/look.ts'
import type { ModelConfig } from '../../gpt/model.ts'
import { readCheckpoint } from '../../store/checkpoint.ts'
import type { Tokenizer } from '../../text/tokenizerTypes.ts'
import { cropped, promptIds } from '../generate.ts'
import { refuseNonFinite } from '../model.ts'
import { quoted, tokenOf } from './tokens.ts'

export interface LookRequest {
  readonly stepFolder: string
  /** Empty: the look begins where a sample without a prompt does. */
  readonly text: string
  /** Reads only so many tokens from the beginning of the text; undefined: its last block. */
  readonly first?: number
}

export interface OpenedLook {
  readonly model: ModelConfig
  readonly tokenizer: Tokenizer
  readonly looker: Looker
  /** 1 to a block of them: those of `seen.tokens`. */
  readonly ids: Int32Array
  readonly seen: Look
}

/** Hands an open look to `use`, and closes it. @throws UserError for a bad checkpoint or an unknown character. */
export async function withLook<Result>(
  { stepFolder, text, first }: LookRequest,
  use: (opened: OpenedLook) => Promise<Result>,
): Promise<Result> {
  const { model, tokenizer, parameters } = await readCheckpoint(stepFolder, { optimizer: false })
  const all = promptIds(tokenizer, text)
  refuseNonFinite(parameters, stepFolder)
  const ids = first === undefined ? all.slice(-model.blockSize) : all.slice(0, Math.min(first, model.blockSize))
  const tokens = Array.from(ids, (id) => tokenOf(tokenizer, id))
  const notices = [
    ...(text === '' ? [`the text is empty: the model starts from ${quoted(tokens[0].text)}, as a sample does`] : []),
    ...(all.length > ids.length ? [whatIsRead(all.length, ids.length, first !== undefined)] : []),
  ]
  const looker = await openLooker(model, parameters)
  try {
    return await use({ model, tokenizer, looker, ids, seen: { folder: stepFolder, tokens, notices } })
  } finally {
    looker.dispose()
  }
}

function whatIsRead(all: number, read: number, isBeginning: boolean): string {
  return isBeginning ? `the first ${read} of ${all} tokens are shown` : cropped('text', all, read)
}

// Tokens as people can tell them apart, and what logits say of the token that comes next.

import { failure } from '../../base/errors.ts'
import type { Candidate, Token } from '../../gpt/look.ts'
import { largest } from '../../gpt/sampler.ts'
import type { Tokenizer } from '../../text/tokenizerTypes.ts'

export function tokenOf(tokenizer: Tokenizer, id: number): Token {
  return { id, text: spelled(tokenizer.bytesOf(id)) }
}

/** UTF-8 as text; each byte that belongs to no whole character as <0xE2>. */
export function spelled(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const length = characterLengthAt(bytes, at)
    text +=
      length === 0
        ? byteName(bytes[at])
        : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at, at + length))
    at += Math.max(1, length)
  }
  return text
}

/** In quotes, with escapes for what cannot be seen, or would be a command to a terminal. */
export function quoted(text: string): string {
  const escaped = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`
  return JSON.stringify(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped)
}

/** Bytes of the character that begins here; 0 if none does. */
function characterLengthAt(bytes: Uint8Array, at: number): number {
  const lengths = [1, 2, 3, 4].filter((length) => at + length <= bytes.length)
  return lengths.find((length) => wholeness(bytes.subarray(at, at + length)) === 'whole') ?? 0
}

/** Whether bytes are whole characters of UTF-8, or could become so with more of them, or never will. */
export function wholeness(bytes: Uint8Array): 'whole' | 'begun' | 'broken' {
  if (!decodes(bytes, true)) return 'broken'
  return decodes(bytes, false) ? 'whole' : 'begun'
}

function decodes(bytes: Uint8Array, more: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: more })
    return true
  } catch {
    return false
  }
}

function byteName(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
}

/** What one row of logits, [V], says of the next token. */
export class Prediction {
  /** The logarithm of the sum of e^logit, which turns logits into logarithms of probabilities. */
  readonly #logSum: number

  /** @throws UserError (exit 1) where the model computes no finite numbers. */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly logits: Float32Array,
  ) {
    if (!logits.every(Number.isFinite)) {
      throw failure('the model gives no finite numbers for this text', 'Use an earlier checkpoint.')
    }
    const max = logits.reduce((a, b) => Math.max(a, b), -Infinity)
    this.#logSum = max + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0))
  }

  /** In nats: minus the logarithm of the probability. */
  surpriseAt(id: number): number {
    return this.#logSum - this.logits[id]
  }

  probabilityOf(id: number): number {
    return Math.exp(-this.surpriseAt(id))
  }

  /** The most probable first; of equals, the lowest id. */
  top(count: number): Candidate[] {
    const ids = largest(this.logits, Math.min(count, this.logits.length))
    return ids.map((id) => ({ ...tokenOf(this.tokenizer, id), probability: this.probabilityOf(id) }))
  }
}

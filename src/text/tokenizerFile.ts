// The tokenizer.json of Hugging Face's `tokenizers`: its shape, and the reading of one that nobody vouches for.

import { failure, type UserError } from '../base/errors.ts'

/** A step of the pipeline around the model, such as `{ type: 'ByteLevel', … }`. */
export type PipelineStep = Readonly<{ type: string } & Record<string, string | number | boolean>>

/** A whole tokenizer.json, with every field that `tokenizers` writes for a BPE model. */
export interface TokenizerJson {
  readonly version: '1.0'
  readonly truncation: null
  readonly padding: null
  readonly added_tokens: readonly AddedToken[]
  readonly normalizer: null
  readonly pre_tokenizer: PipelineStep | null
  readonly post_processor: PipelineStep | null
  readonly decoder: PipelineStep
  readonly model: BpeModel
}

/** A token that text is searched for before anything else; special ones can be left out of decoded text. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  readonly single_word: boolean
  readonly lstrip: boolean
  readonly rstrip: boolean
  readonly normalized: boolean
  readonly special: boolean
}

export interface BpeModel {
  readonly type: 'BPE'
  readonly dropout: null
  readonly unk_token: null
  readonly continuing_subword_prefix: null
  readonly end_of_word_suffix: null
  readonly fuse_unk: false
  readonly byte_fallback: false
  readonly ignore_merges: false
  readonly vocab: Readonly<Record<string, number>>
  /** "left right", by rank: the spelling that every version of `tokenizers` reads. */
  readonly merges: readonly string[]
}

/** The parts of a tokenizer.json that decide how text becomes ids. */
export interface TokenizerFile {
  /** Token by id: the ids of the file are 0 to `tokens.length - 1`, each once. */
  readonly tokens: readonly string[]
  /** "left right", by rank. */
  readonly merges: readonly string[]
  readonly preTokenizer: Readonly<Record<string, unknown>> | undefined
  /** [content, id] of each added token. */
  readonly addedTokens: readonly (readonly [unknown, unknown])[]
}

/** A tokenizer.json around a BPE model. */
export function bpeJson(
  tokens: readonly string[],
  merges: readonly string[],
  pipeline: Pick<TokenizerJson, 'added_tokens' | 'pre_tokenizer' | 'post_processor' | 'decoder'>,
): TokenizerJson {
  const { added_tokens, pre_tokenizer, post_processor, decoder } = pipeline
  const options = { dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null } as const
  const flags = { fuse_unk: false, byte_fallback: false, ignore_merges: false } as const
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id])) // own keys, even for a token "__proto__"
  const model = { type: 'BPE', ...options, ...flags, vocab, merges } as const
  const head = { version: '1.0', truncation: null, padding: null, added_tokens, normalizer: null } as const
  return { ...head, pre_tokenizer, post_processor, decoder, model }
}

/**
 * Checks a parsed tokenizer.json and takes out what matters. Fields that change no id are not looked at.
 * Throws UserError (exit code 1) unless it is a BPE model without a normalizer whose ids have no holes.
 */
export function readTokenizerFile(json: unknown): TokenizerFile {
  if (!isRecord(json)) throw refusal('it is not a JSON object')
  if (!isRecord(json.model)) throw refusal('it has no "model"')
  const { type = 'BPE', dropout = null, vocab, merges } = json.model // old files of GPT-2 leave the type out
  if (type !== 'BPE') throw refusal(`its model is of type ${JSON.stringify(type)}, not "BPE"`)
  if (dropout !== null) throw refusal('its model drops merges at random')
  if ((json.normalizer ?? null) !== null) throw refusal('it changes the text with a normalizer')
  return {
    tokens: readVocabulary(vocab),
    merges: readMerges(merges),
    preTokenizer: readPreTokenizer(json.pre_tokenizer ?? null),
    addedTokens: readAddedTokens(json.added_tokens ?? []),
  }
}

/** The error for a tokenizer.json that is not ours to read, with the reason as a clause. */
export function refusal(reason: string): UserError {
  return failure(`cannot use this tokenizer.json: ${reason}`, 'tgpt reads character vocabularies and that of GPT-2.')
}

/** The vocabulary turned round: token by id. Object.entries sees own keys alone: "__proto__" is a token like others. */
function readVocabulary(vocab: unknown): string[] {
  if (!isRecord(vocab)) throw refusal('its model has no "vocab"')
  const entries = Object.entries(vocab)
  if (entries.length === 0) throw refusal('its vocabulary is empty')
  const tokens = new Map<unknown, string>()
  for (const [token, id] of entries) {
    const known = tokens.get(id)
    if (known !== undefined) throw refusal(`${quoted(known)} and ${quoted(token)} share the id ${String(id)}`)
    tokens.set(id, token)
  }
  return entries.map((_, id) => {
    const token = tokens.get(id)
    if (token === undefined) throw refusal(`its vocabulary of ${entries.length} tokens has none with the id ${id}`)
    return token
  })
}

/** Accepts both spellings: "left right" and ["left", "right"]. */
function readMerges(merges: unknown): string[] {
  if (!Array.isArray(merges)) throw refusal('its model has no list of "merges"')
  return merges.map((merge: unknown, rank) => {
    if (typeof merge === 'string') return merge
    const isPair = Array.isArray(merge) && merge.length === 2 && merge.every((part) => typeof part === 'string')
    if (!isPair) throw refusal(`merge ${rank} is not a pair of tokens`)
    return merge.join(' ')
  })
}

function readPreTokenizer(step: unknown): Record<string, unknown> | undefined {
  if (step === null) return undefined
  if (!isRecord(step)) throw refusal('its "pre_tokenizer" is not an object')
  return step
}

function readAddedTokens(list: unknown): [unknown, unknown][] {
  if (!Array.isArray(list)) throw refusal('its "added_tokens" are not a list')
  return list.map((token: unknown) => {
    if (!isRecord(token)) throw refusal('one of its "added_tokens" is not an object')
    return [token.content, token.id]
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function quoted(token: string): string {
  return JSON.stringify(token)
}

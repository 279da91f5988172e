import { beforeAll, describe, expect, test, vi } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { createTokenizer, tokenizerFromJson } from '../../src/text/tokenizer.ts'
import type { TokenizerJson } from '../../src/text/tokenizerFile.ts'
import { TOKENIZERS } from '../../src/text/tokenizerTypes.ts'

const loads = vi.hoisted(() => ({ count: 0 }))
vi.mock('gpt-tokenizer/bpeRanks/r50k_base', async (importOriginal) => {
  loads.count++
  return await importOriginal()
})

describe('createTokenizer', () => {
  test("GPT-2's data is only loaded when it is asked for", async () => {
    const char = await createTokenizer('char', 'abc')
    await tokenizerFromJson(char.toJson())
    expect(loads.count).toBe(0)
    await createTokenizer('gpt2', '')
    expect(loads.count).toBe(1)
  })

  test.each(TOKENIZERS)('%s gives its kind', async (kind) => {
    expect((await createTokenizer(kind, 'abc')).kind).toBe(kind)
  })
})

/** The message with which a file is refused, once it is sure to be the right kind of error. */
async function refusalOf(json: unknown): Promise<string> {
  const error: unknown = await tokenizerFromJson(json).catch((caught: unknown) => caught)
  if (!(error instanceof UserError)) throw new Error('not a UserError', { cause: error })
  expect(error.exitCode).toBe(1)
  expect(error.hint).toBe('tgpt reads character vocabularies and that of GPT-2.')
  return error.message.replace(/^cannot use this tokenizer\.json: /, '')
}

/** A file without merges around a vocabulary. */
function charFile(vocab: unknown, rest: object = {}): object {
  return { ...rest, model: { type: 'BPE', vocab, merges: [] } }
}

describe('tokenizerFromJson refuses', () => {
  test.each([
    [null, 'it is not a JSON object'],
    [undefined, 'it is not a JSON object'],
    [[], 'it is not a JSON object'],
    ['char', 'it is not a JSON object'],
    [{}, 'it has no "model"'],
    [{ model: null }, 'it has no "model"'],
    [{ model: { type: 'WordPiece' } }, 'its model is of type "WordPiece", not "BPE"'],
    [{ model: { type: 7 } }, 'its model is of type 7, not "BPE"'],
    [{ model: { type: 'BPE' } }, 'its model has no "vocab"'],
    [{ model: { type: 'BPE', vocab: ['a'], merges: [] } }, 'its model has no "vocab"'],
    [{ model: { type: 'BPE', vocab: { a: 0 } } }, 'its model has no list of "merges"'],
    [{ model: { type: 'BPE', vocab: { a: 0 }, merges: [], dropout: 0.1 } }, 'its model drops merges at random'],
    [{ model: { type: 'BPE', vocab: { a: 0 }, merges: [['a']] } }, 'merge 0 is not a pair of tokens'],
    [{ model: { type: 'BPE', vocab: { a: 0 }, merges: ['a b', ['a', 1]] } }, 'merge 1 is not a pair of tokens'],
    [charFile({}), 'its vocabulary is empty'],
    [charFile({ a: 0, b: 0 }), '"a" and "b" share the id 0'],
    [charFile({ a: 0, b: 2 }), 'its vocabulary of 2 tokens has none with the id 1'],
    [charFile({ a: 1, b: 2 }), 'its vocabulary of 2 tokens has none with the id 0'],
    [charFile({ a: -1, b: 0 }), 'its vocabulary of 2 tokens has none with the id 1'],
    [charFile({ a: 0, b: '1' }), 'its vocabulary of 2 tokens has none with the id 1'],
    [charFile({ a: 0, b: 1e9 }), 'its vocabulary of 2 tokens has none with the id 1'],
    [charFile({ a: 0, bc: 1 }), 'it has no merges, and its token "bc" is not one character'],
    [charFile({ a: 0, '': 1 }), 'it has no merges, and its token "" is not one character'],
    [charFile({ a: 0, '\ud800': 1 }), 'it has no merges, and its token "\\ud800" is not one character'],
    [charFile({ a: 0 }, { normalizer: { type: 'Lowercase' } }), 'it changes the text with a normalizer'],
    [charFile({ a: 0 }, { pre_tokenizer: 'ByteLevel' }), 'its "pre_tokenizer" is not an object'],
    [
      charFile({ a: 0 }, { pre_tokenizer: { type: 'Whitespace' } }),
      'it has no merges, yet it splits the text with a pre-tokenizer',
    ],
    [charFile({ a: 0 }, { added_tokens: {} }), 'its "added_tokens" are not a list'],
    [charFile({ a: 0 }, { added_tokens: [null] }), 'one of its "added_tokens" is not an object'],
    [charFile({ a: 0 }, { added_tokens: [{ id: 1, content: '<s>' }] }), 'it has no merges, yet it adds tokens'],
  ])('%j', async (json, reason) => {
    expect(await refusalOf(json)).toBe(reason)
  })

  test('the token __proto__ as any other that is not one character', async () => {
    const json: unknown = JSON.parse('{"model":{"type":"BPE","vocab":{"a":0,"__proto__":1},"merges":[]}}')
    expect(await refusalOf(json)).toBe('it has no merges, and its token "__proto__" is not one character')
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    const object: unknown = JSON.parse('{"model":{"type":"BPE","vocab":{"a":0,"__proto__":{"b":1}},"merges":[]}}')
    expect(await refusalOf(object)).toBe('its vocabulary of 2 tokens has none with the id 1')
    expect('b' in {}).toBe(false)
  })
})

describe('tokenizerFromJson knows GPT-2 from', () => {
  let gpt2: TokenizerJson

  beforeAll(async () => {
    gpt2 = (await createTokenizer('gpt2', '')).toJson()
  })

  test('a small BPE', async () => {
    const model = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] }
    expect(await refusalOf({ model })).toBe('its vocabulary is not that of GPT-2')
  })

  test('a vocabulary with two ids exchanged', async () => {
    const vocab = { ...gpt2.model.vocab, Ġthe: gpt2.model.vocab['Ġa'], Ġa: gpt2.model.vocab['Ġthe'] }
    expect(await refusalOf({ ...gpt2, model: { ...gpt2.model, vocab } })).toBe('its vocabulary is not that of GPT-2')
  })

  test('a vocabulary with one token more', async () => {
    const vocab = { ...gpt2.model.vocab, '<pad>': 50_257 }
    expect(await refusalOf({ ...gpt2, model: { ...gpt2.model, vocab } })).toBe('its vocabulary is not that of GPT-2')
  })

  test.each([
    ['in another order', (merges: readonly string[]) => merges.toReversed()],
    ['of which one is missing', (merges: readonly string[]) => merges.slice(1)],
    ['of which one is new', (merges: readonly string[]) => [...merges, 'Ġ Ġ']],
  ])('merges %s', async (_, change) => {
    const model = { ...gpt2.model, merges: change(gpt2.model.merges) }
    expect(await refusalOf({ ...gpt2, model })).toBe('its vocabulary is that of GPT-2, but its merges are not')
  })

  test.each([
    [{ pre_tokenizer: null }, 'it does not split the text as GPT-2 does'],
    [{ pre_tokenizer: { type: 'Whitespace' } }, 'it does not split the text as GPT-2 does'],
    [
      { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false } },
      'it does not split the text as GPT-2 does',
    ],
    [
      { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true } },
      'it puts a space before the text, which GPT-2 does not',
    ],
    [{ added_tokens: [{ id: 50_257, content: '<pad>' }] }, 'it adds tokens other than <|endoftext|> to those of GPT-2'],
    [
      { added_tokens: [{ id: 0, content: '<|endoftext|>' }] },
      'it adds tokens other than <|endoftext|> to those of GPT-2',
    ],
  ])('a pipeline with %j', async (change, reason) => {
    expect(await refusalOf({ ...gpt2, ...change })).toBe(reason)
  })
})

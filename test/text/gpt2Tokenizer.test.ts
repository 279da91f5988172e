import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode as encodeByLibrary } from 'gpt-tokenizer/encoding/r50k_base'
import { Tokenizer as HuggingFace } from 'tokenizers'
import { beforeAll, describe, expect, test } from 'vitest'
import { createTokenizer, tokenizerFromJson } from '../../src/text/tokenizer.ts'
import type { TokenizerJson } from '../../src/text/tokenizerFile.ts'
import type { Tokenizer } from '../../src/text/tokenizerTypes.ts'
import { oracleOf, type Oracle } from './oracle.ts'
import { NASTY_TEXTS, randomText } from './texts.ts'

const saltmarrow = readFileSync(new URL('../../corpora/saltmarrow.txt', import.meta.url), 'utf8')
const MIXED_ALPHABET = "aeitnsr   \n'’.,1290éßж中文字ひ😀👍\u0301\u00a0\u0085\ufeff\0<|>"
/** The four bytes of 𝒳 (F0 9D 92 B3), each as the token of that byte. */
const SCRIPT_X = [172, 251, 240, 111]

let tokenizer: Tokenizer
let oracle: Oracle

beforeAll(async () => {
  tokenizer = await createTokenizer('gpt2', 'the corpus does not matter')
  oracle = oracleOf(tokenizer)
})

describe('ids', () => {
  test.each([
    ['hello world', [31373, 995]],
    ["Hello, I'm a language model,", [15496, 11, 314, 1101, 257, 3303, 2746, 11]],
    ['<|endoftext|>', [27, 91, 437, 1659, 5239, 91, 29]],
    ['', []],
    ['\n', [198]],
    [' ', [220]],
    ['\u0085', [126, 227]], // the bytes C2 and 85 in the order of GPT-2's byte alphabet
  ])("of %j are tiktoken's", (text, ids) => {
    expect([...tokenizer.encode(text)]).toEqual(ids)
  })

  test('the vocabulary is GPT-2’s', () => {
    expect(tokenizer.vocabSize).toBe(50_257)
    expect(tokenizer.endOfText).toBe(50_256)
    expect(tokenizer.decode([50_256])).toBe('<|endoftext|>')
  })

  test('an end of text in a text is plain, wherever it stands', () => {
    for (const text of ['<|endoftext|>', 'a<|endoftext|>b', '<|endoftext|><|endoftext|>\n<|endoftext|>']) {
      const ids = tokenizer.encode(text)
      expect(ids).not.toContain(50_256)
      expect(tokenizer.decode(ids)).toBe(text)
    }
  })

  test('a lone surrogate becomes U+FFFD', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud800b'))).toBe('a\ufffdb')
  })
})

describe('a run of letters', () => {
  test('that is longer than regular expressions can split is refused in words', () => {
    expect(() => tokenizer.encode('水'.repeat(8_000_000))).toThrow('too long for the gpt2 tokenizer')
  })
})

describe('agreement', () => {
  const texts = Object.entries(NASTY_TEXTS).filter(([, text]) => !text.includes('<|endoftext|>'))

  test.each([...texts, ['saltmarrow', saltmarrow] as const])('with Hugging Face on %s', async (_, text) => {
    const ids = tokenizer.encode(text)
    expect(ids).toEqual(Int32Array.from(await oracle.encode(text)))
    expect(await oracle.decode(ids)).toBe(text)
  })

  test('with Hugging Face on random mixtures', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const text = randomText(MIXED_ALPHABET, 1 + seed, seed)
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(await oracle.encode(text))
    }
  })

  test('with Hugging Face on an end of text only in that it is special there', async () => {
    expect(await oracle.encode('a<|endoftext|>')).toEqual([64, 50_256])
  })

  test('with gpt-tokenizer on what it does as tiktoken', () => {
    const sources = [
      'abcdefghijklmnopqrstuvwxyz',
      'etaoin shrdlu\n',
      '學而時習之不亦說乎。，',
      'àéîõü😀👩‍👧 ',
      '0123456789.,',
    ]
    for (const [seed, alphabet] of sources.entries()) {
      const text = randomText(alphabet, 2000, seed)
      expect([...tokenizer.encode(text)]).toEqual(encodeByLibrary(text))
    }
  })
})

describe('round trips', () => {
  test.each(Object.entries(NASTY_TEXTS))('%s', (_, text) => {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })

  test('every token that is a word encodes to itself', () => {
    const ids = Array.from({ length: 50_256 }, (_, id) => id)
    const words = ids.filter((id) => /^ ?\p{L}+$/u.test(tokenizer.decode([id])))
    expect(words.length).toBeGreaterThan(45_000)
    expect(words.filter((id) => tokenizer.encode(tokenizer.decode([id])).join() !== String(id))).toEqual([])
  })

  test('more pieces than the cache holds', () => {
    const text = Array.from({ length: 70_000 }, (_, index) => `x${index}`).join(' ')
    expect(tokenizer.decode(tokenizer.encode(text + text))).toBe(text + text)
  })
})

test.each(['a', 'abcdefghijklmnopqrstuvwxyz', '學而時習之不亦說乎'])(
  'a word of a million letters out of %s does not take quadratic time',
  (alphabet) => {
    const text = randomText(alphabet, 1_000_000, 1)
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  },
  30_000, // some 1000 times what it takes; at n^2 it would be an hour
)

describe('bytes', () => {
  test('of each token, end to end, are those of the text', () => {
    for (const text of Object.values(NASTY_TEXTS)) {
      const bytes = Array.from(tokenizer.encode(text), (id) => [...tokenizer.bytesOf(id)]).flat()
      expect(Buffer.from(bytes).equals(Buffer.from(text))).toBe(true)
    }
  })

  test('of a token may be changed without changing the tokenizer, and there are none outside the vocabulary', () => {
    const [id] = tokenizer.encode('sea')
    tokenizer.bytesOf(id).fill(0)
    expect(tokenizer.decode([id])).toBe('sea'.slice(0, tokenizer.bytesOf(id).length))
    expect(() => tokenizer.bytesOf(50_257)).toThrow(RangeError)
  })
})

describe('streaming', () => {
  test('holds back a character until its last byte', () => {
    const ids = tokenizer.encode('a😀b')
    const stream = tokenizer.decoder()
    const parts = [...ids].map((id) => stream.push(id))
    expect(parts.join('')).toBe('a😀b')
    expect(parts).toContain('')
    expect(parts.join('|')).not.toContain('\ufffd')
    expect(stream.end()).toBe('')
  })

  test.each([1, 2, 3])('ends with one U+FFFD after %d of four bytes', (count) => {
    const stream = tokenizer.decoder()
    expect(
      SCRIPT_X.slice(0, count)
        .map((id) => stream.push(id))
        .join(''),
    ).toBe('')
    expect(stream.end()).toBe('\ufffd')
  })

  test('nothing leaks into another stream or into decode', () => {
    const abandoned = tokenizer.decoder()
    for (const id of SCRIPT_X.slice(0, 3)) abandoned.push(id)
    expect(tokenizer.decode(SCRIPT_X.slice(0, 3))).toBe('\ufffd')
    expect(tokenizer.decode(tokenizer.encode('clean'))).toBe('clean')
    const stream = tokenizer.decoder()
    expect([...tokenizer.encode('clean')].map((id) => stream.push(id)).join('') + stream.end()).toBe('clean')
  })

  test('bytes that are no UTF-8 become U+FFFD, and the text goes on', () => {
    expect(tokenizer.decode([SCRIPT_X[1], ...tokenizer.encode('ok'), ...SCRIPT_X])).toBe('\ufffdok𝒳')
  })

  test('two streams at once keep apart', () => {
    const [first, second] = [tokenizer.decoder(), tokenizer.decoder()]
    const texts = SCRIPT_X.map((id) => [first.push(id), second.push(id)])
    expect(texts.at(-1)).toEqual(['𝒳', '𝒳'])
  })

  test('a byte order mark survives at the start and later', () => {
    const stream = tokenizer.decoder()
    const text = '\ufeffa\ufeff'
    expect([...tokenizer.encode(text)].map((id) => stream.push(id)).join('') + stream.end()).toBe(text)
  })

  test.each([-1, 50_257, 1.5, NaN])('id %d is outside the vocabulary', (id) => {
    expect(() => tokenizer.decode([id])).toThrow(RangeError)
    expect(() => tokenizer.decoder().push(id)).toThrow(RangeError)
  })
})

describe('tokenizer.json', () => {
  test('holds the merges in GPT-2’s order', () => {
    const { merges, vocab } = tokenizer.toJson().model
    expect(merges).toHaveLength(50_000)
    expect(merges.slice(0, 6)).toEqual(['Ġ t', 'Ġ a', 'h e', 'i n', 'r e', 'o n'])
    expect(merges.at(-1)).toBe('Ġg azed')
    expect(Object.keys(vocab)).toHaveLength(50_257)
    expect(vocab['<|endoftext|>']).toBe(50_256)
    expect(vocab['ĠHello']).toBe(18_435)
  })

  test('comes back as the same tokenizer, also with what the hub adds and with merges as pairs', async () => {
    const ours = tokenizer.toJson()
    const pairs = ours.model.merges.map((merge) => merge.split(' '))
    const hub = { ...ours, post_processor: { type: 'ByteLevel', trim_offsets: false }, extra: 1 }
    const pretty = { ...ours.model, merges: pairs, continuing_subword_prefix: '', end_of_word_suffix: '' }
    for (const json of [ours, hub, { ...hub, model: { ...pretty, type: undefined } }]) {
      const read = await tokenizerFromJson(JSON.parse(JSON.stringify(json)))
      expect(read.kind).toBe('gpt2')
      expect([...read.encode('hello world')]).toEqual([31373, 995])
    }
  })

  test('comes back from what Hugging Face saves', async () => {
    const saved = savedByHuggingFace(tokenizer.toJson())
    expect((await tokenizerFromJson(saved)).kind).toBe('gpt2')
  })

  test('need not count <|endoftext|> into the vocabulary of the model', async () => {
    const json = tokenizer.toJson()
    const { '<|endoftext|>': _, ...vocab } = json.model.vocab
    expect((await tokenizerFromJson({ ...json, model: { ...json.model, vocab } })).vocabSize).toBe(50_257)
  })
})

/** What the other implementation makes of our file when it writes it itself. */
function savedByHuggingFace(json: TokenizerJson): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'tgpt-'))
  try {
    const path = join(folder, 'tokenizer.json')
    HuggingFace.fromString(JSON.stringify(json)).save(path)
    return JSON.parse(readFileSync(path, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

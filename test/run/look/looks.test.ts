// Looks inside a model, held to each other, to the engines, and to figures worked out by hand.

import { describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/engines/open.ts'
import { attention } from '../../../src/run/look/attention.ts'
import { layers } from '../../../src/run/look/layers.ts'
import { neighbours } from '../../../src/run/look/neighbours.ts'
import { predictions } from '../../../src/run/look/predictions.ts'
import { trace } from '../../../src/run/look/trace.ts'
import { temporaryFolder, userErrorOf } from '../../store/fixtures.ts'
import { modelWith } from './fixtures.ts'

const TEXT = 'to be or'
const ALL = { layer: 'all', head: 'all' }

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0)
}

describe('trace', () => {
  it('leads from the tokens to what comes next, with the figures of each tensor', async () => {
    const { stepFolder, model, parameters, tokenizer } = await modelWith()
    const { tokens, tensors, next, notices } = await trace({ stepFolder, text: 'toe' })
    expect(notices).toEqual([])
    expect(tokens.map(({ text }) => text).join('')).toBe('toe')
    expect(tokens.map(({ id }) => id)).toEqual([...tokenizer.encode('toe')])

    const [wte] = tensors
    const rows = tokens.flatMap(({ id }) => [...parameters.get('wte.weight')!.data.subarray(4 * id, 4 * id + 4)])
    const mean = sumOf(rows) / 12
    expect(wte).toMatchObject({ name: 'wte', shape: [3, 4], masked: 0, min: Math.min(...rows), max: Math.max(...rows) })
    expect(wte.mean).toBeCloseTo(mean, 6)
    expect(wte.standardDeviation).toBeCloseTo(Math.sqrt(sumOf(rows.map((x) => (x - mean) ** 2)) / 12), 6)

    expect(tensors.at(-2)).toMatchObject({ name: 'logits', shape: [3, model.vocabSize] })
    const last = tensors.at(-1)!
    expect(last).toMatchObject({ name: 'probabilities', shape: [3, model.vocabSize] })
    expect(last.mean).toBeCloseTo(1 / model.vocabSize, 6)
    expect(next).toEqual((await predictions({ stepFolder, text: 'toe' })).positions[2].next)
  })

  it('leaves what is masked out of the figures: 3 of 9 scores in each of 2 heads', async () => {
    const { stepFolder } = await modelWith()
    const { tensors } = await trace({ stepFolder, text: 'toe' })
    const scores = tensors.filter(({ name }) => name.endsWith('.scores'))
    expect(scores.map(({ masked }) => masked)).toEqual([6, 6])
    for (const { min, mean, max } of scores) expect([min, mean, max].every(Number.isFinite)).toBe(true)
  })

  it('says what each tensor is, the same of each layer', async () => {
    const { stepFolder } = await modelWith()
    const { tensors } = await trace({ stepFolder, text: 'toe' })
    for (const { meaning } of tensors) expect(meaning).toMatch(/^\S.{10,80}$/)
    const of = (layer: number) => tensors.filter(({ name }) => name.startsWith(`h.${layer}.`))
    expect(of(0).map(({ meaning }) => meaning)).toEqual(of(1).map(({ meaning }) => meaning))
    expect(new Set(of(0).map(({ meaning }) => meaning)).size).toBe(of(0).length)
  })
})

describe('attention', () => {
  it('has rows that sum to 1 and see nothing ahead, for each head of each layer', async () => {
    const { stepFolder } = await modelWith()
    const { heads, tokens } = await attention({ stepFolder, text: TEXT, ...ALL })
    expect(heads.map(({ layer, head }) => [layer, head])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
    expect(tokens).toHaveLength(8)
    for (const { weights } of heads) {
      expect(weights).toHaveLength(8)
      for (const [query, row] of weights.entries()) {
        expect(row).toHaveLength(8)
        expect(sumOf(row)).toBeCloseTo(1, 6)
        expect(row.slice(query + 1).every((weight) => weight === 0)).toBe(true)
      }
    }
    expect(heads[0].weights).not.toEqual(heads[1].weights)
  })

  it('gives the layer and the head that are asked for', async () => {
    const { stepFolder } = await modelWith()
    const all = await attention({ stepFolder, text: TEXT, ...ALL })
    const last = await attention({ stepFolder, text: TEXT, layer: 'last', head: 'all' })
    const one = await attention({ stepFolder, text: TEXT, layer: '0', head: '1' })
    expect(last.heads).toEqual(all.heads.slice(2))
    expect(one.heads).toEqual([all.heads[1]])
  })

  it.each([
    [{ layer: '2', head: 'all' }, '--layer is "2"; it must be a whole number from 0 to 1'],
    [{ layer: '-1', head: 'all' }, '--layer is "-1"; it must be a whole number from 0 to 1'],
    [{ layer: '0', head: '7' }, '--head is "7"; it must be a whole number from 0 to 1'],
    [{ layer: '0', head: 'first' }, '--head is "first"; it must be a whole number'],
  ])('refuses %j', async (chosen, message) => {
    const { stepFolder } = await modelWith()
    const error = await userErrorOf(() => attention({ stepFolder, text: TEXT, ...chosen }))
    expect([error.message, error.exitCode]).toEqual([message, 2])
  })
})

it('attention refuses more weights than one answer can hold', async () => {
  const { stepFolder } = await modelWith({ blockSize: 3000, nLayer: 1 })
  const error = await userErrorOf(() => attention({ stepFolder, text: 'to be, '.repeat(500), ...ALL }))
  expect([error.message, error.exitCode]).toEqual(['2 x 3000 x 3000 weights are too many for one answer', 2])
})

describe('predictions', () => {
  it.each(['tfjs', 'wasm'] as const)('surprise as much as the loss of the engine %s on that text', async (name) => {
    const { stepFolder, model, parameters, tokenizer } = await modelWith()
    const { engine } = await openEngine(name, { model, seed: 0 })
    await engine.load(parameters)
    const ids = tokenizer.encode(TEXT)
    const losses = await engine.losses({ inputs: ids.slice(0, -1), targets: ids.slice(1), batchSize: 1 })
    engine.dispose()
    const { positions, meanSurprise } = await predictions({ stepFolder, text: TEXT })
    expect(positions).toHaveLength(8)
    for (const [index, loss] of losses.entries()) expect(positions[index + 1].surprise).toBeCloseTo(loss, 4)
    expect(meanSurprise).toBeCloseTo(sumOf([...losses]) / 7, 4)
  })

  it('are probabilities: the top five fall, and a surprise is minus the logarithm of one', async () => {
    const { stepFolder } = await modelWith()
    const { positions } = await predictions({ stepFolder, text: TEXT })
    expect(positions[0]).not.toHaveProperty('surprise')
    for (const { next, probability, surprise } of positions) {
      const shares = next.map((candidate) => candidate.probability)
      expect(shares).toEqual(shares.toSorted((a, b) => b - a))
      expect(next).toHaveLength(5)
      expect(sumOf(shares)).toBeLessThan(1)
      if (probability !== undefined) expect(surprise).toBeCloseTo(-Math.log(probability), 9)
    }
    const came = positions[0].next.find(({ id }) => id === positions[1].token.id)
    if (came) expect(positions[1].probability).toBe(came.probability)
  })

  it('sum to 1 over a vocabulary of four', async () => {
    const { stepFolder } = await modelWith({ corpus: 'abcd' })
    const { positions } = await predictions({ stepFolder, text: 'ab' })
    for (const { next } of positions) expect(sumOf(next.map(({ probability }) => probability))).toBeCloseTo(1, 9)
  })

  it('of a single token have a next one and no surprise', async () => {
    const { stepFolder } = await modelWith()
    const look = await predictions({ stepFolder, text: 't' })
    expect(look.positions).toHaveLength(1)
    expect(look).not.toHaveProperty('meanSurprise')
  })

  it('join the tokens of one character of GPT-2, whose surprises add up', async () => {
    const { stepFolder } = await modelWith({ tokenizer: 'gpt2', nLayer: 1, nHead: 1, nEmbd: 2, blockSize: 16 })
    const { positions, stretches } = await predictions({ stepFolder, text: 'a 漢b' })
    expect(positions.map(({ token }) => token.text)).toEqual(['a', ' <0xE6>', '<0xBC>', '<0xA2>', 'b'])
    expect(stretches.map(({ text }) => text)).toEqual(['a', ' 漢', 'b'])
    expect(stretches[0]).not.toHaveProperty('surprise')
    expect(stretches[1].surprise).toBeCloseTo(sumOf(positions.slice(1, 4).map(({ surprise }) => surprise!)), 9)
  })

  it('spell the bytes of a character that the block has cut', async () => {
    const { stepFolder } = await modelWith({ tokenizer: 'gpt2', nLayer: 1, nHead: 1, nEmbd: 2, blockSize: 2 })
    const { stretches, notices } = await predictions({ stepFolder, text: 'a 漢b' })
    expect(stretches.map(({ text }) => text)).toEqual(['<0xA2>', 'b'])
    expect(notices).toEqual(['the text has 5 tokens; the model sees the last 2, one block'])
  })
})

describe('layers', () => {
  it('end with the predictions of the model itself', async () => {
    const { stepFolder } = await modelWith()
    const { layers: all } = await layers({ stepFolder, text: TEXT })
    const { positions, meanSurprise } = await predictions({ stepFolder, text: TEXT })
    expect(all.map(({ name }) => name)).toEqual(['embedding', 'h.0.resid_post', 'h.1.resid_post'])
    const last = all[2]
    expect(last.positions.map(({ next }) => next)).toEqual(positions.map(({ next }) => next.slice(0, 3)))
    expect(last.positions.map(({ answer }) => answer)).toEqual([
      ...positions.slice(1).map(({ probability }) => probability),
      undefined,
    ])
    expect(last.meanSurprise).toBe(meanSurprise)
    expect(all[0].meanSurprise).not.toBe(meanSurprise)
  })

  it('count how often the most probable token came', async () => {
    const { stepFolder } = await modelWith()
    const { layers: all, tokens } = await layers({ stepFolder, text: TEXT })
    for (const { right, positions } of all) {
      const hits = positions.filter(({ next }, index) => next[0].id === tokens[index + 1]?.id)
      expect(right).toBe(hits.length)
    }
  })

  it('have none that came after a single token', async () => {
    const { stepFolder } = await modelWith()
    const { layers: all } = await layers({ stepFolder, text: 't' })
    for (const layer of all)
      expect(layer).toMatchObject({ right: 0, positions: [expect.not.objectContaining({ answer: 0 })] })
    expect(all[0]).not.toHaveProperty('meanSurprise')
  })
})

describe('neighbours', () => {
  // a and b point the same way; c at a right angle to a; d at 45 degrees, and longer; e against it; f is nothing.
  const wte = Float32Array.of(1, 0, 2, 0, 0, 3, 5, 5, -1, 0, 0, 0)
  const byHand = () => modelWith({ corpus: 'abcdef', nHead: 1, nEmbd: 2, wte })

  it('are the nearest by angle, whatever their length, without the token itself', async () => {
    const { stepFolder } = await byHand()
    const look = await neighbours({ stepFolder, text: 'a' })
    expect(look.token).toEqual({ id: 0, text: 'a' })
    expect(look.neighbours.map(({ text }) => text)).toEqual(['b', 'd', 'c', 'f', 'e'])
    const expected = [1, Math.SQRT1_2, 0, 0, -1]
    for (const [index, { similarity }] of look.neighbours.entries()) expect(similarity).toBeCloseTo(expected[index], 6)
  })

  it.each([
    ['abc', '--neighbours takes one token, and this text is 3: "a" "b" "c"', 'Give one of them.'],
    ['', 'the text after --neighbours is empty', 'Give one token of the vocabulary.'],
    ['q', 'the character "q" (U+0071) is not in the vocabulary of this model', expect.stringContaining('It knows 6')],
  ])('of %j are refused', async (text, message, hint) => {
    const { stepFolder } = await byHand()
    const error = await userErrorOf(() => neighbours({ stepFolder, text }))
    expect(error).toMatchObject({ message, hint, exitCode: 2 })
  })

  it('tell which tokens of GPT-2 a word is made of, and hide no command to the terminal', async () => {
    const { stepFolder } = await modelWith({ tokenizer: 'gpt2', nLayer: 1, nHead: 1, nEmbd: 2 })
    const error = await userErrorOf(() => neighbours({ stepFolder, text: 'seaweed\u202e' }))
    expect(error.message).toContain('this text is 5: "se" "aw" "eed" "<0xE2><0x80>" "<0xAE>"')
    expect(error.message).not.toMatch(/\p{C}/u)
    const { token } = await neighbours({ stepFolder, text: ' sea' })
    expect(token.text).toBe(' sea')
  })
})

describe('every look', () => {
  it('begins where a sample does when there is no text, and says so', async () => {
    const { stepFolder } = await modelWith({ corpus: 'ab\n' })
    const { tokens, notices } = await trace({ stepFolder, text: '' })
    expect(tokens).toEqual([{ id: 0, text: '\n' }])
    expect(notices).toEqual(['the text is empty: the model starts from "\\n", as a sample does'])
  })

  it('sees the last block of a text that is longer, and says so', async () => {
    const { stepFolder } = await modelWith()
    const long = await predictions({ stepFolder, text: `not ${TEXT}` })
    expect(long.notices).toEqual(['the text has 12 tokens; the model sees the last 8, one block'])
    expect(long.positions).toEqual((await predictions({ stepFolder, text: TEXT })).positions)
  })

  it('refuses a character that the model never saw, weights that are no numbers, and a folder without a model', async () => {
    const { stepFolder, model } = await modelWith()
    expect((await userErrorOf(() => trace({ stepFolder, text: 'toq' }))).message).toContain('"q" (U+0071)')
    const broken = await modelWith({ wte: new Float32Array(4 * model.vocabSize).fill(NaN) })
    for (const look of [trace, predictions, layers, neighbours]) {
      const error = await userErrorOf(() => look({ stepFolder: broken.stepFolder, text: 't' }))
      expect([error.message, error.exitCode]).toEqual([expect.stringContaining('NaN or infinite weights (in wte'), 1])
    }
    expect((await userErrorOf(() => trace({ stepFolder: temporaryFolder(), text: 't' }))).exitCode).toBe(1)
  })

  it('refuses numbers that grow out of all bounds on the way', async () => {
    const { stepFolder } = await modelWith({ corpus: 'ab', wte: new Float32Array(8).fill(3e38) })
    const error = await userErrorOf(() => predictions({ stepFolder, text: 'ab' }))
    expect([error.message, error.exitCode]).toEqual(['the model gives no finite numbers for this text', 1])
  })
})

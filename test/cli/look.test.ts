// tgpt inspect --trace and its kin: looks inside a model, for people and for programs.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type {
  AttentionLook,
  LayersLook,
  Neighbours,
  PredictedPosition,
  Predictions,
  Trace,
} from '../../src/gpt/look.ts'
import { copyOf, modelAlone } from './damage.ts'
import { expectRefusal, folderWithTales, pointedAt, succeeds, tgpt } from './spawn.ts'

const TEXT = 'the sea is wide'
const MODEL = '--n-layer 2 --n-head 2 --n-embd 8 --block-size 16 --batch-size 2 --eval-iters 1'

let folder: string
let run: string

beforeAll(async () => {
  folder = folderWithTales()
  run = join(folder, 'checkpoints', 'tales')
  await succeeds(tgpt(folder, `train tales.txt ${MODEL} --steps 4 --eval-interval 4`))
})

async function shown(...args: string[]): Promise<string> {
  const { stdout, stderr } = await succeeds(tgpt(folder, ['inspect', 'tales', ...args]))
  expect(stderr).toBe('')
  return stdout
}

async function json<Look>(...args: string[]): Promise<Look> {
  return JSON.parse(await shown(...args, '--json')) as Look
}

describe.concurrent('for people', () => {
  it.each([
    ['--trace', TEXT, /^ {2}attn\.c_attn +15 x 24( +-?\d\S*){4}$/m],
    ['--attention', TEXT, /^layer 1, head 0 +layer 1, head 1$/m],
    ['--predict', TEXT, /^ {2}mean \d\.\d{4} nats over 14 tokens: /m],
    ['--neighbours', 'e', /^Nearest to e \(id \d+\)$/m],
    ['--layers', TEXT, /^ {2}h\.1 +\d\.\d{4} +\d+ of 14 /m],
  ])('%s, without an escape code where the output is no terminal', async (look, text, words) => {
    const stdout = await shown(look, text)
    expect(stdout).toMatch(words)
    expect(stdout).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(stdout.split('\n').filter((line) => line !== line.trimEnd())).toEqual([])
  })

  it('--attention takes a layer, a head, or all', async () => {
    const titles = async (...args: string[]) =>
      (await shown('--attention', TEXT, ...args)).match(/layer \d, head \d/g)?.join('; ')
    expect(await titles('--layer', '0', '--head', '1')).toBe('layer 0, head 1')
    expect(await titles('--layer=all', '--head=0')).toBe('layer 0, head 0; layer 1, head 0')
  })

  it('what was done to the text is a note on standard error', async () => {
    const { stdout, stderr } = await succeeds(tgpt(folder, ['inspect', 'tales', '--predict', `${TEXT}, ${TEXT}`]))
    expect(stderr).toBe('note: the text has 32 tokens; the model sees the last 16, one block\n')
    expect(stdout).toContain('over 15 tokens')
    const empty = await succeeds(tgpt(folder, ['inspect', 'tales', '--trace', '']))
    expect(empty.stderr).toBe('note: the text is empty: the model starts from "\\n", as a sample does\n')
  })
})

describe.concurrent('for programs', () => {
  it('each look is JSON, and they agree', async () => {
    const [trace, attention, predictions, layers] = await Promise.all([
      json<Trace>('--trace', TEXT),
      json<AttentionLook>('--attention', TEXT),
      json<Predictions>('--predict', TEXT),
      json<LayersLook>('--layers', TEXT),
    ])
    for (const look of [trace, attention, predictions, layers]) {
      expect(look.tokens.map(({ text }) => text).join('')).toBe(TEXT)
      expect(look.folder).toBe(pointedAt(trace.folder.slice(0, -'/step-000004'.length), 'latest'))
    }
    expect(trace.next).toEqual(predictions.positions.at(-1)?.next)
    expect(layers.layers.at(-1)?.meanSurprise).toBe(predictions.meanSurprise)
    expect(attention.heads.map(({ layer, head }) => [layer, head])).toEqual([
      [1, 0],
      [1, 1],
    ])
    const probabilities = trace.tensors.find(({ name }) => name === 'h.1.attn.probabilities')!
    const weights = attention.heads.flatMap((head) => head.weights.flat())
    expect(probabilities.max).toBeCloseTo(Math.max(...weights), 6)
    expect(probabilities.shape).toEqual([2, 15, 15])
  })

  it('the surprise of a text is the loss that eval finds', async () => {
    writeFileSync(join(folder, 'text.txt'), TEXT)
    const { stdout } = await succeeds(tgpt(folder, ['eval', 'tales/latest', 'text.txt', '--json']))
    const { loss, tokens } = JSON.parse(stdout) as { loss: number; tokens: number }
    const { meanSurprise, positions } = await json<Predictions>('--predict', TEXT)
    expect(meanSurprise).toBeCloseTo(loss, 5)
    expect(positions.filter((position: PredictedPosition) => position.surprise !== undefined)).toHaveLength(tokens)
  })

  it('neighbours are others, the nearest first', async () => {
    const { token, neighbours } = await json<Neighbours>('--neighbours', 'e')
    expect(token.text).toBe('e')
    expect(neighbours).toHaveLength(10)
    expect(neighbours.map(({ text }) => text)).not.toContain('e')
    const similarities = neighbours.map(({ similarity }) => similarity)
    expect(similarities).toEqual(similarities.toSorted((a, b) => b - a))
  })

  it('a folder with a model alone will do', async () => {
    const alone = modelAlone(pointedAt(run, 'latest'), join(folder, 'alone'))
    const { stdout } = await succeeds(tgpt(folder, ['inspect', alone, '--predict', TEXT, '--json']))
    const { positions } = JSON.parse(stdout) as Predictions
    expect(positions).toEqual((await json<Predictions>('--predict', TEXT)).positions)
  })
})

describe.concurrent('refused in two lines', () => {
  it.each([
    [['--trace', 'a', '--layers', 'b'], /--trace and --layers cannot go together\nAsk for one/],
    [['--trace', 'a', '--trace', 'b'], /--trace is given more than once/],
    [['--layer', '0'], /--layer belongs to --attention\nAdd --attention/],
    [['--predict', 'a', '--head', '0'], /--head belongs to --attention/],
    [['--attention', 'a', '--layer', '2'], /--layer is "2"; it must be a whole number from 0 to 1\n/],
    [['--attention', 'a', '--head', '-1'], /--head is "-1"; it must be a whole number from 0 to 1\n/],
    [['--attention'], /--attention needs a value\n/],
    [['--predict', 'qua'], /the character "q" \(U\+0071\) is not in the vocabulary/],
    [['--neighbours', 'sea'], /this text is 3: "s" "e" "a"\nGive one of them/],
    [['--neighbours', ''], /the text after --neighbours is empty\n/],
    [['--atention', 'a'], /unknown argument: --atention\nDid you mean --attention\?/],
  ])('%j', async (args, words) => {
    expectRefusal(await tgpt(folder, ['inspect', 'tales', ...args]), 2, words)
  })

  it('a checkpoint that is damaged, or not there', async () => {
    const copy = copyOf(pointedAt(run, 'latest'))
    const weights = join(copy, 'model.safetensors')
    const bytes = readFileSync(weights)
    bytes[bytes.length - 1] ^= 1
    writeFileSync(weights, bytes)
    expectRefusal(await tgpt(folder, ['inspect', copy, '--trace', 'a']), 1, /model\.safetensors/)
    expectRefusal(await tgpt(folder, ['inspect', 'none', '--trace', 'a']), 1, /there is no checkpoint none/)
  })
})

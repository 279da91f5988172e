// tgpt eval: how well a model predicts texts, in figures that agree with each other and with the run's own.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { modelAlone } from './damage.ts'
import { eventsOf, expectRefusal, pointedAt, SMALL, succeeds, TALES, tgpt, trained } from './spawn.ts'

interface Figures {
  loss: number
  perplexity: number
  bitsPerByte: number
  tokens: number
  bytes: number
}

let folder: string
let run: string

beforeAll(async () => {
  ;({ folder, run } = await trained(`${SMALL} --steps 4 --eval-interval 2`))
  writeFileSync(join(folder, 'one.txt'), 'the sea is wide\n')
  writeFileSync(join(folder, 'two.txt'), 'the boat is small\n'.repeat(9))
})

async function evaluated(...args: string[]): Promise<Figures> {
  return JSON.parse((await succeeds(tgpt(folder, ['eval', ...args, '--json']))).stdout) as Figures
}

describe.concurrent('tgpt eval', () => {
  it('--json has the five figures, and they agree', async () => {
    const figures = await evaluated('tales', 'two.txt')
    expect(Object.keys(figures).toSorted()).toEqual(['bitsPerByte', 'bytes', 'loss', 'perplexity', 'tokens'])
    const { loss, perplexity, bitsPerByte, tokens, bytes } = figures
    expect({ tokens, bytes }).toEqual({ tokens: 18 * 9 - 1, bytes: 18 * 9 })
    expect(perplexity).toBeCloseTo(Math.exp(loss), 9)
    expect(bitsPerByte).toBeCloseTo((loss * tokens) / Math.log(2) / bytes, 9)
    expect(loss).toBeGreaterThan(1)
    expect(loss).toBeLessThan(1.2 * Math.log(new Set(TALES).size)) // near an even guess, after four steps
  })

  it('shows the same to people', async () => {
    const { loss } = await evaluated('tales', 'two.txt')
    const { stdout, stderr } = await succeeds(tgpt(folder, 'eval tales two.txt'))
    expect(stdout).toMatch(new RegExp(`^loss +${loss.toFixed(4).replace('.', '\\.')} nats per token$`, 'm'))
    expect(stdout).toMatch(/^tokens +161 predicted$/m)
    expect(stderr).toBe('')
  })

  it('counts several files together, each from its own beginning', async () => {
    const [one, two, both] = await Promise.all(
      [['one.txt'], ['two.txt'], ['one.txt', 'two.txt']].map((files) => evaluated('tales', ...files)),
    )
    expect([both.tokens, both.bytes]).toEqual([one.tokens + two.tokens, one.bytes + two.bytes])
    expect(both.loss).toBeCloseTo((one.loss * one.tokens + two.loss * two.tokens) / both.tokens, 6)
  })

  it('agrees with the last loss of the run on its own validation part', async () => {
    const validation = TALES.slice(Math.floor(0.9 * TALES.length))
    writeFileSync(join(folder, 'validation.txt'), validation)
    const { loss, tokens } = await evaluated('tales/latest', 'validation.txt')
    const last = eventsOf(run).at(-1)?.validation as { loss: number; tokens: number }
    expect(tokens).toBe(last.tokens)
    expect(loss).toBeCloseTo(last.loss, 5)
  })

  it('predicts text shorter than a block', async () => {
    writeFileSync(join(folder, 'tiny.txt'), 'sea')
    expect(await evaluated('tales', 'tiny.txt')).toMatchObject({ tokens: 2, bytes: 3 })
  })

  it('takes a folder with config.json, model.safetensors and tokenizer.json alone, as sample does', async () => {
    const alone = modelAlone(pointedAt(run, 'best'), join(folder, 'alone'))
    expect(await evaluated(alone, 'two.txt')).toEqual(await evaluated('tales/best', 'two.txt'))
    const [mine, same] = await Promise.all(
      [alone, 'tales/best'].map((model) => tgpt(folder, ['sample', model, '--seed', '3'])),
    )
    expect(mine.stdout).toHaveLength(501)
    expect(mine.stdout).toBe(same.stdout)
  })

  it.each([
    ['a file that is not there', 'none.txt', '', /there is no file none\.txt/],
    ['a folder', '.', '', /is a folder/],
    ['an empty file', 'empty.txt', '', /empty\.txt is empty/],
    ['a single token', 'a.txt', 'a', /a\.txt is a single token/],
    ['a character that the model never saw', 'q.txt', 'quay', /"q" \(U\+0071\)/],
    ['a file that is not UTF-8', 'latin.txt', Buffer.from([0x61, 0xe9, 0x62]), /latin\.txt is not UTF-8 .* offset 1 /],
  ])('%s is refused by name', async (_, name, content, words) => {
    if (name !== '.' && name !== 'none.txt') writeFileSync(join(folder, name), content)
    expectRefusal(await tgpt(folder, ['eval', 'tales', 'one.txt', name]), 2, words)
  })
})

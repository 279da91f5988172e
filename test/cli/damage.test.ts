// Checkpoints that are damaged, newer or not there: each command refuses them, says why and offers what is whole.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { changeBytes, changeJson, copyOf, modelAlone } from './damage.ts'
import { everythingIn, expectRefusal, folderWithTales, SMALL, tgpt, trained } from './spawn.ts'

const NEWEST = join('checkpoints', 'tales', 'step-000004')
const COMMANDS = [
  'sample tales/latest',
  'inspect tales',
  'eval tales/latest tales.txt',
  'train --resume tales --steps 6',
]

let whole: string

beforeAll(async () => {
  whole = (await trained(`${SMALL} --steps 4 --eval-interval 2`)).folder
})

/** Every command on a copy of the run with something wrong: refused, and nothing in the folder changed. */
async function allRefuse(breakIt: (folder: string) => void, words: RegExp): Promise<void> {
  const folder = copyOf(whole)
  breakIt(folder)
  const before = everythingIn(folder)
  const outcomes = await Promise.all(COMMANDS.map((command) => tgpt(folder, command)))
  for (const outcome of outcomes) expectRefusal(outcome, 1, words)
  expect(everythingIn(folder)).toEqual(before)
}

const weights = (folder: string) => join(folder, NEWEST, 'model.safetensors')

describe.concurrent('a checkpoint is refused, and the previous one offered, with', () => {
  it.each([
    [
      'one byte cut off',
      (bytes: Buffer) => bytes.subarray(0, -1),
      /model\.safetensors is damaged: it has \d+ bytes, not \d+\nThis one is whole: .*step-000002\n$/,
    ],
    [
      'one byte too many',
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)]),
      /model\.safetensors is damaged: it has \d+ bytes, not \d+\nThis one is whole: .*step-000002\n$/,
    ],
    [
      'nothing in it',
      () => Buffer.of(),
      /model\.safetensors is damaged: it has 0 bytes, not \d+\nThis one is whole: .*step-000002\n$/,
    ],
  ])('%s', async (_, change, words) => {
    await allRefuse((folder) => changeBytes(weights(folder), change), words)
  })

  it('its weights gone', async () => {
    await allRefuse(
      (folder) => rmSync(weights(folder)),
      /model\.safetensors: no such file.*\nThis one is whole: .*step-000002\n/,
    )
  })
})

describe.concurrent('a checkpoint is refused that', () => {
  it('was written by a newer tgpt: upgrade', async () => {
    const newer = (folder: string) => changeJson(join(folder, NEWEST, 'state.json'), { format: 2 })
    await allRefuse(newer, /state\.json was written by a newer tgpt \(format 2; .*\nUpgrade tgpt/)
  })

  it('a run of a newer tgpt, for the commands that read the run', async () => {
    const folder = copyOf(whole)
    changeJson(join(folder, 'checkpoints', 'tales', 'run.json'), { format: 2 })
    for (const command of ['inspect', 'train --resume']) {
      expectRefusal(
        await tgpt(folder, command),
        1,
        /run\.json was written by a newer tgpt \(format 2; .*\nUpgrade tgpt/,
      )
    }
  })

  it('is named by a latest which leads out of the run', async () => {
    const away = (folder: string) => writeFileSync(join(folder, 'checkpoints', 'tales', 'latest'), '../../elsewhere\n')
    await allRefuse(away, /latest is damaged/)
  })
})

describe.concurrent('a model alone is refused with', () => {
  const header = (text: string, length = BigInt(text.length)) => {
    const prefix = Buffer.alloc(8)
    prefix.writeBigUInt64LE(length)
    return Buffer.concat([prefix, Buffer.from(text)])
  }
  const withWeights = (bytes: Uint8Array) => (alone: string) => writeFileSync(join(alone, 'model.safetensors'), bytes)
  const withConfig = (changes: object) => (alone: string) => changeJson(join(alone, 'config.json'), changes)

  it.each([
    [
      'weights cut by one byte',
      (alone: string) => changeBytes(join(alone, 'model.safetensors'), (bytes) => bytes.subarray(0, -1)),
      /model\.safetensors/,
    ],
    ['weights that are text', withWeights(Buffer.from('hello')), /model\.safetensors is .*not|model\.safetensors/],
    ['a header of 2^63 bytes', withWeights(header('{}', 2n ** 63n)), /model\.safetensors/],
    ['a header that is not JSON', withWeights(header('{"a":')), /model\.safetensors/],
    ['no tensors', withWeights(header('{}')), /wte\.weight/],
    ['a billion layers in its configuration', withConfig({ n_layer: 1e9 }), /1000000000/],
    ['more layers in its configuration than tensors', withConfig({ n_layer: 2 }), /h\.1\./],
    ['a width that the heads cannot share', withConfig({ n_head: 3 }), /\b3\b/],
    [
      'a configuration that is not JSON',
      (alone: string) => writeFileSync(join(alone, 'config.json'), '{'),
      /config\.json/,
    ],
    [
      'a tokenizer that is not JSON',
      (alone: string) => writeFileSync(join(alone, 'tokenizer.json'), 'x'),
      /tokenizer\.json/,
    ],
    ['no tokenizer', (alone: string) => rmSync(join(alone, 'tokenizer.json')), /there is no tokenizer\.json/],
  ])('%s', async (_, breakIt, words) => {
    const folder = folderWithTales()
    const alone = modelAlone(join(whole, NEWEST), join(folder, 'alone'))
    breakIt(alone)
    const commands = ['sample alone', 'inspect alone', 'eval alone tales.txt']
    const outcomes = await Promise.all(commands.map((command) => tgpt(folder, command)))
    for (const outcome of outcomes) expectRefusal(outcome, 1, words)
  })

  it('no run around it, if it is to be resumed', async () => {
    const folder = folderWithTales()
    modelAlone(join(whole, NEWEST), join(folder, 'alone'))
    expectRefusal(await tgpt(folder, 'train --resume alone'), 1, /alone is a checkpoint without a run/)
  })
})

describe.concurrent('where there is no checkpoint', () => {
  it.each(['sample', 'inspect', 'train --resume'])('%s says how to get one', async (command) => {
    const folder = folderWithTales()
    expectRefusal(await tgpt(folder, command), 1, /there are no runs in checkpoints yet\n.*tgpt train/)
    expect(existsSync(join(folder, 'checkpoints'))).toBe(false)
  })

  it('a name that is none gets the names that there are', async () => {
    for (const command of ['sample tails', 'inspect tails', 'eval tails tales.txt', 'train --resume tails']) {
      expectRefusal(await tgpt(whole, command), 1, /there is no checkpoint tails\nRuns in checkpoints: tales\n/)
    }
  })

  it('a folder that holds something else is no checkpoint', async () => {
    const folder = folderWithTales()
    mkdirSync(join(folder, 'photos'))
    expectRefusal(await tgpt(folder, 'inspect photos'), 1, /photos is not a checkpoint/)
    expectRefusal(await tgpt(folder, 'sample tales.txt'), 1, /tales\.txt is not a checkpoint/)
  })
})

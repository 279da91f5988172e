// Bad input of every kind, given to tgpt train: one or two lines, the right exit code, and nothing left on disk.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { everythingIn, expectRefusal, folderWithTales, SMALL, succeeds, TINY, tgpt } from './spawn.ts'

async function refused(folder: string, args: string, exitCode: 1 | 2, words: RegExp): Promise<void> {
  const before = everythingIn(folder)
  expectRefusal(await tgpt(folder, args), exitCode, words)
  expect(everythingIn(folder)).toEqual(before)
}

describe.concurrent('a corpus is refused that', () => {
  it.each([
    ['is empty', '', /the corpus bad\.txt is empty\n/],
    ['has one character', 'a', /the corpus bad is too short: .*\nUse a text of at least 10 tokens/],
    ['is no longer than a block', 'the sea i', /the corpus bad is too short: .*\nUse a text of at least \d+ tokens/],
    [
      'is not UTF-8',
      Buffer.from('sea \xe9\xe8', 'latin1'),
      /bad\.txt is not UTF-8 text: the byte at offset 4 \(0xe9\)/,
    ],
    [
      'is cut within a character',
      Buffer.from('水水').subarray(0, 5),
      /bad\.txt is not UTF-8 text: the byte at offset 3 /,
    ],
    ['is UTF-16', Buffer.from('\uFEFFthe sea', 'utf16le'), /bad\.txt is not UTF-8 text: the byte at offset 0 \(0xff\)/],
  ])('%s', async (_, content, words) => {
    const folder = folderWithTales()
    writeFileSync(join(folder, 'bad.txt'), content)
    await refused(folder, `train bad.txt ${TINY}`, 2, words)
  })

  it.each([
    ['is not there', 'none.txt', /there is no file none\.txt\n/],
    ['is a folder', '.', /the corpus \. is a folder\n/],
    ['lies below a file', 'tales.txt/x', /cannot read the corpus tales\.txt\/x: a part of the path is a file/],
  ])('%s', async (_, name, words) => {
    await refused(folderWithTales(), `train ${name} ${TINY}`, 2, words)
  })

  it('is a FIFO, without waiting for a writer', async ({ skip }) => {
    skip(process.platform === 'win32', 'Windows has no mkfifo')
    const folder = folderWithTales()
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await refused(folder, `train pipe ${TINY}`, 2, /the corpus pipe is a pipe or a device/)
  })

  it('is an empty name, as from a variable of the shell that is not set', async () => {
    const folder = folderWithTales()
    expectRefusal(await tgpt(folder, ['train', '']), 2, /corpus .* empty/)
    expectRefusal(await tgpt(folder, ['train', 'tales.txt', '--out', '']), 2, /out .* empty/)
  })

  it('is too short; one of the length that is asked for will do', async () => {
    const folder = folderWithTales()
    writeFileSync(join(folder, 'short.txt'), 'sea')
    const { stderr } = await tgpt(folder, `train short.txt ${TINY}`)
    const [, needed] = /at least (\d+) tokens/.exec(stderr) ?? []
    writeFileSync(join(folder, 'enough.txt'), readFileSync(join(folder, 'tales.txt'), 'utf8').slice(0, Number(needed)))
    await succeeds(tgpt(folder, `train enough.txt ${TINY}`))
  })
})

describe.concurrent('a setting is refused that', () => {
  it.each([
    ['has no value', '--steps', /--steps needs a value\n/],
    ['has another flag for a value', '--steps --seed 1', /--steps needs a value\n/],
    ['is no number', '--steps abc', /--steps is "abc"; it must be a whole number\n/],
    ['is a number in words of another notation', '--steps 0x10', /--steps is "0x10"; it must be a whole number\n/],
    ['is infinite', '--learning-rate Infinity', /--learning-rate is "Infinity"; it must be a number\n/],
    ['is zero where one is the least', '--steps 0', /--steps is "0"; it must be a whole number from 1 to /],
    ['is negative', '--batch-size -1', /--batch-size is "-1"; it must be a whole number from 1 to /],
    ['is a fraction of a step', '--steps 1.5', /--steps is "1\.5"; it must be a whole number/],
    [
      'would be rounded to another number',
      '--seed 9007199254740993',
      /--seed is "9007199254740993"; .* to 9007199254740991\n/,
    ],
    ['is a probability above 1', '--dropout 1.5', /--dropout is "1\.5"; it must be a number from 0 to below 1\n/],
    ['is given twice', '--seed 1 --seed 2', /--seed is given more than once\n/],
    ['is given in two spellings', '--max_iters=5 --steps 6', /--steps is given more than once\n/],
    ['is neither true nor false', '--bias=maybe', /--bias is "maybe"; it must be true or false\n/],
    ['is a width that the heads cannot share', '--n-embd 10 --n-head 4', /10 .*n-embd.* 4 .*n-head.*\n.*12/],
    ['is an unknown activation', '--activation relu', /--activation is "relu"; it must be one of: gelu, gelu_new\n/],
    ['is an unknown tokenizer', '--tokenizer words', /--tokenizer is "words"; it must be one of: char, gpt2\n/],
    ['is an unknown preset', '--preset huge', /there is no preset "huge"\nPresets: .*nano, baby, gpt2/],
    ['is an unknown engine', '--engine steam', /there is no engine "steam"\nEngines: auto/],
    ['is a thread too few', '--threads 0', /--threads is "0"; it must be a whole number from 1 to /],
    ['is more than the memory holds', '--n-layer 1000 --n-embd 65536', /needs about .* of memory, and .* free\n/],
    ['is a billion layers', '--n-layer 1e9', /--n-layer is "1e9"; it must be a whole number from 1 to /],
    [
      'is a lowest learning rate above the highest',
      '--learning-rate 0.1 --min-learning-rate 0.2',
      /0\.2 is above the highest, 0\.1\n/,
    ],
  ])('%s: %s', async (_, flags, words) => {
    await refused(folderWithTales(), `train tales.txt ${flags}`, 2, words)
  })
})

describe.concurrent('sample refuses', () => {
  it.each([
    ['--temperature -1', /--temperature is "-1"; it must be a number from 0 to /],
    ['--temperature=warm', /--temperature is "warm"; it must be a number\n/],
    ['--top-k -1', /--top-k is "-1"; it must be a whole number from 0 to /],
    ['--max-tokens 0', /--max-tokens is "0"; it must be a whole number from 1 to /],
    ['--num-samples 1.5', /--num-samples is "1\.5"; it must be a whole number/],
    ['--seed x', /--seed is "x"; it must be a whole number\n/],
    ['--seed 9007199254740993', /--seed is "9007199254740993"/],
    ['--seed 1 --seed 2', /--seed is given more than once\n/],
    ['--engine steam', /there is no engine "steam"/],
    ['--echo=perhaps', /--echo is "perhaps"; it must be true or false\n/],
  ])('%s', async (flags, words) => {
    await refused(folderWithTales(), `sample ${flags}`, 2, words)
  })
})

describe.concurrent('a run folder is refused before the first step that', () => {
  it('is a file, or lies below one', async () => {
    const folder = folderWithTales()
    await refused(
      folder,
      `train tales.txt ${SMALL} --out tales.txt`,
      1,
      /cannot write tales\.txt: .*\nChoose another folder\.\n/,
    )
    await refused(
      folder,
      `train tales.txt ${SMALL} --out tales.txt/run`,
      1,
      /cannot write tales\.txt\/run: a part of the path is a file/,
    )
    writeFileSync(join(folder, 'checkpoints'), 'in the way')
    await refused(folder, `train tales.txt ${SMALL}`, 1, /cannot write checkpoints/)
  })

  it('cannot be made', async ({ skip }) => {
    skip(!existsSync('/sys/kernel'), 'only Linux has a folder where not even root can write')
    await refused(
      folderWithTales(),
      `train tales.txt ${SMALL} --out /sys/kernel/run`,
      1,
      /cannot write \/sys\/kernel\/run: .+\nChoose another folder\.\n/,
    )
  })

  it('cannot be written to', async ({ skip }) => {
    skip(
      process.platform === 'win32' || process.getuid?.() === 0,
      'root may write everywhere, and Windows has other permissions',
    )
    const folder = folderWithTales()
    mkdirSync(join(folder, 'locked'), { mode: 0o555 })
    await refused(folder, `train tales.txt ${SMALL} --out locked`, 1, /cannot write locked: permission denied/)
  })

  it('holds something else', async () => {
    const folder = folderWithTales()
    mkdirSync(join(folder, 'photos'))
    writeFileSync(join(folder, 'photos', 'sea.jpg'), '')
    await refused(folder, `train tales.txt ${SMALL} --out photos`, 2, /photos is not empty\n/)
  })
})

// tgpt sample: text and nothing else on standard output, repeatable, from any prompt.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { harmlessWriter } from '../../src/cli/sample.ts'
import { BIN, expectRefusal, freshFolder, SMALL, start, startCommand, succeeds, tgpt, trained } from './spawn.ts'

let folder: string

beforeAll(async () => {
  ;({ folder } = await trained())
  rmSync(join(folder, 'tales.txt')) // sampling never needs the corpus
})

const SHORT = ['--max-tokens', '40']

async function sampled(...flags: string[]): Promise<string> {
  return (await succeeds(tgpt(folder, ['sample', 'tales', ...SHORT, ...flags]))).stdout
}

describe.concurrent('the text', () => {
  it('goes to standard output alone; the checkpoint and the seed to standard error', async () => {
    const { stdout, stderr } = await succeeds(tgpt(folder, 'sample --seed 5'))
    expect(stdout).toHaveLength(501) // 500 characters unless told otherwise, and a line end
    expect(stdout.endsWith('\n')).toBe(true)
    expect(stderr).toMatch(/^checkpoints\/tales\/step-\d{6}, seed 5\n/)
  })

  it('is the same for the same seed, and another for another', async () => {
    const [first, again, other] = await Promise.all([
      sampled('--seed', '1'),
      sampled('--seed', '1'),
      sampled('--seed', '2'),
    ])
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  it('differs from call to call without a seed, and the seed that is shown repeats it', async () => {
    const { stdout, stderr } = await succeeds(tgpt(folder, ['sample', ...SHORT]))
    const [, seed] = /, seed (\d+)\n/.exec(stderr) ?? []
    expect(await sampled('--seed', seed)).toBe(stdout)
    expect(await sampled()).not.toBe(stdout)
  })

  it('at temperature 0 is the most probable, whatever the seed, as with --top-k 1', async () => {
    const greedy = await sampled('--temperature', '0', '--seed', '1')
    expect(await sampled('--temperature', '0', '--seed', '2')).toBe(greedy)
    expect(await sampled('--top-k', '1', '--seed', '3')).toBe(greedy)
  })

  it('with a --top-k beyond the vocabulary is as with all of it', async () => {
    expect(await sampled('--top-k', '1000000', '--seed', '1')).toBe(await sampled('--top-k', '0', '--seed', '1'))
  })

  it('comes in as many samples as asked, in order, the first as it is alone', async () => {
    const three = await sampled('--num-samples', '3', '--seed', '4', '--prompt', 'the ')
    const samples = three.slice(0, -1).split('\n---\n')
    expect(samples).toHaveLength(3)
    expect(samples.map((sample) => sample.length)).toEqual([44, 44, 44])
    expect(samples.every((sample) => sample.startsWith('the '))).toBe(true)
    expect(`${samples[0]}\n`).toBe(await sampled('--seed', '4', '--prompt', 'the '))
    expect(new Set(samples).size).toBe(3)
  })
})

describe.concurrent('control characters', () => {
  it('that a model writes are kept where no terminal reads them', async () => {
    const other = freshFolder()
    writeFileSync(join(other, 'codes.txt'), '\x1b[2J\x07\r\n'.repeat(100))
    await succeeds(tgpt(other, `train codes.txt ${SMALL} --steps 1`))
    const { stdout } = await succeeds(tgpt(other, ['sample', '--seed', '1', '--prompt', '\x1b[2J']))
    expect(stdout).toHaveLength(4 + 500 + 1)
    expect([...new Set(stdout)].toSorted()).toEqual(Array.from('\x07\n\r\x1b2J[')) // all that the model knows
  })

  it('are signs on a terminal; a line end of two characters is one, also in two pieces', () => {
    let written = ''
    const write = harmlessWriter((text) => (written += text))
    for (const piece of ['a\x1b', '[2J\tb\r', '\nc\r', 'd\r\ne\u202e', '\r', '\n']) write(piece)
    expect(written).toBe('a␛[2J\tb\nc␍d\ne⟨U+202E⟩\n')
  })
})

describe.concurrent('the prompt', () => {
  it('stands before the text; --no-echo leaves it out', async () => {
    const echoed = await sampled('--prompt', 'the boat', '--seed', '1')
    expect(echoed.startsWith('the boat')).toBe(true)
    expect(await sampled('--prompt', 'the boat', '--seed', '1', '--no-echo')).toBe(echoed.slice('the boat'.length))
    expect(await sampled('--prompt', 'the boat', '--seed', '1', '--echo', 'False')).toBe(
      echoed.slice('the boat'.length),
    )
  })

  it('decides how the text goes on', async () => {
    const after = (prompt: string) => sampled('--prompt', prompt, '--no-echo', '--temperature', '0')
    const texts = await Promise.all(['D', 'w', ',', '1'].map(after))
    expect(new Set(texts).size).toBeGreaterThan(1)
  })

  it('- is read from standard input', async () => {
    const piped = await succeeds(
      tgpt(folder, ['sample', ...SHORT, '--seed', '1', '--prompt', '-'], { stdin: 'the boat' }),
    )
    expect(piped.stdout).toBe(await sampled('--prompt', 'the boat', '--seed', '1'))
  })

  it('may be empty, which is as none', async () => {
    const none = await sampled('--seed', '1')
    expect(await sampled('--seed', '1', '--prompt', '')).toBe(none)
    expect(await sampled('--seed', '1', '--prompt', '\n', '--no-echo')).toBe(none) // it starts from a newline
    const piped = await succeeds(tgpt(folder, ['sample', ...SHORT, '--seed', '1', '--prompt', '-'], { stdin: '' }))
    expect(piped.stdout).toBe(none)
  })

  it('longer than a block is cropped to its end, and that is said', async () => {
    const args = ['sample', ...SHORT, '--seed', '1', '--prompt', 'Day 1: the sea is wide', '--no-echo']
    const { stdout, stderr } = await succeeds(tgpt(folder, args))
    expect(stderr).toMatch(/^note: the prompt has 22 tokens; the model sees the last 8, one block$/m)
    expect(stdout).toBe(await sampled('--seed', '1', '--prompt', 'a is wide', '--no-echo'))
    expect(stdout).toBe(await sampled('--seed', '1', '--prompt', ' is wide', '--no-echo'))
  })

  it.each([
    ['a letter that the model never saw', ['--prompt', 'the quay'], undefined, /"q" \(U\+0071\)/],
    ['half of the bytes of an emoji', ['--prompt', '-'], Buffer.from([0x74, 0xf0, 0x9f]), /offset 1/],
    ['an emoji', ['--prompt', '🚀'], undefined, /"🚀" \(U\+1F680\)/],
    ['no value', ['--prompt'], undefined, /--prompt needs a value/],
  ])('%s is refused by name', async (_, flags, stdin, words) => {
    expectRefusal(await tgpt(folder, ['sample', 'tales', ...flags], { stdin: stdin ?? '' }), 2, words)
  })
})

describe.concurrent('the end', () => {
  it('comes without a word when the reader has gone', async ({ skip }) => {
    skip(process.platform === 'win32', 'Windows has no head')
    const pipe = '"$0" "$1" sample tales --max-tokens 1000000 | head -c 5'
    const { outcome } = startCommand('sh', ['-c', pipe, process.execPath, BIN], folder, {})
    const { stdout, stderr } = await outcome
    expect(stdout).toHaveLength(5)
    expect(stderr).toMatch(/^checkpoints\/tales\/step-\d+, seed \d+\n/)
    expect(stderr).not.toMatch(/EPIPE|tgpt:|^ {4}at /m)
  })

  it('comes with exit code 130 after Ctrl-C', async () => {
    const running = start(folder, 'sample tales --max-tokens 1000000')
    await running.printed(/..../s)
    running.signal('SIGINT')
    expect(await running.outcome).toMatchObject({ code: 130, stderr: expect.not.stringMatching(/tgpt:| {4}at /) })
  })

  it('is a clear error where the output cannot be written', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux has /dev/full')
    const { outcome } = startCommand(
      'sh',
      ['-c', '"$0" "$1" sample tales > /dev/full', process.execPath, BIN],
      folder,
      {},
    )
    const { code, stderr } = await outcome
    expect(code).toBe(1)
    expect(stderr).toMatch(/^tgpt: cannot write the output: .*no space left/m)
    expect(stderr).not.toMatch(/^ {4}at /m)
  })
})

// What a person sees who asks for help, or mistypes.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { everythingIn, expectRefusal, freshFolder, succeeds, tgpt } from './spawn.ts'

const folder = freshFolder()

describe.concurrent('help', () => {
  it('lists the commands, with examples, on standard output', async () => {
    const { stdout, stderr } = await succeeds(tgpt(folder, '--help'))
    for (const command of [
      'train [corpus]',
      'watch [run]',
      'compare <run..>',
      'sample [checkpoint]',
      'inspect [checkpoint]',
      'report [checkpoint]',
      'eval <checkpoint> <file..>',
      'bench',
      'build-native',
    ]) {
      expect(stdout).toContain(`tgpt ${command}`)
    }
    expect(stdout).toMatch(/Examples:\n {2}tgpt train/)
    expect(stderr).toBe('')
  })

  it.each(['train', 'watch', 'compare', 'sample', 'inspect', 'report', 'eval', 'bench', 'build-native'])(
    'of %s has examples of it',
    async (command) => {
      const { stdout, stderr } = await succeeds(tgpt(folder, `${command} --help`))
      expect(stdout).toMatch(new RegExp(`Examples:\n(.*\n)*.*tgpt ${command} `))
      expect(stderr).toBe('')
    },
  )

  it('of train names a flag for each hyperparameter', async () => {
    const { stdout } = await tgpt(folder, 'train --help')
    const flags = [
      'preset',
      'config',
      'n-layer',
      'n-head',
      'n-embd',
      'block-size',
      'batch-size',
      'steps',
      'learning-rate',
      'min-learning-rate',
      'warmup-steps',
      'decay-steps',
      'weight-decay',
      'beta1',
      'beta2',
      'grad-clip',
      'gradient-accumulation',
      'dropout',
      'bias',
      'activation',
      'eval-interval',
      'eval-iters',
      'log-interval',
      'save-interval',
      'keep',
      'seed',
      'tokenizer',
      'engine',
      'threads',
      'precision',
      'out',
      'resume',
      'overwrite',
      'plain',
    ]
    expect(flags.filter((flag) => !stdout.includes(` --${flag} `))).toEqual([])
  })

  it('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    const { stdout } = await succeeds(tgpt(folder, '--version'))
    expect(stdout).toBe(`${version}\n`)
  })
})

describe.concurrent('mistyped', () => {
  it.each([
    ['no command', [], /a command is missing/],
    ['an unknown command', ['trian'], /unknown argument: trian/],
    ['an unknown flag alone', ['--fast'], /--help/],
    [
      'an unknown flag of train',
      ['train', '--n-layers', '3'],
      /unknown argument: --n-layers\nDid you mean --n-layer\?\n/,
    ],
    [
      'an unknown flag of sample',
      ['sample', '--temprature', '1'],
      /unknown argument: --temprature\nDid you mean --temperature\?\n/,
    ],
    ['an unknown flag of inspect', ['inspect', '-v'], /unknown argument: -v\n/],
    ['a flag of train given to sample', ['sample', '--bias', 'True'], /unknown argument: --bias/],
    ['a flag with a dot', ['train', '--n-layer.x', '3'], /unknown argument: --n-layer\.x/],
    ['a flag called like a part of JavaScript', ['train', '--__proto__', '3'], /unknown argument/],
    [
      "nanoGPT's own flags",
      ['train', '--device=cpu', '--compile=False'],
      /unknown arguments: --device, --compile\nnanoGPT has/,
    ],
    ['a second corpus', ['train', 'a.txt', 'b.txt'], /unknown argument: b\.txt/],
    ['eval without a file', ['eval', 'novel'], /tgpt eval needs more than that\nSee tgpt eval --help\./],
  ])('%s: two lines and exit code 2', async (_, args, words) => {
    expectRefusal(await tgpt(folder, args), 2, words)
    expect(everythingIn(folder)).toEqual([])
  })

  it('the answer is English whatever the language of the system', async () => {
    const outcome = await tgpt(folder, 'trian', { env: { LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' } })
    expectRefusal(outcome, 2, /unknown argument: trian/)
  })
})

// Names of files that a terminal would obey: where people read them they are signs, where programs do they are as they are.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshFolder, succeeds, TALES, tgpt, TINY } from './spawn.ts'
import { expectOrderlyEnd, HAS_TMUX, terminal } from './tmux.ts'

/** It changes the window's title, rings, and wipes the screen. */
const NAME = 'evil\x1b]0;PWN\x07a\u009b2J\x7f'
const SHOWN = 'evil␛]0;PWN␇a⟨U+009B⟩2J␡'
const RUN = join('checkpoints', NAME)

function train(folder: string, ...flags: string[]) {
  return succeeds(tgpt(folder, ['train', `${NAME}.txt`, ...TINY.split(' '), '--out', RUN, ...flags]))
}

function folderWithName(): string {
  const folder = freshFolder()
  writeFileSync(join(folder, `${NAME}.txt`), TALES)
  return folder
}

describe.skipIf(process.platform === 'win32')('a name that a terminal would obey', () => {
  let folder: string
  let lines: string

  beforeAll(async () => {
    folder = folderWithName()
    lines = (await train(folder)).stdout
  })

  it('is shown as signs in plain lines and in complaints', async () => {
    expect(lines).toContain(`checkpoints/${SHOWN}`)
    expect(lines).toMatch(/^corpus +evil␛\]0;PWN␇a⟨U\+009B⟩2J␡/m)
    expect(lines).not.toMatch(/(?!\n)\p{Cc}/u)

    const { code, stderr } = await tgpt(folder, 'sample nope')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/^tgpt: .*nope.*\n.*evil/)
    expect(stderr).toContain(SHOWN)
    expect(stderr).not.toMatch(/(?!\n)\p{Cc}/u)
  })

  it('is shown as signs in what commands say of a run', async () => {
    const finished = `checkpoints/${SHOWN} is finished: all 6 steps are done.`
    expect((await succeeds(tgpt(folder, ['train', '--resume', NAME]))).stdout).toContain(finished)
    expect((await succeeds(tgpt(folder, ['train', '--resume', NAME, '--json']))).stderr).toContain(finished)
    const { stderr } = await succeeds(tgpt(folder, ['sample', NAME, '--max-tokens', '1']))
    expect(stderr).toContain(`checkpoints/${SHOWN}/step-`)
    expect(stderr).not.toMatch(/(?!\n)\p{Cc}/u)
  })

  it('is as it is in the path of a page that a script reads', async () => {
    expect((await succeeds(tgpt(folder, ['report', NAME]))).stdout).toBe(`${NAME}.html\n`)
  })

  it.each([
    ['watch', [NAME]],
    ['compare', [NAME, 'tales']],
    ['inspect', [NAME]],
    ['inspect', [NAME, '--trace', 'the']],
  ])('has escapes in the JSON of %s, and is the same there', async (command, args) => {
    if (command === 'compare')
      await succeeds(tgpt(folder, ['train', `${NAME}.txt`, '--out', 'tales', ...TINY.split(' ')]))
    expectNamedInJson((await succeeds(tgpt(folder, [command, ...args, '--json']))).stdout)
  })

  it('has escapes in the events of a training, and is the same there', async () => {
    expectNamedInJson((await train(folderWithName(), '--json')).stdout)
  })
})

/** JSON, or lines of it. */
function expectNamedInJson(text: string): void {
  expect(text).not.toMatch(/(?!\n)\p{Cc}/u)
  const values = text.startsWith('{\n') ? [text] : text.trimEnd().split('\n')
  const strings: unknown[] = []
  for (const value of values) JSON.parse(value, (_, each: unknown) => void strings.push(each))
  expect(strings.filter((each) => typeof each === 'string' && each.includes(NAME))).not.toEqual([])
}

describe.skipIf(!HAS_TMUX)('on a terminal, a name that it would obey', () => {
  it.each([
    ['', []],
    [', also in CI', ['CI=1']],
  ])('is shown as signs, and so is such a text%s', async (_, variables) => {
    const { tmux, folder } = terminal(120, 24, variables)
    writeFileSync(join(folder, `${NAME}.txt`), `${NAME}${TALES}`)
    writeFileSync(join(folder, 'prompt.txt'), NAME)
    await train(folder)
    tmux.start('report')
    expect(await expectOrderlyEnd(tmux, 0)).toContain(`\n${SHOWN}.html\n`)
    tmux.type('clear')
    tmux.start('sample --max-tokens 1 --prompt - <prompt.txt')
    await tmux.shows((screen) => screen.includes(`checkpoints/${SHOWN}/step-`) && screen.includes(`\n${SHOWN}`))
  })
})

// What is printed in terminals of several widths: every line of a picture fits, whatever the text.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { compareCommand } from '../../src/cli/compare.ts'
import type { Context } from '../../src/cli/context.ts'
import { inspectCommand } from '../../src/cli/inspect.ts'
import { showLook, type LookName } from '../../src/cli/look.ts'
import { appendEvent, writeRun } from '../../src/store/runFolder.ts'
import { cells } from '../../src/ui/style.ts'
import { modelWith } from '../run/look/fixtures.ts'
import { temporaryFolder } from '../store/fixtures.ts'

const TEXT = 'To be, or not to be:\n漢字 é\tthat is the question — whether it is'
const TEXTS = { trace: TEXT, attention: TEXT, predict: TEXT, layers: TEXT, neighbours: '漢' } as const

interface Screen {
  readonly columns: number
  readonly rows?: number
  readonly colours?: 0 | 3
}

/** What a command prints on a terminal. */
async function printedBy(
  command: (context: Context) => unknown,
  { columns, rows = 24, colours = 0 }: Screen,
): Promise<string> {
  let output = ''
  const context = {
    signal: new AbortController().signal,
    stdout: (text: string) => void (output += text),
    stderr: () => {},
    colours,
    terminal: { columns: () => columns, rows: () => rows },
    root: 'checkpoints',
  } as unknown as Context
  await command(context)
  return output
}

async function printed(name: LookName, columns: number, colours: 0 | 3): Promise<string> {
  const { stepFolder } = await modelWith({ corpus: TEXT, blockSize: 64 })
  const look = (context: Context) =>
    showLook(name, { stepFolder, runFolder: undefined }, { [name]: TEXTS[name] }, context)
  return printedBy(look, { columns, colours })
}

describe.each(Object.keys(TEXTS) as LookName[])('--%s', (name) => {
  it.each([80, 100, 120, 200])('fits %d columns', async (columns) => {
    const lines = (await printed(name, columns, 3)).split('\n')
    expect(lines.filter((line) => cells(line) > columns)).toEqual([])
  })

  it('has escape codes for colours alone, and each line ends the colours that it begins', async () => {
    const text = await printed(name, 100, 3)
    expect(stripVTControlCharacters(text)).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(text).toContain('\u001b[1m')
    for (const line of text.split('\n')) {
      expect(line.split('\u001b[48;').length).toBe(line.split('\u001b[49m').length) // backgrounds begun and ended
    }
  })

  it('shows the same words without colours', async () => {
    expect(await printed(name, 100, 0)).not.toContain('\u001b')
  })
})

describe('a checkpoint', () => {
  async function inspected(screen: Screen): Promise<string[]> {
    const { stepFolder: checkpoint } = await modelWith({ corpus: TEXT })
    return (await printedBy((context) => inspectCommand(context).handler({ checkpoint, _: [], $0: '' }), screen)).split(
      '\n',
    )
  }

  it.each([20, 40, 60, 80])('fits %d columns', async (columns) => {
    const lines = await inspected({ columns, colours: 3 })
    expect(lines.filter((line) => cells(line) > columns)).toEqual([])
  })

  it('on a screen of no size is as on one of 80 columns', async () => {
    const shapesOf = (lines: string[]) => lines.slice(lines.indexOf('Model'))
    expect(shapesOf(await inspected({ columns: 0, rows: 0 }))).toEqual(shapesOf(await inspected({ columns: 80 })))
  })
})

/** A run that was evaluated twice. */
function runCalled(name: string): string {
  const folder = join(temporaryFolder(), name)
  mkdirSync(folder)
  writeRun(folder, {
    settings: { steps: 20 },
    seed: 1,
    corpus: { name, path: '/tales.txt', sha256: 'ab'.repeat(32), bytes: 99 },
    engine: { name: 'native', detail: '2 threads', reason: 'the fastest here', precision: 'fp32' },
    versions: { tgpt: '0.1.0', node: '22.1.0' },
  })
  for (const step of [10, 20]) {
    const losses = { trainLoss: 10 / step, validationLoss: 11 / step }
    appendEvent(folder, { event: 'evaluated', step, elapsedSeconds: step, ...losses, best: false })
  }
  return folder
}

describe('a comparison', () => {
  it('on a screen of no size (some have none) is as on one of 80 columns and 24 rows', async () => {
    const run = [runCalled('sea'), runCalled('land')]
    const compared = (screen: Screen) =>
      printedBy((context) => compareCommand(context).handler({ run, _: [], $0: '' }), screen)
    const shown = await compared({ columns: 0, rows: 0 })
    expect(shown).toMatch(/^Validation loss by step\n/)
    expect(shown).toMatch(/^a {2}sea +/m)
    expect(shown).toBe(await compared({ columns: 80, rows: 24 }))
  })
})

// Looks in terminals of several widths: every line of a picture fits, whatever the text.

import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { showLook, type LookName } from '../../src/cli/look.ts'
import type { Context } from '../../src/cli/context.ts'
import { cells } from '../../src/ui/style.ts'
import { modelWith } from '../run/look/fixtures.ts'

const TEXT = 'To be, or not to be:\n漢字 é\tthat is the question — whether it is'
const TEXTS = { trace: TEXT, attention: TEXT, predict: TEXT, layers: TEXT, neighbours: '漢' } as const

/** What a command prints on a terminal so wide, in all colours. */
async function printed(name: LookName, columns: number, colours: 0 | 3): Promise<string> {
  const { stepFolder } = await modelWith({ corpus: TEXT, blockSize: 64 })
  let output = ''
  const context = {
    signal: new AbortController().signal,
    stdout: (text: string) => void (output += text),
    stderr: () => {},
    colours,
    terminal: { columns: () => columns, rows: () => 24 },
  } as unknown as Context
  await showLook(name, { stepFolder, runFolder: undefined }, { [name]: TEXTS[name] }, context)
  return output
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

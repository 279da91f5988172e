// tgpt report: a page about a run as a file. How it looks and behaves is in report.browser.test.ts.

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { changeBytes, changeJson, copyOf, modelAlone } from './damage.ts'
import { everythingIn, expectRefusal, freshFolder, pointedAt, succeeds, tgpt, trained } from './spawn.ts'

let folder: string
let run: string

beforeAll(async () => {
  ;({ folder, run } = await trained())
})

/** The page that goes to standard output. */
async function pageOf(checkpoint: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await succeeds(tgpt(folder, ['report', checkpoint, ...args, '-o', '-']))
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^<!doctype html>/)
  return stdout
}

describe.concurrent('tgpt report', () => {
  it('writes a page named as the run into the current folder, prints its path, and replaces it the next time', async () => {
    const elsewhere = freshFolder()
    for (const _ of ['first', 'again']) {
      const { stdout, stderr } = await succeeds(tgpt(elsewhere, ['report', run]))
      expect({ stdout, stderr }).toEqual({ stdout: 'tales.html\n', stderr: '' })
      expect(everythingIn(elsewhere)).toEqual(['tales.html'])
    }
    const page = readFileSync(join(elsewhere, 'tales.html'), 'utf8')
    for (const title of ['Training', 'Samples', 'Attention', 'Parameters', 'Configuration']) {
      expect(page).toContain(`<h2>${title}</h2>`)
    }
  })

  it('takes the newest run without an argument, and another file with -o or --output', async () => {
    const spellings = [['-o', 'a.html'], ['-o=b.html'], ['--output', 'c.html'], ['--output=d.html']]
    for (const spelling of spellings) await succeeds(tgpt(folder, ['report', ...spelling]))
    const pages = ['a', 'b', 'c', 'd'].map((name) => readFileSync(join(folder, `${name}.html`), 'utf8'))
    expect(new Set(pages).size).toBe(1)
    expect(pages[0]).toContain('<h1>tales</h1>')
  })

  it('shows attention for the text that is asked for', async () => {
    const page = await pageOf('tales', '--text', 'the sea')
    expect(page.match(/<ol class="tokens">(.*)<\/ol>/)?.[1]).toBe(
      Array.from('the·sea', (letter) => `<li>${letter}</li>`).join(''),
    )
    expect(page.match(/<svg class="map"/g)?.length).toBe(1) // one layer, one head
  })

  it('of a text longer than a block shows the beginning, and says so', async () => {
    const page = await pageOf('tales', '--text', 'the keeper sings')
    expect(page).toContain('Note: the first 8 of 16 tokens are shown.')
    expect(page.match(/<ol class="tokens">(.*)<\/ol>/)?.[1]).toBe(
      Array.from('the·keep', (letter) => `<li>${letter}</li>`).join(''),
    )
  })

  it('shows a model without a run, and says that it has none', async () => {
    const page = await pageOf(modelAlone(pointedAt(run, 'latest'), join(freshFolder(), 'alone')))
    expect(page).toContain('<h1>alone</h1>')
    expect(page).toContain('There is no run around this model')
    expect(page).toContain('<h2>Parameters</h2>')
  })

  it('shows a log with lines of other shapes, and a name that is markup', async () => {
    const copy = copyOf(run)
    const name = '</script><script>alert(1)</script>'
    changeJson(join(copy, 'run.json'), { corpus: { name, path: 'x', sha256: 'y', bytes: 1 } })
    const events = [
      { event: 'step', step: 7, loss: 'low' },
      { event: 'sampled', step: 7, elapsedSeconds: 7, text: `${name}\u001B[2J` },
      { event: 'something new', step: 8 },
    ]
    appendFileSync(join(copy, 'metrics.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''))
    const page = await pageOf(copy)
    expect(page.match(/<script>/g)?.length).toBe(1)
    expect(page).toContain('trained on <strong>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;</strong>')
    expect(page).toContain('&lt;/script&gt;␛[2J</pre>')
  })

  it('a last sample with a character that the model does not know costs the maps, not the page', async () => {
    const copy = copyOf(run)
    appendFileSync(
      join(copy, 'metrics.jsonl'),
      `${JSON.stringify({ event: 'sampled', step: 7, elapsedSeconds: 7, text: '漢' })}\n`,
    )
    const page = await pageOf(copy)
    expect(page).toContain('There are no attention maps: ')
    expect(page).toContain('<pre tabindex="0" dir="auto">漢</pre>')
  })
})

describe.concurrent('tgpt report refuses', () => {
  it('to replace what is no report of its own, unless it is told to', async () => {
    const path = join(folder, 'notes.html')
    writeFileSync(path, 'my notes')
    expectRefusal(await tgpt(folder, 'report tales -o notes.html'), 2, /notes\.html is there already.*\n.*--overwrite/)
    expect(readFileSync(path, 'utf8')).toBe('my notes')
    await succeeds(tgpt(folder, 'report tales -o notes.html --overwrite'))
    expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>/)
  })

  it('a folder that does not exist, and one that has the name', async () => {
    expectRefusal(
      await tgpt(folder, 'report tales -o missing/page.html'),
      1,
      /missing\/page\.html: its folder does not/,
    )
    expect(existsSync(join(folder, 'missing'))).toBe(false)
    mkdirSync(join(folder, 'taken.html'))
    expectRefusal(await tgpt(folder, 'report tales -o taken.html'), 1, /taken\.html: it is not a plain file/)
  })

  it.each([
    ['a run that is not there', 'report nowhere', 1, /there is no checkpoint nowhere/],
    ['an option without a value', 'report tales -o', 2, /-o needs a value/],
    ['two outputs', 'report tales -o a.html --output b.html', 2, /--output is given more than once/],
    ['an empty text', 'report tales --text=', 2, /the text that was given is an empty text/],
    ['a text with unknown characters', 'report tales --text=漢', 2, /漢/],
    ["another command's option", 'report tales --out x.html', 2, /unknown argument: --out\nSee tgpt --help/],
  ] as const)('%s', async (_, args, exitCode, words) => {
    expectRefusal(await tgpt(folder, args), exitCode, words)
  })

  it('a checkpoint that is damaged, and leaves no page behind', async () => {
    const elsewhere = freshFolder()
    const copy = copyOf(run)
    changeBytes(join(pointedAt(copy, 'latest'), 'model.safetensors'), (bytes) => bytes.subarray(0, 100))
    expectRefusal(await tgpt(elsewhere, ['report', copy]), 1, /model\.safetensors/)
    expect(everythingIn(elsewhere)).toEqual([])
  })
})

// The page of `tgpt report` in a real browser: Debian's chromium or another of its kin, without a network.

import { accessSync, constants, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/gpt/report.ts'
import { reportPage } from '../../src/ui/report/page.ts'
import { aReport } from '../ui/report/aReport.ts'
import { freshFolder } from './spawn.ts'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const browserPath = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => BROWSERS.map((name) => join(folder, name)))
  .find(isExecutable)

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

if (browserPath === undefined) console.warn(`the page is not tested: none of ${BROWSERS.join(', ')} is on the PATH`)

const ATTACK = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'><svg onload=alert(3)>`

/** Everything that comes from outside is an attack. */
function attackedReport(): Report {
  const report = aReport()
  const { inspection, samples, attention } = report
  const run = inspection.run!
  return {
    ...report,
    name: ATTACK,
    inspection: {
      ...inspection,
      warnings: [ATTACK],
      tokenizer: { kind: ATTACK, vocabSize: 3 },
      run: {
        ...run,
        corpus: { ...run.corpus, name: ATTACK, sha256: ATTACK },
        settings: { [ATTACK]: ATTACK, other: [{ [ATTACK]: ATTACK }] },
        engine: { name: ATTACK, detail: ATTACK, reason: ATTACK },
      },
    },
    samples: [...samples, { step: 300, text: `${ATTACK}\n\u001B[31m\u202Ered` }],
    attention: { ...attention!, tokens: [ATTACK, '\n', '\u0000'].map((text, id) => ({ id, text })), notices: [ATTACK] },
  }
}

describe.skipIf(browserPath === undefined)('the page in a browser', () => {
  let browser: Browser
  let page: Page
  /** What the page asked for, said or did. */
  const seen = { requests: [] as string[], console: [] as string[], dialogs: [] as string[] }

  beforeAll(async () => {
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    browser = await chromium.launch({ executablePath: browserPath!, args })
    const context = await browser.newContext({ offline: true, viewport: { width: 1100, height: 900 } })
    page = await context.newPage()
    page.on('request', (request) => seen.requests.push(request.url()))
    page.on('console', (message) => seen.console.push(message.text()))
    page.on('pageerror', (error) => seen.console.push(error.message))
    page.on('dialog', (dialog) => {
      seen.dialogs.push(dialog.message())
      void dialog.dismiss()
    })
  })
  afterAll(() => browser.close())

  /** Opens a page that is a file, and answers its address. */
  async function open(report: Report): Promise<string> {
    const path = join(freshFolder(), 'page.html')
    writeFileSync(path, reportPage(report))
    for (const list of Object.values(seen)) list.length = 0
    const url = pathToFileURL(path).href
    await page.goto(url)
    return url
  }

  const chart = (title: string): Locator => page.locator('figure.chart').filter({ hasText: title })
  const readout = (title: string): Promise<string[]> => chart(title).locator('output').allTextContents()

  it('loads offline: it asks for nothing but itself, and has nothing to complain of', async () => {
    const url = await open(aReport())
    expect(await page.title()).toBe('novel · tgpt')
    expect(seen).toEqual({ requests: [url], console: [], dialogs: [] })
  })

  it('shows the values of the curves where the pointer is', async () => {
    await open(aReport())
    expect(await readout('Loss')).toEqual(['300', '1.0000', '1.2000', '2.1000'])
    const { x, y, width, height } = (await chart('Loss').locator('.plot').boundingBox())!
    await page.mouse.move(x + (width * 2) / 3, y + height / 2) // step 200 of 300
    expect(await readout('Loss')).toEqual(['200', '2.0000', '1.6000', '1.9000'])
    await page.mouse.move(x + (width * 112) / 300, y + height / 2) // evaluations are at 100 and 200
    expect(await readout('Loss')).toEqual(['110', '2.9000', '2.2000 at 100', '2.5000 at 100'])
    await page.mouse.move(0, 0)
    expect(await readout('Loss')).toEqual(['300', '1.0000', '1.2000', '2.1000'])
  })

  it('puts its dots on the curve: the best validation loss lies below all others', async () => {
    await open(aReport())
    const { x, y, width, height } = (await chart('Loss').locator('.plot').boundingBox())!
    await page.mouse.move(x + (width * 2) / 3, y + height / 2)
    const dot = (await chart('Loss').locator('.cursor .validation').boundingBox())!
    const best = (await chart('Loss').locator('circle.best').boundingBox())!
    expect(dot.x + dot.width / 2).toBeCloseTo(best.x + best.width / 2, 0)
    expect(dot.y + dot.height / 2).toBeCloseTo(best.y + best.height / 2, 0)
    // the scale is 1 to 4: 1.9 is at seven tenths from the top
    expect((dot.y + dot.height / 2 - y) / height).toBeCloseTo((4 - 1.9) / 3, 2)
  })

  it('reads the curves by keys', async () => {
    await open(aReport())
    await chart('Gradient norm').locator('.plot').focus()
    await page.keyboard.press('Home')
    expect(await readout('Gradient norm')).toEqual(['0', '1.00'])
    await page.keyboard.press('ArrowRight')
    expect(await readout('Gradient norm')).toEqual(['10', '1.00'])
    await page.keyboard.press('End')
    for (let press = 0; press < 10; press++) await page.keyboard.press('ArrowLeft')
    expect(await readout('Gradient norm')).toEqual(['200', '2.50'])
    await page.keyboard.press('Tab')
    expect(await readout('Gradient norm')).toEqual(['300', '1.00'])
  })

  it('shows attention: the weight of a cell, its two tokens, and the mask', async () => {
    await open(aReport())
    expect(await page.locator('.map').count()).toBe(2)
    const map = page.locator('.map').nth(1)
    await map.scrollIntoViewIfNeeded()
    const { x, y, width, height } = (await map.boundingBox())!
    expect(width).toBeGreaterThan(100)
    expect(height).toBeCloseTo(width, 0)
    await page.mouse.move(x + width * 0.5, y + height * 0.9) // row 2, column 1
    expect(await page.locator('#tip').textContent()).toBe('Layer 0, head 1\n· reads e: 0.375')
    expect(await page.locator('.tokens .reads').textContent()).toBe('·')
    expect(await page.locator('.tokens .read').textContent()).toBe('e')
    await page.mouse.move(x + width * 0.9, y + height * 0.1)
    expect(await page.locator('#tip').textContent()).toBe('Layer 0, head 1\ns reads ·: masked')
    await map.focus()
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('#tip').textContent()).toBe('Layer 0, head 1\ne reads ·: masked')
    await page.mouse.move(0, 0)
    await expect.poll(() => page.locator('#tip').textContent()).toBe('')
  })

  it('is legible in light and in dark, which differ', async () => {
    await open(aReport())
    const schemes: Record<string, string> = {}
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const ratios = await contrasts(page)
      expect(ratios.length).toBeGreaterThan(50)
      expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([])
      schemes[colorScheme] = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    }
    expect(schemes.light).not.toBe(schemes.dark)
    await page.emulateMedia({ colorScheme: null })
  })

  it('fits a phone: nothing sticks out to the right, however long a name is', async () => {
    await page.setViewportSize({ width: 390, height: 800 })
    await open(attackedReport())
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await open(aReport())
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await page.setViewportSize({ width: 1100, height: 900 })
  })

  it('prints as dark on light, with all of each sample', async () => {
    const report = aReport()
    await open({ ...report, samples: [{ step: 1, text: 'A line of it.\n'.repeat(40) }] })
    const hidden =
      'document.querySelector(".samples pre").scrollHeight - document.querySelector(".samples pre").clientHeight'
    expect(await page.evaluate(hidden)).toBeGreaterThan(0)
    const light: string = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(light)
    expect(await page.evaluate(hidden)).toBe(0)
    await page.emulateMedia({ colorScheme: null, media: null })
  })

  it('takes names, samples, settings and tokens for text, whatever they are', async () => {
    const url = await open(attackedReport())
    expect(await page.locator('h1').textContent()).toBe(ATTACK)
    expect(await page.locator('.samples pre').last().textContent()).toBe(`${ATTACK}\n␛[31m⟨U+202E⟩red`)
    await page.locator('.map').first().hover()
    expect(await page.locator('#tip').textContent()).toContain('reads')
    expect(await page.locator('script').count()).toBe(1)
    expect(await page.locator('img, [onload], [onerror]').count()).toBe(0)
    expect(seen).toEqual({ requests: [url], console: [], dialogs: [] })
  })

  it('shows all of it without its script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const plain = await context.newPage()
    await plain.setContent(reportPage(aReport()))
    expect(await plain.locator('figure.chart output').allTextContents()).toContain('1.2000')
    await plain.locator('summary').filter({ hasText: 'Evaluations' }).click()
    expect(await plain.locator('details[open] tbody tr').nth(2).innerText()).toBe('200\t1.6000\t1.9000')
    await context.close()
  })
})

/** The contrast of each text on the page with what is behind it (WCAG 2.2, 1.4.3). */
async function contrasts(page: Page): Promise<{ text: string; ratio: number }[]> {
  return page.evaluate(`(() => {
    const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number)
    const luminance = (colour) => {
      const [r, g, b] = rgb(colour).slice(0, 3).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
      const colour = getComputedStyle(element).backgroundColor
      return rgb(colour)[3] === 0 && element.parentElement ? behind(element.parentElement) : colour
    }
    const texts = [...document.querySelectorAll('body *')].filter((element) =>
      !['SCRIPT', 'STYLE', 'title'].includes(element.tagName) &&
      [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''))
    return texts.map((element) => {
      const style = getComputedStyle(element)
      const [light, dark] = [element.closest('svg') ? style.fill : style.color, behind(element)].map(luminance).sort((a, b) => b - a)
      return { text: element.textContent.slice(0, 40), ratio: (light + 0.05) / (dark + 0.05) }
    })
  })()`)
}

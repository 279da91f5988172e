import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { REPORT_MARK, reportPage } from '../../../src/ui/report/page.ts'
import { SCRIPT, SCRIPT_HASH } from '../../../src/ui/report/script.ts'
import { aReport } from './aReport.ts'

describe('reportPage', () => {
  it('is known again by its first kilobyte', () => {
    expect(reportPage(aReport()).slice(0, 1024)).toContain(REPORT_MARK)
  })

  it('allows its own script alone, known by its hash', () => {
    expect(SCRIPT_HASH).toBe(`sha256-${createHash('sha256').update(SCRIPT).digest('base64')}`)
    const page = reportPage(aReport())
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}';`)
    expect(page.match(/<script/g)?.length).toBe(1)
    expect(page).toContain(`<script>${SCRIPT}</script>`)
  })

  it('refers to nothing outside itself', () => {
    expect(reportPage(aReport())).not.toMatch(/\b(src|href)=|url\(|@import|https?:/)
  })

  it('tells what was trained, how far, and how well', () => {
    const page = reportPage(aReport())
    expect(page).toContain('<h1>novel</h1>')
    expect(page).toContain('<dt>best validation loss</dt><dd>1.9000 <small>step 200</small></dd>')
    expect(page).toContain('<dt>steps</dt><dd>300 <small>all done</small></dd>')
    expect(page).toContain('Finished: validation loss 1.9500 over 50 tokens, the first of 100 for validation.')
    expect(page).toContain('<dt>batch size</dt><dd>12</dd>')
  })

  it('keeps where files lie to itself', () => {
    expect(reportPage(aReport())).not.toContain('/home/someone')
  })

  it('does without a run, samples and attention, and says so', () => {
    const { name, version, inspection } = aReport()
    const { run: _, ...alone } = inspection
    const page = reportPage({ name, version, inspection: alone, samples: [], notices: ['There are no maps: <why>.'] })
    expect(page).toContain('There is no run around this model')
    expect(page).toContain('There are no maps: &lt;why&gt;.')
    expect(page).not.toMatch(/<h2>(Training|Samples|Attention)/)
    expect(page).toMatch(/<h2>Parameters.*<h2>Configuration/s)
  })

  it('says that a run has no losses yet', () => {
    const page = reportPage({ ...aReport(), course: { steps: [], evaluations: [], step: 0 } })
    expect(page).toContain('The log of this run has no losses yet.')
    expect(page).toContain('<dt>steps</dt><dd>0 <small>so far</small></dd>')
  })

  it('gives each part of the model its share of the parameters', () => {
    const page = reportPage(aReport())
    const cells = (row: string) => [...row.matchAll(/<td[^>]*>([^<]*)/g)].map(([, text]) => text)
    const rows = [...(/<h2>Parameters.*?<\/table>/s.exec(page)?.[0] ?? '').matchAll(/<tr>.*?<\/tr>/gs)].map(([row]) =>
      cells(row),
    )
    expect(rows.slice(1)).toEqual([
      ['token embedding', '1', '600', '60.0%', ''],
      ['attention', '1', '300', '30.0%', ''],
      ['layer norms', '1', '100', '10.0%', ''],
    ])
    expect(page).toContain('<code>h.0.attn.c_attn.weight</code>')
  })
})

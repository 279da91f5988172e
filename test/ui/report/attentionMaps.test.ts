import { describe, expect, it } from 'vitest'
import { attentionSection, encoded, shade } from '../../../src/ui/report/attentionMaps.ts'

const weights = [
  [1, 0, 0],
  [0.25, 0.75, 0],
  [0, 0, 1],
]

function section(tokens: readonly string[]): string {
  const shown = tokens.map((text, id) => ({ id, text }))
  return attentionSection({ folder: '', tokens: shown, notices: [], heads: [{ layer: 2, head: 1, weights }] }).text
}

describe('attentionSection', () => {
  it('has a map for each head, with the cells that are not masked as stairs', () => {
    const html = section(['a', 'b', 'c'])
    expect(html).toContain('<h3>Layer 2</h3>')
    expect(html).toContain('Head 1')
    expect(html).toContain('<path class="seen" d="M0 0H1V1H2V2H3V3H0Z"/>')
  })

  it('draws cells of one shade with one path, and none for zero', () => {
    const maps = section(['a', 'b', 'c']).split('<h3>')[1]
    const paths = [...maps.matchAll(/<path stroke-opacity="([\d.]+)" d="([^"]*)"/g)].map(([, ...each]) => each)
    expect(paths).toEqual([
      ['0.53', 'M0 1h1'],
      ['0.87', 'M1 1h1'],
      ['1.00', 'M0 0h1M2 2h1'],
    ])
  })

  it('says in words where a head looks, from the third token on', () => {
    expect(section(['a', 'b', 'c'])).toContain(
      'Layer 2, head 1: 100% on the token itself, 0% on the one before, 0% on the first',
    )
  })

  it('shows blanks and markup of tokens as text', () => {
    const html = section([' a', '\n', '</li><script>'])
    expect(html).toContain('<li>·a</li><li>⏎</li><li>&lt;/li&gt;&lt;script&gt;</li>')
    expect(html).not.toContain('<script>')
  })
})

it('shade goes with the square root, from none to full, whatever it is given', () => {
  expect([0, 0.25, 1, NaN, -1, 7].map(shade)).toEqual([0, 8, 15, 0, 0, 15])
})

it('encoded has thousandths up to the diagonal, in base 36', () => {
  expect(encoded(weights)).toBe('rs6yku0000rs') // 1000, 250 750, 0 0 1000
})

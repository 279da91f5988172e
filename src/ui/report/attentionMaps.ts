// Attention as pictures: a small square for each head of each layer, in which a row is a token that reads and a column
// one that is read. What a token may not see, because it comes later, is hatched.

import type { AttentionLook, HeadAttention } from '../../gpt/look.ts'
import { label } from '../fit.ts'
import { habitsOf } from '../look/habits.ts'
import { Markup, markup } from './markup.ts'

export function attentionSection({ tokens, heads, notices }: AttentionLook): Markup {
  const texts = tokens.map(({ text }) => label(text))
  const layers = [...new Set(heads.map(({ layer }) => layer))]
  return markup`<section id="attention" data-tokens="${JSON.stringify(texts)}">
<h2>Attention</h2>
<p>How much each token takes from the tokens before it, in each head of each layer. A row is the token that reads, a
column the token that is read; each row sums to 1.</p>
${notices.map((notice) => markup`<p class="note">Note: ${notice}.</p>`)}
<ol class="tokens">${texts.map((text) => markup`<li>${text}</li>`)}</ol>
${KEY}
${layers.map((layer) =>
  layerMaps(
    layer,
    heads.filter((each) => each.layer === layer),
  ),
)}
</section>
`
}

function layerMaps(layer: number, heads: readonly HeadAttention[]): Markup {
  return markup`<h3>Layer ${layer}</h3>
<div class="heads">
${heads.map(headMap)}</div>
`
}

function headMap({ layer, head, weights }: HeadAttention): Markup {
  const size = weights.length
  const summary = `Layer ${layer}, head ${head}: ${habits(weights)}`
  return markup`<figure><svg class="map" tabindex="0" role="img" aria-label="${summary}" viewBox="0 0 ${size} ${size}" data-map="${encoded(weights)}"><title>${summary}</title>
<path class="seen" d="${triangle(size)}"/>
<g transform="translate(0 .5)">${cells(weights)}</g>
</svg><figcaption>Head ${head}</figcaption></figure>
`
}

function habits(weights: HeadAttention['weights']): string {
  const found = habitsOf(weights)
  if (!found) return 'too few tokens for a mean'
  const [itself, before, first] = [found.itself, found.before, found.first].map((part) => `${Math.round(100 * part)}%`)
  return `${itself} on the token itself, ${before} on the one before, ${first} on the first`
}

/** The cells that are not masked, as one outline of stairs. */
function triangle(size: number): string {
  return `M0 0${Array.from({ length: size }, (_, row) => `H${row + 1}V${row + 1}`).join('')}H0Z`
}

/** Shades of a cell, none included. */
const LEVELS = 16

/** By its square root, so that a row which looks at many tokens is seen as well as one that looks at a single one. */
export function shade(weight: number): number {
  return Math.round(Math.sqrt(Math.min(1, Math.max(0, weight || 0))) * (LEVELS - 1))
}

/** A path for each shade: a stroke for each run of cells. */
function cells(weights: HeadAttention['weights']): Markup[] {
  const runs: string[] = Array.from({ length: LEVELS }, () => '')
  weights.forEach((row, y) => {
    for (let x = 0, end = 0; x <= y; x = end) {
      const level = shade(row[x])
      for (end = x + 1; end <= y && shade(row[end]) === level;) end++
      runs[level] += `M${x} ${y}h${end - x}`
    }
  })
  return runs.flatMap((d, level) => (d === '' || level === 0 ? [] : stroke(d, level)))
}

function stroke(d: string, level: number): Markup {
  return markup`<path stroke-opacity="${opacity(level)}" d="${d}"/>`
}

function opacity(level: number): string {
  return (level / (LEVELS - 1)).toFixed(2)
}

/** Thousandths in two digits of base 36, row by row up to the diagonal: what the script reads. */
export function encoded(weights: HeadAttention['weights']): string {
  const digits = (weight: number): string =>
    Math.round(1000 * Math.min(1, Math.max(0, weight || 0)))
      .toString(36)
      .padStart(2, '0')
  return weights
    .map((row, y) =>
      row
        .slice(0, y + 1)
        .map(digits)
        .join(''),
    )
    .join('')
}

/** What the shades mean. */
const KEY = markup`<p class="key"><span>0</span><svg viewBox="0 0 ${LEVELS} 1" preserveAspectRatio="none" aria-hidden="true"><path class="seen" d="M0 0H${LEVELS}V1H0Z"/><g transform="translate(0 .5)">${Array.from(
  { length: LEVELS },
  (_, level) => stroke(`M${level} 0h1`, level),
)}</g></svg><span>1</span> <span class="aside">(a quarter is in the middle)</span> <span class="masked"></span><span>masked: not yet written</span></p>`

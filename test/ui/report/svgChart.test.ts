import { describe, expect, it } from 'vitest'
import { type Chart, type Point, svgChart } from '../../../src/ui/report/svgChart.ts'

const points = (values: readonly number[]): Point[] => values.map((value, step) => ({ step, value }))

function chart(values: readonly number[], more: Partial<Chart> = {}): string {
  const curves = [{ name: 'loss', look: 'train', points: points(values), dotted: true }] as const
  return svgChart({ title: 'Loss', unit: 'nats', curves, format: (value) => value.toFixed(2), ...more }).text
}

/** The curve's path, in a square of 1000 with 0 on top. */
const drawn = (html: string): string | undefined => /<path class="train" d="([^"]*)"/.exec(html)?.[1]

describe('svgChart', () => {
  it('draws from the highest value to the lowest across the whole square', () => {
    expect(drawn(chart([4, 2, 0]))).toBe('M0 0L500 500L1000 1000')
  })

  it('leaves a gap where a value is not finite; a point alone becomes a dot', () => {
    expect(drawn(chart([4, 2, NaN, 2, Infinity, 4, 0]))).toBe('M0 0L166.7 500M500 500h0M833.3 0L1000 1000')
  })

  it('draws one point, and values that are all the same', () => {
    expect(drawn(chart([3]))).toMatch(/^M0 [\d.]+h0$/)
    expect(drawn(chart([2, 2, 2]))).toMatch(/^M0 ([\d.]+)L500 \1L1000 \1$/)
  })

  it('is empty without a finite value', () => {
    expect(chart([])).toBe('')
    expect(chart([NaN, Infinity])).toBe('')
  })

  it('labels its axes, and says the values without a script: at dots, in the legend, to a screen reader', () => {
    const html = chart([4, 2, 0])
    const labels = [...html.matchAll(/<text class="(x|y)"[^>]*>([^<]*)</g)].map(([, axis, label]) => `${axis}${label}`)
    expect(labels).toEqual(['y0', 'y1', 'y2', 'y3', 'y4', 'x0', 'x1', 'x2'])
    expect(html).toContain('<title>loss at step 1: 2.00</title>')
    expect(html).toContain('loss <output>0.00</output>')
    expect(html).toContain('aria-label="Loss, nats, by step: loss from 4.00 at step 0 to 0.00 at step 2.')
  })

  it('describes a curve by the first and the last of its points that can be drawn', () => {
    expect(chart([NaN, 4, NaN, 2, Infinity])).toContain('by step: loss from 4.00 at step 1 to 2.00 at step 3.')
    expect(chart([NaN, 3, NaN])).toContain('by step: loss from 3.00 at step 1 to 3.00 at step 1.')
  })

  it('marks a point, and a limit where it lies on the scale', () => {
    const html = chart([4, 2, 0], {
      mark: { step: 2, value: 0, label: 'best 0.00' },
      limit: { value: 1, label: 'one' },
    })
    expect(html).toContain('<title>best 0.00 at step 2</title>')
    expect(html).toMatch(/<text class="best" x="100%" y="100%" dy="-16" text-anchor="end">best 0.00</)
    expect(html).toMatch(/<line class="limit" x2="100%" y1="75%" y2="75%"\/>/)
    expect(chart([4, 2, 0], { limit: { value: 9, label: 'nine' } })).not.toContain('nine')
  })

  it('hands the script each value as it is shown', () => {
    const json = /data-chart="([^"]*)"/.exec(chart([4, NaN, 0]))?.[1].replaceAll('&quot;', '"') ?? ''
    expect(JSON.parse(json)).toEqual({
      x: [0, 2],
      y: [0, 4],
      curves: [{ steps: [0, 1, 2], values: ['4.00', 'NaN', '0.00'] }],
    })
  })

  it('draws ten thousand points', () => {
    const html = chart(Array.from({ length: 10_000 }, (_, index) => Math.sin(index)))
    expect(drawn(html)?.match(/[ML]/g)?.length).toBe(10_000)
  })
})

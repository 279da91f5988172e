// Colours of the page: what cannot be told from the paper is as good as not drawn.

import { describe, expect, it } from 'vitest'
import { STYLE } from '../../../src/ui/report/style.ts'
import type { Look } from '../../../src/ui/report/svgChart.ts'

const LOOKS: Readonly<Record<Look, true>> = { raw: true, train: true, validation: true, rate: true, norm: true }

/** The colours of a mode by their names, as `#rrggbb`. */
function coloursOf(mode: 'light' | 'dark'): ReadonlyMap<string, string> {
  const [, block = ''] = new RegExp(`color-scheme: ${mode};([^}]*)`).exec(STYLE) ?? []
  return new Map([...block.matchAll(/--(\w+): (#[\da-f]{6});/g)].map(([, name, colour]) => [name, colour]))
}

/** The name of the colour that a curve is drawn in. */
function colourOf(look: string): string {
  const rules = [...STYLE.matchAll(/([.\w, ]+) \{ --look: var\(--(\w+)\); \}/g)]
  return rules.find(([, selectors]) => selectors.split(',').some((each) => each.trim() === `.${look}`))?.[2] ?? ''
}

/** WCAG 2.2: (L1 + 0.05) / (L2 + 0.05) of the lighter and the darker relative luminance. */
function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
}

describe('contrast', () => {
  it('is 21 of black on white, and 4.5 of the grey that is known for it', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrast('#ffffff', '#767676')).toBeCloseTo(4.54, 2)
  })

  it.each(['light', 'dark'] as const)('of every curve with the %s paper is 3 at least (WCAG 1.4.11)', (mode) => {
    const colours = coloursOf(mode)
    const contrasts = Object.keys(LOOKS).map((look) => {
      const colour = colours.get(colourOf(look)) ?? ''
      return [look, contrast(colour, colours.get('paper') ?? '')] as const
    })
    expect(contrasts.filter(([, figure]) => !(figure >= 3))).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { bar, BLUES, character, onRamp, REDS, shade } from '../../../src/ui/look/shade.ts'
import type { Rgb } from '../../../src/ui/style.ts'

/** The relative luminance of WCAG: what makes a colour look light. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => (part / 255) ** 2.2)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const shares = Array.from({ length: 21 }, (_, step) => step / 20)

describe('a share', () => {
  it('is a character where there are few colours: nine steps, and no more at the ends', () => {
    expect([-1, 0, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 1, 2].map(character).join('')).toBe('..:-=+*#%@@')
    for (const colours of [0, 1] as const) {
      expect(shade(1, 2, { columns: 80, colours }, BLUES)).toEqual({ text: '@@' })
    }
  })

  it.each([
    ['blue', BLUES],
    ['red', REDS],
  ])('is a colour elsewhere, the lighter the stronger: %s', (_, ramp) => {
    const colours = shares.map((share) => shade(share, 2, { columns: 80, colours: 3 }, ramp).style!.background!)
    const lightness = colours.map(luminance)
    expect(lightness).toEqual(lightness.toSorted((a, b) => a - b))
    expect(new Set(lightness).size).toBe(shares.length)
    expect([colours[0], colours[20]]).toEqual([ramp[0], ramp.at(-1)])
  })

  it.each([
    ['blue', BLUES],
    ['red', REDS],
  ])('has text on it that can be read: contrast 3 and more on %s', (_, ramp) => {
    for (const share of shares) {
      const { background, colour } = onRamp(share, ramp)
      const [light, dark] = [luminance(background!), luminance(colour as Rgb)].toSorted((a, b) => b - a)
      expect((light + 0.05) / (dark + 0.05)).toBeGreaterThan(3)
    }
  })
})

describe('a bar', () => {
  it.each([
    [0, ''],
    [1e-9, '▏'],
    [1 / 32, '▏'],
    [0.25, '█'],
    [0.4375, '█▊'],
    [1, '████'],
    [7, '████'],
    [-0.5, ''],
  ])('of %d in 4 cells is %j', (share, text) => {
    expect(bar(share, 4)).toBe(text)
  })
})

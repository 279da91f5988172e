// Charts as a person sees them, frame by frame.

import { describe, expect, it } from 'vitest'
import { chart, type ChartOptions } from '../../../src/ui/chart/chart.ts'
import type { Point } from '../../../src/ui/chart/points.ts'
import { lineCells, type Style } from '../../../src/ui/style.ts'
import { pointsBy, pointsOf, textOf } from './frames.ts'

const [RED, BLUE]: Style[] = [{ colour: 'red' }, { colour: 'blue' }]

function frame(curves: readonly (readonly Point[])[], options: Partial<ChartOptions> = {}): string[] {
  const styled = curves.map((points, index) => ({ name: `curve ${index}`, points, style: index === 0 ? RED : BLUE }))
  return textOf(chart(styled, { width: 20, height: 7, scale: 'linear', ...options }))
}

describe('a chart', () => {
  it('joins its points by lines, with values at both axes', () => {
    expect(frame([pointsOf(0, 4), pointsOf(4, 0)])).toEqual([
      '4┤⠑⠢⢄⡀          ⢀⡠⠔⠊',
      ' │   ⠈⠑⠢⣀    ⣀⠔⠊⠁',
      '2┤       ⣉⠶⠶⣉',
      ' │   ⢀⡠⠔⠉    ⠉⠢⢄⡀',
      '0┤⡠⠔⠊⠁          ⠈⠑⠢⢄',
      ' └┬────────┬───────┬',
      '  0.0     0.5    1.0',
    ])
  })

  it('of nothing is a frame that says so', () => {
    const empty = ['│', '│', '│   no values yet', '│', '│', '└───────────────────', '']
    expect(frame([])).toEqual(empty)
    expect(frame([[], pointsOf(Number.NaN, Infinity)])).toEqual(empty)
    expect(frame([pointsOf(0, -1)], { scale: 'log' })).toEqual(empty)
    expect(frame([pointsOf(1, 2)], { xRange: [10, 20] })).toEqual(empty)
  })

  it('of one point has it at the left, at half the height, with room for what comes', () => {
    expect(frame([pointsOf(2)])).toEqual([
      '2.2┤',
      '   │',
      '2.0┤⠄',
      '   │',
      '1.8┤',
      '   └┬───────┬──────┬',
      '    0.0    0.5   1.0',
    ])
  })

  it('of a constant is a level line', () => {
    expect(frame([pointsOf(3, 3, 3)])).toEqual([
      '3.2┤',
      '   │',
      '3.0┤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤',
      '   │',
      '2.8┤',
      '   └┬───────┬──────┬',
      '    0       1      2',
    ])
  })

  it('draws no line across a gap', () => {
    expect(frame([pointsOf(0, 1, Number.NaN, 3, 4)])).toEqual([
      '4┤              ⢀⡠⠔⠊',
      ' │             ⠊⠁',
      '2┤',
      ' │   ⢀⡠',
      '0┤⡠⠔⠊⠁',
      ' └┬───┬────┬───┬───┬',
      '  0   1    2   3   4',
    ])
  })

  it('on a logarithmic scale puts powers of ten equally far apart, and leaves out what has no logarithm', () => {
    expect(frame([pointsOf(1000, 100, 0, 10, 1)], { scale: 'log', height: 9 })).toEqual([
      '1000┤⠑⡄',
      '    │ ⠈⢢',
      ' 100┤   ⠑',
      '    │',
      '  10┤           ⢄',
      '    │            ⠣⡀',
      '   1┤             ⠘⢄',
      '    └┬──────┬──────┬',
      '     0      2      4',
    ])
  })

  it('on a logarithmic scale of less than a decade has values to read as well', () => {
    expect(frame([pointsOf(4, 2, 1.5)], { scale: 'log', height: 9 })).toEqual([
      '4┤⠑⢄',
      ' │  ⠑⢄',
      '3┤    ⠱⡀',
      ' │     ⠈⠢⡀',
      '2┤       ⠈⠢⣀',
      ' │          ⠉⠒⠤⣀',
      ' │              ⠉⠒⠤⣀',
      ' └┬────────┬───────┬',
      '  0        1       2',
    ])
  })

  it('keeps a single spike among ten thousand points', () => {
    const spike = pointsBy(10_000, (index) => (index === 5000 ? 10 : 0))
    expect(frame([spike])).toEqual([
      '10┤        ⢸',
      '  │        ⢸',
      ' 5┤        ⣼',
      '  │        ⣿',
      ' 0┤⣀⣀⣀⣀⣀⣀⣀⣀⣿⣀⣀⣀⣀⣀⣀⣀⣀',
      '  └┬───────┬────────',
      '   0     5000',
    ])
  })

  it('of ten thousand points that swing is full from the lowest to the highest of each column', () => {
    const swinging = pointsBy(10_000, (index) => (index % 2 === 0 ? 1 : -1))
    expect(frame([swinging]).slice(0, 5)).toEqual([
      ' 1┤⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿',
      '  │⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿',
      ' 0┤⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿',
      '  │⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿',
      '-1┤⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿',
    ])
  })

  it('of a part cuts lines at its ends, and scales to what is in it', () => {
    expect(frame([pointsOf(0, 10, 0, 10, 0)], { xRange: [1.5, 2.5] })).toEqual([
      '5┤⠑⢄              ⡠⠊',
      ' │  ⠑⢄          ⢀⠜',
      ' │    ⠱⡀      ⢀⠔⠁',
      ' │     ⠈⠢⡀   ⡔⠁',
      '0┤       ⠈⠢⡠⠊',
      ' └┬────────┬───────┬',
      '  1.5     2.0    2.5',
    ])
  })

  it('gives a cell that two curves share to the later one, with the dots of both', () => {
    const crossing = [
      { name: 'falling', points: pointsOf(4, 0), style: RED },
      { name: 'rising', points: pointsOf(0, 4), style: BLUE },
    ]
    const [, , middle] = chart(crossing, { width: 20, height: 7, scale: 'linear' })
    expect(middle.slice(1)).toEqual([{ text: '       ' }, { text: '⣉⠶⠶⣉', style: BLUE }])
    const [, upper] = chart(crossing, { width: 20, height: 7, scale: 'linear' })
    expect(upper.slice(1).filter(({ style }) => style)).toEqual([
      { text: '⠈⠑⠢⣀', style: RED },
      { text: '⣀⠔⠊⠁', style: BLUE },
    ])
  })

  it('writes labels as it is asked to, and none twice', () => {
    const lines = frame([pointsOf(0.51, 0.52)], { yLabel: (value) => `${value.toFixed(2)} nats`, xLabel: () => 'same' })
    expect(lines).toEqual([
      '0.52 nats┤        ⡠⠊',
      '         │      ⡠⠊',
      '         │    ⡠⠊',
      '         │  ⡠⠊',
      '0.51 nats┤⡠⠊',
      '         └──────────',
      '',
    ])
  })
})

describe('a marked point', () => {
  const best = { x: 2, y: 2, text: 'best 2 at 2', style: BLUE }

  it('has its text where it covers no curve', () => {
    expect(frame([pointsOf(4, 3, 2, 3)], { width: 24, height: 9, marks: [best] })).toEqual([
      '4┤⠑⢄',
      ' │  ⠑⢄',
      ' │    ⠑⢄',
      '3┤      ⠑⢄ best 2 at 2 ⡠',
      ' │        ⠑⠢⡀        ⡠⠊',
      ' │          ⠈⠢⡀   ⢀⠔⠊',
      '2┤            ⠈⠑●⠔⠁',
      ' └┬──────┬──────┬──────┬',
      '  0      1      2      3',
    ])
  })

  it('at the right end has its text to the left', () => {
    const lines = frame([pointsOf(4, 3, 2)], { width: 24, height: 9, marks: [best] })
    expect(lines[6]).toBe('2┤         best 2 at 2⠢●')
  })

  it('goes without a text that is too long, and may have a sign of its own', () => {
    const words = 'more words than the chart is wide'
    const lines = frame([pointsOf(4, 3, 2)], { height: 9, marks: [{ ...best, text: words, sign: 'a' }] })
    expect(lines[6]).toMatch(/^2┤ +⠈⠒a$/)
    expect(lines.join('')).not.toContain('more')
  })

  it('is never hidden by the text of another, and texts never overlap', () => {
    const marks = [0, 1, 2, 3].map((x) => ({ x, y: 1, text: `point ${x}`, style: RED }))
    const lines = frame([pointsOf(1, 1, 1, 1)], { width: 24, height: 9, marks })
    expect(lines.join('\n').match(/●/g)).toHaveLength(4)
    for (const { text } of marks) expect(lines.join('\n')).toContain(text)
  })

  it('outside the part that is shown, or without a place on the scale, is left out', () => {
    const marks = [best, { ...best, x: 0.5, y: -1 }, { ...best, x: 0.5, y: Number.NaN }]
    expect(frame([pointsOf(4, 3, 2)], { xRange: [0, 1], scale: 'log', marks }).join('')).not.toContain('●')
  })
})

describe('a chart without room', () => {
  const curve = pointsOf(4, 3, 2.5, 2)

  it('goes without the axis below, and then without any', () => {
    expect(frame([curve], { width: 12, height: 4 })).toEqual(['4┤⠱⡀', ' │ ⠈⢆', ' │   ⠉⠒⠤⣀', '2┤       ⠉⠢⢄'])
    expect(frame([curve], { width: 3, height: 2 })).toEqual(['⢣', ' ⠑⢄'])
    expect(frame([curve], { width: 0, height: 2 })).toEqual(['', ''])
    expect(frame([curve], { width: 9, height: 0 })).toEqual([])
    expect(frame([curve], { width: Number.NaN, height: 1 })).toEqual([''])
  })

  const values: [string, Point[]][] = [
    ['nothing', []],
    ['a curve', curve],
    ['huge values', pointsOf(1e300, -1e300, 1e308, Number.MAX_VALUE)],
    ['tiny values', pointsOf(5e-324, 1e-310, 1e-300)],
    ['values that hardly differ', pointsOf(1, 1 + Number.EPSILON, 1e9, 1e9 + 1e-7)],
    ['all kinds of gaps', pointsOf(Number.NaN, 1, Infinity, -Infinity, -1, 0)],
    [
      'places that are no numbers',
      [
        { x: Number.NaN, y: 1 },
        { x: Infinity, y: 2 },
        { x: 1e17, y: 3 },
      ],
    ],
  ]
  it.each(values)('of %s has the height that was asked for, and never more than the width', (_, points) => {
    const marks = [{ x: 1, y: 1, text: '漢字', style: RED }]
    for (const scale of ['linear', 'log'] as const) {
      for (let width = 0; width <= 26; width++) {
        for (let height = 0; height <= 9; height++) {
          const lines = chart([{ name: 'any', points, style: RED }], { width, height, scale, marks })
          expect(lines).toHaveLength(height)
          expect(Math.max(0, ...lines.map(lineCells))).toBeLessThanOrEqual(width)
        }
      }
    }
  })
})

describe('labels', () => {
  const FIGURE = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g

  it('are at least two on each axis, in order and apart, whatever the range', () => {
    for (const span of [1e-9, 3e-4, 0.07, 0.999, 1, 2.3, 17, 450, 99_999, 3e12]) {
      for (const low of [0, -span / 3, span, 1000 * span]) {
        const points = [low, low + span].map((y, index) => ({ x: index * span, y }))
        const lines = frame([points], { width: 60, height: 14 })
        const up = lines.flatMap((line) => (line.includes('┤') ? Number(line.split('┤')[0]) : []))
        const across = (lines.at(-1)?.match(FIGURE) ?? []).map(Number)
        for (const figures of [up.toReversed(), across]) {
          expect(figures.length).toBeGreaterThanOrEqual(2)
          expect(figures).toEqual(figures.toSorted((a, b) => a - b))
          expect(new Set(figures).size).toBe(figures.length)
        }
        expect(up.every((value) => value >= low - span / 50 && value <= low + span * 1.02)).toBe(true)
      }
    }
  })
})

// A comparison as a person sees it.

import { describe, expect, it } from 'vitest'
import type { ComparedRun, Difference } from '../../src/gpt/comparison.ts'
import { compareLines, MOST_RUNS, type Room } from '../../src/ui/compareLines.ts'
import { lineCells, painted } from '../../src/ui/style.ts'

const ROOM: Room = { width: 40, height: 10, coloured: false }

function runOf(name: string, ...losses: number[]): ComparedRun {
  const evaluations = losses.map((validationLoss, index) => {
    return { step: index * 100, trainLoss: validationLoss / 2, validationLoss }
  })
  return { name, folder: name, step: 1000, elapsedSeconds: 65, evaluations }
}

const FAST = {
  ...runOf('fast', 4, 2, 1),
  steps: 1000,
  finalValidationLoss: 1.25,
  best: { validationLoss: 1, step: 200 },
}
const SLOW = { ...runOf('slow', 4, 3, 2), steps: 2000, best: { validationLoss: 2, step: 200 } }
const DIFFERENT: Difference = { setting: 'learningRate', values: [0.1 * 0.003, null] }

const shown = (runs: readonly ComparedRun[], differences: readonly Difference[] = [], room: Room = ROOM): string[] =>
  compareLines({ runs, differences }, room).map((line) => painted(line, 0).trimEnd())

describe('a comparison', () => {
  it('without colours tells curves apart by letters, which lead to the names', () => {
    expect(shown([FAST, SLOW], [DIFFERENT])).toEqual([
      'Validation loss by step',
      '3┤⠉⠉⠒⠒⠒⠢⠤⠤⠤⣀⣀⣀',
      ' │            b⠉⠉⠑⠒⠒⠒⠤⠤⠤⢄⣀⣀⣀',
      '2┤⣀                         ⠉⠉⠉⠒⠒b⠢⠤⠤⠤⣀⣀',
      ' │ ⠉⠉⠒⠒⠤a⣀⡀',
      ' │        ⠈⠉⠑⠒⠢⠤⢄⣀',
      ' │                ⠉⠉⠒⠒⠤⠤⣀⡀',
      ' │                       ⠈⠉a⠒⠢⠤⢄⣀',
      '1┤                               ⠉⠉⠒⠒⠤⠤⣀',
      ' └┬──────┬───────┬──────┬───────┬──────┬',
      '  100   120     140    160     180   200',
      '',
      '   run            steps  final loss  best loss  at step       time',
      'a  fast           1,000      1.2500     1.0000      200  1 min 5 s',
      'b  slow  1,000 of 2,000           –     2.0000      200  1 min 5 s',
      '',
      'Settings that differ',
      '                a       b',
      '  learningRate  0.0003  –',
    ])
  })

  it('says so when all settings are the same', () => {
    expect(shown([FAST, SLOW]).at(-1)).toBe('All settings are the same.')
  })

  it('in colours shows the training losses of a few runs as well, dim', () => {
    const coloured = { ...ROOM, coloured: true }
    const trainingOf = (runs: readonly ComparedRun[]) =>
      compareLines({ runs, differences: [] }, coloured)
        .slice(1, 11)
        .flat()
        .filter(({ style }) => style?.dim && style.colour === 'cyan')
    expect(trainingOf([FAST, SLOW]).length).toBeGreaterThan(0)
    expect(trainingOf([FAST, FAST, SLOW, SLOW])).toEqual([])
    expect(shown([FAST, SLOW], [], coloured)[0]).toBe('Validation loss by step, training loss dim')
  })

  it('names both of two curves that coincide', () => {
    const lines = shown([FAST, { ...FAST, name: 'same' }])
      .slice(1, 11)
      .join('')
    for (const letter of ['a', 'b']) expect(lines.split(letter).length - 1).toBe(2)
  })

  it('shows runs without evaluations by dashes', () => {
    const lines = shown([runOf('new'), runOf('newer', 4)])
    expect(lines.join('\n')).toContain('no values yet')
    expect(lines.find((line) => line.startsWith('a'))).toMatch(/^a {2}new +1,000 +– +– +– +1 min 5 s$/)
  })

  it('never is wider than its room, whatever the names and values, if there is room for a table', () => {
    const long = '漢字'.repeat(40)
    const runs = Array.from({ length: MOST_RUNS }, (_, index) => ({ ...FAST, name: `${long}${index}` }))
    const differences = [{ setting: 'corpus', values: runs.map(({ name }) => name) }]
    const lines = compareLines({ runs, differences }, { width: 100, height: 40, coloured: false })
    expect(Math.max(...lines.map(lineCells))).toBeLessThanOrEqual(100)
    expect(lines.map((line) => painted(line, 0)).join('\n')).toMatch(/^ {2}corpus( {2,}[漢字]+…){8}$/m)
  })
})

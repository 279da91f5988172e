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
      '   run   final loss  best loss',
      'a  fast      1.2500     1.0000',
      'b  slow           –     2.0000',
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
    const coloured = { ...ROOM, width: 42, coloured: true }
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
    expect(lines.find((line) => line.startsWith('a'))).toMatch(/^a {2}new +– +–$/)
  })

  it('has more columns where there is room', () => {
    const table = (width: number) => shown([FAST, SLOW], [], { ...ROOM, width }).slice(-5, -2)
    expect(table(80)).toEqual([
      '   run            steps  final loss  best loss  at step       time',
      'a  fast           1,000      1.2500     1.0000      200  1 min 5 s',
      'b  slow  1,000 of 2,000           –     2.0000      200  1 min 5 s',
    ])
    expect(table(60)).toEqual([
      '   run            steps  final loss  best loss  at step',
      'a  fast           1,000      1.2500     1.0000      200',
      'b  slow  1,000 of 2,000           –     2.0000      200',
    ])
  })

  it('shows values that are too long for columns in whole, with the runs that have them', () => {
    const engines = ['AVX-512, 2 threads, fp32', 'AVX-512, 2 threads, bf16']
    const differences: Difference[] = [
      { setting: 'seed', values: [1, 2, 3] },
      { setting: 'engineDetail', values: [engines[0], engines[1], engines[0]] },
      { setting: 'corpus', values: [null, `${'tales '.repeat(9)}1`, `${'tales '.repeat(9)}2`] },
    ]
    expect(shown([FAST, SLOW, FAST], differences, { ...ROOM, width: 60 }).slice(-12)).toEqual([
      'Settings that differ',
      '        a  b  c',
      '  seed  1  2  3',
      '  engineDetail',
      '    a c  AVX-512, 2 threads, fp32',
      '    b    AVX-512, 2 threads, bf16',
      '  corpus',
      '    a  –',
      '    b  tales tales tales tales tales tales tales tales tales',
      '       1',
      '    c  tales tales tales tales tales tales tales tales tales',
      '       2',
    ])
  })

  it.each([
    [60, 2],
    [60, MOST_RUNS],
    [80, 2],
    [80, MOST_RUNS],
    [100, 2],
    [100, MOST_RUNS],
  ])('in a room of %i cells is no wider, with %i runs of long names and values', (width, number) => {
    const long = '漢字'.repeat(40)
    const runs = Array.from({ length: number }, (_, index) => ({
      ...FAST,
      name: `${long}${index}`,
      step: 99_999,
      steps: 1_000_000,
      elapsedSeconds: 86_000,
    }))
    const differences: Difference[] = [
      { setting: 'corpus', values: runs.map(({ name }) => name) },
      { setting: 'engineDetail', values: runs.map((_, index) => `AVX-512, ${index} threads, fp32`) },
      { setting: 'gradientAccumulation', values: runs.map((_, index) => 1000 + index) },
      { setting: 'seed', values: runs.map((_, index) => index) },
    ]
    const lines = compareLines({ runs, differences }, { width, height: 40, coloured: false })
    expect(Math.max(...lines.map(lineCells))).toBeLessThanOrEqual(width)
    const text = lines.map((line) => painted(line, 0)).join('\n')
    for (let index = 0; index < number; index++) {
      for (const value of [`AVX-512, ${index} threads, fp32`, String(1000 + index)]) expect(text).toContain(value)
    }
  })
})

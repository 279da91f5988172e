// The pictures of looks, exactly as they stand on a terminal without colours.

import { describe, expect, it } from 'vitest'
import type { LayersLook, Predictions, Trace, TracedTensor } from '../../../src/gpt/look.ts'
import { figure, percentage } from '../../../src/ui/look/figures.ts'
import { layerLines } from '../../../src/ui/look/layerLines.ts'
import { neighbourLines } from '../../../src/ui/look/neighbourLines.ts'
import { predictionLines } from '../../../src/ui/look/predictionLines.ts'
import { REDS } from '../../../src/ui/look/shade.ts'
import { traceLines } from '../../../src/ui/look/traceLines.ts'
import { lineCells, painted } from '../../../src/ui/style.ts'
import { textOf } from '../lines.ts'

const PLAIN = { columns: 76, colours: 0 } as const

const candidate = (id: number, text: string, probability: number) => ({ id, text, probability })

describe('figures', () => {
  it.each([
    [0, '0.000'],
    [0.1234, '0.123'],
    [-12.3456, '-12.346'],
    [0.00012, '1.2e-4'],
    [123456, '1.2e+5'],
  ])('%d as %s', (value, text) => {
    expect(figure(value)).toBe(text)
  })

  it.each([
    [1, '100%'],
    [0.34, '34%'],
    [0.0995, '10%'],
    [0.0994, '9.9%'],
    [0.00095, '0.1%'],
    [0.00094, '0.09%'],
    [0.00004, '<0.01%'],
  ])('the share %d as %s', (share, text) => {
    expect(percentage(share)).toBe(text)
  })
})

describe('a trace', () => {
  const tensor = (name: string, shape: number[]): TracedTensor => ({
    name,
    shape,
    mean: 0.5,
    standardDeviation: 0.25,
    min: -1,
    max: 0.0001,
    masked: 0,
    meaning: `what ${name.replace(/^h\.\d+\./, '')} is`,
  })
  const trace: Trace = {
    folder: '/run',
    notices: [],
    tokens: [
      { id: 7, text: 'a' },
      { id: 0, text: '\n' },
    ],
    tensors: [
      tensor('wte', [2, 4]),
      tensor('h.0.ln_1', [2, 4]),
      tensor('h.0.attn.q', [2, 2, 2]),
      tensor('h.1.ln_1', [2, 4]),
      tensor('logits', [2, 9]),
    ],
    next: [candidate(3, ' ', 0.5), candidate(7, 'a', 0.025)],
  }

  it('is a table in the order of computation, in which the first layer explains itself', () => {
    expect(textOf(traceLines(trace, PLAIN))).toEqual([
      'Tokens and their ids',
      '  a=7 ⏎=0',
      '',
      'tensor        shape   mean    std     min     max',
      'ids               2',
      '    the tokens as numbers',
      'wte           2 x 4  0.500  0.250  -1.000  1.0e-4',
      '    what wte is',
      'h.0',
      '  ln_1        2 x 4  0.500  0.250  -1.000  1.0e-4',
      '    what ln_1 is',
      '  attn.q  2 x 2 x 2  0.500  0.250  -1.000  1.0e-4',
      '    what attn.q is',
      'h.1',
      '  ln_1        2 x 4  0.500  0.250  -1.000  1.0e-4',
      'logits        2 x 9  0.500  0.250  -1.000  1.0e-4',
      '    what logits is',
      '',
      'What comes next, says the last row',
      '  ·   50%',
      '  a  2.5%',
    ])
  })

  it('explains on the same line where there is room', () => {
    const lines = textOf(traceLines(trace, { columns: 140, colours: 0 }))
    expect(lines).toContain('wte           2 x 4  0.500  0.250  -1.000  1.0e-4   what wte is')
    expect(lines).toContain(
      `${'ids               2'.padEnd('wte           2 x 4  0.500  0.250  -1.000  1.0e-4   '.length)}the tokens as numbers`,
    )
  })
})

describe('predictions', () => {
  const look: Predictions = {
    folder: '/run',
    notices: [],
    vocabSize: 4, // an even guess is 1.39 nats
    tokens: [],
    positions: [
      { token: { id: 0, text: 't' }, next: [candidate(1, 'o', 0.5), candidate(2, '\n', 0.25)] },
      {
        token: { id: 2, text: '\n' },
        probability: 0.25,
        surprise: Math.log(4),
        next: [candidate(3, ' ', 0.9), candidate(0, 't', 0.1)],
      },
      { token: { id: 3, text: ' ' }, probability: 0.9, surprise: 0.105, next: [candidate(0, 't', 1)] },
    ],
    stretches: [{ text: 't' }, { text: '\n', surprise: Math.log(4) }, { text: ' ', surprise: 0.105 }],
    meanSurprise: 0.7457,
  }

  it('are a text with its surprises below it, and a table of what was expected', () => {
    expect(textOf(predictionLines(look, PLAIN))).toEqual([
      'Surprise',
      '  t⏎',
      '   @',
      '',
      '  :',
      '  nats  . 0.00  - 0.35  + 0.69  # 1.04  @ 1.39',
      '  1.39 nats or more: worse than an even guess among 4 tokens',
      '',
      '  mean 0.7457 nats over 2 tokens: a choice among 2.1 equally likely ones',
      '',
      'Expected',
      '     after  came    p  nats  expected',
      '  0  t      ⏎     25%  1.39  o 50%     ⏎ 25%',
      '  1  ⏎      ·     90%  0.10  · 90%     t 10%',
      '  2  ·                       t 100%',
    ])
  })

  it('colour the text where there are colours: dark for what was foreseen, light for what was not', () => {
    const [, first, second] = predictionLines(look, { ...PLAIN, colours: 3 })
    expect(first.slice(1)).toEqual([
      { text: 't', style: { dim: true } },
      { text: '⏎', style: { background: REDS.at(-1), colour: [0, 0, 0] } },
    ])
    expect(second[1]).toMatchObject({ text: ' ', style: { colour: [255, 255, 255] } })
  })

  it('wrap a long text, and show the last of many rows', () => {
    const positions = Array.from({ length: 50 }, () => ({ ...look.positions[2], token: { id: 9, text: '漢' } }))
    const stretches = positions.map(() => ({ text: '漢', surprise: 0.105 }))
    const lines = predictionLines({ ...look, positions, stretches }, { columns: 45, colours: 0 })
    const text = textOf(lines)
    expect(text.filter((line) => /^ {2}漢+$/.test(line)).map((line) => line.trim().length)).toEqual([21, 21, 8])
    expect(text.filter((line) => /^ {2}\d\d {2}漢/.test(line))).toHaveLength(40)
    expect(text.at(-1)).toBe('The last 40 of 50 tokens; --json has all.')
  })

  it('leave out candidates that do not fit the width', () => {
    const next = Array.from({ length: 5 }, (_, id) => candidate(id, ` candidate ${id}`, 0.2))
    const wide = { ...look, positions: look.positions.map((position) => ({ ...position, next })) }
    for (const columns of [60, 80, 120, 140]) {
      const lines = predictionLines(wide, { columns, colours: 0 })
      const rows = lines.slice(lines.findIndex((line) => painted(line, 0) === 'Expected'))
      expect(Math.max(...rows.map(lineCells))).toBeLessThanOrEqual(columns)
    }
    expect(textOf(predictionLines(wide, { columns: 140, colours: 0 })).at(-1)).toContain('candidate·4')
  })

  it('of one token have neither a mean nor a token that came', () => {
    const { meanSurprise: _, ...rest } = look
    const one = { ...rest, positions: look.positions.slice(0, 1), stretches: look.stretches.slice(0, 1) }
    const lines = textOf(predictionLines(one, PLAIN))
    expect(lines.slice(0, 3)).toEqual(['Surprise', '  t', ''])
    expect(lines.at(-1)).toBe('  0  t                     o 50%     ⏎ 25%')
  })
})

describe('layers', () => {
  const position = (text: string, id: number, probability: number, answer?: number) => ({
    next: [candidate(id, text, probability), candidate(8, 'x', 0.01)],
    ...(answer !== undefined && { answer }),
  })
  const look: LayersLook = {
    folder: '/run',
    notices: [],
    vocabSize: 9,
    tokens: [
      { id: 0, text: 'sea' },
      { id: 1, text: ' is' },
      { id: 2, text: '.' },
    ],
    layers: [
      {
        name: 'embedding',
        right: 0,
        meanSurprise: 3.5,
        positions: [position('sea', 0, 1, 0), position('is', 4, 1, 0), position('.', 2, 1)],
      },
      {
        name: 'h.0.resid_post',
        right: 2,
        meanSurprise: 0.25,
        positions: [position(' is', 1, 0.25, 0.25), position('.', 2, 1, 1), position('\n', 5, 0.75)],
      },
    ],
  }

  it('are a grid of guesses, a map of what each layer gave the token that came, and figures', () => {
    expect(textOf(layerLines(look, PLAIN))).toEqual([
      'Most probable next token, layer by layer',
      '      after sea  ·is  .',
      '  embedding sea  is   .',
      '        h.0 ·is* .*   ⏎',
      '       came ·is  .',
      '  Each layer is read as if it were the last: its residual stream goes',
      '  through ln_f and the head. A cell is the token that it finds most probable',
      '  next; * marks the one that did come.',
      '',
      'Probability of the token that came, layer by layer',
      '            ·',
      '            i',
      '            s .',
      '  embedding ....',
      '        h.0 ++@@',
      '  probability  . 0%  : 2%  - 6%  = 14%  + 25%  * 39%  # 56%  % 77%  @ 100%',
      '',
      'By layer',
      '  layer        nats   right  after the last token',
      '  embedding  3.5000  0 of 2  . 100%  x 1.0%',
      '  h.0        0.2500  2 of 2  ⏎ 75%  x 1.0%',
    ])
  })

  it('show the last tokens where not all fit, and say so', () => {
    const lines = textOf(layerLines(look, { columns: 22, colours: 0 }))
    expect(lines.slice(1, 6)).toEqual([
      '      after ·is  .',
      '  embedding is   .',
      '        h.0 .*   ⏎',
      '       came .',
      '  The last 2 of 3 tokens are shown: no more fit.',
    ])
  })

  it('of a single token say what comes next, and no more', () => {
    const one = {
      ...look,
      tokens: look.tokens.slice(0, 1),
      layers: look.layers.map(({ name, right }) => ({ name, right, positions: [position('y', 3, 0.5)] })),
    }
    expect(textOf(layerLines(one, PLAIN)).slice(8)).toEqual([
      'By layer',
      '  layer      after the last token',
      '  embedding  y 50%  x 1.0%',
      '  h.0        y 50%  x 1.0%',
    ])
  })
})

it('neighbours are a list with bars', () => {
  const look = {
    folder: '/run',
    token: { id: 3, text: ' ' },
    neighbours: [
      { id: 0, text: '\n', similarity: 0.5 },
      { id: 12, text: '漢', similarity: -0.25 },
    ],
  }
  expect(textOf(neighbourLines(look, { columns: 100, colours: 0 })).slice(0, 4)).toEqual([
    'Nearest to · (id 3)',
    '  token  id  similarity',
    '  ⏎       0       0.500  ████████████',
    '  漢     12      -0.250',
  ])
})

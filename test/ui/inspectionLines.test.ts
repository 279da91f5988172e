import { describe, expect, it } from 'vitest'
import { elementCount } from '../../src/base/namedTensors.ts'
import { countByPart, countParameters } from '../../src/gpt/counts.ts'
import type { InspectedRun, Inspection } from '../../src/gpt/inspection.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { paramSpecs } from '../../src/gpt/parameters.ts'
import { inspectionLines } from '../../src/ui/inspectionLines.ts'
import { lineCells, painted } from '../../src/ui/style.ts'
import { textOf } from './lines.ts'

function inspectionOf(nLayer: number, changes: Partial<Inspection> = {}): Inspection {
  const model: ModelConfig = {
    vocabSize: 8,
    blockSize: 4,
    nLayer,
    nHead: 2,
    nEmbd: 4,
    bias: false,
    activation: 'gelu',
  }
  const tensors = paramSpecs(model).map(({ name, shape, decayed }) => ({
    name,
    shape,
    parameters: elementCount(shape),
    decayed,
  }))
  return {
    folder: '/runs/sea/step-000004',
    model,
    dropout: 0,
    tokenizer: { kind: 'char', vocabSize: 8 },
    parameters: { ...countParameters(model), parts: countByPart(model), tensors },
    flopsPerToken: 1234,
    memory: { trainingBytes: 2048, samplingBytes: 1024 },
    warnings: [],
    ...changes,
  }
}

/** The lines below a title, up to the next blank one. */
function section(lines: readonly string[], title: string): string[] {
  const start = lines.indexOf(title) + 1
  return lines.slice(start, lines.indexOf('', start))
}

describe('an inspection', () => {
  it('shows where the parameters are, with shares and bars', () => {
    // 8 x 4, 4 x 4; 4 x 12 + 4 x 4; 2 x 4 x 16; 3 x 4: 252 in all.
    expect(section(textOf(inspectionLines(inspectionOf(1), 100)), 'Where they are')).toEqual([
      '  token embedding      32  12.7%  ████▏',
      '  position embedding   16   6.3%  ██',
      '  attention            64  25.4%  ████████▏',
      '  MLP                 128  50.8%  ████████████████▎',
      '  layer norms          12   4.8%  █▌',
    ])
  })

  it('lists every tensor, but on a screen those of twelve layers that are alike in one line', () => {
    const all = section(textOf(inspectionLines(inspectionOf(12))), 'Parameters')
    expect(all).toHaveLength(1 + 2 + 12 * 6 + 1)
    expect(section(textOf(inspectionLines(inspectionOf(12), 100)), 'Parameters')).toEqual([
      '  name                       shape         count',
      '  wte.weight                 8 x 4            32  decayed',
      '  wpe.weight                 4 x 4            16  decayed',
      '  h.0…11.ln_1.weight         12 of 4          48',
      '  h.0…11.attn.c_attn.weight  12 of 4 x 12    576  decayed',
      '  h.0…11.attn.c_proj.weight  12 of 4 x 4     192  decayed',
      '  h.0…11.ln_2.weight         12 of 4          48',
      '  h.0…11.mlp.c_fc.weight     12 of 4 x 16    768  decayed',
      '  h.0…11.mlp.c_proj.weight   12 of 16 x 4    768  decayed',
      '  ln_f.weight                4                 4',
    ])
    const few = (columns?: number) => textOf(inspectionLines(inspectionOf(11), columns))
    expect(few(100)).toEqual(few())
  })

  it('has bold titles where there are colours, and no command to the terminal from a name', () => {
    const lines = inspectionLines(inspectionOf(1, { folder: '/runs/\u001b[2J' }), 100)
    expect(painted(lines[0], 1)).toBe('\u001b[1mCheckpoint\u001b[22m')
    expect(textOf(lines)).toContain('  folder  /runs/\\x1b[2J')
  })

  it('ends with its warnings', () => {
    const lines = textOf(inspectionLines(inspectionOf(1, { warnings: ['the weights are NaN'] }), 100))
    expect(lines.at(-1)).toBe('warning: the weights are NaN')
  })

  it('marks the best of a short loss history, and shows all of it', () => {
    expect(section(textOf(inspectionLines(withHistory(3, 1), 100)), 'Loss history')).toEqual([
      '  step   train  validation',
      '     0  1.0000      4.0000',
      '    10  1.0000      2.0000  best',
      '    20  1.0000      4.0000',
    ])
  })

  it('shows twenty of a thousand evaluations, from the first to the last, with the best among them', () => {
    const lines = section(textOf(inspectionLines(withHistory(1000, 777), 100)), 'Loss history')
    expect(lines).toHaveLength(1 + 21 + 1)
    expect([lines[1], lines[21]]).toEqual(['      0  1.0000      4.0000', '  9,990  1.0000      4.0000'])
    expect(lines.filter((line) => line.includes('best'))).toEqual([
      '  7,770  1.0000      2.0000  best',
      '  21 of 1,000 evaluations, the best among them; --json has all.',
    ])
  })
})

describe('an inspection of long names and values', () => {
  const folder = `/home/漢字/${'a-folder-of-many/'.repeat(8)}`
  const long = {
    ...withHistory(1000, 777, {
      settings: { gradientAccumulation: 1, aSettingOfALaterVersionWithALongName: folder },
      corpus: { name: 'sea', path: '/sea'.repeat(40), sha256: '0123456789abcdef'.repeat(4), bytes: 1 },
      engine: {
        name: 'wasm',
        detail: 'SIMD, 2 threads',
        reason: 'the addon is not built: tgpt build-native builds it',
      },
    }),
    ...inspectionOf(48, { folder, warnings: ['these weights are not numbers, '.repeat(5)] }),
  }

  it.each([20, 30, 40, 60, 80, 120, 200])('fits a screen of %d columns', (columns) => {
    const lines = inspectionLines(long, columns)
    expect(textOf(lines.filter((line) => lineCells(line) > columns))).toEqual([])
  })

  it('goes on below the beginning of a value, and has all of it', () => {
    const lines = textOf(inspectionLines(long, 60))
    expect(section(lines, 'Run').filter((line) => /[\da-f]{8}/.test(line))).toEqual([
      '  sha256    0123456789abcdef0123456789abcdef0123456789abcdef',
      '            0123456789abcdef',
    ])
    const [first, ...others] = section(lines, 'Checkpoint')
    expect(first).toMatch(/^ {2}folder {2}\//)
    expect(others.filter((line) => !line.startsWith(' '.repeat(10)))).toEqual([])
    expect([first, ...others].map((line) => line.slice(10)).join('')).toBe(folder)
  })

  it('leaves out columns where there is no room for names, and bars', () => {
    const narrow = textOf(inspectionLines(long, 42))
    expect(section(narrow, 'Parameters').slice(0, 2)).toEqual([
      '  name                       shape',
      '  wte.weight                 8 x 4',
    ])
    expect(section(narrow, 'Where they are')[0]).toMatch(/^ {2}token embedding +32 +\d\.\d%$/)
    expect(section(textOf(inspectionLines(long, 20)), 'Parameters').slice(4, 6)).toEqual([
      '  h.0…47.attn.c_attn',
      '  .weight',
    ])
  })

  it('is as wide as it comes where there is no screen', () => {
    const lines = textOf(inspectionLines(long))
    expect(lines).toContain(`  folder  ${folder}`)
    expect(lines.at(-1)).toBe(`warning: ${long.warnings[0]}`.trimEnd())
  })
})

/** Every tenth step is evaluated; one of the evaluations is the best. */
function withHistory(evaluations: number, best: number, changes: Partial<InspectedRun> = {}): Inspection {
  const history = Array.from({ length: evaluations }, (_, index) => ({
    step: 10 * index,
    trainLoss: 1,
    validationLoss: index === best ? 2 : 4,
  }))
  const run = {
    folder: '/runs/sea',
    settings: {},
    corpus: { name: 'sea', path: '/sea.txt', sha256: 'ab', bytes: 1 },
    engine: { name: 'native', detail: 'AVX2', reason: 'built' },
    versions: { tgpt: '0.1.0', node: '20.0.0' },
    history,
    bestInHistory: history[best],
    ...changes,
  }
  return inspectionOf(1, { run })
}

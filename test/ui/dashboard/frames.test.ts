// Frames of the dashboard, line by line, on screens of several sizes.

import { describe, expect, it } from 'vitest'
import type { RunControls, Wish } from '../../../src/gpt/controls.ts'
import type { TrainEvent } from '../../../src/gpt/events.ts'
import type { DashboardProps } from '../../../src/ui/dashboard/Dashboard.tsx'
import { NOTHING_YET } from '../../../src/ui/dashboard/state.ts'
import { cells } from '../../../src/ui/style.ts'
import { colourOfCells, CONTROLS, frameOf } from './frame.tsx'
import { STARTED, stateAfter, story } from './story.ts'

/** All that a folder, a corpus and a model may do to a terminal. */
const hostile = stateAfter([
  {
    ...STARTED,
    run: 'checkpoints/\x1b[31m\na\tb',
    corpus: { ...STARTED.corpus, name: '水\r\n\t\x1b' },
    engine: { ...STARTED.engine, detail: 'AVX2\n2 threads' },
    notices: ['a notice\x1b[5m\nof two\tlines'],
  },
  { event: 'sampled', step: 0, elapsedSeconds: 0, text: `\x1b[2J\x1b]0;owned\x07 \0\n${'水'.repeat(50)}` },
])

const later = stateAfter(story(1750))
const usual = { columns: 80, rows: 24 }

describe('a frame', () => {
  it('on the usual screen', () => {
    expect(frameOf(later, usual)).toEqual([
      'checkpoints/novel                     native: AVX2, 2 threads, fp32, 50% of peak',
      'step 1,750/2,000 ━━━━━━━━━━━━━━━━━━━━━━━━────  87%  elapsed 1 min 28 s  ETA 13 s',
      '',
      'loss  ━ batch 1.0386  + train 1.0378  × val 2.7000     parameters        804,096',
      '4┤+                                                      decayed         802,944',
      ' │ ⠈⠢⡀                                                   not decayed       1,152',
      ' │×  ⠱⡀                                                  embeddings       16,512',
      '3┤    ⠈⠑⢄×                                         ×   corpus              novel',
      ' │       +⠢⣀                                           tokenizer    char, 65 ids',
      ' │          ⠑⠢⡀ ×                           ×          speed        20,000 tok/s',
      '2┤            ⠈⠑+⠤⢄⣀   ×             ×                 learning rate     1.75e-3',
      ' │                  ⠉⠑⠒+⣀⣀⣀    best 1.2000             ⣀⣀⣀⣀⡠⠤⠤⠤⠤⠤⠤⠤⠤⠒⠒⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉',
      ' │                         ⠉⠉⠉●⠑⠒⠒⠒⠢⠤+⠤⠤⠤⠤⠤⠤+⣀⣀⣀⣀⣀⣀+',
      ' └┬─────────────┬─────────────┬─────────────┬───────   gradient norm        1.13',
      '  0            500          1,000         1,500        ⠉⠉⠉⠉⠑⠒⠒⠒⠒⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⠤⣀⣀⣀⣀',
      '',
      'sample after step 1,750',
      'At 1750 steps the sea',
      'is wide.',
      '',
      '',
      'step 1,750  validation has risen for three evaluations; the best is step 1,000',
      'p pause   s sample   c save   e evaluate   l linear/log   z zoom   q quit',
    ])
  })

  it('on a large screen has a taller chart, small curves of more rows, and more messages', () => {
    expect(frameOf(later, { columns: 120, rows: 40 })).toEqual([
      'checkpoints/novel                                                             native: AVX2, 2 threads, fp32, 50% of peak',
      'step 1,750/2,000 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━─────────  87%  elapsed 1 min 28 s  ETA 13 s',
      '',
      'loss  ━ batch 1.0386  + train 1.0378  × validation 2.7000  ● best 1.2000 at 1,000     parameters                 804,096',
      '4.0┤+                                                                                   decayed                  802,944',
      '   │                                                                                    not decayed                1,152',
      '   │  ⢢                                                                                 embeddings                16,512',
      '3.5┤   ⠑⡄                                                                             corpus                       novel',
      '   │    ⠈⢆                                                                            tokenizer             char, 65 ids',
      '   │×    ⠈⢆                                                                           speed                 20,000 tok/s',
      '3.0┤       ⠱⡀',
      '   │        ⠈⠢⡀                                                                       learning rate              1.75e-3',
      '   │          ⠑×                                                                  ×                             ⢀⣀⡠⠤⠔⠒⠊⠉',
      '2.5┤            ⠑⢄                                                                                     ⢀⣀⡠⠤⠔⠒⠊⠉⠉⠁',
      '   │              ⠱⡀                                                                          ⣀⣀⣀⠤⠤⠒⠒⠉⠉⠁',
      '   │               ⠈⠒⠤⡀   ×                                            ×              ⣀⣀⠤⠤⠒⠒⠉⠉',
      '2.0┤                  ⠈⠢⡀',
      '   │                    ⠈⠑+⢄⡀                                                         gradient norm                 1.13',
      '   │                        ⠈⠒⠤⣀     ×                      ×                         ⠉⠉⠒⠒⠤⠤⣀⣀',
      '1.5┤                            ⠉⠒⠢⠤⢄⡀                                                        ⠉⠉⠉⠒⠒⠤⠤⣀⣀',
      '   │                                 +⠉⠒⠒⠤⣀⡀                                                           ⠉⠉⠑⠒⠢⠤⢄⣀⣀⡀',
      '   │                                       ⠈⠉⠉⠒⠒⠤●⠤⠤⢄⣀⣀                                                         ⠈⠉⠑⠒⠢⠤⢄⣀',
      '   │                                                   ⠉⠉⠉⠉⠑+⠒⠒⠒⠒⠒⠤⠤⠤⠤⠤+⠤⠤⠤⣀⣀⣀⣀⣀⣀⣀+',
      '   └┬────────┬────────┬────────┬────────┬────────┬────────┬────────┬────────┬──────',
      '    0       200      400      600      800     1,000    1,200    1,400    1,600',
      '',
      'sample after step 1,750',
      'At 1750 steps the sea',
      'is wide.',
      '',
      '',
      '',
      '',
      '',
      '',
      'step 1,500  saved',
      'step 1,750  validation has risen for three evaluations; the best is step 1,000',
      'step 1,750  saved',
      'p pause   s sample   c save   e evaluate   l linear/log   z zoom   q quit',
    ])
  })

  it('on a narrow screen has what matters most', () => {
    expect(frameOf(later, { columns: 40, rows: 12 })).toEqual([
      'checkpoints/novel    native, 50% of peak',
      'step 1,750/2,000 ━━━━━━━─  87%  ETA 13 s',
      '━ batch 1.04  + train 1.04  × val 2.70',
      '4.00┤×⠒⠤⣀',
      '    │    ⠉×⠤⠤⣀⣀×   best 1.2000    ×    ×',
      '1.04┤          +⠉⠒⠒⠒×⠤⠤⠤●⠤⠤⠤⢄×⣀⣀⣀⣀+⣀⣀⣀⣀+',
      '804.1k parameters  20,000 tok/s',
      'sample after step 1,750',
      'At 1750 steps the sea',
      'step 1,750  validation has risen for th…',
      'p pause s sample c save e eval q quit',
    ])
  })

  it('on a low screen gives up one part after the other', () => {
    expect(frameOf(later, { columns: 60, rows: 8 })).toEqual([
      'checkpoints/novel                        native, 50% of peak',
      'step 1,750/2,000 ━━━━━━━─  87%  elapsed 1 min 28 s  ETA 13 s',
      'loss  ━ batch 1.0386  + train 1.0378  × validation 2.7000',
      '804.1k parameters  20,000 tok/s  lr 1.75e-3  grad 1.13',
      'sample At 1750 steps the sea⏎is wide.',
      'step 1,750  validation has risen for three evaluations; the…',
      'p pause s sample c save e eval l log z zoom q quit',
    ])
    expect(frameOf(later, { columns: 60, rows: 4 })).toEqual([
      'step 1,750/2,000 ━━━━━━━─  87%  elapsed 1 min 28 s  ETA 13 s',
      'loss  ━ batch 1.0386  + train 1.0378  × validation 2.7000',
      'p pause s sample c save e eval l log z zoom q quit',
    ])
  })

  it('leaves the last row of a screen free, and is nowhere wider, whatever the size', () => {
    for (const columns of [1, 7, 19, 33, 58, 71, 72, 90, 133, 250]) {
      for (const rows of [2, 3, 6, 11, 17, 22, 23, 31, 66]) {
        for (const state of [later, hostile, NOTHING_YET]) {
          const frame = frameOf(state, { columns, rows })
          expect(frame.length, `${columns}x${rows}`).toBeLessThanOrEqual(rows - 1)
          expect(Math.max(...frame.map(cells)), `${columns}x${rows}`).toBeLessThanOrEqual(columns)
        }
      }
    }
  })

  it('keeps the last part of a long path where the whole one leaves too little room for the engine', () => {
    const [, ...rest] = story(1750)
    const far = stateAfter([{ ...STARTED, run: '/home/somebody/novels/checkpoints/novel/' }, ...rest])
    const title = (columns: number) => frameOf(far, { columns, rows: 12 })[0]
    const engine = 'native: AVX2, 2 threads, fp32, 50% of peak'
    expect(title(84)).toBe(`/home/somebody/novels/checkpoints/novel/  ${engine}`)
    expect(title(80)).toBe(`…/novel                               ${engine}`)
    expect(title(40)).toBe('…/novel              native, 50% of peak')
    expect(title(10)).toBe('…/novel')
  })

  it('before the first event says that it starts', () => {
    expect(frameOf(NOTHING_YET, usual)[0]).toBe('starting…')
  })
})

describe('text from outside', () => {
  it('moves no cursor and breaks no line: controls become signs, wide characters are measured', () => {
    const frame = frameOf(hostile, usual)
    expect(frame).toHaveLength(23)
    expect(frame.slice(0, 2)).toEqual([
      'checkpoints/␛[31m⏎a⇥b                                     native: AVX2⏎2 threads',
      'step 0/2,000 ──────────────────────────────────   0%  elapsed 0 s  ETA 2 min 5 s',
    ])
    expect(frame[7]).toBe('│                                                      corpus              水⏎⇥␛')
    expect(frame.slice(16)).toEqual([
      'sample after step 0',
      '␛[2J␛]0;owned␇ ␀',
      '水'.repeat(40), // 80 cells
      '水'.repeat(10),
      '',
      'step 0  a notice␛[5m⏎of two⇥lines',
      'p pause   s sample   c save   e evaluate   l linear/log   z zoom   q quit',
    ])
    expect(frame.join('')).not.toMatch(/\p{Cc}/u)
  })
})

describe('the view', () => {
  const title = (view: DashboardProps['view']) => frameOf(later, usual, { view })[3].slice(0, 52)

  it('is linear or logarithmic, of all steps or the last part, and says so', () => {
    expect(title({ scale: 'log', isZoomed: false })).toBe('log  ━ batch 1.0386  + train 1.0378  × val 2.7000   ')
    expect(title({ scale: 'log', isZoomed: true })).toBe('log zoom  ━ batch 1.039  + train 1.038  × val 2.700 ')
    const wide = frameOf(later, { columns: 110, rows: 24 }, { view: { scale: 'log', isZoomed: true } })
    expect(wide[3]).toMatch(/^loss \(log zoom\) {2}━ batch 1\.0386 {2}\+ train 1\.0378 {2}× validation 2\.7000 /)
    const zoomed = frameOf(later, usual, { view: { scale: 'linear', isZoomed: true } })
    expect(zoomed[14].slice(0, 52).trim().split(/ +/)).toEqual(['1,400', '1,500', '1,600', '1,700']) // of 1312 to 1750
    expect(zoomed.join('')).not.toContain('●') // the best is before that
  })
})

describe('what the training tells of itself', () => {
  const asked = (controls: Partial<RunControls>, isEnding = false) =>
    frameOf(later, usual, { asked: { controls: { ...CONTROLS, ...controls }, isEnding } })

  it('shows what was asked for until it is done', () => {
    expect(asked({ wishes: new Set(['evaluate']) })[21]).toBe('an evaluation comes after the step in progress')
    expect(asked({ wishes: new Set(['save', 'sample']) })[21]).toBe(
      'a checkpoint and a sample come after the step in progress',
    )
    expect(asked({ wishes: new Set(['save', 'sample', 'evaluate']), activity: 'saving' })[21]).toBe(
      'a sample and an evaluation come next', // the other is under way
    )
    expect(asked({ wishes: new Set(['save']), activity: 'saving' })[21]).not.toContain('checkpoint')
    expect(asked({ wishes: new Set(['sample']), paused: true })[21]).toBe('a sample comes next')
    expect(asked({}, true)[21]).toBe('stopping: the step in progress is finished and saved (Ctrl-C quits at once)')
  })

  it('answers a wish for what was done at that step, until there is something newer to say', () => {
    const already = (step: number, ...wishes: Wish[]) => asked({ already: { step, wishes: new Set(wishes) } })[21]
    expect(already(1750, 'evaluate')).toBe('step 1,750  evaluated already')
    expect(already(1750, 'evaluate', 'sample', 'save')).toBe('step 1,750  evaluated, sampled and saved already')
    expect(already(1700, 'save')).toBe(asked({})[21])
  })

  it('shows what is under way in the place of the time that is left, and the time that goes on', () => {
    const evaluating = { activity: 'evaluating', share: 0.409, elapsedSeconds: 99.6 } as const
    expect(asked(evaluating)[1]).toMatch(/^step 1,750\/2,000 ━+─+ {2}87% {2}elapsed 1 min 40 s {2}evaluating 40%$/)
    expect(asked({ activity: 'sampling', paused: true })[1]).toMatch(/elapsed 1 min 28 s {2}sampling$/)
    expect(asked({ step: 1800, elapsedSeconds: 100 })[1]).toMatch(/ 90% {2}elapsed 1 min 40 s {2}ETA 11 s$/) // 18 a second
    const narrow = { columns: 40, rows: 12 }
    const frame = frameOf(later, narrow, { asked: { controls: { ...CONTROLS, ...evaluating }, isEnding: false } })
    expect(frame[1]).toBe('step 1,750/2,000  87%  evaluating 40%')
  })

  it('has no keys for what can no longer be asked: after the last step, and when it was told to end', () => {
    const remaining = 'l linear/log   z zoom   q quit'
    expect(asked({ closed: true, activity: 'scoring', share: 0.5 })[22]).toBe(remaining)
    expect(asked({ paused: true }, true)[22]).toBe(remaining)
    expect(asked({ paused: true }, true)[1]).not.toContain('paused') // the step in progress is finished
  })

  it('counts each step, also between two that events tell of', () => {
    expect(asked({ step: 1789 })[1]).toMatch(/^step 1,789\/2,000 .* 89% /)
  })

  it('shows a pause in the place of the time that is left; its key ends it', () => {
    const frame = asked({ paused: true })
    expect(frame[1]).toMatch(/elapsed 1 min 28 s {2}paused$/)
    expect(frame[22]).toMatch(/^p resume /)
  })

  it('is nothing where a run is only watched: the other keys remain', () => {
    const frame = frameOf(later, usual, { asked: { controls: undefined, isEnding: false } })
    expect(frame[22]).toBe('l linear/log   z zoom   q quit')
  })
})

describe('the last frame', () => {
  it('says how the run ended, and has no keys', () => {
    const end: TrainEvent = { event: 'finished', step: 2000, elapsedSeconds: 100, reason: 'completed' }
    const frame = frameOf(stateAfter([...story(2000), end]), usual, { hasKeys: false })
    expect(frame).toHaveLength(22)
    expect(frame[1]).toMatch(/^step 2,000\/2,000 ━+ 100% {2}elapsed 1 min 40 s {2}done$/)
    expect(frame[21]).toBe('step 2,000  done in 1 min 40 s')
  })
})

/** Validation at 5, batches at 2 and 4 in turn, so that their trend is at 3, and evaluations on the training part at 1. */
function* farApart(): Generator<TrainEvent> {
  yield STARTED
  for (let step = 0; step <= 300; step++) {
    const at = { step, elapsedSeconds: step }
    const figures = { loss: step % 2 === 0 ? 4 : 2, learningRate: 1, gradientNorm: 1, tokensPerSecond: 1 }
    if (step > 0) yield { event: 'step', ...at, ...figures }
    if (step % 100 === 0) yield { event: 'evaluated', ...at, trainLoss: 1, validationLoss: 5, best: false }
  }
}

const [CYAN, YELLOW, MAGENTA] = ['\x1b[36m', '\x1b[33m', '\x1b[35m']

describe('colours', () => {
  it('are none at depth 0', () => {
    expect(frameOf(later, usual).join('')).not.toContain('\x1b')
  })

  it('tell the curves apart: batches and their trend, evaluations on the training part, on the validation part', () => {
    const colours = frameOf(stateAfter(farApart()), { columns: 40, rows: 18 }, {}, 1).map(colourOfCells)
    expect(colours.slice(2, 9)).toEqual([
      'C ..... ++++  Y ..... ++++  M ... ++++',
      ' .MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM',
      '..cccccccccccccccccccccccccccccccccccccc',
      ' .CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC',
      ' .CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC', // where the average is led by its first values
      '..Cccccccccccccccccccccccccccccccccccccc',
      ' .YYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYYY',
    ])
  })

  it('are told in the legend, each before its value', () => {
    const frame = frameOf(later, usual, {}, 1)[3]
    const [batch, train, validation] = [CYAN, YELLOW, MAGENTA].map((colour) => frame.indexOf(`${colour}━`))
    expect(frame.slice(batch, train)).toMatch(/batch.*1\.0386/)
    expect(frame.slice(train, validation)).toMatch(/train.*1\.0378/)
    expect(frame.slice(validation)).toMatch(/^[^ ]+ .*val.*2\.7000/)
  })
})

describe('the legend', () => {
  const legend = (columns: number) => frameOf(later, { columns, rows: 8 })[2]

  it('has shorter names, fewer digits and then fewer values where there is less room', () => {
    expect(legend(81)).toBe('loss  ━ batch 1.0386  + train 1.0378  × validation 2.7000  ● best 1.2000 at 1,000')
    expect(legend(80)).toBe('loss  ━ batch 1.0386  + train 1.0378  × validation 2.7000')
    expect(legend(56)).toBe('loss  ━ batch 1.0386  + train 1.0378  × val 2.7000')
    expect(legend(49)).toBe('━ batch 1.0386  + train 1.0378  × val 2.7000')
    expect(legend(43)).toBe('━ batch 1.039  + train 1.038  × val 2.700')
    expect(legend(40)).toBe('━ batch 1.04  + train 1.04  × val 2.70')
    expect(legend(37)).toBe('+ train 1.04  × val 2.70')
    expect(legend(23)).toBe('× val 2.70')
  })
})

describe('a run without logged steps', () => {
  const events = [...story(1000)].filter(({ event }) => event !== 'step')

  it('has the training loss of its evaluations as a curve, and no batches in the legend', () => {
    const frame = frameOf(stateAfter(events), usual)
    expect(frame[3]).toMatch(/^loss {2}━ train 1\.2463 {2}× validation 1\.2000 /) // 1 + 3 exp(-2.5)
    expect(frame.slice(4, 13).join('')).toMatch(/[\u2801-\u28ff]/)
  })
})

// What a person asks of a training on the way: done between two steps, without a change of what is learned.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../src/gpt/events.ts'
import type { Settings } from '../../src/gpt/settings.ts'
import { Requests } from '../../src/run/requests.ts'
import { resumeRun } from '../../src/run/resume.ts'
import { startRun } from '../../src/run/start.ts'
import { train } from '../../src/run/train.ts'
import type { Training } from '../../src/run/training.ts'

const folder = mkdtempSync(join(tmpdir(), 'tgpt-requests-'))
afterAll(() => rmSync(folder, { recursive: true }))

const corpusPath = join(folder, 'rhyme.txt')
writeFileSync(corpusPath, 'nine for the ferry, ten for the rain, tell it the heron and tell it again.\n'.repeat(6))

const given: Partial<Settings> = {
  nLayer: 1,
  nHead: 2,
  nEmbd: 8,
  blockSize: 8,
  batchSize: 2,
  dropout: 0.1,
  learningRate: 0.01,
  steps: 8,
  evalInterval: 8,
  evalIters: 2,
  logInterval: 1,
  saveInterval: 8,
  keep: 9,
}
const common = { threads: undefined, precision: undefined, root: folder, availableBytes: Infinity }
const versions = { tgpt: 'test', node: 'test' }

function start(out: string): Promise<Training> {
  const place = { out: join(folder, out), overwrite: false, versions }
  return startRun({ ...common, ...place, corpusPath, preset: undefined, given, engine: 'auto' })
}

async function resume(run: string): Promise<Training> {
  const request = { run: join(folder, run), corpusPath: undefined, given: {}, engine: undefined, force: false }
  const resumed = await resumeRun({ ...common, ...request, versions })
  if ('finished' in resumed) throw new Error('finished')
  return resumed
}

interface Watched {
  readonly requests: Requests
  readonly stop: () => void
}

/** Runs to the end; `at` may ask for something after each event, and `clock` tells the time. */
async function follow(
  training: Training,
  at: (event: TrainEvent, watched: Watched) => void = () => {},
  clock = () => 0,
): Promise<TrainEvent[]> {
  const controller = new AbortController()
  const requests = new Requests()
  const events: TrainEvent[] = []
  for await (const event of train(training, { clock, signal: controller.signal, requests })) {
    events.push(event)
    at(event, { requests, stop: () => controller.abort() })
  }
  training.engine.dispose()
  return events
}

/** Does something when the event of this name and step comes. */
function when(name: string, what: (watched: Watched) => void) {
  return (event: TrainEvent, watched: Watched) => {
    if (`${event.event} ${event.step}` === name) what(watched)
  }
}

const names = (events: readonly TrainEvent[]) => events.map(({ event, step }) => `${event} ${step}`)

/** All that was learned: each loss and gradient norm, exactly. */
function steps(events: readonly TrainEvent[]): string[] {
  return events.flatMap((event) =>
    event.event === 'step' ? [`${event.step}: ${event.loss} ${event.gradientNorm}`] : [],
  )
}

const whole = (async () => follow(await start('whole')))()

describe('a training that is asked for something', () => {
  it.each([
    ['evaluate', ['evaluated 3', 'sampled 3', 'saved 3']], // the first evaluation of a trained model is the best so far
    ['sample', ['sampled 3']],
    ['save', ['saved 3']],
  ] as const)('to %s does it after the step in progress, and learns the same', async (wish, expected) => {
    const events = await follow(
      await start(`asked-${wish}`),
      when('step 3', ({ requests }) => requests.ask(wish)),
    )
    const at = names(events).indexOf('step 3')
    expect(names(events).slice(at + 1, at + 2 + expected.length)).toEqual([...expected, 'step 4'])
    expect(steps(events)).toEqual(steps(await whole))
    const last = (all: readonly TrainEvent[]) => all.slice(-4).map((event) => JSON.stringify({ ...event, folder: '' }))
    if (wish !== 'evaluate') expect(last(events)).toEqual(last(await whole))
  })

  it('before the first step saves what can be resumed', async () => {
    await follow(
      await start('zero'),
      when('sampled 0', ({ requests, stop }) => {
        requests.ask('save')
        requests.pauseOrResume()
        requests.onChange(() => (requests.wishes.size === 0 ? stop() : undefined))
      }),
    )
    const training = await resume('zero')
    expect(training.progress).toMatchObject({ step: 0, evaluatedStep: 0, sampledStep: 0 })
    expect(steps(await follow(training))).toEqual(steps(await whole))
  })

  it('twice at one step does it once', async () => {
    const events = await follow(await start('twice'), (event, { requests }) => {
      if (event.step === 3 && event.event !== 'saved')
        for (const wish of ['sample', 'evaluate'] as const) requests.ask(wish)
    })
    expect(names(events).filter((name) => name.endsWith(' 3'))).toEqual([
      'step 3',
      'evaluated 3',
      'sampled 3',
      'saved 3',
    ])
  })

  it('and stopped there goes on as one that never stopped, its evaluation and sample told once', async () => {
    const first = await follow(await start('stopped'), (event, watched) => {
      when('step 3', ({ requests }) => requests.ask('evaluate'))(event, watched)
      when('saved 3', ({ stop }) => stop())(event, watched)
    })
    const second = await follow(await resume('stopped'))
    expect([...steps(first), ...steps(second)]).toEqual(steps(await whole))
    const log = readFileSync(join(folder, 'stopped', 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
    const logged = log.map((line) => JSON.parse(line) as TrainEvent)
    const told = names(logged).filter((name) => /^(evaluated|sampled)/.test(name))
    const stoppedAt = first.at(-1)!.step
    expect(stoppedAt).toBeLessThan(8)
    expect(told).toEqual(['evaluated 0', 'sampled 0', 'evaluated 3', 'sampled 3', 'evaluated 8', 'sampled 8'])
  })
})

describe('a training tells', () => {
  it('what it does, and how much of an evaluation and of the scoring is done', async () => {
    const told: string[] = []
    const listen = when('started 0', ({ requests }) =>
      requests.onChange(() => {
        const { activity, share } = requests
        const line = `${activity}${share === undefined ? '' : ` ${Math.round(100 * share)}`}`
        if (told.at(-1) !== line) told.push(line)
      }),
    )
    await follow(await start('told'), listen)
    const evaluating = ['evaluating 0', 'evaluating 25', 'evaluating 50', 'evaluating 75'] // 2 of each part
    const scoring = told.slice(told.indexOf('scoring 0'))
    expect(told.slice(0, told.indexOf('scoring 0'))).toEqual([
      ...evaluating,
      'sampling',
      'training',
      ...evaluating,
      'saving',
      'sampling',
    ])
    const shares = scoring.map((line) => Number(line.slice('scoring '.length)))
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeGreaterThan(50)
    expect(shares.at(-1)).toBeLessThan(100)
  })

  it('how long it has trained, also between its events, pauses left out', async () => {
    let seconds = 0
    const elapsed: (number | undefined)[] = [new Requests().elapsedSeconds]
    const watch = ({ requests }: Watched) => {
      seconds += 5
      elapsed.push(requests.elapsedSeconds)
      requests.pauseOrResume()
      setTimeout(() => {
        seconds += 1000
        elapsed.push(requests.elapsedSeconds)
        requests.pauseOrResume()
        seconds += 5
      })
    }
    const events = await follow(await start('elapsed'), when('step 3', watch), () => seconds)
    expect(elapsed).toEqual([undefined, 5, 5])
    expect(events.at(-1)).toMatchObject({ elapsedSeconds: 5 })
  })

  it('that nothing can be asked any more, from the end of its last step or when it is told to stop', async () => {
    const closed: string[] = []
    const events = await follow(await start('closed'), (event, { requests }) => {
      if (requests.closed) closed.push(`${event.event} ${event.step}`)
      requests.ask('sample')
      if (event.step === 8 && event.event !== 'step') requests.pauseOrResume()
      if (requests.closed) expect([requests.paused, requests.wishes.size, requests.step]).toEqual([false, 0, 8])
    })
    expect(closed).toEqual(['evaluated 8', 'saved 8', 'sampled 8', 'finished 8'])
    expect(events.at(-1)).toMatchObject({ reason: 'completed' })
    const stopped: boolean[] = []
    await follow(await start('closed-early'), (event, { requests, stop }) => {
      if (event.event === 'saved') stopped.push(requests.closed)
      when('step 3', stop)(event, { requests, stop })
    })
    expect(stopped).toEqual([true])
  })

  it('what it was asked for twice at one step: the second time it is done already', async () => {
    const answers: string[] = []
    const next = { save: 'sample', sample: 'evaluate' } as const
    await follow(await start('already'), (event, watched) => {
      const { requests, stop } = watched
      when('step 3', () => {
        requests.pauseOrResume()
        requests.ask('evaluate')
      })(event, watched)
      when('saved 3', () => {
        requests.ask('save') // that evaluation was the best so far, and is saved
        requests.onChange(() => {
          const { step, wishes } = requests.already ?? { step: 0, wishes: [] }
          const [answer] = wishes
          if (!answer || answers.includes(`${step} ${answer}`)) return
          answers.push(`${step} ${answer}`)
          setTimeout(() => (answer === 'evaluate' ? stop() : requests.ask(next[answer])))
        })
      })(event, watched)
    })
    expect(answers).toEqual(['3 save', '3 sample', '3 evaluate'])
  })
})

describe('a training that is paused', () => {
  it('waits between two steps, does what it is asked for, and counts none of that time', async () => {
    let seconds = 0
    const events = await follow(
      await start('paused'),
      (event, { requests }) => {
        if (event.event === 'step' && event.step === 3) {
          requests.pauseOrResume()
          setTimeout(() => requests.ask('sample'))
        }
        if (event.event === 'sampled' && event.step === 3) {
          expect(requests.paused).toBe(true)
          setTimeout(() => {
            seconds = 1000
            requests.pauseOrResume()
          })
        }
      },
      () => seconds,
    )
    expect(names(events)).toContain('sampled 3')
    expect(steps(events)).toEqual(steps(await whole))
    expect(events.at(-1)).toMatchObject({ event: 'finished', reason: 'completed', elapsedSeconds: 0 })
    expect(events.some((event) => event.event === 'step' && event.tokensPerSecond < Infinity)).toBe(false) // in 0 seconds
  })

  it('ends, and saves, when it is told to stop', async () => {
    const events = await follow(
      await start('ended'),
      when('step 3', ({ requests, stop }) => {
        requests.pauseOrResume()
        setTimeout(stop)
      }),
    )
    expect(names(events).slice(-3)).toEqual(['step 3', 'saved 3', 'finished 3'])
    expect(events.at(-1)).toMatchObject({ reason: 'interrupted' })
  })

  it('tells who asks what it still has to do', async () => {
    const requests = new Requests()
    const { signal } = new AbortController()
    const changes: string[] = []
    requests.onChange((change) => changes.push([change, requests.step, requests.paused, ...requests.wishes].join(' ')))
    requests.ask('save')
    requests.ask('sample')
    expect([...(await requests.next(7, signal))]).toEqual(['save', 'sample'])
    expect([...requests.wishes]).toEqual(['save', 'sample'])
    expect([...(await requests.next(7, signal))]).toEqual([])
    await requests.next(8, signal)
    requests.pauseOrResume()
    expect(changes).toEqual([
      'other 0 false save',
      'other 0 false save sample',
      'progress 7 false save sample',
      'other 7 false',
      'progress 8 false',
      'other 8 true',
    ])
  })
})

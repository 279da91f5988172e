import { describe, expect, it } from 'vitest'
import type { EvaluatedEvent, TrainEvent } from '../../../src/gpt/events.ts'
import { pointsOf } from '../../../src/ui/dashboard/series.ts'
import { NOTHING_YET, reduce, secondsLeft, shareOfPeak } from '../../../src/ui/dashboard/state.ts'
import { STARTED, stateAfter, story } from './story.ts'

function evaluated(step: number, validationLoss: number, best = false): EvaluatedEvent {
  return { event: 'evaluated', step, elapsedSeconds: step, trainLoss: 1, validationLoss, best }
}

/** Validation losses 250 steps apart, the first of a trained model at 250. */
function evaluations(losses: readonly number[]): TrainEvent[] {
  let lowest = Infinity
  return losses.map((loss, index) => {
    const best = loss < lowest
    lowest = Math.min(lowest, loss)
    return evaluated(250 * (index + 1), loss, best)
  })
}

const texts = (events: Iterable<TrainEvent>) => stateAfter(events).messages.map(({ text }) => text)

describe('what is known of a run', () => {
  it('is nothing before its first event', () => {
    expect([secondsLeft(NOTHING_YET), shareOfPeak(NOTHING_YET)]).toEqual([undefined, undefined])
  })

  it('is each curve, point by point', () => {
    const { curves } = stateAfter(story(250))
    const steps = [50, 100, 150, 200, 250]
    expect(pointsOf(curves.loss).map(({ x }) => x)).toEqual(steps)
    expect(pointsOf(curves.loss)[0].y).toBe(1 + 3 * Math.exp(-50 / 400))
    expect(pointsOf(curves.learningRate)).toEqual(steps.map((x) => ({ x, y: x / 1e6 })))
    expect(pointsOf(curves.gradientNorm)).toEqual(steps.map((x) => ({ x, y: 2 - x / 2000 })))
    expect(pointsOf(curves.validation)).toEqual([
      { x: 0, y: 3.2 },
      { x: 250, y: 2.7 },
    ])
    expect(pointsOf(curves.train).map(({ x }) => x)).toEqual([0, 250])
  })

  it('is the best evaluation, the latest sample, the speed and the share of what the machine could do', () => {
    const state = stateAfter(story(1500))
    expect(state.best).toEqual({ step: 1000, loss: 1.2 })
    expect(state.latest.sample?.text).toBe('\nAt 1500 steps the sea\nis wide.')
    expect(state.tokensPerSecond).toBe(20_000)
    expect(shareOfPeak(state)).toBeCloseTo(0.5, 12)
  })

  it('is no share of a peak that was measured while the machine was busy, or not at all', () => {
    const [started, step] = [...story(50)].filter(({ event }) => event === 'started' || event === 'step')
    const speeds = (...all: number[]) => all.map((tokensPerSecond) => ({ ...step, tokensPerSecond }) as TrainEvent)
    expect(shareOfPeak(stateAfter([started, ...speeds(30_000, 40_000)]))).toBe(1)
    expect(shareOfPeak(stateAfter([started, ...speeds(40_001, 20_000)]))).toBeUndefined()
    const { peakGflops: _, ...without } = STARTED
    expect(shareOfPeak(stateAfter([without]))).toBeUndefined()
  })

  it('is a share also of the speed that an evaluation tells, and never more than one', () => {
    const at = (tokensPerSecond: number) => ({ ...evaluated(250, 2), tokensPerSecond })
    expect(shareOfPeak(stateAfter([STARTED, at(10_000)]))).toBe(0.25)
    expect(shareOfPeak(stateAfter([STARTED, at(50_000)]))).toBeUndefined()
    expect(shareOfPeak(stateAfter([STARTED, at(50_000), at(10_000)]))).toBeUndefined()
    const resumed: TrainEvent = { ...STARTED, event: 'resumed', step: 250 } // with a peak measured anew
    expect(shareOfPeak(stateAfter([STARTED, at(50_000), resumed, at(10_000)]))).toBe(0.25)
  })

  it('is the last speed that is a number: others, as a log or a clock without time gives them, change nothing', () => {
    const [step] = [...story(50)].filter(({ event }) => event === 'step')
    for (const none of [NaN, Infinity, null, undefined]) {
      for (const event of [step, evaluated(50, 2)]) {
        const state = stateAfter([...story(50), { ...event, tokensPerSecond: none } as unknown as TrainEvent])
        expect([state.tokensPerSecond, state.fastest, shareOfPeak(state)]).toEqual([20_000, 20_000, 0.5])
      }
    }
  })

  it('is what time is left: as expected before the first step, then by the pace of this session', () => {
    expect(secondsLeft(stateAfter([STARTED]))).toBe(125)
    expect(secondsLeft(stateAfter(story(500)))).toBe(75) // 1500 steps at 20 a second
    const resumed = { ...STARTED, event: 'resumed', step: 500, elapsedSeconds: 100 } as const
    const on: TrainEvent[] = [resumed, { ...evaluated(600, 2), elapsedSeconds: 110 }]
    expect(secondsLeft(stateAfter(on))).toBe(140) // 1400 steps at 10 a second, whatever was before
  })

  it('is how it ended', () => {
    const end = { event: 'finished', step: 2000, elapsedSeconds: 100 } as const
    const validation = { loss: 1.9, tokens: 99, ofTokens: 99 }
    expect(texts([{ ...end, reason: 'completed', validation }])).toEqual([
      'done in 1 min 40 s: validation loss 1.9000 over the whole validation part',
    ])
    expect(texts([{ ...end, reason: 'completed', validation: { ...validation, ofTokens: 1234 } }])).toEqual([
      'done in 1 min 40 s: validation loss 1.9000 over 99 of its 1,234 tokens',
    ])
    expect(texts([{ ...end, reason: 'interrupted' }])).toEqual(['stopped after 1 min 40 s of training'])
  })
})

describe('its messages', () => {
  it('are what the person should know, what was saved, and where it goes on', () => {
    const saved = { event: 'saved', step: 5, elapsedSeconds: 1, folder: 'run/step-000005', best: false } as const
    expect(texts([{ ...STARTED, notices: ['one', 'two'] }, saved, { ...saved, best: true }])).toEqual([
      'one',
      'two',
      'saved',
      'saved, the best so far',
    ])
    expect(texts([{ ...STARTED, event: 'resumed', step: 500 }])).toEqual(['resumed after step 500'])
  })

  it('warn when validation has risen three times in a row, and name the best', () => {
    expect(texts(evaluations([3, 2.5, 2, 2.1, 2.2]))).toEqual([])
    expect(texts(evaluations([3, 2.5, 2, 2.1, 2.2, 2.3]))).toEqual([
      'validation has risen for three evaluations; the best is step 750',
    ])
    expect(texts(evaluations([2, 2.1, 2.2, 2.15, 2.2, 2.3]))).toEqual([]) // a fall in between
    expect(texts(evaluations([2, 2.1, 2.2, 2.3, 2.4])).at(-1)).toBe(
      'validation has risen for four evaluations; the best is step 250',
    )
  })

  it('are bounded', () => {
    expect(texts(evaluations(Array.from({ length: 100 }, (_, index) => 2 + index)))).toHaveLength(20)
  })
})

describe('a run that goes on', () => {
  const resumed = { ...STARTED, event: 'resumed', step: 100, elapsedSeconds: 5 } as const

  it('keeps the curves of before, but for what it has gone back from', () => {
    const state = stateAfter([...story(250), resumed, { ...evaluated(150, 2) }])
    expect(pointsOf(state.curves.loss).map(({ x }) => x)).toEqual([50, 100])
    expect(pointsOf(state.curves.validation).map(({ x }) => x)).toEqual([0, 150])
    expect(state).toMatchObject({ step: 150, finished: undefined })
  })

  it('knows nothing else of what it has gone back from: no best, no sample, no message', () => {
    const before = stateAfter([...story(250), resumed])
    expect(before.best).toBeUndefined()
    expect(Object.values(before.latest).every(({ step }) => step <= 100)).toBe(true)
    expect(before.messages.map(({ step }) => step)).not.toContain(250)
    const after = stateAfter([...story(250), { ...resumed, step: 250 }])
    expect(after.best?.step).toBe(250)
    expect(after.latest.sample?.step).toBe(250)
  })

  it('forgets what it was when another starts', () => {
    const state = stateAfter([...story(250), STARTED])
    expect(state).toEqual(stateAfter([STARTED]))
  })
})

describe('numbers that are none', () => {
  it('are gaps, also as a log has them, and count neither as rises nor as the best', () => {
    const broken = { ...evaluated(750, 2), validationLoss: null, trainLoss: Infinity } as unknown as EvaluatedEvent
    const state = stateAfter([...evaluations([3, 2]), broken, evaluated(1000, 2.1)])
    expect(pointsOf(state.curves.validation).map(({ y }) => y)).toEqual([3, 2, NaN, 2.1])
    expect(pointsOf(state.curves.train).map(({ y }) => y)).toEqual([1, 1, NaN, 1])
    expect([state.rises, state.best]).toEqual([0, { step: 500, loss: 2 }])
  })
})

it('a state does not change when events go on', () => {
  const state = stateAfter(story(500))
  const before = JSON.stringify([state.messages, pointsOf(state.curves.loss)])
  for (const event of [...story(1000)].slice(12)) reduce(state, event)
  expect(JSON.stringify([state.messages, pointsOf(state.curves.loss)])).toBe(before)
})

// What comes from a log: good events as they are, anything else not at all.

import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../src/gpt/events.ts'
import { countParameters } from '../../src/gpt/counts.ts'
import { resolveSettings } from '../../src/gpt/presets.ts'
import { modelConfig } from '../../src/gpt/settings.ts'
import { readEvent } from '../../src/gpt/readEvent.ts'

const settings = resolveSettings('nano', {})
const model = modelConfig(settings, 65)
const now = { step: 10, elapsedSeconds: 1.5 }
const opening = {
  ...now,
  run: 'checkpoints/novel',
  corpus: { name: 'novel', bytes: 1000, trainTokens: 900, validationTokens: 100 },
  model,
  settings,
  parameters: countParameters(model),
  engine: { name: 'tfjs', detail: 'JavaScript', reason: 'asked for' },
  expected: { memoryBytes: 1e6, seconds: 12 },
  notices: ['a word'],
}
const EVENTS: readonly TrainEvent[] = [
  { event: 'started', ...opening },
  { event: 'resumed', ...opening, flopsPerToken: 1e6, peakGflops: 100 },
  { event: 'step', ...now, loss: 2.5, learningRate: 1e-3, gradientNorm: 0.5, tokensPerSecond: 1e4 },
  { event: 'evaluated', ...now, trainLoss: 2.4, validationLoss: 2.5, best: true },
  { event: 'saved', ...now, folder: 'checkpoints/novel/step-000010', best: true },
  { event: 'sampled', ...now, text: 'Once' },
  { event: 'finished', ...now, reason: 'completed', validation: { loss: 1.9, tokens: 99, ofTokens: 99 } },
  { event: 'finished', ...now, reason: 'interrupted' },
]

const throughJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as Readonly<Record<string, unknown>>

describe('an event from a log', () => {
  it.each(EVENTS)('$event is as it was', (event) => {
    expect(readEvent(throughJson(event))).toEqual(event)
  })

  it('keeps fields that a later version added', () => {
    const event = { ...throughJson(EVENTS[2]), temperature: 300 }
    expect(readEvent(event)).toEqual(event)
  })

  it('has NaN where a figure was not finite', () => {
    expect(readEvent(throughJson({ ...EVENTS[2], tokensPerSecond: Infinity }))).toEqual({
      ...EVENTS[2],
      tokensPerSecond: Number.NaN,
    })
  })

  const required = EVENTS.flatMap((event) =>
    Object.keys(event)
      .filter((field) => !['validation', 'flopsPerToken', 'peakGflops'].includes(field))
      .map((field) => [event.event, field, event] as const),
  )
  it.each(required)('%s without %s, or with another type there, is left out', (_, field, event) => {
    expect(readEvent(throughJson({ ...event, [field]: undefined }))).toBeUndefined()
    expect(readEvent(throughJson({ ...event, [field]: { odd: true } }))).toBeUndefined()
  })

  it.each([
    ['of no kind we know', { event: 'exploded', step: 1 }],
    ['called as a part of JavaScript', { event: 'constructor', step: 1 }],
    ['whose validation is damaged', { ...EVENTS[6], validation: { loss: '1.9' } }],
    ['whose settings lack the steps', { ...EVENTS[0], settings: { ...settings, steps: '2000' } }],
    ['whose parameters lack a group', { ...EVENTS[0], parameters: { ...countParameters(model), decayed: null } }],
    ['whose notices are no texts', { ...EVENTS[0], notices: [1] }],
    ['that ended for an unknown reason', { event: 'finished', ...now, reason: 'bored' }],
    ['at a step that is no count', { ...EVENTS[5], step: -1 }],
  ])('%s is left out', (_, event) => {
    expect(readEvent(throughJson(event))).toBeUndefined()
  })
})

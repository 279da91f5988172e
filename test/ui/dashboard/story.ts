// A run as its events tell it, with figures that can be checked by hand: nothing was trained.

import { countParameters, neededFlopsPerToken } from '../../../src/gpt/counts.ts'
import type { StartedEvent, TrainEvent } from '../../../src/gpt/events.ts'
import { resolveSettings } from '../../../src/gpt/presets.ts'
import { modelConfig } from '../../../src/gpt/settings.ts'
import { reduce, type RunState, NOTHING_YET } from '../../../src/ui/dashboard/state.ts'

const settings = resolveSettings('nano', { evalInterval: 250, logInterval: 50 })
const model = modelConfig(settings, 65)

export const STARTED: StartedEvent = {
  event: 'started',
  step: 0,
  elapsedSeconds: 0,
  run: 'checkpoints/novel',
  corpus: { name: 'novel', bytes: 1_115_394, trainTokens: 1_003_854, validationTokens: 111_540 },
  model,
  settings,
  parameters: countParameters(model),
  engine: { name: 'native', detail: 'AVX2, 2 threads, fp32', reason: 'the addon is built' },
  flopsPerToken: neededFlopsPerToken(model),
  peakGflops: (neededFlopsPerToken(model) * 20_000) / 0.5 / 1e9, // 20,000 tokens a second are half of the peak
  expected: { memoryBytes: 30_000_000, seconds: 125 },
  notices: [],
}

/** Falls from 4 towards 1. */
const lossAt = (step: number) => 1 + 3 * Math.exp(-step / 400)

/** Falls to step 1000, and rises after it. */
const validationAt = (step: number) => 1.2 + Math.abs(step - 1000) / 500

/** From the start to a step, a twentieth of a second each. */
export function* story(steps: number): Generator<TrainEvent> {
  yield STARTED
  for (let step = 0; step <= steps; step += 50) {
    const at = { step, elapsedSeconds: step / 20 }
    if (step > 0) yield { event: 'step', ...at, ...stepFigures(step), tokensPerSecond: 20_000 }
    if (step % 250 > 0) continue
    const best = step > 0 && step <= 1000
    yield { event: 'evaluated', ...at, trainLoss: lossAt(step), validationLoss: validationAt(step), best }
    yield { event: 'sampled', ...at, text: `\nAt ${step} steps the sea\nis wide.` }
    if (step > 0) yield { event: 'saved', ...at, folder: `checkpoints/novel/step-${step}`, best }
  }
}

function stepFigures(step: number) {
  return { loss: lossAt(step), learningRate: step / 1e6, gradientNorm: 2 - step / 2000 }
}

export function stateAfter(events: Iterable<TrainEvent>, before: RunState = NOTHING_YET): RunState {
  return [...events].reduce(reduce, before)
}

// From a line of a log, which anything may have written, to an event that viewers can rely on.

import type { TrainEvent } from './events.ts'

type Fields = Readonly<Record<string, unknown>>
type Check = (value: unknown) => boolean

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text: Check = (value) => typeof value === 'string'
const truth: Check = (value) => typeof value === 'boolean'
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
/** JSON writes a number that is not finite as null. */
const figure: Check = (value) => typeof value === 'number' || value === null
const texts: Check = (value) => Array.isArray(value) && value.every(text)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string)
/** Fields that are not named here pass: they are nobody's business, or those of a later version. */
const having =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isFields(value) && Object.entries(checks).every(([name, check]) => check(value[name]))

const moment = { step: count, elapsedSeconds: figure }
const group = having({ tensors: count, parameters: count })

const opening = having({
  ...moment,
  run: text,
  corpus: having({ name: text, bytes: count, trainTokens: count, validationTokens: count }),
  model: having({ vocabSize: count, blockSize: count, nLayer: count, nHead: count, nEmbd: count }),
  settings: having({ tokenizer: text, steps: count, batchSize: count, gradientAccumulation: count }),
  parameters: having({
    total: count,
    withoutPositions: count,
    embeddings: count,
    decayed: group,
    notDecayed: group,
  }),
  engine: having({ name: text, detail: text, reason: text }),
  flopsPerToken: optional(figure),
  peakGflops: optional(figure),
  expected: having({ memoryBytes: figure, seconds: figure }),
  notices: texts,
})

const EVENTS: { readonly [Name in TrainEvent['event']]: Check } = {
  started: opening,
  resumed: opening,
  step: having({ ...moment, loss: figure, learningRate: figure, gradientNorm: figure, tokensPerSecond: figure }),
  evaluated: having({
    ...moment,
    trainLoss: figure,
    validationLoss: figure,
    best: truth,
    tokensPerSecond: optional(figure),
  }),
  saved: having({ ...moment, folder: text, best: truth }),
  sampled: having({ ...moment, text }),
  finished: having({
    ...moment,
    reason: oneOf('completed', 'interrupted'),
    validation: optional(having({ loss: figure, tokens: count, ofTokens: count })),
  }),
}

/**
 * The event that a line of metrics.jsonl tells of; undefined for one of an unknown kind, and for one that lacks what viewers
 * need or has it in another type. Figures that were not finite are NaN again.
 */
export function readEvent(line: Fields): TrainEvent | undefined {
  const { event } = line
  if (typeof event !== 'string' || !Object.hasOwn(EVENTS, event)) return undefined
  const isWhole = EVENTS[event as TrainEvent['event']](line)
  return isWhole ? (withNaN(line) as unknown as TrainEvent) : undefined
}

/** The fields themselves where there is nothing to restore, as in most lines of a long log. */
function withNaN(fields: Fields): Fields {
  if (!hasNull(fields)) return fields
  const restored = (value: unknown): unknown => (value === null ? Number.NaN : isFields(value) ? withNaN(value) : value)
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, restored(value)]))
}

function hasNull(fields: Fields): boolean {
  return Object.values(fields).some((value) => value === null || (isFields(value) && hasNull(value)))
}

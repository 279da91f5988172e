// What there is to show of a run on a page: the inspection, the curves and samples of its log, and attention for a text.

import { basename } from 'node:path'
import { UserError } from '../base/errors.ts'
import type { Inspection } from '../gpt/inspection.ts'
import type { ModelConfig } from '../gpt/model.ts'
import type { AttentionLook } from '../gpt/look.ts'
import type { Course, Ending, Evaluation, LoggedStep, Report, ReportSample } from '../gpt/report.ts'
import type { Location } from '../store/locate.ts'
import { readEvents, type RunEvent } from '../store/runFolder.ts'
import { isJsonObject, type JsonObject } from '../store/strictJson.ts'
import { inspect } from './inspect.ts'
import { attention } from './look/attention.ts'
import { spread, thinned } from './thinning.ts'

export interface ReportRequest {
  /** What attention is shown for; undefined: the beginning of the last sample, if there is one. */
  readonly text: string | undefined
  /** Of this tgpt. */
  readonly version: string
}

/** @throws UserError for a checkpoint or run that is damaged, or a text that the model has no tokens for. */
export async function report(location: Location, request: ReportRequest): Promise<Report> {
  const inspection = await inspect(location)
  const { stepFolder, runFolder } = location
  const events = runFolder === undefined ? [] : readEvents(runFolder)
  const samples = samplesOf(events)
  return {
    name: basename(runFolder ?? stepFolder),
    version: request.version,
    inspection,
    ...(runFolder !== undefined && { course: courseOf(events) }),
    samples,
    ...(await attentionFor(inspection, samples, request)),
  }
}

/** For the text that is asked for, or else for a sample; without the latter the page is worth having all the same. */
async function attentionFor(
  inspection: Inspection,
  samples: readonly ReportSample[],
  { text }: ReportRequest,
): Promise<Pick<Report, 'attention' | 'notices'>> {
  if (text !== undefined) return { attention: await mapsOf(text, inspection), notices: [] }
  const beginning = beginningOf(samples.at(-1)?.text.trimStart() ?? '', inspection)
  if (beginning === '') return { notices: [] }
  try {
    return { attention: await mapsOf(beginning, inspection), notices: [] }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { notices: [`There are no attention maps: ${error.message}.`] }
  }
}

/** What comes after the first tokens does not change what they take from each other: attention looks back only. */
function mapsOf(text: string, { folder, model }: Inspection): Promise<AttentionLook> {
  return attention({ stepFolder: folder, text, first: attentionTokens(model), layer: 'all', head: 'all' })
}

/** About as much of a text as the maps show: its end may be cut within a word, which has other tokens then. */
function beginningOf(text: string, { model, tokenizer }: Inspection): string {
  const tokens = attentionTokens(model)
  const characters = tokenizer.kind === 'char' ? tokens : 4 * tokens
  return Array.from(text).slice(0, characters).join('')
}

/** More tokens than these make cells too small to point at. */
const MAX_TOKENS = 48

/** Cells of all maps together: at some ten bytes each the page has about two megabytes at most. */
const MAX_CELLS = 150_000

/** How many tokens attention is shown for: each head of each layer has a map of T * (T + 1) / 2 cells. */
export function attentionTokens({ nLayer, nHead, blockSize }: ModelConfig): number {
  const affordable = Math.floor(Math.sqrt((2 * MAX_CELLS) / (nLayer * nHead)))
  return Math.max(1, Math.min(MAX_TOKENS, blockSize, affordable))
}

/** Points of a curve: about as many as a wide screen has columns. */
const MAX_POINTS = 1000

/** How the training went. The log is not trusted: what does not fit is left out. */
export function courseOf(events: readonly RunEvent[]): Course {
  const inOrder = events.toSorted((a, b) => a.step - b.step)
  const steps = inOrder.flatMap((event) => loggedStep(event) ?? [])
  const evaluations = inOrder.flatMap((event) => evaluation(event) ?? [])
  const ending = events.flatMap((event) => endingOf(event) ?? []).at(-1)
  return {
    steps: thinned(steps, [({ loss }) => loss, ({ gradientNorm }) => gradientNorm], MAX_POINTS),
    evaluations: thinned(evaluations, [({ trainLoss }) => trainLoss, (each) => each.validationLoss], MAX_POINTS),
    step: inOrder.at(-1)?.step ?? 0,
    ...lastNumber(events, 'elapsedSeconds'),
    ...lastNumber(events, 'tokensPerSecond'),
    ...(ending && { ending }),
  }
}

function loggedStep({ event, step, ...fields }: RunEvent): LoggedStep | undefined {
  const [loss, learningRate, gradientNorm] = ['loss', 'learningRate', 'gradientNorm'].map((name) =>
    figure(fields[name]),
  )
  if (event !== 'step' || loss === undefined || learningRate === undefined || gradientNorm === undefined)
    return undefined
  return { step, loss, learningRate, gradientNorm }
}

function evaluation({ event, step, ...fields }: RunEvent): Evaluation | undefined {
  const [trainLoss, validationLoss] = [figure(fields.trainLoss), figure(fields.validationLoss)]
  if (event !== 'evaluated' || trainLoss === undefined || validationLoss === undefined) return undefined
  return { step, trainLoss, validationLoss }
}

function endingOf({ event, reason, validation }: RunEvent): Ending | undefined {
  if (event !== 'finished' || (reason !== 'completed' && reason !== 'interrupted')) return undefined
  const score = isJsonObject(validation) ? scoreOf(validation) : undefined
  return { completed: reason === 'completed', ...(score && { validation: score }) }
}

function scoreOf(validation: JsonObject): Ending['validation'] {
  const [loss, tokens, ofTokens] = ['loss', 'tokens', 'ofTokens'].map((name) => figure(validation[name]))
  return loss === undefined || tokens === undefined || ofTokens === undefined ? undefined : { loss, tokens, ofTokens }
}

/** What fp32 can hold; beyond it lies no loss, and sums of two of them would overflow. */
const MAX_FIGURE = 3.5e38

/** A number of the log; NaN for one that was not finite, which the log has as null; undefined for anything else. */
function figure(value: unknown): number | undefined {
  if (value === null) return NaN
  if (typeof value !== 'number') return undefined
  return Math.abs(value) <= MAX_FIGURE ? value : NaN
}

/** The field's last value, as a field, if the log has one that is a duration or a speed. */
function lastNumber<Field extends string>(events: readonly RunEvent[], field: Field): { [Key in Field]?: number } {
  const value = events.findLast((event) => isPositive(event[field]))?.[field]
  return value === undefined ? {} : ({ [field]: value } as { [Key in Field]: number })
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= MAX_FIGURE
}

/** Some two dozen show how text turns from noise into words. */
const MAX_SAMPLES = 24

/** Longer samples are cut. In UTF-16 units. */
const MAX_SAMPLE_LENGTH = 4000

export function samplesOf(events: readonly RunEvent[]): readonly ReportSample[] {
  const samples = events.flatMap(({ event, step, text }) =>
    event === 'sampled' && typeof text === 'string' ? [{ step, text: shortened(text) }] : [],
  )
  return spread(samples, MAX_SAMPLES)
}

function shortened(text: string): string {
  return text.length <= MAX_SAMPLE_LENGTH ? text : `${text.slice(0, MAX_SAMPLE_LENGTH)}…`
}

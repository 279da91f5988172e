// What there is to show of a run on a page: the inspection, the curves and samples of its log, and attention for a text.

import { basename } from 'node:path'
import { UserError } from '../base/errors.ts'
import { bestOf, type Evaluation } from '../gpt/evaluation.ts'
import type { EvaluatedEvent, FinishedEvent, StepEvent, TrainEvent } from '../gpt/events.ts'
import type { Inspection } from '../gpt/inspection.ts'
import type { ModelConfig } from '../gpt/model.ts'
import type { AttentionLook } from '../gpt/look.ts'
import type { Course, Ending, LoggedStep, Report, ReportSample } from '../gpt/report.ts'
import type { Location } from '../store/locate.ts'
import { inspect } from './inspect.ts'
import { attention } from './look/attention.ts'
import { spread, thinned } from './thinning.ts'
import { eachPastEvent } from './watch.ts'

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
  const told = runFolder === undefined ? { samples: [] } : courseAndSamples(eachPastEvent(runFolder))
  return {
    name: basename(runFolder ?? stepFolder),
    version: request.version,
    inspection,
    ...told,
    ...(await attentionFor(inspection, told.samples, request)),
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

/** What of a log is shown, gathered while it is read: of a long run it is a small part. */
class Told {
  readonly steps: LoggedStep[] = []
  readonly evaluations: Evaluation[] = []
  readonly samples: ReportSample[] = []
  step = 0
  elapsedSeconds: number | undefined
  tokensPerSecond: number | undefined
  ending: Ending | undefined

  constructor(events: Iterable<TrainEvent>) {
    for (const event of events) this.take(event)
  }

  private take(event: TrainEvent): void {
    this.step = Math.max(this.step, event.step)
    if (isMeasured(event.elapsedSeconds)) this.elapsedSeconds = event.elapsedSeconds
    if ('tokensPerSecond' in event && isMeasured(event.tokensPerSecond)) this.tokensPerSecond = event.tokensPerSecond
    if (event.event === 'step') this.steps.push(loggedStep(event))
    if (event.event === 'evaluated') this.evaluations.push(evaluation(event))
    if (event.event === 'sampled') this.samples.push({ step: event.step, text: shortened(event.text) })
    if (event.event === 'finished') this.ending = endingOf(event)
  }
}

/** How the training went, and what the model wrote meanwhile. */
export function courseAndSamples(events: Iterable<TrainEvent>): Required<Pick<Report, 'course' | 'samples'>> {
  const { samples, ...told } = new Told(events)
  const { step, elapsedSeconds, tokensPerSecond, ending } = told
  const [steps, evaluations] = [told.steps.toSorted(byStep), told.evaluations.toSorted(byStep)]
  const best = bestOf(evaluations)
  const course: Course = {
    steps: thinned(steps, [({ loss }) => loss, ({ gradientNorm }) => gradientNorm], MAX_POINTS),
    evaluations: thinned(evaluations, [({ trainLoss }) => trainLoss, (each) => each.validationLoss], MAX_POINTS),
    ...(best && { best }),
    step,
    ...(elapsedSeconds !== undefined && { elapsedSeconds }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    ...(ending && { ending }),
  }
  return { course, samples: spread(samples, MAX_SAMPLES) }
}

function byStep(a: { readonly step: number }, b: { readonly step: number }): number {
  return a.step - b.step
}

function loggedStep({ step, loss, learningRate, gradientNorm }: StepEvent): LoggedStep {
  return { step, loss: bounded(loss), learningRate: bounded(learningRate), gradientNorm: bounded(gradientNorm) }
}

function evaluation({ step, trainLoss, validationLoss }: EvaluatedEvent): Evaluation {
  return { step, trainLoss: bounded(trainLoss), validationLoss: bounded(validationLoss) }
}

function endingOf({ reason, validation }: FinishedEvent): Ending {
  return { completed: reason === 'completed', ...(validation && { validation }) }
}

/** What fp32 can hold; beyond it lies no loss, and sums of two of them would overflow. */
const MAX_FIGURE = 3.5e38

function bounded(value: number): number {
  return Math.abs(value) <= MAX_FIGURE ? value : NaN
}

/** A duration or a speed. */
function isMeasured(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value <= MAX_FIGURE
}

/** Some two dozen show how text turns from noise into words. */
const MAX_SAMPLES = 24

/** Longer samples are cut. In UTF-16 units. */
const MAX_SAMPLE_LENGTH = 4000

function shortened(text: string): string {
  return text.length <= MAX_SAMPLE_LENGTH ? text : `${text.slice(0, MAX_SAMPLE_LENGTH)}…`
}

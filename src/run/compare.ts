// Several runs side by side: how well they learned, and in which settings they differ. No checkpoint is opened.

import { basename } from 'node:path'
import type { ComparedRun, Comparison, Difference, SettingValue } from '../gpt/comparison.ts'
import { bestOf, type Evaluation, lossesOf } from '../gpt/evaluation.ts'
import type { FinishedEvent, ResumedEvent, StartedEvent, TrainEvent } from '../gpt/events.ts'
import { readRun, type RunRecord } from '../store/runFolder.ts'
import { eachPastEvent } from './watch.ts'

/**
 * @param folders of different runs.
 * @throws UserError (exit 1) for a run whose record or log is damaged.
 */
export function compareRuns(folders: readonly string[]): Comparison {
  const names = distinctNames(folders)
  const runs = folders.map((folder, index) => {
    const [record, told] = [readRun(folder), toldBy(eachPastEvent(folder))]
    return { run: comparedRun(names[index], folder, record, told), settings: settingsOf(record, told) }
  })
  return { runs: runs.map(({ run }) => run), differences: differencesOf(runs.map(({ settings }) => settings)) }
}

/** The folders' own names, or where two are alike, the whole paths. */
function distinctNames(folders: readonly string[]): readonly string[] {
  const names = folders.map((folder) => basename(folder))
  return names.map((name, index) => (names.filter((other) => other === name).length > 1 ? folders[index] : name))
}

/** What of a run's log is compared. */
interface Told {
  readonly evaluations: readonly Evaluation[]
  readonly opening: StartedEvent | ResumedEvent | undefined
  readonly finished: FinishedEvent | undefined
  readonly last: TrainEvent | undefined
}

function toldBy(events: Iterable<TrainEvent>): Told {
  const evaluations: Evaluation[] = []
  let [opening, finished, last]: [Told['opening'], Told['finished'], Told['last']] = [undefined, undefined, undefined]
  for (const event of events) {
    last = event
    if (event.event === 'started' || event.event === 'resumed') opening = event
    if (event.event === 'finished') finished = event
    if (event.event === 'evaluated') evaluations.push(lossesOf(event))
  }
  return { evaluations, opening, finished, last }
}

function comparedRun(name: string, folder: string, record: RunRecord, told: Told): ComparedRun {
  const { evaluations, finished, last } = told
  const best = bestOf(evaluations)
  const { steps } = record.settings
  return {
    name,
    folder,
    step: last?.step ?? 0,
    ...(typeof steps === 'number' && { steps }),
    elapsedSeconds: last?.elapsedSeconds ?? 0,
    evaluations,
    ...(best && { best: { validationLoss: best.validationLoss, step: best.step } }),
    ...(finished?.validation && { finalValidationLoss: finished.validation.loss }),
  }
}

type Settings = ReadonlyMap<string, SettingValue>

/** All that bends a run's curve or its time: settings, data, what computes, and the size that follows from them. */
function settingsOf({ settings, corpus, engine, versions }: RunRecord, { opening }: Told): Settings {
  const entries: [string, unknown][] = [
    ...Object.entries(settings),
    ['parameters', opening?.parameters.total],
    ['corpus', corpus.name],
    ['corpusSha256', corpus.sha256],
    ['engine', engine.name],
    ['engineDetail', engine.detail],
    ['precision', engine.precision],
    ['tgpt', versions.tgpt],
  ]
  return new Map(entries.flatMap(([name, value]) => (isAbsent(value) ? [] : [[name, plainValue(value)] as const])))
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function plainValue(value: unknown): SettingValue {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain ? value : JSON.stringify(value)
}

function differencesOf(runs: readonly Settings[]): Difference[] {
  const names = new Set(runs.flatMap((settings) => [...settings.keys()]))
  return [...names].flatMap((setting) => {
    const values = runs.map((settings) => settings.get(setting) ?? null)
    return values.every((value) => value === values[0]) ? [] : [{ setting, values }]
  })
}

// Several runs side by side: how well they learned, and in which settings they differ. No checkpoint is opened.

import { basename } from 'node:path'
import type { ComparedRun, Comparison, Difference, SettingValue } from '../gpt/comparison.ts'
import type { TrainEvent } from '../gpt/events.ts'
import { readEvent } from '../gpt/readEvent.ts'
import { readEvents, readRun, type RunRecord } from '../store/runFolder.ts'

/**
 * @param folders of different runs.
 * @throws UserError (exit 1) for a run whose record or log is damaged.
 */
export function compareRuns(folders: readonly string[]): Comparison {
  const names = distinctNames(folders)
  const runs = folders.map((folder, index) => {
    const [record, events] = [readRun(folder), eventsOf(folder)]
    return { run: comparedRun(names[index], folder, record, events), settings: settingsOf(record, events) }
  })
  return { runs: runs.map(({ run }) => run), differences: differencesOf(runs.map(({ settings }) => settings)) }
}

/** The folders' own names, or where two are alike, the whole paths. */
function distinctNames(folders: readonly string[]): readonly string[] {
  const names = folders.map((folder) => basename(folder))
  return names.map((name, index) => (names.filter((other) => other === name).length > 1 ? folders[index] : name))
}

function eventsOf(folder: string): TrainEvent[] {
  return readEvents(folder).flatMap((line) => readEvent(line) ?? [])
}

function comparedRun(name: string, folder: string, record: RunRecord, events: readonly TrainEvent[]): ComparedRun {
  const evaluations = events.flatMap((event) => {
    if (event.event !== 'evaluated') return []
    const { step, trainLoss, validationLoss } = event
    return [{ step, trainLoss, validationLoss }]
  })
  const [best] = evaluations
    .filter(({ step, validationLoss }) => step > 0 && Number.isFinite(validationLoss))
    .toSorted((a, b) => a.validationLoss - b.validationLoss)
  const finished = events.findLast((event) => event.event === 'finished')
  const last = events.at(-1)
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
function settingsOf({ settings, corpus, engine, versions }: RunRecord, events: readonly TrainEvent[]): Settings {
  const opening = events.findLast((event) => event.event === 'started' || event.event === 'resumed')
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

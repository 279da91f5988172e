// A run folder but for its checkpoints: making it, run.json (what the run is) and metrics.jsonl (what happened in it).

import { existsSync, lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { failure, UserError } from '../base/errors.ts'
import { type Precision, PRECISIONS } from '../gpt/engine.ts'
import { appendToFile, checkWritable, isLeftover, makeFolder, removeLeftovers, writeFileAtomic } from './atomic.ts'
import { readJsonFile, readWholeFile } from './files.ts'
import { checkFormat } from './manifest.ts'
import { listSteps, namesIn, stepOf } from './stepFolders.ts'
import { isCount, isJsonObject, type JsonObject } from './strictJson.ts'
import { writing } from './systemErrors.ts'

const RUN_FORMAT = 1
export const RUN_FILE = 'run.json'
export const LOG_FILE = 'metrics.jsonl'

/** It is read as a whole; at 200 bytes a line this is more than two million steps. */
const MAX_LOG_BYTES = 500_000_000

/** run.json: all that is needed to do the run again. */
export interface RunRecord {
  /** Resolved settings, by name. */
  readonly settings: JsonObject
  readonly seed: number
  readonly corpus: { readonly name: string; readonly path: string; readonly sha256: string; readonly bytes: number }
  readonly engine: {
    readonly name: string
    readonly detail: string
    readonly reason: string
    readonly precision: Precision
  }
  readonly versions: { readonly tgpt: string; readonly node: string }
}

/** One line of metrics.jsonl: what happened when `step` updates were done. */
export interface RunEvent {
  readonly event: string
  readonly step: number
  readonly [field: string]: unknown
}

/**
 * Makes a folder for a new run and finds out whether it can be written to.
 * `overwrite` removes the files of a run that is there, and nothing else.
 * @throws UserError: exit 1 if it cannot be written to; exit 2 if it is not empty and `overwrite` is off.
 */
export function createRunFolder(folder: string, { overwrite }: { overwrite: boolean }): void {
  writing(folder, () => makeFolder(folder), 'Choose another folder.')
  checkWritable(folder)
  removeLeftovers(folder)
  if (overwrite) removeRun(folder)
  else if (isRunFolder(folder)) {
    throw new UserError(`${folder} already holds a run`, 'Resume it, choose another folder, or pass --overwrite.')
  } else if (namesIn(folder).length > 0) {
    throw new UserError(`${folder} is not empty`, 'Choose another folder, or pass --overwrite: it keeps other files.')
  }
}

/** Removes our own files by name; run.json last, so that a run which is removed by half is still known as one. */
function removeRun(folder: string): void {
  const folders = namesIn(folder).filter((name) => stepOf(name) !== undefined || isLeftover(name))
  writing(folder, () => {
    for (const name of folders) rmSync(join(folder, name), { recursive: true, force: true })
    for (const name of ['latest', 'best', LOG_FILE, RUN_FILE]) rmSync(join(folder, name), { force: true })
  })
}

/** Whether a folder has what only runs have. */
export function isRunFolder(folder: string): boolean {
  return existsSync(join(folder, RUN_FILE)) || listSteps(folder).length > 0
}

/** A path for a new run: `parent/name`, or the first of `name-2`, `name-3`, … that does not exist. */
export function freshRunFolder(parent: string, name: string): string {
  const candidate = (attempt: number): string => join(parent, attempt === 1 ? name : `${name}-${attempt}`)
  const isTaken = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined
  return writing(parent, () => {
    let attempt = 1
    while (isTaken(candidate(attempt))) attempt++
    return candidate(attempt)
  })
}

/** @throws UserError (exit 1) if it cannot be written. */
export function writeRun(folder: string, record: RunRecord): void {
  writeFileAtomic(join(folder, RUN_FILE), `${JSON.stringify({ format: RUN_FORMAT, ...record }, null, 2)}\n`)
}

/** @throws UserError (exit 1) that names the file, and the field which is missing or of the wrong type. */
export function readRun(folder: string): RunRecord {
  const path = join(folder, RUN_FILE)
  const json = readJsonFile(path)
  if (!isJsonObject(json)) throw failure(`${path} is damaged: it is not a JSON object`)
  checkFormat(json.format, RUN_FORMAT, path)
  const { seed } = json
  if (!isCount(seed)) throw failure(`${path} is damaged: seed is not a whole number`)
  const { bytes } = part(json, 'corpus', path)
  if (!isCount(bytes)) throw failure(`${path} is damaged: corpus.bytes is not a whole number`)
  const at = (field: string, name: string): string => text(json, field, name, path)
  return {
    settings: part(json, 'settings', path),
    seed,
    corpus: { name: at('corpus', 'name'), path: at('corpus', 'path'), sha256: at('corpus', 'sha256'), bytes },
    engine: {
      name: at('engine', 'name'),
      detail: at('engine', 'detail'),
      reason: at('engine', 'reason'),
      precision: precisionOf(part(json, 'engine', path), path),
    },
    versions: { tgpt: at('versions', 'tgpt'), node: at('versions', 'node') },
  }
}

function precisionOf({ precision = 'fp32' }: JsonObject, path: string): Precision {
  const known = PRECISIONS.find((name) => name === precision) // runs from before precisions could be chosen have none
  if (!known) throw failure(`${path} is damaged: engine.precision is not known`)
  return known
}

function part(json: JsonObject, field: string, path: string): JsonObject {
  const value = json[field]
  if (!isJsonObject(value)) throw failure(`${path} is damaged: ${field} is missing`)
  return value
}

function text(json: JsonObject, field: string, name: string, path: string): string {
  const value = part(json, field, path)[name]
  if (typeof value !== 'string') throw failure(`${path} is damaged: ${field}.${name} is not a text`)
  return value
}

/**
 * Adds one line to the log. Numbers that are not finite become null.
 * @throws UserError (exit 1) if it cannot be written.
 */
export function appendEvent(folder: string, event: RunEvent): void {
  appendToFile(join(folder, LOG_FILE), `${JSON.stringify(event)}\n`)
}

/**
 * The log's events in order; none if there is no log. A torn last line, left by a process that was killed, is left out.
 * @throws UserError (exit 1) that names a damaged line before the last.
 */
export function readEvents(folder: string): RunEvent[] {
  return [...eachEvent(folder)]
}

/** The same one after the other: those of a long log do not stay in memory together. */
export function* eachEvent(folder: string): Generator<RunEvent> {
  let [line, broken] = [0, 0]
  for (const written of eachLine(folder)) {
    if (broken > 0) throw failure(`${join(folder, LOG_FILE)} is damaged: line ${broken} is no event`)
    line++
    const event = parseEvent(written)
    if (event) yield event
    else broken = line
  }
}

/**
 * Takes the log back to `step`, for a run that goes on from there: later lines go, and so do `finished` and torn ones.
 * @throws UserError (exit 1) if it cannot be written.
 */
export function cutEvents(folder: string, step: number): void {
  const lines = [...eachLine(folder)]
  if (lines.length === 0) return
  const kept = lines.filter((line) => {
    const event = parseEvent(line)
    return event !== undefined && event.step <= step && event.event !== 'finished'
  })
  writeFileAtomic(join(folder, LOG_FILE), kept.map((line) => `${line}\n`).join(''))
}

const LINE_END = 0x0a

function* eachLine(folder: string): Generator<string> {
  const path = join(folder, LOG_FILE)
  if (!existsSync(path)) return
  const bytes = readWholeFile(path, MAX_LOG_BYTES)
  const decoder = new TextDecoder()
  for (let start = 0, end = 0; start < bytes.length; start = end + 1) {
    end = bytes.indexOf(LINE_END, start)
    if (end < 0) end = bytes.length
    yield decoder.decode(bytes.subarray(start, end))
  }
}

/** Undefined for a line that is no event. */
export function parseEvent(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (!isJsonObject(value)) return undefined
    const { event, step } = value
    return typeof event === 'string' && isCount(step) ? { ...value, event, step } : undefined
  } catch {
    return undefined
  }
}

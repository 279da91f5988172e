// Which checkpoint a person means: a run folder, a step folder, RUN/latest, RUN/best, a run's name, or nothing at all.

import { existsSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { failure, type UserError } from '../base/errors.ts'
import { removeLeftovers } from './atomic.ts'
import { isRunFolder, LOG_FILE, RUN_FILE } from './runFolder.ts'
import { listSteps, namesIn, readPointer, stepOf, type Pointer } from './stepFolders.ts'
import { isSystemError } from './systemErrors.ts'

export interface Location {
  /** Absolute; it exists, and what is in it is not checked yet. */
  readonly stepFolder: string
  /** Absolute; undefined for a model that stands alone. */
  readonly runFolder: string | undefined
}

export interface LocateOptions {
  /** Which checkpoint of a run is wanted. */
  readonly prefer: Pointer
  /** The folder where runs are by default. */
  readonly root: string
}

/**
 * Finds the checkpoint that `argument` names; without it, that of the newest run below `root`.
 * @throws UserError (exit 1) that says what was looked for, and which runs there are.
 */
export function locateCheckpoint(argument: string | undefined, { prefer, root }: LocateOptions): Location {
  if (argument === undefined) return ofRun(newestOf(runsIn(root), root, ['latest']), prefer)
  const paths = isAbsolute(argument) ? [argument] : [argument, join(root, argument)]
  for (const path of paths) {
    const location = atPath(resolve(path), prefer)
    if (location) return location
  }
  const found = paths.find((path) => existsSync(path))
  if (found !== undefined) throw failure(`${found} is not a checkpoint`, hintOfRuns(runsIn(root), root))
  throw failure(`there is no checkpoint ${argument}`, hintOfRuns(runsIn(root), root))
}

/**
 * Finds the run that `argument` names by its folder, its name below `root` or a place in it; without it, the run below
 * `root` that was written to last. The run need not have a checkpoint yet.
 * @param isRun what counts as one; for who watches, `tellsOfRun`.
 * @returns its folder, absolute.
 * @throws UserError (exit 1) that says what was looked for, and which runs there are.
 */
export function locateRun(argument: string | undefined, root: string, isRun = isRunFolder): string {
  const names = namesIn(root).filter((name) => isRun(join(root, name)))
  if (argument === undefined) return resolve(newestOf(names, root, [LOG_FILE, RUN_FILE]))
  const paths = isAbsolute(argument) ? [argument] : [argument, join(root, argument)]
  const found = paths.flatMap((path) => [path, ...(isPartOfRun(path) ? [dirname(path)] : [])]).find(isRun)
  if (found !== undefined) return resolve(found)
  throw failure(`there is no run ${argument}`, hintOfRuns(names, root))
}

/** Whether a folder has at least a run's log: it may be a copy of that alone. */
export function tellsOfRun(folder: string): boolean {
  return isRunFolder(folder) || existsSync(join(folder, LOG_FILE))
}

function isPartOfRun(path: string): boolean {
  const name = basename(path)
  return name === 'latest' || name === 'best' || stepOf(name) !== undefined
}

/** Undefined if there is nothing at this path, or nothing of ours. */
function atPath(path: string, prefer: Pointer): Location | undefined {
  const name = basename(path)
  const isFolder = statsOf(path)?.isDirectory() ?? false
  const isPointer = (name === 'latest' || name === 'best') && !isFolder && isRunFolder(dirname(path))
  if (isPointer) return ofRun(dirname(path), name)
  if (!isFolder) return undefined
  const isStep = stepOf(name) !== undefined || existsSync(join(path, 'config.json'))
  if (isStep) return { stepFolder: path, runFolder: runAround(path) }
  return isRunFolder(path) ? ofRun(path, prefer) : undefined
}

function runAround(stepFolder: string): string | undefined {
  const parent = dirname(stepFolder)
  return existsSync(join(parent, RUN_FILE)) ? parent : undefined
}

/**
 * The checkpoint that a run's `best` or `latest` names. A run without `best` has evaluated nothing: its latest is
 * meant. One that was killed between its first step folder and `latest` has the folder only.
 */
function ofRun(folder: string, pointer: Pointer): Location {
  const runFolder = resolve(folder)
  const name = readPointer(runFolder, pointer) ?? readPointer(runFolder, 'latest') ?? listSteps(runFolder).at(0)
  if (name === undefined) throw failure(`the run ${folder} has no checkpoint yet`, 'It stopped before it saved one.')
  const stepFolder = join(runFolder, name)
  if (!existsSync(stepFolder)) removeLeftovers(runFolder) // gives a folder its name back that was being replaced
  if (existsSync(stepFolder)) return { stepFolder, runFolder }
  throw failure(`${join(folder, pointer)} names ${name}, which does not exist`, hintOfSteps(runFolder))
}

function hintOfSteps(runFolder: string): string {
  const [newest] = listSteps(runFolder)
  return newest === undefined ? '' : `The newest there is: ${join(runFolder, newest)}`
}

/** Of these runs the one of whose `files` one was written last. */
function newestOf(names: readonly string[], root: string, files: readonly string[]): string {
  const runs = names.map((name) => {
    const times = files.map((file) => statsOf(join(root, name, file))?.mtimeMs ?? 0)
    return { folder: join(root, name), time: Math.max(...times) }
  })
  const [newest] = runs.toSorted((a, b) => b.time - a.time)
  if (newest === undefined) throw noRuns(root)
  return newest.folder
}

/** Names of the folders below `root` that hold a checkpoint. */
function runsIn(root: string): string[] {
  return namesIn(root).filter((name) => listSteps(join(root, name)).length > 0)
}

const TRAIN_FIRST = 'Train one first: tgpt train corpus.txt'

function noRuns(root: string): UserError {
  return failure(`there are no runs in ${root} yet`, TRAIN_FIRST)
}

/** More names than this help nobody. */
const MAX_NAMES = 8

function hintOfRuns(names: readonly string[], root: string): string {
  if (names.length === 0) return TRAIN_FIRST
  return `Runs in ${root}: ${names.slice(0, MAX_NAMES).join(', ')}${names.length > MAX_NAMES ? ', …' : ''}`
}

/** Undefined for what is not there or cannot be reached. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

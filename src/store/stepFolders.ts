// The names in a run folder: step folders, and the two text files that point at one of them.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../base/errors.ts'
import { readWholeFile } from './files.ts'
import { shown } from './strictJson.ts'
import { hasCode, reading } from './systemErrors.ts'

/** `latest` is where a run goes on; `best` has the lowest validation loss. */
export type Pointer = 'best' | 'latest'

/** Six digits sort well in a listing; longer runs get more. One number has one name. */
const STEP_FOLDER = /^step-(\d{6}|[1-9]\d{6,14})$/

/** Room for the longest name, and little enough to show. */
const MAX_POINTER_BYTES = 64

export function stepFolderName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`
}

/** The step of a step folder's name; undefined for any other name. */
export function stepOf(name: string): number | undefined {
  const digits = STEP_FOLDER.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The names of a run's step folders, newest first; none if there is no such folder. */
export function listSteps(runFolder: string): string[] {
  const steps = namesIn(runFolder).flatMap((name) => {
    const step = stepOf(name)
    return step === undefined ? [] : [{ name, step }]
  })
  return steps.toSorted((a, b) => b.step - a.step).map(({ name }) => name)
}

/** The names in a folder; none if it does not exist or is no folder. */
export function namesIn(folder: string): string[] {
  try {
    return reading(folder, () => readdirSync(folder))
  } catch (error) {
    const cause = error instanceof Error ? error.cause : error
    if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) return []
    throw error
  }
}

/**
 * The step folder's name that a pointer file holds; undefined if there is no such file.
 * @throws UserError (exit 1) if it holds anything else: no file may lead out of its run folder.
 */
export function readPointer(runFolder: string, pointer: Pointer): string | undefined {
  const path = join(runFolder, pointer)
  if (!existsSync(path)) return undefined
  const name = new TextDecoder().decode(readWholeFile(path, MAX_POINTER_BYTES)).trimEnd()
  if (stepOf(name) === undefined) throw failure(`${path} is damaged: it names ${shown(name)}, not a step folder`)
  return name
}

// state.json of a step folder: how far training was, and size and hash of the files beside it.

import { join } from 'node:path'
import { failure, type UserError } from '../base/errors.ts'
import { readJsonFile, recordOfContent, recordOfFile, type FileRecord } from './files.ts'
import { isCount, isJsonObject, shown, type JsonObject } from './strictJson.ts'

/** The number of this format. A file with a larger one was written by a newer tgpt. */
const STATE_FORMAT = 1

/** Every file that a manifest may name. There is no other, so that no path can lead elsewhere. */
export const CHECKPOINT_FILES = ['config.json', 'model.safetensors', 'tokenizer.json', 'optimizer.safetensors'] as const
export type CheckpointFile = (typeof CHECKPOINT_FILES)[number]

export const STATE_FILE = 'state.json'

export interface CheckpointState {
  /** Updates done. */
  readonly step: number
  /** In nats; null while there is none. JSON has no infinity. */
  readonly bestValidationLoss: number | null
  /** The step of that loss; null while there is none. */
  readonly bestStep: number | null
  readonly tokensSeen: number
}

export interface Manifest {
  readonly state: CheckpointState
  readonly files: ReadonlyMap<CheckpointFile, FileRecord>
}

/** The text of state.json. It ends with a hash of the rest, because no other file holds one for it. */
export function manifestText({ state, files }: Manifest): string {
  const { step, bestValidationLoss, bestStep, tokensSeen } = state
  const progress = { step, bestValidationLoss, bestStep, tokensSeen }
  const content = { format: STATE_FORMAT, ...progress, files: Object.fromEntries(files) }
  return `${JSON.stringify({ ...content, sha256: hashOf(content) }, null, 2)}\n`
}

function hashOf(content: JsonObject): string {
  return recordOfContent(JSON.stringify(content)).sha256
}

/**
 * Reads and checks the state.json of a step folder; the files that it names are not looked at.
 * @throws UserError (exit 1) that names the file.
 */
export function readManifest(stepFolder: string): Manifest {
  const path = join(stepFolder, STATE_FILE)
  const json = readJsonFile(path)
  if (!isJsonObject(json)) throw damaged(path, 'it is not a JSON object')
  checkFormat(json.format, STATE_FORMAT, path)
  const files = readFiles(json.files, path)
  const state = readState(json, path)
  const { sha256, ...content } = json
  if (sha256 !== hashOf(content)) throw damaged(path, 'it does not have the sha256 it was written with')
  return { state, files }
}

/** @throws UserError (exit 1) for a file of a newer format, or of none. */
export function checkFormat(format: unknown, known: number, path: string): void {
  if (!isCount(format) || format === 0) throw damaged(path, 'it has no format number')
  if (format > known) {
    const message = `${path} was written by a newer tgpt (format ${format}; this one knows ${known})`
    throw failure(message, 'Upgrade tgpt to use it.')
  }
}

function readFiles(files: unknown, path: string): Manifest['files'] {
  if (!isJsonObject(files)) throw damaged(path, 'it has no list of files')
  return new Map(Object.entries(files).map(([name, record]) => [knownFile(name, path), readRecord(name, record, path)]))
}

function knownFile(name: string, path: string): CheckpointFile {
  const known = CHECKPOINT_FILES.find((file) => file === name)
  if (known === undefined) throw damaged(path, `${shown(name)} is no file of a checkpoint`)
  return known
}

function readRecord(name: string, record: unknown, path: string): FileRecord {
  if (isJsonObject(record)) {
    const { bytes, sha256 } = record
    if (isCount(bytes) && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) return { bytes, sha256 }
  }
  throw damaged(path, `size or sha256 of ${shown(name)} is missing`)
}

function readState({ step, bestValidationLoss, bestStep, tokensSeen }: JsonObject, path: string): CheckpointState {
  if (!isCount(step)) throw damaged(path, 'step is not a whole number')
  if (!isCount(tokensSeen)) throw damaged(path, 'tokensSeen is not a whole number')
  if (bestStep !== null && !isCount(bestStep)) throw damaged(path, 'bestStep is not a whole number')
  if (bestValidationLoss !== null && typeof bestValidationLoss !== 'number') {
    throw damaged(path, 'bestValidationLoss is not a number')
  }
  return { step, bestValidationLoss, bestStep, tokensSeen }
}

/**
 * Compares files with what the manifest says of them, by size first and then by hash.
 * @throws UserError (exit 1) that names the first file which differs.
 */
export function verifyFiles(stepFolder: string, { files }: Manifest, names: readonly CheckpointFile[]): void {
  for (const name of names) {
    const path = join(stepFolder, name)
    const expected = files.get(name)
    if (expected === undefined) throw damaged(join(stepFolder, STATE_FILE), `it does not list ${name}`)
    const actual = recordOfFile(path)
    if (actual.bytes !== expected.bytes) throw damaged(path, `it has ${actual.bytes} bytes, not ${expected.bytes}`)
    if (actual.sha256 !== expected.sha256) throw damaged(path, 'it does not have the sha256 it was written with')
  }
}

function damaged(path: string, reason: string): UserError {
  return failure(`${path} is damaged: ${reason}`)
}

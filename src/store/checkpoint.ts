// Step folders: everything that sampling needs and, with the optimizer, that training needs to go on. A folder is
// written at once or not at all, and whatever is read was compared with its hash first. Which folder: locate.ts.

import { existsSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { failure, UserError } from '../base/errors.ts'
import type { NamedTensors } from '../base/namedTensors.ts'
import type { OptimizerState } from '../gpt/engine.ts'
import type { ModelConfig } from '../gpt/model.ts'
import { tokenizerFromJson } from '../text/tokenizer.ts'
import type { Tokenizer } from '../text/tokenizerTypes.ts'
import { removeFolderAtomic, removeLeftovers, writeFileAtomic, writeFolderAtomic, type Content } from './atomic.ts'
import { readJsonFile, recordOfContent } from './files.ts'
import { huggingFaceConfig, readHuggingFaceConfig, type HuggingFaceConfig } from './huggingFace.ts'
import {
  CHECKPOINT_FILES,
  manifestText,
  readManifest,
  STATE_FILE,
  verifyFiles,
  type CheckpointFile,
  type CheckpointState,
} from './manifest.ts'
import { safetensorsChunks } from './safetensors.ts'
import { readSafetensorsHeader, type SafetensorsHeader } from './safetensorsHeader.ts'
import { listSteps, readPointer, stepFolderName, stepOf, type Pointer } from './stepFolders.ts'
import { writing } from './systemErrors.ts'
import {
  checkTensors,
  hasBiases,
  momentsToWrite,
  nonFiniteTensor,
  readMoments,
  readParameters,
  tensorsToWrite,
} from './weights.ts'

/** What is saved. */
export interface Checkpoint {
  readonly model: ModelConfig
  readonly dropout: number
  readonly parameters: NamedTensors
  readonly optimizer: OptimizerState
  readonly tokenizer: Tokenizer
  readonly state: CheckpointState
}

/** What a step folder says without its weights. */
export interface CheckpointSummary {
  /** Absolute. */
  readonly folder: string
  readonly model: ModelConfig
  readonly dropout: number
  readonly tokenizer: Tokenizer
  /** The tensors of model.safetensors by the names they have there, with the type and shape of each. */
  readonly header: SafetensorsHeader
  /** Undefined for a model from elsewhere, which has no state.json. */
  readonly state: CheckpointState | undefined
}

export interface LoadedCheckpoint extends Omit<CheckpointSummary, 'header'> {
  readonly parameters: NamedTensors
  /** Undefined unless it was asked for and is there. */
  readonly optimizer: OptimizerState | undefined
}

/**
 * Writes a step folder, then `latest` and, if asked, `best`, each atomically. The run folder must exist.
 * @returns the step folder's path.
 * @throws UserError (exit 1) if it cannot be written; what was there before is then whole.
 */
export function writeCheckpoint(runFolder: string, checkpoint: Checkpoint, { best }: { best: boolean }): string {
  const name = stepFolderName(checkpoint.state.step)
  const folder = join(runFolder, name)
  const contents = contentsOf(checkpoint)
  const records = new Map(Array.from(contents, ([file, content]) => [file, recordOfContent(content)]))
  const manifest = manifestText({ state: checkpoint.state, files: records })
  writeFolderAtomic(folder, new Map([...contents, [STATE_FILE, manifest]]))
  writePointer(runFolder, 'latest', name)
  if (best) writePointer(runFolder, 'best', name)
  return folder
}

function contentsOf({ model, dropout, parameters, optimizer, tokenizer }: Checkpoint): Map<CheckpointFile, Content> {
  const firstMoments = momentsToWrite(optimizer.firstMoments, 'exp_avg')
  const secondMoments = momentsToWrite(optimizer.secondMoments, 'exp_avg_sq')
  return new Map<CheckpointFile, Content>([
    ['config.json', jsonText(huggingFaceConfig(model, dropout, tokenizer.endOfText))],
    ['model.safetensors', safetensorsChunks(tensorsToWrite(model, parameters))],
    ['tokenizer.json', jsonText(tokenizer.toJson())],
    ['optimizer.safetensors', safetensorsChunks(new Map([...firstMoments, ...secondMoments]))],
  ])
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/**
 * Makes `state` the newest that a run has: the pointers name its step and its best one, later step folders go, and so
 * does what dead processes left half written.
 */
export function rewind(runFolder: string, { step, bestStep }: CheckpointState): void {
  removeLeftovers(runFolder)
  writePointer(runFolder, 'latest', stepFolderName(step))
  const names = listSteps(runFolder)
  const best = bestStep === null ? undefined : names.find((name) => stepOf(name) === bestStep)
  if (best === undefined) writing(runFolder, () => rmSync(join(runFolder, 'best'), { force: true }))
  else writePointer(runFolder, 'best', best)
  for (const name of names) if ((stepOf(name) ?? 0) > step) removeFolderAtomic(join(runFolder, name))
}

function writePointer(runFolder: string, pointer: Pointer, stepFolder: string): void {
  writeFileAtomic(join(runFolder, pointer), `${stepFolder}\n`)
}

/** Removes step folders but for the newest `keep` and those that `best` and `latest` name. */
export function prune(runFolder: string, keep: number): void {
  const pointed = [readPointer(runFolder, 'best'), readPointer(runFolder, 'latest')]
  const old = listSteps(runFolder).slice(keep)
  for (const name of old) if (!pointed.includes(name)) removeFolderAtomic(join(runFolder, name))
}

/**
 * Loads a step folder, or a folder with only config.json, model.safetensors and tokenizer.json.
 * @throws UserError (exit 1) that names what is missing, damaged or unsupported, and offers another of the run's.
 */
export async function readCheckpoint(stepFolder: string, options: { optimizer: boolean }): Promise<LoadedCheckpoint> {
  const folder = resolve(stepFolder)
  return offeringAnother(folder, async () => {
    const state = verifiedState(
      folder,
      CHECKPOINT_FILES.filter((name) => options.optimizer || !isOptimizer(name)),
    )
    const { config, header } = readShape(folder)
    const tokenizer = await readTokenizer(folder, config.model)
    const parameters = readParameters(config, header, weightsPath(folder))
    const optimizer = options.optimizer && state ? readOptimizer(folder, config.model) : undefined
    return { folder, model: config.model, dropout: config.dropout, tokenizer, state, parameters, optimizer }
  })
}

/** As `readCheckpoint`, every hash checked, but with no weights loaded. */
export async function readCheckpointSummary(stepFolder: string): Promise<CheckpointSummary> {
  const folder = resolve(stepFolder)
  return offeringAnother(folder, async () => {
    const state = verifiedState(folder, CHECKPOINT_FILES)
    const { config, header } = readShape(folder)
    const tokenizer = await readTokenizer(folder, config.model)
    return { folder, model: config.model, dropout: config.dropout, tokenizer, state, header }
  })
}

/** The name of the first parameter with a NaN or an infinity, if there is one. Reads all weights, one by one. */
export function nonFiniteParameter({ folder, model, header }: CheckpointSummary): string | undefined {
  return nonFiniteTensor(model, header, weightsPath(folder))
}

function isOptimizer(name: CheckpointFile): boolean {
  return name === 'optimizer.safetensors'
}

function weightsPath(folder: string): string {
  return join(folder, 'model.safetensors')
}

/** The state of a folder whose files are what they were when they were written; undefined where no manifest says so. */
function verifiedState(folder: string, names: readonly CheckpointFile[]): CheckpointState | undefined {
  if (!existsSync(join(folder, STATE_FILE))) return undefined
  const manifest = readManifest(folder)
  verifyFiles(folder, manifest, names)
  return manifest.state
}

/** The configuration and the tensors' header, found to agree. */
function readShape(folder: string): { config: HuggingFaceConfig; header: SafetensorsHeader } {
  const configPath = join(folder, 'config.json')
  const path = weightsPath(folder)
  const header = readSafetensorsHeader(path)
  const config = readHuggingFaceConfig(readJsonFile(configPath), configPath, () => hasBiases(header, path))
  checkTensors(config.model, header, path)
  return { config, header }
}

/** A vocabulary of another size is another model's: its ids would mean other text. */
async function readTokenizer(folder: string, { vocabSize }: ModelConfig): Promise<Tokenizer> {
  const path = join(folder, 'tokenizer.json')
  if (!existsSync(path)) throw failure(`there is no tokenizer.json in ${folder}`, 'Put the one of the model there.')
  const tokenizer = await namingFile(path, () => tokenizerFromJson(readJsonFile(path)))
  if (tokenizer.vocabSize === vocabSize) return tokenizer
  throw failure(`${path} has ${tokenizer.vocabSize} tokens, but config.json says that the model has ${vocabSize}`)
}

async function namingFile<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof UserError) || error.message.includes(path)) throw error
    throw failure(`${path}: ${error.message}`, error.hint, { cause: error })
  }
}

function readOptimizer(folder: string, model: ModelConfig): OptimizerState {
  const path = join(folder, 'optimizer.safetensors')
  const header = readSafetensorsHeader(path)
  return {
    firstMoments: readMoments('exp_avg', model, header, path),
    secondMoments: readMoments('exp_avg_sq', model, header, path),
  }
}

/** Adds to an error that has no hint of its own which other checkpoint of the run is whole. */
async function offeringAnother<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof UserError) || error.hint !== '') throw error
    const other = anotherWhole(folder)
    throw other === undefined ? error : failure(error.message, `This one is whole: ${other}`, { cause: error })
  }
}

/** The newest other step folder of the same run that verifies. */
function anotherWhole(folder: string): string | undefined {
  if (stepOf(basename(folder)) === undefined) return undefined
  const others = listSteps(dirname(folder)).filter((name) => name !== basename(folder))
  return others.map((name) => join(dirname(folder), name)).find(isWhole)
}

function isWhole(stepFolder: string): boolean {
  try {
    return verifiedState(stepFolder, CHECKPOINT_FILES) !== undefined
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

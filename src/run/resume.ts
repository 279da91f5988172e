// From a run on disk to a run that is ready to go on, as if it had never stopped.

import { failure, UserError } from '../base/errors.ts'
import { type EngineChoice, type EngineName, engineName, selectEngine } from '../engines/open.ts'
import type { OptimizerState, Precision } from '../gpt/engine.ts'
import { checkSetting, kebabCase, modelConfig, SETTING_KEYS, type SettingKey, type Settings } from '../gpt/settings.ts'
import { type LoadedCheckpoint, readCheckpoint, rewind } from '../store/checkpoint.ts'
import { type Corpus, readCorpus } from '../store/corpus.ts'
import { locateCheckpoint } from '../store/locate.ts'
import type { CheckpointState } from '../store/manifest.ts'
import { pathOfRecord } from '../store/packageFiles.ts'
import { cutEvents, readEvents, readRun, type RunRecord, writeRun } from '../store/runFolder.ts'
import { readPointer, stepOf } from '../store/stepFolders.ts'
import { refuseNonFinite } from './model.ts'
import { checkMemory, factsOf, type Progress, recordOf, splitCorpus, type Training } from './training.ts'

export interface ResumeRequest {
  /** A run folder, a step folder or a run's name below `root`; undefined: the newest run. */
  readonly run: string | undefined
  /** Undefined: where the run found it. */
  readonly corpusPath: string | undefined
  readonly given: Partial<Settings>
  /** Undefined: the engine that the run began with. */
  readonly engine: EngineName | undefined
  readonly threads: number | undefined
  /** Undefined: as the run began. */
  readonly precision: Precision | undefined
  /** Goes on although the corpus has changed. */
  readonly force: boolean
  readonly root: string
  readonly versions: RunRecord['versions']
  /** Memory that is free on this machine. */
  readonly availableBytes: number
}

/** A run that has been trained, evaluated and scored to its end: there is nothing to resume. */
export interface FinishedRun {
  readonly finished: true
  readonly runFolder: string
  readonly steps: number
}

/** @throws UserError for a run, a flag or a corpus that does not fit. */
export async function resumeRun(request: ResumeRequest): Promise<Training | FinishedRun> {
  const { stepFolder, runFolder } = locateCheckpoint(request.run, { prefer: 'latest', root: request.root })
  if (runFolder === undefined) throw failure(`${stepFolder} is a checkpoint without a run: it cannot be resumed`)
  const record = readRun(runFolder)
  const settings = resumedSettings(record, runFolder, request.given)
  const { parameters, optimizer, state, tokenizer } = await readResumable(stepFolder)
  if (state.step >= settings.steps && isFinished(runFolder, state.step)) {
    return { finished: true, runFolder, steps: state.step }
  }
  const corpus = await corpusOf(request, record)
  const notices = [...compareCorpus(corpus, record, request.force), ...whatIsGivenUp(runFolder, state.step)]
  const model = modelConfig(settings, tokenizer.vocabSize)
  const parts = splitCorpus(corpus, tokenizer.encode(corpus.text), settings)
  const { choice, notices: engineNotices } = await engineFor(request, record)
  const memoryBytes = checkMemory(choice, model, settings, request.availableBytes)
  const { threads, precision = record.engine.precision } = request
  const engine = await choice.open({ model, seed: settings.seed, threads, precision })
  await engine.load(parameters, optimizer)
  rewind(runFolder, state)
  cutEvents(runFolder, state.step)
  const training: Training = {
    runFolder,
    resumed: true,
    settings,
    model,
    tokenizer,
    corpus: factsOf(corpus),
    parts,
    engine,
    engineReason: choice.reason,
    precision,
    memoryBytes,
    progress: progressOf(state, runFolder),
    notices: [...notices, ...engineNotices, ...parts.notices],
  }
  writeRun(runFolder, recordOf(training, request.versions))
  return training
}

/** A checkpoint with all that training goes on from. */
type Resumable = LoadedCheckpoint & { readonly optimizer: OptimizerState; readonly state: CheckpointState }

async function readResumable(stepFolder: string): Promise<Resumable> {
  const checkpoint = await readCheckpoint(stepFolder, { optimizer: true })
  const { optimizer, state, parameters } = checkpoint
  if (!optimizer || !state) throw failure(`${stepFolder} has no optimizer state: it can be sampled, not resumed`)
  refuseNonFinite(parameters, stepFolder)
  return { ...checkpoint, optimizer, state }
}

/** Whether the log says that all was done after this many steps: an end that was interrupted is still owed. */
function isFinished(runFolder: string, step: number): boolean {
  return readEvents(runFolder).some(
    (event) => event.event === 'finished' && event.reason === 'completed' && event.step === step,
  )
}

/** What rewinding gives up: nothing that the same steps would not give again, bit for bit. */
function whatIsGivenUp(runFolder: string, step: number): string[] {
  const latest = stepOf(readPointer(runFolder, 'latest') ?? '') ?? step
  if (latest <= step) return []
  return [`going back from step ${latest} to step ${step}: the log and the checkpoints in between are removed`]
}

/** What may change when a run goes on: nothing that bends the path of training. */
const MAY_CHANGE: ReadonlySet<SettingKey> = new Set(['steps', 'evalInterval', 'logInterval', 'saveInterval', 'keep'])

/** The run's own settings, checked as any file's, with the flags that may differ. */
function resumedSettings(record: RunRecord, runFolder: string, given: Partial<Settings>): Settings {
  const recorded = recordedSettings(record, runFolder)
  for (const key of SETTING_KEYS) {
    const value = given[key]
    if (value === undefined || value === recorded[key] || MAY_CHANGE.has(key)) continue
    throw new UserError(
      `--${kebabCase(key)} is ${JSON.stringify(value)}, but this run trains with ${JSON.stringify(recorded[key])}`,
      'Leave the flag out to resume, or start another run.',
    )
  }
  if (given.steps !== undefined && given.steps < recorded.steps) {
    throw new UserError(`--steps is ${given.steps}, but this run has ${recorded.steps}`, 'A run may grow, not shrink.')
  }
  return { ...recorded, ...given }
}

function recordedSettings({ settings }: RunRecord, runFolder: string): Settings {
  const label = (key: SettingKey) => `"${key}" in ${runFolder}/run.json`
  try {
    return Object.fromEntries(
      SETTING_KEYS.map((key) => [key, checkSetting(key, settings[key], label(key))]),
    ) as unknown as Settings
  } catch (error) {
    throw error instanceof UserError ? failure(error.message, 'The record of this run is damaged.') : error
  }
}

/** The text from where the person says, or else from where the run found it. */
async function corpusOf({ corpusPath }: ResumeRequest, record: RunRecord): Promise<Corpus> {
  if (corpusPath !== undefined) return readCorpus(corpusPath)
  try {
    return await readCorpus(pathOfRecord(record.corpus.path))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(
      error.message,
      'This run learned from it. If it has moved: tgpt train NEW/PATH --resume RUN',
      2,
      { cause: error },
    )
  }
}

/** The engine that is asked for, or the one that the run began with, or where that is not here, another. */
async function engineFor(
  { engine: asked }: ResumeRequest,
  { engine: { name } }: RunRecord,
): Promise<{ choice: EngineChoice; notices: string[] }> {
  try {
    return { choice: await selectEngine(asked ?? engineName(name)), notices: [] }
  } catch (error) {
    if (asked !== undefined || !(error instanceof UserError)) throw error
    const choice = await selectEngine('auto')
    const notice = `this run began with the engine ${name} (${error.message}): it goes on with ${choice.name}`
    return { choice, notices: [notice] }
  }
}

/** A run goes on with the text it began with; another text must be asked for. */
function compareCorpus(corpus: Corpus, record: RunRecord, force: boolean): string[] {
  if (corpus.sha256 === record.corpus.sha256) return []
  const changed = `the corpus ${corpus.path} is not the one that this run began with`
  if (force) return [`${changed}: losses before and after cannot be compared`]
  throw new UserError(
    `${changed} (its sha256 differs)`,
    'Start a new run, or pass --force to go on with the changed text.',
  )
}

function progressOf(state: CheckpointState, runFolder: string): Progress {
  const events = readEvents(runFolder)
  const lastStep = (kind: string) => events.findLast(({ event }) => event === kind)?.step ?? -1
  const { bestValidationLoss: loss, bestStep } = state
  return {
    step: state.step,
    evaluatedStep: lastStep('evaluated'),
    sampledStep: lastStep('sampled'),
    best: loss === null || bestStep === null ? undefined : { loss, step: bestStep },
    elapsedSeconds: Number(events.at(-1)?.elapsedSeconds ?? 0),
  }
}

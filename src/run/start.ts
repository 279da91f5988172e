// From a person's wishes to a new run that is ready to train. Everything is checked before anything is written.

import { join } from 'node:path'
import type { EngineChoice, EngineName } from '../engines/open.ts'
import { selectEngine } from '../engines/open.ts'
import type { Precision } from '../gpt/engine.ts'
import { initialParameters } from '../gpt/parameters.ts'
import { type PresetName, resolveSettings } from '../gpt/presets.ts'
import { modelConfig, type Settings } from '../gpt/settings.ts'
import { readCorpus } from '../store/corpus.ts'
import { createRunFolder, freshRunFolder, writeRun } from '../store/runFolder.ts'
import { stepOf } from '../store/stepFolders.ts'
import { createTokenizer } from '../text/tokenizer.ts'
import { checkMemory, factsOf, recordOf, splitCorpus, type Training } from './training.ts'

export interface StartRequest {
  readonly corpusPath: string
  /** Undefined: one that suits the engine. */
  readonly preset: PresetName | undefined
  readonly given: Partial<Settings>
  readonly engine: EngineName
  readonly threads: number | undefined
  /** Undefined: fp32. */
  readonly precision: Precision | undefined
  /** The run folder; undefined: a new one below `root`, named after the corpus. */
  readonly out: string | undefined
  readonly overwrite: boolean
  readonly root: string
  readonly versions: { readonly tgpt: string; readonly node: string }
  /** Memory that is free on this machine. */
  readonly availableBytes: number
}

/** @throws UserError for settings, a corpus or a folder that will not do. */
export async function startRun(request: StartRequest): Promise<Training> {
  const corpus = await readCorpus(request.corpusPath)
  const choice = await selectEngine(request.engine)
  const preset = request.preset ?? choice.suitedPreset
  const settings = resolveSettings(preset, request.given)
  const tokenizer = await createTokenizer(settings.tokenizer, corpus.text)
  const model = modelConfig(settings, tokenizer.vocabSize)
  const parts = splitCorpus(corpus, tokenizer.encode(corpus.text), settings)
  const memoryBytes = checkMemory(choice, model, settings, request.availableBytes)
  const { threads, precision = 'fp32' } = request
  const engine = await choice.open({ model, seed: settings.seed, threads, precision })
  await engine.load(initialParameters(model, settings.seed))
  const training: Training = {
    runFolder: request.out ?? defaultFolder(corpus.name, request),
    resumed: false,
    settings,
    model,
    tokenizer,
    corpus: factsOf(corpus),
    parts,
    engine,
    engineReason: choice.reason,
    precision,
    memoryBytes,
    progress: { step: 0, evaluatedStep: -1, sampledStep: -1, best: undefined, elapsedSeconds: 0 },
    notices: [...presetNotices(request, choice, preset), ...parts.notices],
  }
  createRunFolder(training.runFolder, { overwrite: request.overwrite })
  writeRun(training.runFolder, recordOf(training, request.versions))
  return training
}

/** A new folder named after the corpus; with `overwrite`, the one of that name. */
function defaultFolder(corpusName: string, { root, overwrite }: StartRequest): string {
  const reserved = stepOf(corpusName) !== undefined || corpusName.startsWith('.') // a step folder's, or hidden
  const name = reserved ? `run-${corpusName}` : corpusName
  return overwrite ? join(root, name) : freshRunFolder(root, name)
}

function presetNotices({ preset: named }: StartRequest, choice: EngineChoice, preset: PresetName): string[] {
  return named ? [] : [`the preset "${preset}" suits the engine ${choice.name}; choose another with --preset`]
}

// A run that is ready to train, and what every such run must satisfy; start.ts and resume.ts make them.

import { UserError } from '../base/errors.ts'
import type { EngineChoice } from '../engines/open.ts'
import type { Engine, Precision } from '../gpt/engine.ts'
import type { ModelConfig } from '../gpt/model.ts'
import type { Settings } from '../gpt/settings.ts'
import type { Corpus } from '../store/corpus.ts'
import { recordedPath } from '../store/packageFiles.ts'
import type { RunRecord } from '../store/runFolder.ts'
import type { Tokenizer } from '../text/tokenizerTypes.ts'
import { arraySource, splitSource, type TokenSource } from '../text/tokenSource.ts'

/** The last evaluation of a run reads at most this much of the validation part. */
export const FINAL_EVALUATION_TOKENS = 1_000_000

/** How far a run has come. */
export interface Progress {
  /** Updates done. */
  readonly step: number
  /** The step of the last evaluation; -1 before the first. */
  readonly evaluatedStep: number
  /** The step of the last sample; -1 before the first. */
  readonly sampledStep: number
  readonly best: Best | undefined
  readonly elapsedSeconds: number
}

/** The lowest validation loss of a trained model, and its step. */
export interface Best {
  readonly loss: number
  readonly step: number
}

export interface Training {
  readonly runFolder: string
  readonly resumed: boolean
  readonly settings: Settings
  readonly model: ModelConfig
  readonly tokenizer: Tokenizer
  readonly corpus: CorpusFacts
  readonly parts: Parts
  readonly engine: Engine
  /** Why this engine. */
  readonly engineReason: string
  readonly precision: Precision
  /** The memory that training takes at its peak. */
  readonly memoryBytes: number
  readonly progress: Progress
  /** What the person should know before the first step. */
  readonly notices: readonly string[]
}

/** The bytes that training will take. Refuses what cannot fit, before it is allocated. @throws UserError */
export function checkMemory(
  choice: EngineChoice,
  model: ModelConfig,
  { batchSize }: Settings,
  availableBytes: number,
): number {
  const needed = choice.trainingBytes(model, batchSize)
  if (needed <= availableBytes) return needed
  const [needs, has] = [needed, availableBytes].map((bytes) => `${(bytes / 2 ** 30).toFixed(1)} GB`)
  throw new UserError(
    `training this model needs about ${needs} of memory, and ${has} are free`,
    'Choose a smaller model, --block-size or --batch-size.',
  )
}

/** What is known of a corpus without its text, which may be large and is not needed once it is tokens. */
export type CorpusFacts = Omit<Corpus, 'text'>

export function factsOf({ name, path, bytes, sha256 }: Corpus): CorpusFacts {
  return { name, path, bytes, sha256 }
}

/** run.json of a run as it is now. */
export function recordOf(training: Training, versions: RunRecord['versions']): RunRecord {
  const { settings, corpus, engine, engineReason, precision } = training
  return {
    settings: { ...settings },
    seed: settings.seed,
    corpus: { ...corpus, path: recordedPath(corpus.path) },
    engine: { name: engine.name, detail: engine.detail, reason: engineReason, precision },
    versions,
  }
}

/** The corpus as tokens, split by position. */
export interface Parts {
  readonly train: TokenSource
  readonly validation: TokenSource
  /** What was done about a validation part that is too short; empty if nothing. */
  readonly notices: readonly string[]
}

/**
 * Splits the corpus. A validation part that holds no two tokens gives way to the training part; one that is shorter
 * than a block is evaluated in shorter windows.
 * @throws UserError if the training part holds no block with its targets.
 */
export function splitCorpus(corpus: Corpus, ids: Int32Array, settings: Settings): Parts {
  const { validationFraction, blockSize } = settings
  const { train, validation } = splitSource(arraySource(ids), validationFraction)
  if (train.length <= blockSize) throw tooShort(corpus, ids.length, train.length, settings)
  if (validation.length < 2) {
    return {
      train,
      validation: train,
      notices: ['there is no validation part: validation is on text the model trains on'],
    }
  }
  const short = `the validation part has ${validation.length} tokens, less than a block: it is evaluated in one shorter window`
  return { train, validation, notices: validation.length <= blockSize ? [short] : [] }
}

function tooShort(corpus: Corpus, tokens: number, trainTokens: number, settings: Settings): UserError {
  const needed = settings.blockSize + 1
  return new UserError(
    `the corpus ${corpus.name} is too short: ${trainTokens} of its ${tokens} tokens are for training, and a block needs ${needed}`,
    `Use a text of at least ${tokensNeeded(settings)} tokens, or a smaller --block-size.`,
  )
}

/** The fewest tokens of which the training part holds a block and its targets. */
function tokensNeeded({ validationFraction, blockSize }: Settings): number {
  let tokens = Math.floor((blockSize + 1) / (1 - validationFraction))
  while (Math.floor((1 - validationFraction) * tokens) <= blockSize) tokens++ // the same rounding as splitSource's
  return tokens
}

/** The windows that evaluation uses on a part: a block, or all of a part that is shorter. */
export function evaluationBlock(part: TokenSource, blockSize: number): number {
  return Math.min(blockSize, part.length - 1)
}

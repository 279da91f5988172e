// A trained model, loaded into an engine: what `sample` and `eval` begin with.

import { failure } from '../base/errors.ts'
import { firstNonFinite, type NamedTensors } from '../base/namedTensors.ts'
import { type EngineName, openEngine } from '../engines/open.ts'
import type { Engine } from '../gpt/engine.ts'
import type { ModelConfig } from '../gpt/model.ts'
import { readCheckpoint } from '../store/checkpoint.ts'
import type { Tokenizer } from '../text/tokenizerTypes.ts'

export interface OpenModelRequest {
  readonly stepFolder: string
  readonly engine: EngineName
  readonly threads: number | undefined
}

export interface OpenedModel {
  readonly model: ModelConfig
  readonly tokenizer: Tokenizer
  readonly engine: Engine
}

/** @throws UserError (exit 1) for a checkpoint that is damaged or whose weights are not all numbers. */
export async function openModel({ stepFolder, engine: name, threads }: OpenModelRequest): Promise<OpenedModel> {
  const { model, tokenizer, parameters } = await readCheckpoint(stepFolder, { optimizer: false })
  refuseNonFinite(parameters, stepFolder)
  const { engine } = await openEngine(name, { model, seed: 0, threads })
  await engine.load(parameters)
  return { model, tokenizer, engine }
}

/** @throws UserError (exit 1) for weights that are not all numbers. */
export function refuseNonFinite(parameters: NamedTensors, stepFolder: string): void {
  const broken = firstNonFinite(parameters)
  if (broken) throw failure(`${stepFolder} holds NaN or infinite weights (in ${broken})`, 'Use an earlier checkpoint.')
}

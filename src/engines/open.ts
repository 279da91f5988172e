// From an engine's name, or `auto`, to an engine and the reason for it. The only place that knows the engines by name.

import { UserError } from '../base/errors.ts'
import type { Engine, EngineOptions } from '../gpt/engine.ts'
import type { ModelConfig } from '../gpt/model.ts'
import type { PresetName } from '../gpt/presets.ts'

export const ENGINES = ['auto', 'tfjs'] as const
export type EngineName = (typeof ENGINES)[number]

/** An engine that this machine has, before a model is known. */
export interface EngineChoice {
  readonly name: Exclude<EngineName, 'auto'>
  /** Why this one. */
  readonly reason: string
  /** The preset that this engine trains within a minute or two. */
  readonly suitedPreset: PresetName
  /** The memory that a step takes at its peak, in bytes, with micro-batches of this size. */
  trainingBytes(model: ModelConfig, batchSize: number): number
  open(options: EngineOptions): Promise<Engine>
}

/** Finds the engine to use; its code is loaded only now. */
export async function selectEngine(name: EngineName): Promise<EngineChoice> {
  switch (name) {
    case 'auto':
    case 'tfjs':
      return selectTfjs()
  }
}

export async function openEngine(
  name: EngineName,
  options: EngineOptions,
): Promise<{ engine: Engine; reason: string }> {
  const choice = await selectEngine(name)
  return { engine: await choice.open(options), reason: choice.reason }
}

async function selectTfjs(): Promise<EngineChoice> {
  const [{ loadBackend }, { TfjsEngine }, { tfjsTrainingBytes }] = await Promise.all([
    import('./tfjs/backend.ts'),
    import('./tfjs/engine.ts'),
    import('./tfjs/memory.ts'),
  ])
  const backend = await loadBackend()
  return {
    name: 'tfjs',
    reason: backend.reason,
    suitedPreset: 'tiny',
    trainingBytes: tfjsTrainingBytes,
    open: async (options) => new TfjsEngine(backend, options),
  }
}

/** Checks an engine's name from a person. */
export function engineName(name: string): EngineName {
  const known = ENGINES.find((engine) => engine === name)
  if (!known) throw new UserError(`there is no engine "${name}"`, `Engines: ${ENGINES.join(', ')}.`)
  return known
}

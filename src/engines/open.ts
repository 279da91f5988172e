// From an engine's name, or `auto`, to an engine and the reason for it. The only place that knows the engines by name.

import { UserError } from '../base/errors.ts'
import type { NamedTensors } from '../base/namedTensors.ts'
import type { Engine, EngineOptions } from '../gpt/engine.ts'
import type { Looker } from '../gpt/look.ts'
import type { ModelConfig } from '../gpt/model.ts'
import type { PresetName } from '../gpt/presets.ts'

export const ENGINES = ['auto', 'native', 'wasm', 'tfjs'] as const
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
  /** @throws UserError for what this engine or this machine cannot do. */
  open(options: EngineOptions): Promise<Engine>
}

/** An engine that this machine does not have. */
interface Missing {
  /** Why not, and if something can be done about it, what. */
  readonly missing: string
}

/**
 * Finds the engine to use; its code is loaded only now.
 * @throws UserError if an engine is asked for by name and is not there.
 */
export async function selectEngine(name: EngineName): Promise<EngineChoice> {
  switch (name) {
    case 'auto':
      return selectFastest()
    case 'native':
      return mustBeThere(name, await findNative())
    case 'wasm':
      return mustBeThere(name, await findWasm('it was asked for'))
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

/** What sees every step of a model with these parameters: the reference engine, on any machine. */
export async function openLooker(model: ModelConfig, parameters: NamedTensors): Promise<Looker> {
  const [{ loadBackend }, { TfjsLooker }] = await Promise.all([import('./tfjs/backend.ts'), import('./tfjs/look.ts')])
  const { tf } = await loadBackend()
  return new TfjsLooker(tf, model, parameters)
}

/** Compiles the native engine's addon, with a compiler that the environment names or has. */
export async function buildNative(environment: Readonly<Record<string, string | undefined>>) {
  const { buildAddon } = await import('./native/host/build.ts')
  return buildAddon(environment)
}

async function selectFastest(): Promise<EngineChoice> {
  const native = await findNative()
  if (!('missing' in native)) return native
  const wasm = await findWasm(native.missing)
  if (!('missing' in wasm)) return wasm
  const tfjs = await selectTfjs()
  return { ...tfjs, reason: `${native.missing}; ${wasm.missing}; ${tfjs.reason}` }
}

function mustBeThere(name: EngineName, found: EngineChoice | Missing): EngineChoice {
  if (!('missing' in found)) return found
  throw new UserError(`the engine ${name} is not here (${found.missing})`, 'Or let tgpt choose: --engine auto.')
}

/** Of the addon and of WebAssembly: the same C++, and the same figures. */
async function loadFast() {
  const [{ NativeEngine }, { nativeTrainingBytes }, { usualThreads }] = await Promise.all([
    import('./native/engine.ts'),
    import('./native/memory.ts'),
    import('./native/host/processors.ts'),
  ])
  return { NativeEngine, usualThreads, suited: { suitedPreset: 'small', trainingBytes: nativeTrainingBytes } as const }
}

async function findNative(): Promise<EngineChoice | Missing> {
  const { loadAddon } = await import('./native/host/addon.ts')
  const loaded = loadAddon()
  if ('reason' in loaded) return { missing: loaded.reason }
  const { NativeEngine, usualThreads, suited } = await loadFast()
  return {
    name: 'native',
    reason: 'the addon is built',
    ...suited,
    open: async ({ threads = usualThreads(), ...options }) => {
      // What multiplies in bf16 is a core of its own.
      const wanted = options.precision === 'bf16' ? loadAddon({ instructionSet: 'avx512bf16' }) : loaded
      if ('reason' in wanted) throw new UserError(`there is no bf16 here: ${wanted.reason}`, 'Leave out --precision.')
      return NativeEngine.open({ name: 'native', core: wanted.core, threads }, options)
    },
  }
}

async function findWasm(reason: string): Promise<EngineChoice | Missing> {
  const { loadWasm } = await import('./native/host/wasm.ts')
  const probe = await loadWasm()
  if ('reason' in probe) return { missing: probe.reason }
  const { NativeEngine, usualThreads, suited } = await loadFast()
  return {
    name: 'wasm',
    reason,
    ...suited,
    open: async ({ threads = usualThreads(), ...options }) => {
      const loaded = await loadWasm() // each engine has a memory of its own
      if ('reason' in loaded) throw new Error(loaded.reason)
      return NativeEngine.open({ name: 'wasm', core: loaded.core, threads }, options)
    },
  }
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

/**
 * Checks an engine's name from a person.
 * @param from where it stands, for an error.
 */
export function engineName(name: string, from = ''): EngineName {
  const known = ENGINES.find((engine) => engine === name)
  if (!known) throw new UserError(`there is no engine "${name}"${from}`, `Engines: ${ENGINES.join(', ')}.`)
  return known
}

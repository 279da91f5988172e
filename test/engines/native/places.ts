// Where the native engine can run on this machine: on each instruction set of the addon, and on WebAssembly.

import { NativeEngine } from '../../../src/engines/native/engine.ts'
import { type InstructionSet, loadAddon } from '../../../src/engines/native/host/addon.ts'
import type { Core, LoadedCore } from '../../../src/engines/native/host/core.ts'
import { loadWasm } from '../../../src/engines/native/host/wasm.ts'
import type { EngineOptions } from '../../../src/gpt/engine.ts'

export interface Place {
  readonly name: string
  /** How many threads its tests use, where they do not say. */
  readonly threads: number
  readonly open: (options: EngineOptions) => Promise<NativeEngine>
}

/** A place that this machine does not have. */
export interface NoPlace {
  readonly name: string
  readonly reason: string
}

const SETS: readonly { readonly set: InstructionSet; readonly threads: number }[] = [
  { set: 'avx512', threads: 2 },
  { set: 'avx2', threads: 3 },
  { set: 'baseline', threads: 1 },
]
const BUILDS = [
  { name: 'wasm, relaxed', relaxed: true, threads: 2 },
  { name: 'wasm, plain', relaxed: false, threads: 3 },
] as const

const tried: (Place | NoPlace)[] = [
  ...SETS.map(({ set, threads }) => placeOf(`native, ${set}`, threads, loadAddon({ instructionSet: set }))),
  ...(await Promise.all(
    BUILDS.map(async ({ name, relaxed, threads }) =>
      placeOf(name, threads, await loadWasm({ relaxed }), () => loadWasm({ relaxed })),
    ),
  )),
]

export const places = tried.flatMap((place) => ('reason' in place ? [] : [place]))
export const missing = tried.flatMap((place) => ('reason' in place ? [place] : []))

/** @param load for each engine anew, where a core holds only one. */
function placeOf(name: string, usual: number, first: LoadedCore, load?: () => Promise<LoadedCore>): Place | NoPlace {
  if ('reason' in first) return { name, reason: first.reason }
  const open = async ({ threads = usual, ...options }: EngineOptions): Promise<NativeEngine> =>
    NativeEngine.open({ name, core: load ? coreOf(await load()) : first.core, threads }, options)
  return { name, threads: usual, open }
}

function coreOf(loaded: LoadedCore): Core {
  if ('reason' in loaded) throw new Error(loaded.reason)
  return loaded.core
}

// A core on the addon, if it was built, from the source that is here, for a processor like this one.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { messageOf } from '../../../base/errors.ts'
import type { Command, Core, LoadedCore } from './core.ts'
import { PLACES, sourceHash } from './sources.ts'

/** `avx512bf16` multiplies weights in bf16; all others compute in fp32. */
export type InstructionSet = 'avx512' | 'avx2' | 'baseline' | 'avx512bf16'

/** What cpp/addon.cc exports. Instruction sets and commands are told by their places in the lists. */
interface Addon {
  sourceHash(): string
  /** Those of this processor, best first. */
  instructionSets(): readonly AddonSet[]
  call(set: number, command: number, ...operands: readonly number[]): number
  start(set: number, engine: number, threads: number): void
  run(engine: number): Promise<void>
  stop(engine: number): void
  write(address: number, values: Float32Array | Int32Array): void
  read(address: number, values: Float32Array): void
}

interface AddonSet {
  readonly name: string
  /** For people: "AVX-512". */
  readonly title: string
  readonly commands: readonly string[]
}

/** @param instructionSet undefined: the best of this processor. */
export function loadAddon({
  instructionSet,
  places = PLACES,
}: { readonly instructionSet?: InstructionSet | undefined; readonly places?: typeof PLACES } = {}): LoadedCore {
  if (!existsSync(places.addon)) return { reason: 'the addon is not built: tgpt build-native builds it' }
  try {
    const addon = createRequire(import.meta.url)(places.addon) as Addon
    if (addon.sourceHash() !== sourceHash(places.source)) {
      return { reason: 'the addon is older than its source: tgpt build-native builds it anew' }
    }
    return choose(addon, instructionSet)
  } catch (error) {
    return { reason: `the addon does not load: ${messageOf(error).split('\n')[0]}` }
  }
}

function choose(addon: Addon, wanted: InstructionSet | undefined): LoadedCore {
  const sets = addon.instructionSets()
  const index = wanted === undefined ? 0 : sets.findIndex(({ name }) => name === wanted)
  if (index >= 0) return { core: new AddonCore(addon, index, sets[index]) }
  return { reason: `this processor does not have ${wanted}; it has ${sets.map(({ name }) => name).join(', ')}` }
}

class AddonCore implements Core {
  readonly instructionSet: string
  private readonly commands: ReadonlyMap<string, number>
  /** The jobs in progress, by engine. */
  private readonly jobs = new Map<number, Promise<void>>()

  constructor(
    private readonly addon: Addon,
    private readonly set: number,
    { title, commands }: AddonSet,
  ) {
    this.instructionSet = title
    this.commands = new Map(commands.map((name, index) => [name, index]))
  }

  call(command: Command, ...operands: number[]): number {
    return this.addon.call(this.set, this.commands.get(command) ?? -1, ...operands)
  }

  async start(engine: number, threads: number): Promise<void> {
    this.addon.start(this.set, engine, threads)
  }

  async run(engine: number): Promise<void> {
    const job = this.addon.run(engine)
    this.jobs.set(engine, job)
    await job
    this.jobs.delete(engine)
  }

  async stop(engine: number): Promise<void> {
    await this.jobs.get(engine) // or the main thread would stand still until it is done
    this.addon.stop(engine)
  }

  write(address: number, values: Float32Array | Int32Array): void {
    this.addon.write(address, values)
  }

  read(address: number, values: Float32Array): void {
    this.addon.read(address, values)
  }
}

// A core on WebAssembly: a module, and a memory of its own for each engine. It runs wherever Node does.

import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { messageOf } from '../../../base/errors.ts'
import type { Command, Core, LoadedCore } from './core.ts'
import { WasmThreads } from './wasmThreads.ts'

/** As wasm/build.mjs tells the linker. */
const INITIAL_PAGES = 64
const MOST_PAGES = 65536

const MOST_OPERANDS = 16
const STACK_BYTES = 2 ** 17
const FLOAT64_BYTES = 8

/** What cpp/wasm.cc exports; addresses of texts are those of C strings. */
interface Exports {
  call(command: number, operands: number): number
  operands(): number
  commandCount(): number
  commandName(command: number): number
  commandOperands(command: number): number
  instructionSet(): number
}

/** A command by its number, and how many operands it takes. */
interface Numbered {
  readonly index: number
  readonly count: number
}

/** A core with a fresh memory. @param relaxed false: without relaxed SIMD, also where the machine has it. */
export async function loadWasm({ relaxed = true }: { readonly relaxed?: boolean } = {}): Promise<LoadedCore> {
  try {
    const module = (relaxed && (await compileRelaxed())) || (await compile(await artefact('tgpt.wasm')))
    return module ? { core: new WasmCore(module) } : { reason: 'WebAssembly has no SIMD or no threads here' }
  } catch (error) {
    return { reason: `WebAssembly does not start: ${messageOf(error)}` }
  }
}

/** From src and from dist it is at this place. */
function artefact(name: string): Promise<Uint8Array> {
  return readFile(new URL(`../../../../src/engines/native/wasm/${name}`, import.meta.url))
}

async function compileRelaxed(): Promise<WebAssembly.Module | undefined> {
  const bytes = await artefact('tgpt-relaxed.wasm')
  const module = await compile(bytes)
  if (module) return module
  setFlagsFromString('--experimental-wasm-relaxed-simd') // Node 20 has it behind this flag
  return compile(bytes)
}

async function compile(bytes: Uint8Array): Promise<WebAssembly.Module | undefined> {
  return WebAssembly.validate(bytes) ? WebAssembly.compile(bytes) : undefined
}

class WasmCore implements Core {
  readonly instructionSet: string
  private readonly memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MOST_PAGES, shared: true })
  private readonly exports: Exports
  private readonly commands: ReadonlyMap<string, Numbered>
  /** Where this thread puts operands, as an address and as numbers. */
  private readonly operandsAt: number
  private readonly operands: Float64Array
  private threads: WasmThreads | undefined
  /** What `start` allocated. */
  private blocks: readonly number[] = []

  constructor(private readonly module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } })
    this.exports = exports as unknown as Exports
    this.commands = new Map(this.listCommands())
    this.instructionSet = `WebAssembly, ${this.text(this.exports.instructionSet())}`
    this.operandsAt = this.exports.operands()
    this.operands = new Float64Array(this.memory.buffer, this.operandsAt, MOST_OPERANDS)
  }

  call(command: Command, ...operands: number[]): number {
    const { index, count } = this.command(command)
    if (operands.length !== count) throw new TypeError(`${command} takes ${count} operands, not ${operands.length}`)
    if (this.threads?.death) throw this.threads.death
    for (let at = 0; at < count; at++) this.operands[at] = operands[at]
    try {
      return this.exports.call(index, this.operandsAt)
    } catch (error) {
      this.threads?.die(`the main thread stopped: ${String(error)}`) // they would wait for it for ever
      throw error
    }
  }

  async start(engine: number, threads: number): Promise<void> {
    if (this.threads) throw new Error('one engine to a memory')
    const operands = Array.from({ length: threads }, (_, thread) => this.stack(engine, thread))
    this.threads = await WasmThreads.start(
      operands.map((at, thread) => ({
        module: this.module,
        memory: this.memory,
        command: this.command(thread === 0 ? 'run' : 'serve').index,
        operands: at,
        stack: at,
        leads: thread === 0,
      })),
    )
  }

  async run(): Promise<void> {
    if (!this.threads) throw new Error('the engine has no threads')
    return this.threads.run()
  }

  async stop(engine: number): Promise<void> {
    await this.threads?.stop(() => this.call('quit', engine))
    if (!this.threads || this.threads.death) return
    this.threads = undefined
    for (const block of this.blocks) this.call('release', block)
    this.blocks = []
  }

  write(address: number, values: Float32Array | Int32Array): void {
    const { buffer } = this.memory
    const to =
      values instanceof Float32Array
        ? new Float32Array(buffer, address, values.length)
        : new Int32Array(buffer, address, values.length)
    to.set(values)
  }

  read(address: number, values: Float32Array): void {
    values.set(new Float32Array(this.memory.buffer, address, values.length))
  }

  /** Memory for the stack of a thread, and after its end the operands of the thread's only call. */
  private stack(engine: number, thread: number): number {
    const block = this.call('allocate', STACK_BYTES + 2 * FLOAT64_BYTES)
    if (block === 0) throw new Error('there is no memory for the stacks of threads')
    this.blocks = [...this.blocks, block]
    const end = block + STACK_BYTES
    new Float64Array(this.memory.buffer, end, 2).set([engine, thread])
    return end
  }

  private *listCommands(): Generator<[string, Numbered]> {
    for (let index = 0; index < this.exports.commandCount(); index++) {
      yield [this.text(this.exports.commandName(index)), { index, count: this.exports.commandOperands(index) }]
    }
  }

  private command(name: Command): Numbered {
    const numbered = this.commands.get(name)
    if (!numbered) throw new TypeError(`the core has no command ${name}`)
    return numbered
  }

  /** The C string at an address. */
  private text(address: number): string {
    const bytes = new Uint8Array(this.memory.buffer, address)
    return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)))
  }
}

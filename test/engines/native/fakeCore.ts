// A core that computes nothing: it keeps books on what it is told and on its memory, and its jobs end when a test says.

import type { Command, Core } from '../../../src/engines/native/host/core.ts'

const MAKES: readonly Command[] = ['allocate', 'create', 'createDecoder', 'forkDecoder']
const FREES: readonly Command[] = ['release', 'destroy', 'destroyDecoder']

export class FakeCore implements Core {
  readonly instructionSet = 'Abacus'
  /** Commands and what the threads were told, in order; those that only move memory are left out. */
  readonly told: string[] = []
  /** What commands answer, where that is not 1 or an address. */
  readonly answers = new Map<Command, number>()
  /** Addresses and handles that are in use. */
  readonly inUse = new Set<number>()
  mostThreads = 3
  /** Ends jobs on the leader at once, unless a test is to do it. */
  automatic = true
  /** End the jobs in progress: with an error, if one is given. */
  readonly ends: ((error?: Error) => void)[] = []
  private readonly memory = new ArrayBuffer(2 ** 26)
  private fresh = 64

  call(command: Command, ...operands: number[]): number {
    if (!['allocate', 'release'].includes(command)) this.told.push([command, ...operands].join(' '))
    const answer = this.answers.get(command)
    if (answer !== undefined) return answer
    if (MAKES.includes(command)) return this.taken(operands[0])
    if (FREES.includes(command)) return this.freed(operands.at(-1)!)
    return 1
  }

  async start(engine: number, threads: number): Promise<void> {
    this.told.push(`start ${engine} ${threads}`)
    if (threads > this.mostThreads) throw new Error('no more threads')
  }

  async run(engine: number): Promise<void> {
    this.told.push(`leader ${engine}`)
    if (this.automatic) return
    await new Promise<void>((resolve, reject) => this.ends.push((error) => (error ? reject(error) : resolve())))
  }

  async stop(engine: number): Promise<void> {
    this.told.push(`stop ${engine}`)
  }

  write(address: number, values: Float32Array | Int32Array): void {
    new Uint8Array(this.memory, address, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    )
  }

  read(address: number, values: Float32Array): void {
    values.set(new Float32Array(this.memory, address, values.length))
  }

  /** The ids at an address. */
  ids(address: number, count: number): number[] {
    return [...new Int32Array(this.memory, address, count)]
  }

  /** What it was told since the last call of this. */
  takeTold(): string[] {
    return this.told.splice(0)
  }

  private taken(bytes: number): number {
    const address = this.fresh
    this.fresh += Math.ceil(bytes / 64) * 64
    this.inUse.add(address)
    return address
  }

  private freed(address: number): number {
    if (!this.inUse.delete(address)) throw new Error(`${address} is not in use`)
    return 0
  }
}

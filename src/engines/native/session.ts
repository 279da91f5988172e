// One engine of the core: what it is told, one job after the other, on its own threads or on this one.

import { failure, messageOf } from '../../base/errors.ts'
import { letOthersRun } from '../eventLoop.ts'
import type { Command, Core } from './host/core.ts'
import { outOfMemory, Staging } from './staging.ts'

/** A job of fewer floating-point operations takes no longer than handing it to another thread and back. */
const SHORT_FLOPS = 25e6

/** Short jobs are done on the main thread: after so long, others have their turn. */
const TURN_MILLISECONDS = 10

export class Session {
  readonly staging: Staging
  /** Settles when all that was asked for is done. */
  private last: Promise<unknown> = Promise.resolve()
  /** How much was asked for and is not done. */
  private pending = 0
  private closed = false
  /** Why nothing more can be done, after a thread has died. */
  private broken: Error | undefined
  private readonly decoders = new Set<number>()
  /** When others last had their turn, in milliseconds. */
  private turnAt = -Infinity

  private constructor(
    private readonly core: Core,
    private readonly engine: number,
  ) {
    this.staging = new Staging(core)
  }

  /**
   * An engine whose threads are started.
   * @param operands those of the command `create`, among them the threads.
   * @throws UserError (exit 1) if there is not enough memory, or not enough threads.
   */
  static async open(core: Core, operands: readonly number[], threads: number): Promise<Session> {
    const engine = core.call('create', ...operands)
    if (engine === 0) throw outOfMemory('a model of this size', 'Choose a smaller one.')
    try {
      await core.start(engine, threads)
    } catch (error) {
      core.call('destroy', engine)
      throw failure(`${threads} threads do not start: ${messageOf(error)}`, 'Try fewer: --threads 1.', { cause: error })
    }
    return new Session(core, engine)
  }

  /** A command about this engine. */
  call(command: Command, ...operands: number[]): number {
    return this.core.call(command, this.engine, ...operands)
  }

  /** Does `work` after all that was asked for before. */
  exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.closed) return Promise.reject(disposed())
    this.pending++
    const done = this.last
      .then(() => {
        if (this.broken) throw this.broken
        return work()
      })
      .finally(() => {
        this.pending--
        if (!this.broken) this.staging.shrink()
      })
    this.last = done.catch(() => {})
    return done
  }

  /**
   * Does a job after all that was asked for before; here and now if it is short and nothing else is in progress.
   * @param prepare prepares it, and gives the function that reads what it wrote.
   */
  async job<Result>(prepare: () => () => Result, flops = Infinity): Promise<Result> {
    const short = flops < SHORT_FLOPS
    if (short && this.isFree() && !this.turnIsDue()) return this.doHere(prepare)
    return this.exclusive(async () => {
      if (!short) return this.doElsewhere(prepare)
      await this.giveTurn()
      return this.doHere(prepare)
    })
  }

  /** Gives timers, signals and closed pipes their turn, when it is time for that. */
  async giveTurn(): Promise<void> {
    if (!this.turnIsDue()) return
    await letOthersRun()
    this.turnAt = performance.now()
  }

  /** A new decoder of the core, or copies of one with a single sequence. @throws UserError (exit 1) if memory ends. */
  openDecoder(sequences: number, original?: number): number {
    if (this.closed) throw disposed()
    const decoder =
      original === undefined ? this.call('createDecoder', sequences) : this.call('forkDecoder', original, sequences)
    if (decoder === 0) throw outOfMemory('the keys and values of a block', 'Ask for fewer samples, or a smaller model.')
    this.decoders.add(decoder)
    return decoder
  }

  /** Frees a decoder, after the jobs in progress. */
  closeDecoder(decoder: number): void {
    if (!this.decoders.delete(decoder)) return // it went with its engine
    const free = () => void this.call('destroyDecoder', decoder)
    if (this.isFree()) free()
    else this.exclusive(async () => free()).catch(() => {}) // after a thread has died, which was told
  }

  /** Ends the threads and frees all memory, after the jobs in progress. */
  close(): void {
    if (this.closed) return
    this.closed = true
    const decoders = [...this.decoders]
    this.decoders.clear()
    const end = async (): Promise<void> => {
      await this.core.stop(this.engine)
      if (this.broken) return // who knows what state the memory is in
      for (const decoder of decoders) this.call('destroyDecoder', decoder)
      this.staging.release()
      this.call('destroy')
    }
    this.last.then(end).catch(() => {}) // there is nothing left to be done about it
  }

  private isFree(): boolean {
    return this.pending === 0 && !this.closed && this.broken === undefined
  }

  private doHere<Result>(prepare: () => () => Result): Result {
    const collect = prepare()
    try {
      this.call('run')
    } catch (error) {
      throw this.breakdown(error)
    }
    return collect()
  }

  private async doElsewhere<Result>(prepare: () => () => Result): Promise<Result> {
    const collect = prepare()
    try {
      await this.core.run(this.engine)
    } catch (error) {
      throw this.breakdown(error)
    }
    this.turnAt = performance.now()
    return collect()
  }

  private breakdown(error: unknown): Error {
    const hint = 'Start again from what was saved; --engine chooses another engine, --threads fewer threads.'
    this.broken = failure(`a thread of the engine has died: ${messageOf(error)}`, hint, { cause: error })
    return this.broken
  }

  private turnIsDue(): boolean {
    return performance.now() - this.turnAt > TURN_MILLISECONDS
  }
}

function disposed(): Error {
  return new Error('the engine was disposed of')
}

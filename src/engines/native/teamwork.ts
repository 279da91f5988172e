// Whether the next tokens of a small model are computed faster by all threads or by one alone. No size tells: the threads
// wait for each other some twenty times a token, which takes a microsecond on a quiet machine and far longer on a busy one,
// or in WebAssembly. So both are tried now and then, and timed. The results are the same bits either way.

import { median } from '../../base/median.ts'

/** Weights that it takes longer to read than the threads could wait for each other. */
const LARGE = 4e6

/** Tokens before a trial, which wake threads and find memory; those of each way in it; and from one to the next. */
const WARM_UP = 16
const TRIAL = 9
const PERIOD = 1024

const ALONE_FROM = WARM_UP + TRIAL
const DECIDED_FROM = ALONE_FROM + TRIAL

export class Teamwork {
  private tokens = 0
  private sequences = 0
  /** Of the trial, in order: together, then alone. */
  private times: number[] = []
  private aloneIsFaster = false

  /**
   * @param parameters of the model.
   * @param clock milliseconds, from any origin.
   */
  constructor(
    readonly threads: number,
    private readonly parameters: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /**
   * The threads for the next token of so many sequences; another number of sequences begins a trial of its own.
   * @returns how many, and what to call when it is done.
   */
  begin(sequences: number): { threads: number; done: () => void } {
    if (this.threads === 1 || this.parameters * sequences > LARGE) return { threads: this.threads, done: () => {} }
    if (sequences !== this.sequences || this.tokens === PERIOD) this.restart(sequences)
    const token = this.tokens++
    const alone = token < DECIDED_FROM ? token >= ALONE_FROM : this.aloneIsFaster
    const before = this.clock()
    const done = () => {
      if (token >= WARM_UP && token < DECIDED_FROM) this.record(this.clock() - before)
    }
    return { threads: alone ? 1 : this.threads, done }
  }

  private restart(sequences: number): void {
    this.sequences = sequences
    this.tokens = 0
    this.times = []
  }

  private record(milliseconds: number): void {
    this.times.push(milliseconds)
    this.aloneIsFaster = median(this.times.slice(TRIAL)) < median(this.times.slice(0, TRIAL))
  }
}

// Whether a single token is computed faster by all threads or by one alone. No size tells: the threads wait for each
// other some twenty times a token, which takes a microsecond on a quiet machine and far longer on a busy one, or in
// WebAssembly. So both are tried now and then, and timed. The results are the same bits either way.

/** Tokens of a trial of each way, of which the first does not count: it may have to wake the others. */
const TRIAL = 8
/** Tokens from one trial to the next. */
const PERIOD = 1024

export class Teamwork {
  private tokens = 0
  private sequences = 0
  private readonly spent = { together: 0, alone: 0 }

  /** @param clock milliseconds, from any origin. */
  constructor(
    readonly threads: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /**
   * The threads for the next token of so many sequences; more sequences begin a trial of their own.
   * @returns how many, and what to call when it is done.
   */
  begin(sequences: number): { threads: number; done: () => void } {
    if (this.threads === 1) return { threads: 1, done: () => {} }
    if (sequences !== this.sequences || this.tokens === PERIOD) this.restart(sequences)
    const token = this.tokens++
    const way = token < TRIAL ? 'together' : token < 2 * TRIAL || this.aloneIsFaster() ? 'alone' : 'together'
    const before = this.clock()
    const done = () => {
      if (token < 2 * TRIAL && token % TRIAL > 0) this.spent[way] += this.clock() - before
    }
    return { threads: way === 'alone' ? 1 : this.threads, done }
  }

  private restart(sequences: number): void {
    this.sequences = sequences
    this.tokens = 0
    this.spent.together = this.spent.alone = 0
  }

  private aloneIsFaster(): boolean {
    return this.spent.alone < this.spent.together
  }
}

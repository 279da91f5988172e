// When frames are drawn: soon enough for a person, seldom enough for the training, whose processors they take.

/** No more than four frames a second. */
const REST_MILLISECONDS = 250

/** One is enough where nothing is new but the step: the training's threads wait for the one whose processor it takes. */
const STEP_REST_MILLISECONDS = 1000

/** Such frames take no more than this share of a processor, however slow it is. */
const SHARE = 0.05

/** Draws at once what comes after a rest, and after a while what comes too soon. */
export class FrameTimes {
  private last = Number.NEGATIVE_INFINITY
  private cost = 0
  private due = Number.POSITIVE_INFINITY
  private timer: ReturnType<typeof setTimeout> | undefined
  private isStopped = false

  constructor(private readonly draw: () => void) {}

  /** Something happened, or a person waits for an answer. */
  wanted(): void {
    this.drawAt(this.last + REST_MILLISECONDS)
  }

  /** The training went on. */
  wantedSometime(): void {
    this.drawAt(this.last + Math.max(STEP_REST_MILLISECONDS, this.cost / SHARE))
  }

  /** For ever. */
  stop(): void {
    this.isStopped = true
    clearTimeout(this.timer)
  }

  private drawAt(due: number): void {
    if (this.isStopped || due >= this.due) return
    clearTimeout(this.timer)
    this.due = due
    const wait = due - performance.now()
    if (wait <= 0) this.now()
    else this.timer = setTimeout(() => this.now(), wait)
  }

  private now(): void {
    this.due = Number.POSITIVE_INFINITY
    this.last = performance.now()
    this.draw()
    this.cost = performance.now() - this.last
  }
}

// What a person asks of a training while it runs, written at any time and read by the loop between two steps; and what
// the loop tells of itself meanwhile, whether or not anybody listens.

import type { Activity, Already, Change, RunControls, Wish } from '../gpt/controls.ts'

const NOTHING: ReadonlySet<Wish> = new Set()

export class Requests implements RunControls {
  private stepsDone = 0
  private isPaused = false
  private asked: ReadonlySet<Wish> = NOTHING
  /** Handed to the training, which does them now. */
  private underWay: ReadonlySet<Wish> = NOTHING
  private doing: Activity | undefined
  private done: number | undefined
  private clock: (() => number) | undefined
  private isClosed = false
  private answer: Already | undefined
  private readonly listeners: ((change: Change) => void)[] = []

  get step(): number {
    return this.stepsDone
  }

  get paused(): boolean {
    return this.isPaused
  }

  get wishes(): ReadonlySet<Wish> {
    return new Set([...this.underWay, ...this.asked])
  }

  get activity(): Activity | undefined {
    return this.doing
  }

  get share(): number | undefined {
    return this.done
  }

  get elapsedSeconds(): number | undefined {
    return this.clock?.()
  }

  get closed(): boolean {
    return this.isClosed
  }

  get already(): Already | undefined {
    return this.answer
  }

  pauseOrResume(): void {
    if (this.isClosed) return
    this.isPaused = !this.isPaused
    this.changed()
  }

  ask(wish: Wish): void {
    if (this.isClosed) return
    this.asked = new Set([...this.asked, wish])
    this.changed()
  }

  onChange(listener: (change: Change) => void): () => void {
    this.listeners.push(listener)
    return () => {
      const index = this.listeners.indexOf(listener)
      if (index >= 0) this.listeners.splice(index, 1)
    }
  }

  /** The training begins. @param elapsedSeconds of it, whenever it is called. */
  begin(elapsedSeconds: () => number): void {
    this.clock = elapsedSeconds
  }

  /** What the training turns to; or, where `share` tells it, how far it has come with that. */
  tell(activity: Activity, share?: number): void {
    if (activity === this.doing && share === this.done) return
    const change = activity === this.doing ? 'progress' : 'other'
    ;[this.doing, this.done] = [activity, share]
    this.changed(change)
  }

  /** Of what `next` gave last, this was done before. */
  tellDone(wishes: ReadonlySet<Wish>): void {
    if (wishes.size === 0) return
    this.answer = { step: this.stepsDone, wishes }
    this.changed()
  }

  /** The last step is done: what was asked for and not begun is forgotten, and a pause is over. */
  close(step: number): void {
    if (this.isClosed) return
    ;[this.isClosed, this.isPaused, this.stepsDone] = [true, false, step]
    ;[this.underWay, this.asked] = [NOTHING, NOTHING]
    this.changed()
  }

  /**
   * Between two steps, when so many are done: what to do before the next one. While paused it waits for a wish, for the
   * end of the pause, or for the signal. What it gave before is done when it is called again.
   */
  async next(step: number, signal: AbortSignal): Promise<ReadonlySet<Wish>> {
    if (step !== this.stepsDone || this.underWay.size > 0) {
      const change = this.underWay.size === 0 ? 'progress' : 'other'
      ;[this.stepsDone, this.underWay] = [step, NOTHING]
      this.changed(change)
    }
    while (this.isPaused && this.asked.size === 0 && !signal.aborted) await this.change(signal)
    ;[this.underWay, this.asked] = [this.asked, NOTHING]
    return this.underWay
  }

  private changed(change: Change = 'other'): void {
    for (const listener of this.listeners.slice()) listener(change)
  }

  /** The next change, or the signal. */
  private change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done)
        this.listeners.splice(this.listeners.indexOf(done), 1)
        resolve()
      }
      signal.addEventListener('abort', done)
      this.listeners.push(done)
    })
  }
}

// What a person asks of a training while it runs: written at any time, read by the loop between two steps.

import type { RunControls, Wish } from '../gpt/controls.ts'

const NOTHING: ReadonlySet<Wish> = new Set()

export class Requests implements RunControls {
  private stepsDone = 0
  private isPaused = false
  private asked: ReadonlySet<Wish> = NOTHING
  /** Handed to the training, which does them now. */
  private underWay: ReadonlySet<Wish> = NOTHING
  private readonly listeners: (() => void)[] = []

  get step(): number {
    return this.stepsDone
  }

  get paused(): boolean {
    return this.isPaused
  }

  get wishes(): ReadonlySet<Wish> {
    return new Set([...this.underWay, ...this.asked])
  }

  pauseOrResume(): void {
    this.isPaused = !this.isPaused
    this.changed()
  }

  ask(wish: Wish): void {
    this.asked = new Set([...this.asked, wish])
    this.changed()
  }

  onChange(listener: () => void): () => void {
    this.listeners.push(listener)
    return () => {
      const index = this.listeners.indexOf(listener)
      if (index >= 0) this.listeners.splice(index, 1)
    }
  }

  /**
   * Between two steps, when so many are done: what to do before the next one. While paused it waits for a wish, for the
   * end of the pause, or for the signal. What it gave before is done when it is called again.
   */
  async next(step: number, signal: AbortSignal): Promise<ReadonlySet<Wish>> {
    if (step !== this.stepsDone || this.underWay.size > 0) {
      ;[this.stepsDone, this.underWay] = [step, NOTHING]
      this.changed()
    }
    while (this.isPaused && this.asked.size === 0 && !signal.aborted) await this.change(signal)
    ;[this.underWay, this.asked] = [this.asked, NOTHING]
    return this.underWay
  }

  private changed(): void {
    for (const listener of this.listeners.slice()) listener()
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

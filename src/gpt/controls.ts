// What a person may ask of a training while it runs. It is done between two steps, and changes none of them.

/** Done once, now: what happens at intervals anyway. */
export type Wish = 'sample' | 'save' | 'evaluate'

export interface RunControls {
  /** Updates done by now: events tell of some of them only. */
  readonly step: number
  readonly paused: boolean
  /** Asked for, and not done yet. */
  readonly wishes: ReadonlySet<Wish>
  pauseOrResume(): void
  ask(wish: Wish): void
  /** Calls back after each change of what is told here. @returns what ends that. */
  onChange(listener: () => void): () => void
}

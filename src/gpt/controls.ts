// What a person may ask of a training while it runs. It is done between two steps, and changes none of them.

/** Done once, now: what happens at intervals anyway. */
export type Wish = 'sample' | 'save' | 'evaluate'

export interface RunControls {
  readonly paused: boolean
  /** Asked for, and not done yet. */
  readonly wishes: ReadonlySet<Wish>
  pauseOrResume(): void
  ask(wish: Wish): void
  /** Calls back after each change of `paused` and `wishes`. */
  onChange(listener: () => void): void
}

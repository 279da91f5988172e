// What a person may ask of a training while it runs. It is done between two steps, and changes none of them.

/** Done once, now: what happens at intervals anyway. */
export type Wish = 'sample' | 'save' | 'evaluate'

/** What takes the time just now. */
export type Activity = 'training' | 'evaluating' | 'sampling' | 'saving' | 'scoring'

/** What was asked for after a step, though it had been done there. */
export interface Already {
  readonly step: number
  readonly wishes: ReadonlySet<Wish>
}

/** Of how far the run is, which happens all the time, or of anything else. */
export type Change = 'progress' | 'other'

export interface RunControls {
  /** Updates done by now: events tell of some of them only. */
  readonly step: number
  readonly paused: boolean
  /** Asked for, and not done yet. */
  readonly wishes: ReadonlySet<Wish>
  /** Undefined before the training begins. */
  readonly activity: Activity | undefined
  /** How much of it is done, from 0 to 1, where that is known. */
  readonly share: number | undefined
  /** Of training, pauses left out, up to this moment; undefined before it begins. */
  readonly elapsedSeconds: number | undefined
  /** No step is left, so there is nothing to ask for. */
  readonly closed: boolean
  /** The last answer to a wish that needed no work. */
  readonly already: Already | undefined
  pauseOrResume(): void
  ask(wish: Wish): void
  /** Calls back after each change of what is told here. @returns what ends that. */
  onChange(listener: (change: Change) => void): () => void
}

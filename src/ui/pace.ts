// How long a run has still to go, by the pace of this session, evaluations and saving included.

export interface Moment {
  readonly step: number
  readonly elapsedSeconds: number
}

/** Seconds to the last step; undefined before this session's first one is done. */
export function remainingSeconds(origin: Moment, now: Moment, totalSteps: number): number | undefined {
  const done = now.step - origin.step
  if (done <= 0) return undefined
  return ((now.elapsedSeconds - origin.elapsedSeconds) / done) * (totalSteps - now.step)
}

// How long a run has still to go, by the pace of this session, evaluations and saving included; and that it seems to rest.

import { duration } from './format.ts'

export interface Moment {
  readonly step: number
  readonly elapsedSeconds: number
}

/** Seconds to the last step, none after it; undefined before this session's first one is done. */
export function remainingSeconds(origin: Moment, now: Moment, totalSteps: number): number | undefined {
  const done = now.step - origin.step
  if (done <= 0) return undefined
  return ((now.elapsedSeconds - origin.elapsedSeconds) / done) * Math.max(0, totalSteps - now.step)
}

/** What to say of a run that does not go on; it may also evaluate for long. */
export function restWords(seconds: number): string {
  return `the log has rested for ${duration(seconds)}: the run may be paused, or have stopped`
}

// This engine computes on the main thread, where promises alone would never let anything else run.

/** Gives timers, signals and closed pipes their turn; each piece of work begins with it. */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

// Engines that compute on the main thread share it: promises alone would never let anything else run.

/** Gives timers, signals and closed pipes their turn. */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

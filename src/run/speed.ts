// How fast a training is, and what its machine could do at best.

import type { Engine } from '../gpt/engine.ts'

/** Tokens trained on over the time that their steps took; evaluations, samples and saving do not count. */
export class Speed {
  private tokens = 0
  private seconds = 0

  add(tokens: number, seconds: number): void {
    this.tokens += tokens
    this.seconds += seconds
  }

  get tokensPerSecond(): number {
    return this.tokens / this.seconds
  }

  /** The speed as a field of an event, if there is one yet. */
  measured(): { tokensPerSecond?: number } {
    return this.tokens > 0 ? { tokensPerSecond: this.tokensPerSecond } : {}
  }
}

/**
 * What the engine's threads can multiply and add, the better of two moments: in the first, threads may have to wake.
 * Undefined if the engine cannot tell.
 */
export async function peakGflopsOf(engine: Engine, clock: () => number): Promise<number | undefined> {
  if (!engine.multiplyAndAdd) return undefined
  let peak = 0
  for (let moment = 0; moment < 2; moment++) {
    const before = clock()
    const flops = await engine.multiplyAndAdd()
    peak = Math.max(peak, flops / (clock() - before) / 1e9)
  }
  return peak
}

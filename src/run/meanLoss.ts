// The mean loss of a model over batches of windows.

import type { Batch, Engine } from '../gpt/engine.ts'

export interface MeanLoss {
  /** Nats per scored token. */
  readonly loss: number
  readonly tokens: number
}

/** The mean over all targets of the batches; undefined if the signal ended it early. */
export async function meanLoss(
  engine: Engine,
  batches: Iterable<Batch>,
  signal: AbortSignal,
): Promise<MeanLoss | undefined> {
  let nats = 0
  let tokens = 0
  for (const batch of batches) {
    if (signal.aborted) return undefined
    for (const loss of await engine.losses(batch)) nats += loss
    tokens += batch.targets.length
  }
  return { loss: nats / tokens, tokens }
}

// Watching a run that trains elsewhere, or has ended: its events from its log alone. Nothing in the run is touched.

import type { TrainEvent } from '../gpt/events.ts'
import { readEvent } from '../gpt/readEvent.ts'
import { followEvents } from '../store/followEvents.ts'
import { readEvents } from '../store/runFolder.ts'

/** `restart`: the run was resumed or overwritten, and its events come anew from the first. */
export type Watched = TrainEvent | 'restart'

/**
 * The events of a run from its first until it is finished, or the signal is aborted. Lines of the log that tell of nothing
 * we know are left out.
 * @throws UserError (exit 1) if the log cannot be read.
 */
export async function* watch(runFolder: string, signal: AbortSignal): AsyncGenerator<Watched> {
  for await (const change of followEvents(runFolder, { signal })) {
    const watched = change === 'restart' ? change : readEvent(change)
    if (watched) yield watched
    if (change !== 'restart' && change.event === 'finished') return
  }
}

/** All that its log tells of a run until now. @throws UserError (exit 1) if it cannot be read. */
export function pastEvents(runFolder: string): TrainEvent[] {
  return readEvents(runFolder).flatMap((line) => readEvent(line) ?? [])
}

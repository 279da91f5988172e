// Watching a run that trains elsewhere, or has ended: its events from its log alone. Nothing in the run is touched.

import type { TrainEvent } from '../gpt/events.ts'
import { readEvent } from '../gpt/readEvent.ts'
import { followEvents, secondsSinceLogged } from '../store/followEvents.ts'
import { eachEvent } from '../store/runFolder.ts'

/** `restart`: the run was resumed or overwritten, and its events come anew from the first. */
export type Watched = TrainEvent | 'restart'

export interface WatchOptions {
  readonly signal: AbortSignal
  /** Goes on when the run has finished, until the signal is aborted: it may be resumed. */
  readonly lasting?: boolean
  /** Called again and again while a run that has not finished logs nothing for longer than it usually takes. */
  readonly onRest?: (seconds: number) => void
}

/**
 * The events of a run from its first until it is finished, or the signal is aborted. Lines of the log that tell of nothing
 * we know are left out.
 * @throws UserError (exit 1) if the log cannot be read.
 */
export async function* watch(runFolder: string, options: WatchOptions): AsyncGenerator<Watched> {
  const { signal, lasting = false, onRest } = options
  const pace = new Pace()
  const tellOfRest = () => {
    const seconds = secondsSinceLogged(runFolder)
    if (seconds !== undefined && pace.isExceededBy(seconds)) onRest?.(seconds)
  }
  for await (const change of followEvents(runFolder, { signal, onRest: tellOfRest })) {
    const watched = change === 'restart' ? change : readEvent(change)
    if (watched) yield watched
    if (watched && watched !== 'restart') pace.see(watched)
    if (change !== 'restart' && change.event === 'finished' && !lasting) return
  }
}

/** A shorter rest means nothing, however fast the run was. In seconds. */
const SHORTEST_REST = 15
/** Evaluations grow no longer, but machines become busy. */
const TIMES_THE_LONGEST = 3

/** How long a run takes between two lines of its log. */
class Pace {
  private last: TrainEvent | undefined
  private longest = 0

  see(event: TrainEvent): void {
    const isOpening = event.event === 'started' || event.event === 'resumed'
    const taken = isOpening || !this.last ? 0 : event.elapsedSeconds - this.last.elapsedSeconds
    this.longest = Math.max(this.longest, taken || 0) // of a damaged line it is NaN
    this.last = event
  }

  isExceededBy(seconds: number): boolean {
    const longest = Math.max(SHORTEST_REST, TIMES_THE_LONGEST * this.longest)
    return this.last?.event !== 'finished' && seconds > longest
  }
}

/** All that its log tells of a run until now, one after the other. @throws UserError (exit 1) if it cannot be read. */
export function* eachPastEvent(runFolder: string): Generator<TrainEvent> {
  for (const line of eachEvent(runFolder)) {
    const event = readEvent(line)
    if (event) yield event
  }
}

/** The same all at once. @throws UserError (exit 1) if it cannot be read. */
export function pastEvents(runFolder: string): TrainEvent[] {
  return [...eachPastEvent(runFolder)]
}

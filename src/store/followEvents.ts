// A run's log as it grows: events that another process appends are read as they come, and what was read is not read again.

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../base/errors.ts'
import { LOG_FILE, parseEvent, type RunEvent } from './runFolder.ts'
import { hasCode, reading } from './systemErrors.ts'

/** What happens to a log: an event is added, or it begins anew, because its run was resumed or overwritten. */
export type LogChange = RunEvent | 'restart'

export interface FollowOptions {
  /** Aborted: the sequence ends. */
  readonly signal: AbortSignal
  /** Waits a while before the next look; it may end early when the signal is aborted. */
  readonly pause?: (signal: AbortSignal) => Promise<void>
  /** Called before each pause: all that there is has been read. */
  readonly onRest?: () => void
}

const MILLISECONDS_BETWEEN_LOOKS = 250

/**
 * The events of a run's log from its first, and on as they are appended, until the signal is aborted. There need be no log
 * yet. A last line that is not whole waits for its rest; a whole line that is no event is left out.
 * @throws UserError (exit 1) if the log cannot be read.
 */
export async function* followEvents(
  folder: string,
  { signal, pause = pauseBetweenLooks, onRest }: FollowOptions,
): AsyncGenerator<LogChange> {
  const log = new GrowingLog(join(folder, LOG_FILE))
  while (!signal.aborted) {
    const news = log.look()
    if (!news) {
      onRest?.()
      await pause(signal)
      continue
    }
    if (news.isNew) yield 'restart'
    for (const line of news.lines) {
      const event = parseEvent(line)
      if (event) yield event
      if (signal.aborted) return
    }
    await new Promise((resolve) => setImmediate(resolve)) // signals, keys and frames wait while a long log is replayed
  }
}

/** Seconds since a log was last written to; undefined if there is none. @throws UserError (exit 1) if that cannot be told. */
export function secondsSinceLogged(folder: string): number | undefined {
  const path = join(folder, LOG_FILE)
  const written = reading(path, () => statSync(path, { throwIfNoEntry: false })?.mtimeMs)
  return written === undefined ? undefined : Math.max(0, (Date.now() - written) / 1000)
}

function pauseBetweenLooks(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, MILLISECONDS_BETWEEN_LOOKS)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}

/** So much is read at once, at most: some thousand lines, which are shown in a few hundredths of a second. */
const PIECE_BYTES = 2 ** 18

/** A line that is longer is none of ours. */
const MAX_LINE_BYTES = 2 ** 24

/** So many of the bytes before a place tell whether it is the same log: lines differ in their times. */
const TRACE_BYTES = 256

const LINE_END = 0x0a

interface News {
  /** Whether this is another log than before. */
  readonly isNew: boolean
  readonly lines: readonly string[]
}

/** A place in a log that others write. No file stays open in between: on Windows that would keep them from replacing it. */
class GrowingLog {
  private inode = 0n
  private place = 0
  /** The last bytes before `place`. */
  private trace: Uint8Array = new Uint8Array()
  /** The pieces so far of a line that is not whole. */
  private begun: Uint8Array[] = []

  constructor(private readonly path: string) {}

  /** What came since the last look; undefined if nothing did. */
  look(): News | undefined {
    return reading(this.path, () => {
      const file = this.open()
      if (file === undefined) return undefined
      try {
        const { ino, size } = fstatSync(file, { bigint: true })
        const isNew = this.isAnother(file, ino) && this.forget()
        this.inode = ino
        const bytes = readAt(file, this.place, Math.min(PIECE_BYTES, Number(size) - this.place))
        return bytes.length > 0 || isNew ? { isNew, lines: this.take(bytes) } : undefined
      } finally {
        closeSync(file)
      }
    })
  }

  /** Undefined if there is no log; a run that is overwritten has none for a moment. */
  private open(): number | undefined {
    try {
      if (!statSync(this.path).isFile()) throw failure(`cannot read ${this.path}: it is not a file`) // a FIFO would block
      return openSync(this.path, 'r')
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  }

  /** A log that was replaced has another inode; one that is shorter, or was written anew, other bytes before our place. */
  private isAnother(file: number, inode: bigint): boolean {
    return this.place > 0 && (inode !== this.inode || !this.hasTrace(file))
  }

  private hasTrace(file: number): boolean {
    const there = readAt(file, this.place - this.trace.length, this.trace.length)
    return Buffer.compare(there, this.trace) === 0
  }

  private forget(): true {
    this.place = 0
    this.trace = new Uint8Array()
    this.begun = []
    return true
  }

  /** The lines that these bytes complete. */
  private take(bytes: Uint8Array): string[] {
    this.place += bytes.length
    this.trace = Buffer.concat([this.trace, bytes.subarray(-TRACE_BYTES)]).subarray(-TRACE_BYTES)
    const end = bytes.lastIndexOf(LINE_END) + 1
    const whole = end === 0 ? [] : [...this.begun, bytes.subarray(0, end)]
    this.begun = [...(end === 0 ? this.begun : []), bytes.subarray(end)]
    if (this.begun.reduce((sum, { length }) => sum + length, 0) > MAX_LINE_BYTES) {
      throw failure(`${this.path} is damaged: it has a line of more than ${MAX_LINE_BYTES} bytes`)
    }
    return new TextDecoder().decode(Buffer.concat(whole)).split('\n').slice(0, -1)
  }
}

/** At most `count` bytes; fewer at the end of the file. */
function readAt(file: number, position: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count)
  let done = 0
  while (done < count) {
    const read = readSync(file, bytes, done, count - done, position + done)
    if (read === 0) break
    done += read
  }
  return bytes.subarray(0, done)
}

// What a command may use of the world around it. main.ts makes it; tests may make another.

import type { ColourDepth } from '../ui/style.ts'
import type { BeforeStop } from './suspension.ts'

export interface Context {
  /** Aborted by Ctrl-C, a request to terminate, or a reader that went away. */
  readonly signal: AbortSignal
  /** Asks the command to end in order, as the person wishes: exit code 0. */
  readonly quit: () => void
  /** Ctrl-C, where a terminal in raw mode hands it over as a key: in order, and at once when it comes again. */
  readonly interrupt: () => void
  readonly stdout: (text: string) => void
  /** For words to people: no control character in them reaches a terminal. */
  readonly stderr: (text: string) => void
  /** Whether a terminal shows standard output, be it one that can be drawn on or not. */
  readonly isShown: boolean
  /** The colours that standard output shows; 0 where it is no terminal. */
  readonly colours: ColourDepth
  /** Where standard output is a screen that can be drawn on; else undefined. */
  readonly terminal: Terminal | undefined
  /** All of standard input. */
  readonly stdin: () => Promise<Uint8Array>
  /** Calls back when somebody asks this program to stop (not by a key of a terminal in raw mode). @returns what ends that. */
  readonly onStop: (before: BeforeStop) => () => void
  /** Seconds, from any origin, without those for which a shell had stopped this program. */
  readonly clock: () => number
  /** A seed that differs from call to call. */
  readonly freshSeed: () => number
  /** Where runs are by default, below the current folder. */
  readonly root: string
  /** The engine that TGPT_ENGINE asks for. */
  readonly engine: string | undefined
  /** For the programs that a command starts. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Memory that is free on this machine. */
  readonly availableBytes: number
  /** The most memory that this process has had at once. */
  readonly peakMemoryBytes: () => number
  readonly versions: { readonly tgpt: string; readonly node: string }
  /** How the person called this program: `tgpt` or `npx tgpt`. */
  readonly command: string
}

export interface Terminal {
  /** Its size now, in cells. */
  readonly columns: () => number
  readonly rows: () => number
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  /** Stops this program, and those that were started with it, until their shell continues them. */
  readonly suspend: () => void
  /** Whether it is ours to draw on: a shell may keep this program running behind it. */
  readonly isInForeground: () => boolean
}

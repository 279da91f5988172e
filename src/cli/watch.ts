// tgpt watch: a run that trains elsewhere, or has ended.

import type { Argv, CommandModule, Options } from 'yargs'
import type { TrainEvent } from '../gpt/events.ts'
import { watch } from '../run/watch.ts'
import { locateRun, tellsOfRun } from '../store/locate.ts'
import { restWords } from '../ui/pace.ts'
import { PlainLines } from '../ui/plainLines.ts'
import { harmless, harmlessJson } from '../ui/visible.ts'
import type { Context, Terminal } from './context.ts'
import { dashboardListener, terminalFor } from './listeners.ts'
import { type Arguments, flag, switchedOn, text } from './options.ts'

export const WATCH_OPTIONS: Record<string, Options> = {
  plain: flag('plain lines, also in a terminal'),
  json: flag('the events themselves, one a line'),
}

export function watchCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'watch [run]',
    describe: 'Watch a run that trains elsewhere, or has ended',
    builder: (yargs: Argv<object>) =>
      yargs
        .positional('run', {
          type: 'string',
          describe: "a run's folder or name (default: the one that was written to last)",
        })
        .options(WATCH_OPTIONS)
        .example('$0 watch', 'see how the newest run goes on; q or Ctrl-C leave it alone')
        .example('$0 watch novel --json', 'for programs'),
    handler: async (args) => {
      const runFolder = locateRun(text(args, 'run'), context.root, tellsOfRun)
      await follow(runFolder, await viewerFor(args, context), context.signal)
    },
  }
}

/** Who shows a run that is watched. */
interface Viewer {
  show(event: TrainEvent): void
  /** All that was shown comes anew: the run was resumed or overwritten. */
  restart(): void
  /** The run has not finished, and nothing came for so long. */
  rest(seconds: number): void
  /** Stays open when the run has finished, until the person wishes to leave. */
  readonly lasting: boolean
  close(): Promise<void>
}

async function viewerFor(args: Arguments, context: Context): Promise<Viewer> {
  if (switchedOn(args, 'json')) return jsonViewer(context)
  const terminal = terminalFor(args, context)
  return terminal ? dashboardViewer(context, terminal) : plainViewer(context)
}

async function follow(runFolder: string, viewer: Viewer, signal: AbortSignal): Promise<void> {
  const { lasting } = viewer
  try {
    for await (const watched of watch(runFolder, { signal, lasting, onRest: (seconds) => viewer.rest(seconds) })) {
      if (watched === 'restart') viewer.restart()
      else viewer.show(watched)
    }
  } finally {
    await viewer.close()
  }
}

/** The event that begins each log begins the curves anew. Where no key can be read, nobody could leave a run that has ended. */
async function dashboardViewer(context: Context, terminal: Terminal): Promise<Viewer> {
  const listener = await dashboardListener(context, terminal, {})
  return {
    ...listener,
    restart: () => {},
    rest: (seconds) => listener.rest?.(seconds),
    lasting: terminal.stdin.isTTY,
  }
}

/** The log may be anybody's: no text in it steers the terminal. */
function plainViewer({ stdout, stderr }: Context): Viewer {
  let plain = new PlainLines()
  let isTold = false
  return {
    show: (event) => {
      isTold = false
      for (const line of plain.lines(event)) stdout(`${harmless(line)}\n`)
    },
    restart: () => {
      plain = new PlainLines()
      stdout('\nthe run was resumed or begun anew; from its start:\n')
    },
    rest: (seconds) => {
      if (!isTold) stderr(`${restWords(seconds)}\n`)
      isTold = true
    },
    lasting: false,
    close: async () => {},
  }
}

/** A program sees the restart by the event that begins each log. */
function jsonViewer({ stdout }: Context): Viewer {
  return {
    show: (event) => stdout(`${harmlessJson(event)}\n`),
    restart: () => {},
    rest: () => {},
    lasting: false,
    close: async () => {},
  }
}

// Who shows a training that goes on: the dashboard where there is a screen, plain lines, or the events themselves.

import { messageOf } from '../base/errors.ts'
import type { TrainEvent } from '../gpt/events.ts'
import { Requests } from '../run/requests.ts'
import type { OpenDashboard } from '../ui/dashboard/open.tsx'
import { PlainLines } from '../ui/plainLines.ts'
import { harmless, harmlessJson } from '../ui/visible.ts'
import type { Context, Terminal } from './context.ts'
import { type Arguments, switchedOn } from './options.ts'

export interface Listener {
  /** What the person asks of the training; undefined where nobody can. */
  readonly requests?: Requests
  show(event: TrainEvent): void
  /** A run that is watched has not gone on for so many seconds. */
  rest?(seconds: number): void
  /** The command was asked to end. */
  ending(): void
  /** Leaves the terminal as it was. Nothing is shown any more. */
  close(): Promise<void>
  /** Words for the person when all is over. */
  say(words: string): void
}

/** @param past what was told before this session; lines have said it, curves show it again. */
export async function listenerFor(
  args: Arguments,
  context: Context,
  past: () => readonly TrainEvent[],
): Promise<Listener> {
  if (switchedOn(args, 'json')) return jsonListener(context)
  const terminal = terminalFor(args, context)
  if (!terminal) return plainListener(context)
  return dashboardListener(context, terminal, { requests: new Requests(), past: past() })
}

/** Where to draw; undefined where there is no screen, or plain lines are asked for. */
export function terminalFor(args: Arguments, { terminal }: Context): Terminal | undefined {
  return switchedOn(args, 'plain') ? undefined : terminal
}

const STOPPING = 'stopping: the step in progress is finished and saved (once more to quit at once)\n'

function plainListener(context: Context): Listener {
  const plain = new PlainLines()
  const endHearing = context.onStop(atOnce)
  return {
    show: (event) => print(plain.lines(event), context),
    ending: () => context.stderr(STOPPING),
    close: async () => endHearing(),
    say: (words) => context.stdout(harmless(words)),
  }
}

/** No text of people or models steers the terminal. */
function print(lines: readonly string[], { stdout }: Context): void {
  stdout(lines.map((line) => `${harmless(line)}\n`).join(''))
}

/** There is nothing to leave before a stop; it is heard so that the clock leaves it out. */
function atOnce(stop: () => void): void {
  stop()
}

/** Standard output is for programs; words go elsewhere. */
function jsonListener(context: Context): Listener {
  const endHearing = context.onStop(atOnce)
  return {
    show: (event) => context.stdout(`${harmlessJson(event)}\n`),
    ending: () => context.stderr(STOPPING),
    close: async () => endHearing(),
    say: context.stderr,
  }
}

interface Dashboarded {
  /** Undefined for a run that is only watched. */
  readonly requests?: Requests
  readonly past?: readonly TrainEvent[]
}

/** Where the dashboard cannot be drawn, or no longer can, plain lines go on. */
export async function dashboardListener(
  context: Context,
  terminal: Terminal,
  { requests, past = [] }: Dashboarded,
): Promise<Listener> {
  const plain = new PlainLines()
  let dashboard: OpenDashboard | undefined
  let unseen: string[] = []
  const printUnseen = () => {
    print(unseen, context)
    unseen = []
  }
  const onCrash = (error: unknown) => {
    dashboard = undefined
    if (requests?.paused) requests.pauseOrResume() // there is no key for it any more
    context.stderr(`the dashboard has failed (${messageOf(error)}): plain lines go on\n`)
    printUnseen()
  }
  // before the cursor is hidden: a stop that is not heard would leave it so
  const endHearing = context.onStop((stop) => (dashboard ? dashboard.suspend(stop) : stop()))
  try {
    const { openDashboard } = await import('../ui/dashboard/open.tsx')
    const { colours: depth, quit, interrupt } = context
    dashboard = openDashboard({
      ...terminal,
      depth,
      controls: requests,
      quit,
      interrupt,
      onCrash,
      onDrawn: () => (unseen = []),
    })
    for (const event of past) dashboard?.show(event)
  } catch (error) {
    onCrash(error)
  }
  return {
    ...(requests && { requests }),
    show: (event) => {
      unseen.push(...plain.lines(event)) // also while nobody sees them: they build on each other
      dashboard?.show(event)
      if (!dashboard || dashboard.isHidden) printUnseen()
    },
    rest: (seconds) => dashboard?.rest(seconds),
    ending: () => {
      if (!dashboard || dashboard.isHidden) context.stderr(STOPPING)
      dashboard?.ending()
    },
    close: async () => {
      await dashboard?.close()
      endHearing()
    },
    say: (words) => context.stdout(harmless(words)),
  }
}

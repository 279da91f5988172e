// The first two lines: which run, on what it computes, and how far it is.

import type { Activity, RunControls } from '../../gpt/controls.ts'
import type { ResumedEvent, StartedEvent } from '../../gpt/events.ts'
import { count, duration } from '../format.ts'
import { onOneLine } from '../fit.ts'
import { DIM, BOLD, cells, type Line, lineCells } from '../style.ts'
import { COLOURS, firstFitting, joined, plain, spread, styled } from './lines.ts'
import { Picture } from './Picture.tsx'
import { type RunState, secondsLeft, shareOfPeak } from './state.ts'
import type { Asked } from './Words.tsx'

interface Props {
  readonly state: RunState
  readonly width: number
}

export function Title({ state, width }: Props) {
  return <Picture lines={[titleLine(state, width)]} width={width} height={1} />
}

/** A long path of the run gives way first, then the engine, then what is left of the path. */
function titleLine(state: RunState, width: number): Line {
  const { opening } = state
  if (!opening) return [styled('starting…', DIM)]
  const runs = pathsOf(onOneLine(opening.run), width).map((path) => styled(path, BOLD))
  const engines = enginesOf(opening, shareOfPeak(state)).map((words) => styled(words, DIM))
  const versions = engines.flatMap((engine) => runs.map((run) => [run, engine]))
  const fitting = versions.find(([run, engine]) => cells(run.text) + 2 + cells(engine.text) <= width)
  if (fitting) return spread(fitting.slice(0, 1), fitting.slice(1), width)
  const alone = runs.map((run) => [run])
  return firstFitting(alone, width)
}

/** What there is to say of the engine, and less and less of it. */
function enginesOf({ engine }: StartedEvent | ResumedEvent, share: number | undefined): string[] {
  const peak = share === undefined ? '' : `, ${(100 * share).toFixed(0)}% of peak`
  const [name, detail] = [onOneLine(engine.name), onOneLine(engine.detail)]
  return [`${name}: ${detail}${peak}`, `${name}${peak}`, name]
}

/** A path that takes more of the line than this is long. */
const LONG = 1 / 3

/** A run's path, and where it is long, its last part alone. */
function pathsOf(run: string, width: number): string[] {
  const [end] = /[/\\][^/\\]+(?=[/\\]*$)/.exec(run) ?? [run]
  const last = `…${end}`
  const isLong = cells(run) > Math.max(LONG * width, cells(last))
  return isLong ? [run, last] : [run]
}

interface Going {
  readonly asked: Asked
  /** Whether the run seems to go on no more. */
  readonly isResting: boolean
}

export function Progress({ state, width, ...going }: Props & Going) {
  return <Picture lines={[progressLine(state, going, width)]} width={width} height={1} />
}

const SHORTEST_BAR = 8

/** A bar between the step and the times, as long as there is room; what goes on is told before it. */
function progressLine(state: RunState, { asked, isResting }: Going, width: number): Line {
  const total = state.opening?.settings.steps ?? 0
  const now = nowOf(state, asked.controls)
  const share = total > 0 ? Math.min(1, now.step / total) : 0
  const times = timesOf(now, asked, isResting)
  const step: Line = [plain('step '), styled(count(now.step), BOLD), styled(`/${count(total)}`, DIM)]
  const percent = plain(`${Math.floor(100 * share)}%`.padStart(4))
  const last = times.slice(-1)
  const withBar = (end: Line): Line[] => {
    const bar = width - lineCells(step) - lineCells(end) - 2
    return bar < SHORTEST_BAR ? [] : [joined([step, barLine(share, bar), end], ' ')]
  }
  const versions = [
    ...withBar(joined([[percent], ...times], '  ')),
    ...withBar(joined([[percent], ...last], '  ')),
    joined([[...step, plain(' '), percent], ...last], '  '),
    ...withBar([percent]),
    joined([step, [percent]], ' '),
  ]
  return firstFitting(versions, width)
}

/** The state at this moment: events tell of some moments only. */
function nowOf(state: RunState, controls: RunControls | undefined): RunState {
  if (!controls || state.finished) return state
  const step = Math.max(state.step, controls.step)
  return { ...state, step, elapsedSeconds: Math.max(state.elapsedSeconds, controls.elapsedSeconds ?? 0) }
}

function timesOf(state: RunState, { controls, isEnding }: Asked, isResting: boolean): Line[] {
  const elapsed: Line = [styled('elapsed ', DIM), plain(duration(state.elapsedSeconds))]
  if (state.finished) return [elapsed, [plain(state.finished.reason === 'completed' ? 'done' : 'stopped')]]
  const { activity, share, paused = false } = controls ?? {}
  if (activity && activity !== 'training') return [elapsed, activityLine(activity, share)]
  if (paused && !isEnding) return [elapsed, [styled('paused', { ...COLOURS.warning, bold: true })]]
  if (isResting) return [elapsed]
  const left = secondsLeft(state)
  return [elapsed, [styled('ETA ', DIM), plain(left === undefined ? '…' : duration(left))]]
}

function activityLine(activity: Activity, share: number | undefined): Line {
  return [plain(activity), ...(share === undefined ? [] : [plain(` ${Math.floor(100 * share)}%`)])]
}

function barLine(share: number, width: number): Line {
  const full = Math.floor(share * width)
  return [styled('━'.repeat(full), COLOURS.progress), styled('─'.repeat(width - full), DIM)]
}

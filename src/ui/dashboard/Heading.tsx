// The first two lines: which run, on what it computes, and how far it is.

import type { RunControls } from '../../gpt/controls.ts'
import { count, duration } from '../format.ts'
import { onOneLine } from '../fit.ts'
import { cells, type Line, lineCells } from '../style.ts'
import { COLOURS, fitted, joined, plain, QUIET, spread, STRONG, styled } from './lines.ts'
import { Picture } from './Picture.tsx'
import { type RunState, secondsLeft, shareOfPeak } from './state.ts'

interface Props {
  readonly state: RunState
  readonly width: number
}

export function Title({ state, width }: Props) {
  return <Picture lines={[titleLine(state, width)]} width={width} height={1} />
}

/** The engine gives way first, then the run's path. */
function titleLine(state: RunState, width: number): Line {
  const { opening } = state
  if (!opening) return [styled('starting…', QUIET)]
  const run = styled(onOneLine(opening.run), STRONG)
  const share = shareOfPeak(state)
  const peak = share === undefined ? '' : `, ${(100 * share).toFixed(0)}% of peak`
  const [name, detail] = [onOneLine(opening.engine.name), onOneLine(opening.engine.detail)]
  const engines = [`${name}: ${detail}${peak}`, `${name}${peak}`, name]
  const engine = engines.find((text) => cells(run.text) + 2 + cells(text) <= width)
  return engine === undefined ? fitted([run], width) : spread([run], [styled(engine, QUIET)], width)
}

export function Progress({ state, controls, width }: Props & { readonly controls: RunControls | undefined }) {
  return <Picture lines={[progressLine(state, controls, width)]} width={width} height={1} />
}

const SHORTEST_BAR = 8

/** A bar between the step and the times, as long as there is room. */
function progressLine(state: RunState, controls: RunControls | undefined, width: number): Line {
  const total = state.opening?.settings.steps ?? 0
  const done = Math.max(state.step, controls?.step ?? 0)
  const share = total > 0 ? Math.min(1, done / total) : 0
  const times = timesOf(state, controls?.paused ?? false)
  const step: Line = [plain('step '), styled(count(done), STRONG), styled(`/${count(total)}`, QUIET)]
  const percent = plain(`${Math.floor(100 * share)}%`.padStart(4))
  const versions = [
    [step, [percent], ...times],
    [step, [percent], ...times.slice(-1)],
    [step, [percent]],
  ]
  for (const [start, ...rest] of versions) {
    const end = joined(rest, '  ')
    const bar = width - lineCells(start) - lineCells(end) - 2
    if (bar >= SHORTEST_BAR) return joined([start, barLine(share, bar), end], ' ')
  }
  return fitted(joined([step, [percent]], ' '), width)
}

function timesOf(state: RunState, isPaused: boolean): Line[] {
  const elapsed: Line = [styled('elapsed ', QUIET), plain(duration(state.elapsedSeconds))]
  if (state.finished) return [elapsed, [plain(state.finished.reason === 'completed' ? 'done' : 'stopped')]]
  if (isPaused) return [elapsed, [styled('paused', { ...COLOURS.warning, bold: true })]]
  const left = secondsLeft(state)
  return [elapsed, [styled('ETA ', QUIET), plain(left === undefined ? '…' : duration(left))]]
}

function barLine(share: number, width: number): Line {
  const full = Math.floor(share * width)
  return [styled('━'.repeat(full), COLOURS.progress), styled('─'.repeat(width - full), QUIET)]
}

// A frame of the dashboard as lines of text, without a terminal.

import { renderToString } from 'ink'
import { Dashboard, type DashboardProps } from '../../../src/ui/dashboard/Dashboard.tsx'
import type { Size } from '../../../src/ui/dashboard/layout.ts'
import { Depth } from '../../../src/ui/dashboard/Picture.tsx'
import type { RunState } from '../../../src/ui/dashboard/state.ts'
import type { RunControls } from '../../../src/gpt/controls.ts'
import type { ColourDepth } from '../../../src/ui/style.ts'

export const CONTROLS: RunControls = {
  step: 0,
  paused: false,
  wishes: new Set(),
  activity: 'training',
  share: undefined,
  elapsedSeconds: undefined,
  closed: false,
  already: undefined,
  pauseOrResume() {},
  ask() {},
  onChange: () => () => {},
}

const USUAL: Omit<DashboardProps, 'state' | 'size'> = {
  view: { scale: 'linear', isZoomed: false },
  asked: { controls: CONTROLS, isEnding: false },
  hasKeys: true,
}

/** Blanks at the ends of lines are left out, as Ink does. */
export function frameOf(
  state: RunState,
  size: Size,
  props: Partial<DashboardProps> = {},
  depth: ColourDepth = 0,
): string[] {
  const dashboard = (
    <Depth value={depth}>
      <Dashboard {...USUAL} state={state} size={size} {...props} />
    </Depth>
  )
  return renderToString(dashboard, { columns: size.columns }).split('\n')
}

const LETTERS: Readonly<Record<string, string>> = { 32: 'G', 33: 'Y', 35: 'M', 36: 'C' }

/**
 * The colour of each cell of a line as a letter: C cyan, M magenta, Y yellow, G green, small where it is dim; + for a
 * sign of no colour, a dot for a dim one, a blank for none.
 */
export function colourOfCells(line: string): string {
  let [colour, isDim, shown] = ['', false, '']
  const [start, ...runs] = line.split('\u001B[')
  for (const [, code, signs] of [['', '1', start], ...runs.map((run) => /^(\d+)m(.*)$/u.exec(run) ?? [])]) {
    if (code === '2' || code === '22') isDim = code === '2'
    else if (code !== '1') colour = LETTERS[code] ?? ''
    const letter = colour === '' ? (isDim ? '.' : '+') : isDim ? colour.toLowerCase() : colour
    shown += signs.replaceAll(/[^ ]/gu, letter)
  }
  return shown.trimEnd()
}

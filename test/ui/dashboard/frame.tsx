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

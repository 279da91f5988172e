// The dashboard as a function of what is known of a run: every frame of it, and nothing that waits or listens.

import { Box } from 'ink'
import type { ReactNode } from 'react'
import { Facts, FactsLine } from './Facts.tsx'
import { Progress, Title } from './Heading.tsx'
import { layoutFor, type Size } from './layout.ts'
import { type CurveView, Losses } from './Losses.tsx'
import type { RunState } from './state.ts'
import { type Asked, Keys, Messages, Sample } from './Words.tsx'

export interface DashboardProps {
  readonly state: RunState
  readonly view: CurveView
  readonly size: Size
  readonly asked: Asked
  /** Seconds without an event, where they are too many for a run that goes on. */
  readonly rested?: number | undefined
  /** Whether keys do something: not in the last frame, nor where none can be read. */
  readonly hasKeys: boolean
}

const GAP = 3

export function Dashboard({ state, view, size, asked, rested, hasKeys }: DashboardProps) {
  const { width, gap, ...parts } = layoutFor(size)
  const { side, losses } = parts
  return (
    <Box flexDirection="column" width={width}>
      <Part height={parts.title} gap={0}>
        <Title state={state} width={width} />
      </Part>
      <Part height={parts.progress} gap={gap}>
        <Progress state={state} asked={asked} isResting={rested !== undefined} width={width} />
      </Part>
      <Part height={losses} gap={gap}>
        <Losses state={state} view={view} width={side > 0 ? width - side - GAP : width} height={losses} />
        {side > 0 && (
          <Box marginLeft={GAP}>
            <Facts state={state} width={side} height={losses} />
          </Box>
        )}
      </Part>
      <Part height={parts.facts} gap={0}>
        <FactsLine state={state} width={width} />
      </Part>
      <Part height={parts.sample} gap={gap}>
        <Sample state={state} width={width} height={parts.sample} />
      </Part>
      <Part height={parts.messages} gap={0}>
        <Messages state={state} asked={asked} rested={rested} width={width} height={parts.messages} />
      </Part>
      <Part height={hasKeys ? parts.keys : 0} gap={0}>
        <Keys asked={asked} width={width} />
      </Part>
    </Box>
  )
}

/** A part of the screen with a gap below it; nothing where there is no room. */
function Part({
  height,
  gap,
  children,
}: {
  readonly height: number
  readonly gap: number
  readonly children: ReactNode
}) {
  if (height === 0) return null
  return (
    <Box height={height} marginBottom={gap} flexShrink={0}>
      {children}
    </Box>
  )
}

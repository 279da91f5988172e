// Styled lines inside Ink: the one place where they get their escape codes. Ink itself colours nothing.

import { Box, Text } from 'ink'
import { createContext, useContext } from 'react'
import { type ColourDepth, type Line, painted } from '../style.ts'
import { fitted } from './lines.ts'

/** The colours of the terminal that is drawn on. */
export const Depth = createContext<ColourDepth>(0)

export interface Room {
  /** In cells. */
  readonly width: number
  readonly height: number
}

/** At most `height` lines, none wider than `width`; the rest of the room is blank. */
export function Picture({ lines, width, height }: { readonly lines: readonly Line[] } & Room) {
  const depth = useContext(Depth)
  const shown = lines.slice(0, height).map((line) => painted(fitted(line, width), depth) || ' ')
  return (
    <Box width={width} height={height} flexShrink={0}>
      <Text wrap="truncate">{shown.join('\n')}</Text>
    </Box>
  )
}

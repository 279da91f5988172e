// A picture as tests read it: its text alone.

import { type Line, painted } from '../../src/ui/style.ts'

/** Without styles, and without the blanks at the ends of lines. */
export function textOf(lines: readonly Line[]): string[] {
  return lines.map((line) => painted(line, 0).trimEnd())
}

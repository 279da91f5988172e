// How large a picture may be that is printed: it fits the terminal, or a page where there is none.

import { type Size, USUAL_SIZE } from '../ui/dashboard/layout.ts'
import type { Context } from './context.ts'

/** Where there is no terminal to ask. */
const PAGE: Size = { columns: 100, rows: 50 }
/** Narrower pictures show nothing. */
const MIN_COLUMNS = 20

export function sheetSize({ terminal }: Pick<Context, 'terminal'>): Size {
  if (!terminal) return PAGE
  const columns = Math.max(MIN_COLUMNS, terminal.columns() || USUAL_SIZE.columns)
  return { columns, rows: terminal.rows() || USUAL_SIZE.rows }
}

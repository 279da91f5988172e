// Which parts of the dashboard a screen has room for, and how much of it each of them gets.

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** What a screen of no size (some have none) is taken for. */
export const USUAL_SIZE: Size = { columns: 80, rows: 24 }

/**
 * Heights in lines; 0: left out. In all they are one less than the screen has, so that the cursor below the last line
 * scrolls nothing.
 */
export interface Layout {
  readonly width: number
  readonly title: number
  readonly progress: number
  /** The loss curves with their title. */
  readonly losses: number
  /** Columns for figures beside the curves; 0: they are one line below them. */
  readonly side: number
  readonly facts: number
  readonly sample: number
  readonly messages: number
  readonly keys: number
  /** A blank line between the parts. */
  readonly gap: 0 | 1
}

const WIDE = { columns: 72, height: 22 }

export function layoutFor({ columns, rows }: Size): Layout {
  const [width, height] = [Math.max(1, columns), Math.max(1, rows - 1)]
  return width >= WIDE.columns && height >= WIDE.height ? wide(width, height) : narrow(width, height)
}

/** Curves beside figures, with blank lines between the parts. */
function wide(width: number, height: number): Layout {
  const [title, progress, keys, gaps] = [1, 1, 1, 3]
  const free = height - title - progress - keys - gaps
  const messages = free < 20 ? 1 : free < 30 ? 2 : 3
  const sample = Math.floor(free / 5) + (free < 20 ? 1 : 2)
  const losses = free - messages - sample
  const side = Math.min(34, Math.floor(0.32 * width))
  return { width, title, progress, losses, side, facts: 0, sample, messages, keys, gap: 1 }
}

/** What matters most on a small screen; the curves and the sample get the lines that are left. */
const BY_IMPORTANCE = ['progress', 'losses', 'keys', 'title', 'messages', 'facts', 'sample'] as const

function narrow(width: number, height: number): Layout {
  const has = (part: (typeof BY_IMPORTANCE)[number]) => (BY_IMPORTANCE.indexOf(part) < height ? 1 : 0)
  const free = Math.max(0, height - BY_IMPORTANCE.length)
  const moreSample = Math.floor(free / 4)
  return {
    width,
    title: has('title'),
    progress: has('progress'),
    losses: has('losses') + free - moreSample,
    side: 0,
    facts: has('facts'),
    sample: has('sample') + moreSample,
    messages: has('messages'),
    keys: has('keys'),
    gap: 0,
  }
}

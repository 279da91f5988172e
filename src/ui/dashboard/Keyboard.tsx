// The keys that a person presses, one by one. In raw mode Ctrl-C and Ctrl-Z are among them.

import { useInput } from 'ink'

export const CTRL_C = '\x03'
export const CTRL_Z = '\x1a'

/** A letter, CTRL_C or CTRL_Z for each key; what comes with Ctrl or Alt is no letter, nor are arrows and the like. */
export function Keyboard({ onKey }: { readonly onKey: (key: string) => void }) {
  useInput((input, { ctrl, meta }) => {
    if (ctrl && input === 'c') return onKey(CTRL_C)
    if (ctrl && input === 'z') return onKey(CTRL_Z)
    if (ctrl || meta) return
    for (const key of input) onKey(key.toLowerCase()) // keys in quick succession come together
  })
  return null
}

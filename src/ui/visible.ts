// Text from outside, so that a person sees all of it: what would steer a terminal or turn the direction of writing
// becomes a picture of itself.

/** Controls but for newline and tab, halves of surrogate pairs, separators of lines, and marks that reorder text. */
const UNSEEN = /[^\n\t\P{Cc}]|[\p{Cs}\u2028-\u202E\u2066-\u2069]/gu

/** ␛ for an escape, ⟨U+202E⟩ for an override of direction. Newlines and tabs stay. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, picture)
}

const CONTROL_PICTURES = 0x2400
const DELETE = 0x7f

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code)
  return code === DELETE ? '␡' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

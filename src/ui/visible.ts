// Text of people and of models, made safe and plain to see: nothing in it reaches the terminal as a command.

/** Controls, formats, surrogates and what Unicode has not assigned; separators other than the common space. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

const NAMED: Readonly<Record<string, string>> = { '\n': '⏎', '\t': '\\t', '\r': '\\r' }

/** A text to look at closely: a newline as ⏎, what cannot be seen as an escape, and a mark that stands at the beginning on a circle. */
export function visible(text: string): string {
  const shown = text.replaceAll(HIDDEN, (character) => NAMED[character] ?? escaped(character))
  return /^\p{M}/u.test(shown) ? `◌${shown}` : shown
}

function escaped(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`
}

/**
 * Controls but for newline and tab, halves of surrogate pairs, separators of lines, and marks that turn the direction of
 * writing. Joiners are not among them: scripts and emoji need them.
 */
const COMMANDS = /[^\n\t\P{Cc}]|[\p{Cs}\u2028-\u202E\u2066-\u2069]/gu

/** A text to read: ␛ for an escape, ⟨U+202E⟩ for an override of direction. Newlines and tabs stay. */
export function harmless(text: string): string {
  return text.replaceAll(COMMANDS, picture)
}

/** What JSON leaves as it is, and some terminals obey: U+009B begins an escape code. */
const UNESCAPED_IN_JSON = /[\u007f-\u009f]/g

/** A value as JSON, in one line or with so many blanks before each level; it holds no control character but its own newlines. */
export function harmlessJson(value: object, indent = 0): string {
  return JSON.stringify(value, null, indent).replaceAll(UNESCAPED_IN_JSON, jsonEscape)
}

/** They stand in strings alone, where this is the same character. */
function jsonEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

const CONTROL_PICTURES = 0x2400
const DELETE = 0x7f

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code)
  return code === DELETE ? '␡' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

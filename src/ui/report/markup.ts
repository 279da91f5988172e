// HTML as a type of its own: what is put into a template is escaped, unless it is markup already.

/** Well-formed HTML. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Insertable = string | number | Markup | readonly Markup[]

/** A template of HTML. Strings in it become text, in elements and in quoted attributes alike. */
export function markup(parts: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  return new Markup(parts.map((part, index) => (index === 0 ? '' : written(values[index - 1])) + part).join(''))
}

/** Nothing to see. */
export const NOTHING = new Markup('')

function written(value: Insertable): string {
  if (value instanceof Markup) return value.text
  return typeof value === 'object' ? value.map(({ text }) => text).join('') : escaped(String(value))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(UNSEEN, picture).replaceAll(/[&<>"']/g, (character) => ENTITIES[character])
}

/**
 * What would leave a text unlike it is read: controls but for newline and tab, halves of surrogate pairs, separators of
 * lines, and marks that turn the direction of writing. Joiners stay: scripts and emoji need them.
 */
const UNSEEN = /[^\n\t\P{Cc}]|[\p{Cs}\u2028-\u202E\u2066-\u2069]/gu

const CONTROL_PICTURES = 0x2400
const DELETE = 0x7f

/** ␛ for an escape, ⟨U+202E⟩ for an override of direction. */
function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code)
  return code === DELETE ? '␡' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

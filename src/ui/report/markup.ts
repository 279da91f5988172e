// HTML as a type of its own: what is put into a template is escaped, unless it is markup already.

import { harmless } from '../visible.ts'

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
  return harmless(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character])
}

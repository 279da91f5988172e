// JSON that nobody can read in two ways: a key that stands twice in one object is an error. JSON.parse keeps the last.

/**
 * The value of a JSON text. A key `__proto__` becomes a property of its own and touches no prototype.
 * @throws SyntaxError for text that is not JSON, and for a key that stands twice in one object, at any depth.
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const key = duplicateKey(text)
  if (key !== undefined) throw new SyntaxError(`the key ${shown(key)} stands twice`)
  return value
}

/** The first key that its object already has. The text must be JSON: then a string before a colon is always a key. */
function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = [] // the keys so far of each object, and of each array (none), around this place
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') open.push(new Set())
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = closingQuote(text, at)
      if (text[skipSpace(text, end + 1)] === ':') {
        const key = String(JSON.parse(text.slice(at, end + 1))) // "\u0061" and "a" are the same key
        if (open.at(-1)?.has(key)) return key
        open.at(-1)?.add(key)
      }
      at = end
    }
  }
  return undefined
}

function closingQuote(text: string, openingQuote: number): number {
  let at = openingQuote + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function skipSpace(text: string, start: number): number {
  let at = start
  while (' \t\n\r'.includes(text[at])) at++
  return at
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A non-negative whole number that a double holds exactly. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

/** More of a value than this is no help in a message. */
const MAX_SHOWN = 100

/** A JSON value from a file as it is safe to show on a terminal: escaped, and cut if it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
  return cut.replaceAll(/[\u007f-\u009f]/g, '?') // JSON escapes the control characters below these
}

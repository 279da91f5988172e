// Paths as people like to read them.

import { isAbsolute, relative } from 'node:path'

/** A path from the current folder where it lies below it, else as it is. */
export function shortPath(path: string): string {
  const below = relative('', path)
  return below === '' || below.startsWith('..') || isAbsolute(below) ? path : below
}

/** A word as a shell takes it: in quotes where it has more than plain characters. */
export function shellWord(word: string): string {
  return /^[\w./\\:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

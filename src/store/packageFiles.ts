// Files that come with the package itself: the embedded corpus and the version.

import { fileURLToPath } from 'node:url'
import { readJsonFile } from './files.ts'

/** An original text to train on where the person names none. */
export const EMBEDDED_CORPUS = fromPackage('corpora/saltmarrow.txt')

/** What run.json has in place of the embedded corpus's path: the package may move, or be another copy. */
const EMBEDDED = 'embedded'

/** A corpus's path as run.json holds it. */
export function recordedPath(path: string): string {
  return path === EMBEDDED_CORPUS ? EMBEDDED : path
}

/** The path that run.json means. */
export function pathOfRecord(recorded: string): string {
  return recorded === EMBEDDED ? EMBEDDED_CORPUS : recorded
}

export function packageVersion(): string {
  const { version } = readJsonFile(fromPackage('package.json')) as { version: string }
  return version
}

/** From src/store and from dist/store alike, the package is two folders up. */
function fromPackage(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

// Files that come with the package itself: the embedded corpus and the version.

import { fileURLToPath } from 'node:url'
import { readJsonFile } from './files.ts'

/** An original text to train on where the person names none. */
export const EMBEDDED_CORPUS = fromPackage('corpora/saltmarrow.txt')

export function packageVersion(): string {
  const { version } = readJsonFile(fromPackage('package.json')) as { version: string }
  return version
}

/** From src/store and from dist/store alike, the package is two folders up. */
function fromPackage(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

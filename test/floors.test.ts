// The rules of the house hold in src. The rules themselves, and what they catch, are in floors/.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as rules from './floors/rules.ts'
import { sourceOf } from './floors/source.ts'

const root = fileURLToPath(new URL('../src', import.meta.url))

/** A tool beside the program: nothing may import it, because it is not among the sources. */
const BUILD_SCRIPT = 'engines/native/wasm/build.mjs'

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.[cm]?[jt]sx?$/.test(path) && path !== BUILD_SCRIPT)
  .map((path) => sourceOf(path, readFileSync(join(root, path), 'utf8')))

const { MAY_IMPORT, ...everyRule } = rules

describe('the sources', () => {
  it('are read: a few imports that are known to be there', () => {
    const importing = (wanted: string): string[] =>
      sources.filter(({ imports }) => imports.some(({ target }) => target === wanted)).map(({ path }) => path)
    expect(sources.length).toBeGreaterThan(30)
    expect(importing('yargs')).toContain('cli/main.ts')
    expect(importing('@tensorflow/tfjs-backend-cpu')).toEqual(['engines/tfjs/backend.ts']) // a dynamic import
  })

  it('stand in the rooms of the design', () => {
    expect([...new Set(sources.map(({ room }) => room))].toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted())
  })

  it('import each other by the full names of files, so that the rules know whom', () => {
    const paths = sources.map(({ path }) => path)
    const targets = sources.flatMap(({ imports }) => imports.filter(({ isFile }) => isFile).map(({ target }) => target))
    expect(targets.filter((target) => !paths.includes(target ?? ''))).toEqual([])
  })
})

it.each(Object.values(everyRule).map(({ reason, violations }) => [reason, violations] as const))(
  '%s',
  (_, violations) => {
    expect(violations(sources)).toEqual([])
  },
)

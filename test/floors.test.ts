// The rules of the house (CONTRIBUTING.md): which room may use what. Each rule has its reason.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../src', import.meta.url))

interface SourceFile {
  /** From src, with forward slashes: `store/corpus.ts`. */
  readonly path: string
  readonly room: string
  readonly code: string
  /** What it imports: files from src, and packages by name. */
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[]
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => readSource(path.replaceAll('\\', '/')))

function readSource(path: string): SourceFile {
  const code = readFileSync(join(root, path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '$1')
  return { path, room: path.split('/')[0], code, imports: importsOf(path, code) }
}

function importsOf(path: string, code: string) {
  const statements = code.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]|import\s*\(?\s*['"]([^'"]+)['"]/gm,
  )
  return Array.from(statements, ([, typeOnly, from, direct]) => ({
    target: resolveTarget(path, from ?? direct),
    typeOnly: Boolean(typeOnly),
  }))
}

function resolveTarget(path: string, specifier: string): string {
  return specifier.startsWith('.')
    ? relative(root, join(root, dirname(path), specifier)).replaceAll('\\', '/')
    : specifier
}

function importing(target: RegExp): string[] {
  return files.filter((file) => file.imports.some((each) => target.test(each.target))).map((file) => file.path)
}

function containing(code: RegExp, where: (file: SourceFile) => boolean): string[] {
  return files.filter((file) => where(file) && code.test(file.code)).map((file) => file.path)
}

/** What each room may import from other rooms. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  text: ['base'],
  gpt: ['base'],
  engines: ['base', 'text', 'gpt'],
  store: ['base', 'text', 'gpt'],
  run: ['base', 'text', 'gpt', 'engines', 'store'],
  ui: ['gpt'],
  cli: ['base', 'text', 'gpt', 'engines', 'store', 'run', 'ui'],
}

describe('rooms', () => {
  it('reads imports: a few that are known to be there', () => {
    expect(files.length).toBeGreaterThan(30)
    expect(importing(/^yargs$/)).toContain('cli/main.ts')
    expect(importing(/^@tensorflow\/tfjs-backend-cpu$/)).toEqual(['engines/tfjs/backend.ts']) // a dynamic import
  })

  it('are those of the design', () => {
    expect([...new Set(files.map((file) => file.room))].toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted())
  })

  it.each(Object.keys(MAY_IMPORT))('%s imports only from floors below, so that data flows one way', (room) => {
    const foreign = files
      .filter((file) => file.room === room)
      .flatMap((file) => file.imports.map(({ target }) => ({ path: file.path, target, to: target.split('/')[0] })))
      .filter(({ target, to }) => target.endsWith('.ts') && to !== room && !MAY_IMPORT[room].includes(to))
    expect(foreign).toEqual([])
  })

  it('ui takes only types from gpt: what it shows is handed to it', () => {
    const values = files
      .filter((file) => file.room === 'ui')
      .flatMap((file) => file.imports.filter(({ target, typeOnly }) => target.startsWith('gpt/') && !typeOnly))
    expect(values).toEqual([])
  })

  it('have no cycles: each file can be read after those it imports', () => {
    const graph = new Map(files.map((file) => [file.path, file.imports.map(({ target }) => target)]))
    const done = new Set<string>()
    const visit = (path: string, trail: readonly string[]): void => {
      expect(trail, 'a cycle of imports').not.toContain(path)
      if (done.has(path)) return
      for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
      done.add(path)
    }
    for (const path of graph.keys()) visit(path, [])
    expect(done.size).toBeGreaterThanOrEqual(files.length)
  })

  it('have no barrel files: a name is imported from where it is written', () => {
    expect(files.filter((file) => /(^|\/)index\.tsx?$/.test(file.path)).map((file) => file.path)).toEqual([])
    expect(containing(/^export \*/m, () => true)).toEqual([])
  })
})

describe('what belongs to one room', () => {
  it.each([
    [
      'TensorFlow.js in the reference engine: no other code may come to depend on it',
      /^@tensorflow\//,
      /^engines\/tfjs\//,
    ],
    ['Ink and React in the interface: training must run without a terminal', /^(ink|react)(\/|$)/, /^ui\//],
    ['yargs in the command line: everything else can be called by a program', /^yargs/, /^cli\//],
    ['gpt-tokenizer behind the tokenizers', /^gpt-tokenizer/, /^text\//],
    [
      'files in the store: one room knows how bytes become safe',
      /^(node:)?fs(\/|$)/,
      /^(store\/|engines\/native\/load)/,
    ],
    [
      'threads, modules and V8 flags in the loader of the native engine',
      /^node:(module|worker_threads|os|v8)$/,
      /^engines\/native\/load/,
    ],
  ])('%s', (_, target, room) => {
    expect(importing(target).filter((path) => !room.test(path))).toEqual([])
  })

  it('base needs nothing, not even Node: any runtime can load it', () => {
    expect(
      files
        .filter((file) => file.room === 'base')
        .flatMap((file) => file.imports.filter(({ target }) => !target.startsWith('base/'))),
    ).toEqual([])
  })

  it('gpt and text are functions of their arguments: no console, process or clock', () => {
    const pure = (file: SourceFile) => file.room === 'gpt' || file.room === 'text' || file.room === 'base'
    expect(containing(/\b(console|process|performance|Date)\s*[.(]|\bsetTimeout\b/, pure)).toEqual([])
  })

  it('no Math.random anywhere: every random number comes from a seed', () => {
    expect(containing(/\bMath\.random\b/, () => true)).toEqual([])
  })

  it("only the command line's main ends the process or reads its environment", () => {
    const others = (file: SourceFile) => file.path !== 'cli/main.ts'
    expect(containing(/\bprocess\.(exit|env|argv|on|stdout|stderr|stdin)\b/, others)).toEqual([])
  })

  it("only engines/open.ts branches on an engine's name: all others see the interface", () => {
    const others = (file: SourceFile) => !file.path.startsWith('engines/')
    expect(containing(/['"](tfjs|native|wasm)['"]/, others)).toEqual([])
  })
})

// What the rules catch, however it is spelled, and what they let pass.

import { expect, it } from 'vitest'
import * as rules from './rules.ts'
import { sourceOf } from './source.ts'

const { MAY_IMPORT: _, ...everyRule } = rules

type RuleName = keyof typeof everyRule

/** Where it stands, and what it breaks the rule with. */
const CAUGHT: Readonly<Record<RuleName, readonly (readonly [path: string, code: string])[]>> = {
  rooms: [
    ['gpt/a.ts', `import { b } from '../store/b.ts'`],
    ['gpt/a.ts', `import '../run/b.ts'`],
    ['gpt/a.ts', `import {\n  type B,\n} from '../text/b.ts'`],
    ['base/a.ts', `import type { B } from '../gpt/b.ts'`],
    ['base/a.ts', `type B = import('../gpt/b.ts').B`],
    ['store/a.ts', `const { b } = await import(\`../run/b.ts\`)`],
    ['store/a.ts', `const b = await import('../ru' + 'n/b.ts')`],
    ['store/a.ts', `export { b } from '../engines/open.ts'`],
    ['run/a.ts', `import { Dashboard } from '../ui/dashboard.tsx'`],
    ['run/a.ts', `import { dashboard } from '../ui/dashboard.js'`],
    ['ui/deep/a.tsx', `import type { Run } from '../../run/b.ts'`],
    ['cli/a.ts', `import manifest from '../../package.json' with { type: 'json' }`],
    ['cli/a.ts', `import { b } from '../b.ts'`],
    ['attic/a.ts', `import { b } from '../gpt/b.ts'`],
  ],
  uiTypes: [
    ['ui/a.tsx', `import { countParameters } from '../gpt/counts.ts'`],
    ['ui/a.ts', `import { type Counts, countParameters } from '../gpt/counts.ts'`],
    ['ui/a.ts', `import '../gpt/counts.ts'`],
    ['ui/a.ts', `const counts = await import('../gpt/counts.ts')`],
  ],
  cycles: [
    ['gpt/a.ts', `import { a } from './a.ts'`],
    ['gpt/a.ts', `import type { B } from '../gpt/a.ts'`],
    ['gpt/a.ts', `const later = () => import('./a.ts')`],
  ],
  barrels: [
    ['gpt/index.ts', `export const a = 1`],
    ['ui/index.tsx', `export const a = 1`],
    ['gpt/a.ts', `export * from './b.ts'`],
    ['gpt/a.ts', `  export  *  as b from './b.ts'`],
    ['gpt/a.ts', `export { b } from './b.ts'`],
    ['gpt/a.ts', `export type { B } from './b.ts'`],
    ['gpt/a.ts', `export {\n  type B,\n} from './b.ts'`],
    ['gpt/a.ts', `import { b } from './b.ts'\nexport { b as c }`],
    ['gpt/a.ts', `import b from './b.ts'\nexport default b`],
  ],
  nodeModules: [
    ['base/a.ts', `import { inspect } from 'node:util'`],
    ['gpt/a.ts', `import { setTimeout } from 'timers/promises'`],
    ['text/a.ts', `import { performance } from 'node:perf_hooks'`],
    ['text/a.ts', `import { join } from 'path'`],
    ['run/a.ts', `import { readFileSync } from 'fs'`],
    ['run/a.ts', `import { readFile } from 'node:fs/promises'`],
    ['run/a.ts', `const fs = await import('node:' + 'fs')`],
    ['ui/a.tsx', `import { stdout } from 'node:process'`],
    ['cli/a.ts', `import type { Stats } from 'node:fs'`],
    ['cli/a.ts', `import { env } from 'node:process'`],
    ['cli/main.ts', `import { spawn } from 'child_process'`],
    ['store/a.ts', `import process from 'node:process'`],
    ['store/a.ts', `import * as process from 'process'`],
    ['store/a.ts', `import { env as settings, pid } from 'node:process'`],
    ['store/a.ts', `import { 'exit' as leave } from 'node:process'`],
    ['store/a.ts', `const { exit } = await import('node:process')`],
    ['store/a.ts', `import { randomUUID } from 'node:crypto'`],
    ['store/a.ts', `import crypto from 'crypto'`],
    ['store/a.ts', `import { tmpdir } from 'node:os'`],
    ['engines/open.ts', `import { cpus } from 'node:os'`],
    ['engines/open.ts', `import a = require('node:v8')`],
    ['engines/tfjs/a.ts', `import { createRequire } from 'module'`],
    ['engines/native/engine.ts', `import { Worker } from 'node:worker_threads'`],
    ['engines/native/hosts.ts', `import { setFlagsFromString } from 'node:v8'`],
    ['engines/native/host/a.ts', `import { randomBytes } from 'node:crypto'`],
  ],
  packages: [
    ['run/a.ts', `import * as tf from '@tensorflow/tfjs-core'`],
    ['engines/open.ts', `await import('@tensorflow/tfjs-node')`],
    ['engines/native/a.ts', `type Tf = typeof import('@tensorflow/tfjs-core')`],
    ['cli/a.ts', `import { render } from 'ink'`],
    ['cli/a.ts', `import { jsx } from 'react/jsx-runtime'`],
    ['run/a.ts', `import type { Argv } from 'yargs'`],
    ['cli/a.ts', `import parse from 'yargs-parser'`],
    ['engines/tfjs/a.ts', `import ranks from 'gpt-tokenizer/bpeRanks/r50k_base'`],
    ['store/a.ts', `import fs from 'fs-extra'`],
    ['run/a.ts', `import { trainRun } from '@tgpt/cli'`],
    ['run/a.ts', `await import('data:text/javascript,process.exit()')`],
  ],
  engineFolders: [
    ['run/a.ts', `import { TfjsEngine } from '../engines/tfjs/engine.ts'`],
    ['cli/a.ts', `import type { Native } from '../engines/native/engine.ts'`],
    ['engines/auto.ts', `await import('./native/engine.ts')`],
    ['engines/native/a.ts', `import { adamW } from '../tfjs/adamw.ts'`],
  ],
  literalImports: [
    ['store/a.ts', `await import(name)`],
    ['engines/native/host/a.ts', `await import(\`./\${name}.ts\`)`],
    ['cli/a.ts', `await import('node:' + name)`],
    ['cli/a.ts', `await import(/* a comment */ condition ? 'a' : 'b')`],
  ],
  waysAround: [
    ['cli/main.ts', `process.getBuiltinModule('fs')`],
    ['cli/main.ts', `process['getBuiltin' + 'Module']('fs')`],
    ['cli/main.ts', `const { getBuiltinModule: get } = process`],
    ['engines/native/host/a.ts', `process.getBuiltinModule('fs')`],
    ['engines/native/host/a.ts', `const require = createRequire(import.meta.url)`],
    ['gpt/a.ts', `globalThis.process.exit()`],
    ['gpt/a.ts', `const { console: out } = global`],
    ['gpt/a.ts', `eval('1')`],
    ['gpt/a.ts', `const now = new Function('return Date.now()')`],
    ['store/a.ts', `const fs = require('fs')`],
  ],
  engineNames: [
    ['run/a.ts', `if (engine.name === 'tfjs') slow()`],
    ['run/a.ts', `if (engine.name === "native") fast()`],
    ['cli/a.ts', `const fast = engine.name !== \`wasm\``],
    ['ui/a.tsx', `export const Badge = () => <Text>{name === 'native' && 'fast'}</Text>`],
    ['run/a.ts', `switch (name) {\n  case 'na' + 'tive':\n}`],
    ['run/a.ts', `const SPEEDS = { tfjs: 1, native: 30 }`],
    ['run/a.ts', `if (/^(tfjs|wasm)$/.test(name)) slow()`],
    ['gpt/a.ts', `type EngineName = 'auto' | 'tfjs'`],
    ['run/a.ts', `const engine = { name: 'tfjs' }`],
    ['engines/tfjs/a.ts', `const slow = engine.name === 'tfjs'`],
    ['engines/native/a.ts', `class Engine { name = other === 'wasm' ? 'native' : 'wasm' }`],
  ],
  processInMain: [
    ['store/a.ts', `process.exit(1)`],
    ['run/a.ts', `const { env } = process`],
    ['run/a.ts', `const word = process ['env'].HOME`],
    ['run/a.ts', `const url = 'http://localhost'; process.exitCode = 1`],
    ['run/a.ts', `const p = process`],
    ['engines/native/a.ts', `(process as { exit(): void }).exit()`],
    ['cli/train.ts', `process\n  .stdout.write('x')`],
    ['cli/train.ts', `const message = \`in \${process.cwd()}\``],
    ['ui/a.tsx', `export const Home = () => <Text>don't // {process.env.HOME}</Text>`],
    ['run/a.ts', `console.log('x')`],
    ['gpt/a.ts', `const { log } = console`],
    ['text/a.ts', `console?.['log']('x')`],
  ],
  purity: [
    ['gpt/a.ts', `const now = Date.now()`],
    ['gpt/a.ts', `const now = new Date`],
    ['gpt/a.ts', `const { now } = Date`],
    ['text/a.ts', `const now = (Date).now()`],
    ['text/a.ts', `const start = performance['now']()`],
    ['base/a.ts', `setTimeout(later, 0)`],
    ['base/a.ts', `const run = { setImmediate }`],
    ['base/a.ts', `const id = crypto.randomUUID()`],
    ['base/a.ts', `const time = new Intl.DateTimeFormat().format()`],
  ],
  clock: [
    ['run/a.ts', `const start = performance.now()`],
    ['run/a.ts', `const clock = Date.now`],
  ],
  frames: [
    ['ui/a.ts', `const now = Date.now()`],
    ['ui/dashboard/Dashboard.tsx', `setTimeout(draw, 250)`],
    ['ui/dashboard/open.tsx', `const now = performance.now()`],
    ['ui/dashboard/open.tsx', `setInterval(draw, 250)`],
  ],
  randomness: [
    ['gpt/a.ts', `const x = Math.random()`],
    ['cli/a.ts', `const x = Math.random()`],
    ['cli/a.ts', `const x = Math\n  ?.random()`],
    ['store/a.ts', `const x = Math['random']()`],
    ['store/a.ts', `const x = Math[name]()`],
    ['store/a.ts', `const { random } = Math`],
    ['store/a.ts', `const { 'random': x } = Math`],
    ['store/a.ts', `const { max, ...others } = Math`],
    ['store/a.ts', `const m = Math`],
    ['store/a.ts', `const x = (Math as { random(): number }).random()`],
    ['store/a.ts', `const name = crypto.randomUUID()`],
    ['store/a.ts', `const { getRandomValues } = webcrypto`],
    ['store/a.ts', `const name = webcrypto['randomUUID']()`],
    ['engines/tfjs/a.ts', `const x = tf.randomNormal([2, 3])`],
  ],
}

const cases = Object.entries(CAUGHT).flatMap(([name, all]) => all.map((each) => [name as RuleName, ...each] as const))

it.each(cases)('%s catches in %s: %j', (name, path, code) => {
  expect(everyRule[name].violations([sourceOf(path, code)])).not.toEqual([])
})

it('cycles are found through several files', () => {
  const round = ['a', 'b', 'c'].map((name, index) => sourceOf(`gpt/${name}.ts`, `import './${'bca'[index]}.ts'`))
  expect(rules.cycles.violations(round)).toEqual(['gpt/a.ts -> gpt/b.ts -> gpt/c.ts -> gpt/a.ts'])
})

it('a violation says where it is', () => {
  const source = sourceOf('run/a.ts', `// first\n\n  process.exit(1) // why\n`)
  expect(rules.processInMain.violations([source])).toEqual(['run/a.ts:3 process.exit(1) // why'])
})

it('a file that does not parse is refused: it would seem to import nothing', () => {
  expect(() => sourceOf('gpt/a.ts', `import { from '../run/b.ts'`)).toThrow('Parse failed')
})

it.each([
  ['gpt/a.ts', `// import { b } from '../run/b.ts'\n/* process.exit() */ /** Math.random() */`],
  ['gpt/a.ts', `const text = "import { b } from '../run/b.ts'"`],
  ['gpt/a.ts', `const text = \`\nexport * from './b.ts'\nimport 'node:fs'\n\``],
  ['gpt/a.ts', `const url = 'https://nodejs.org'; const glob = 'a/*'; const other = '*/b'`],
  ['gpt/a.ts', `const quote = /['"\`]/; const slashes = /[/]/; const half = 1 / 2 / 3 // Date.now()`],
  ['gpt/a.ts', `import { threefry } from '../base/threefry.ts'`],
  ['gpt/a.ts', `this.process.console({ Date: event.performance })`],
  ['gpt/a.ts', `function since(date: Date): typeof process.env { return date.crypto }`],
  ['gpt/a.ts', `const { max } = Math; const low = Math.min(max(a, b), Math['floor'](c))`],
  ['gpt/a.ts', `import { b } from './b.ts'\nexport const c = b + 1\nexport { d }`],
  ['text/a.ts', `const { tokenizer } = await import('./gpt2Tokenizer.ts')`],
  ['text/a.ts', `import ranks from 'gpt-tokenizer/bpeRanks/r50k_base'`],
  ['store/a.ts', `import { kill, pid } from 'node:process'`],
  ['store/a.ts', `import { createHash, type Hash } from 'crypto'\nimport { stat } from 'fs/promises'`],
  ['engines/open.ts', `if (name === 'native') await import('./native/engine.ts')`],
  ['engines/tfjs/backend.ts', `import util from 'node:util'\nconst tf = await import(name)`],
  ['engines/tfjs/a.ts', `class Engine { readonly name = 'tfjs' as const; detail = 'tfjs-node' }`],
  ['engines/native/a.ts', `class Engine { name: 'native' | 'wasm' = addon ? 'native' : 'wasm' }`],
  ['engines/native/host/a.ts', `import { createRequire } from 'node:module'\nconst addon = createRequire(url)(path)`],
  ['ui/dashboard/open.tsx', `const rest = setTimeout(draw, 250)`],
  ['ui/a.ts', `import type { Settings } from '../gpt/settings.ts'`],
  ['ui/a.tsx', `import { type Settings, type SettingKey } from '../gpt/settings.ts'`],
  ['ui/a.tsx', `import { Text } from 'ink'\nexport const A = () => <Text>import 'fs' // process.exit() isn't</Text>`],
  ['cli/main.ts', `import yargs from 'yargs'\nprocess.exitCode = randomInt(2)\nconsole.error(performance.now())`],
])('no rule minds in %s: %j', (path, code) => {
  const source = sourceOf(path, code)
  expect(Object.values(everyRule).flatMap(({ violations }) => violations([source]))).toEqual([])
})

// The rules of the house (CONTRIBUTING.md), each with its reason: which room may use what. A rule gives the lines that
// break it. They hold for src; what they catch, and what they let pass, is in rules.test.ts.

import {
  fieldRead,
  specifiersOf,
  stringAt,
  variableAt,
  type Import,
  type Node,
  type Place,
  type Source,
} from './source.ts'

export interface Rule {
  readonly reason: string
  readonly violations: (sources: readonly Source[]) => string[]
}

/** A rule about each import by itself. */
function forImports(reason: string, breaks: (imported: Import, source: Source) => boolean): Rule {
  const inOne = (source: Source): string[] =>
    source.imports.filter((each) => breaks(each, source)).map(({ node }) => lineOf(source, node))
  return { reason, violations: (sources) => sources.flatMap(inOne) }
}

/** A rule about each place in the code by itself. */
function forCode(reason: string, breaks: (place: Place, source: Source) => boolean): Rule {
  const inOne = (source: Source): string[] =>
    source.places.filter((place) => breaks(place, source)).map(({ node }) => lineOf(source, node))
  return { reason, violations: (sources) => sources.flatMap(inOne) }
}

function lineOf({ path, text }: Source, { start }: Node): string {
  const line = text.slice(0, start).split('\n').length
  return `${path}:${line} ${text.split('\n')[line - 1].trim()}`
}

/** What each room may import from other rooms. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  text: ['base'],
  gpt: ['base'],
  engines: ['base', 'text', 'gpt'],
  store: ['base', 'text', 'gpt'],
  run: ['base', 'text', 'gpt', 'engines', 'store'],
  ui: ['gpt'],
  cli: ['base', 'text', 'gpt', 'engines', 'store', 'run', 'ui'],
}

/** What of Node each place may use, given by the beginning of a path: all names of a module, or those listed. */
const NODE_MODULES: Readonly<Record<string, Readonly<Record<string, 'all' | readonly string[]>>>> = {
  'engines/tfjs/': { util: 'all' },
  'engines/native/host/': {
    child_process: 'all',
    crypto: ['createHash'],
    fs: 'all',
    'fs/promises': 'all',
    module: 'all',
    os: 'all',
    path: 'all',
    url: 'all',
    v8: 'all',
    worker_threads: 'all',
  },
  'store/': {
    buffer: 'all',
    crypto: ['createHash', 'Hash'],
    fs: 'all',
    'fs/promises': 'all',
    path: 'all',
    process: ['kill', 'pid'], // to tell the leftovers of the dead from those of the living
    url: 'all',
    util: 'all',
  },
  'store/foreground.ts': { child_process: ['spawnSync'] }, // ps tells where there is no /proc
  'run/': { path: 'all' },
  'cli/': { crypto: 'all', path: 'all', stream: 'all' },
  'cli/main.ts': { process: 'all' },
}

/** The one place of each package, by the package's name or scope. */
const PACKAGES: Readonly<Record<string, string>> = {
  '@tensorflow': 'engines/tfjs/',
  chalk: 'ui/',
  'gpt-tokenizer': 'text/',
  ink: 'ui/',
  react: 'ui/',
  'string-width': 'ui/',
  yargs: 'cli/',
}

/** The rooms whose functions depend on their arguments alone. */
const PURE: readonly string[] = ['base', 'text', 'gpt']

const MAIN = 'cli/main.ts'
const ENGINES_BY_NAME = 'engines/open.ts'

function inPlace({ path }: Source, beginning: string): boolean {
  return path.startsWith(beginning)
}

export const rooms = forImports('a room imports only from the floors below, so that data flows one way', (it, from) => {
  if (!it.isFile || it.target === undefined) return false
  const [room] = it.target.split('/')
  return room !== from.room && !(MAY_IMPORT[from.room] ?? []).includes(room)
})

export const uiTypes = forImports(
  'ui takes only types from gpt: what it shows is handed to it',
  ({ target, typeOnly }, { room }) => room === 'ui' && target?.startsWith('gpt/') === true && !typeOnly,
)

export const cycles: Rule = {
  reason: 'no cycles: each file can be read after those it imports',
  violations(sources) {
    const graph = new Map(sources.map(({ path, imports }) => [path, imports.map(({ target }) => target ?? '')]))
    const done = new Set<string>()
    const visit = (path: string, trail: readonly string[]): string[] => {
      if (trail.includes(path)) return [[...trail, path].join(' -> ')]
      if (done.has(path)) return []
      const found = (graph.get(path) ?? []).flatMap((target) => visit(target, [...trail, path]))
      done.add(path)
      return found
    }
    return sources.flatMap(({ path }) => visit(path, []))
  },
}

export const barrels: Rule = {
  reason: 'no barrel files: a name is imported from where it is written',
  violations: (sources) =>
    sources.flatMap((source) => [
      ...(/(^|\/)index\.\w+$/.test(source.path) ? [source.path] : []),
      ...source.imports.filter(({ form }) => form === 'export').map(({ node }) => lineOf(source, node)),
      ...exportsOfImports(source).map(({ node }) => lineOf(source, node)),
    ]),
}

/** `import { a } from 'b'`, and later `export { a }` or `export default a`. */
function exportsOfImports({ imports, places }: Source): Place[] {
  const imported = new Set(imports.flatMap(({ node }) => specifiersOf(node)).map(({ local }) => (local as Node).name))
  return places.filter(({ node, field, parent }) => {
    const exported = parent?.node.type === 'ExportSpecifier' && field === 'local'
    const byDefault = parent?.node.type === 'ExportDefaultDeclaration' && node.type === 'Identifier'
    return (exported || byDefault) && imported.has(node.name)
  })
}

export const nodeModules = forImports(
  "each room has its share of Node: base, gpt and text none, files are the store's, threads those of the native engine's hosts",
  ({ target, names }, source) => {
    if (target?.startsWith('node:') !== true) return false
    const shares = Object.keys(NODE_MODULES).filter((place) => inPlace(source, place))
    const allowed = shares.flatMap((place) => NODE_MODULES[place][target.slice('node:'.length)] ?? [])
    return allowed.length === 0 || !(allowed.includes('all') || names.every((name) => allowed.includes(name)))
  },
)

export const packages = forImports(
  'each package has one room: training runs without a terminal, and nothing comes to depend on TensorFlow.js',
  ({ target, isFile }, source) => {
    if (target === undefined || isFile || target.startsWith('node:')) return false
    const place = PACKAGES[target.split('/')[0]]
    return place === undefined || !inPlace(source, place)
  },
)

export const engineFolders = forImports(
  "an engine's folder is entered through engines/open.ts alone: all others see the interface",
  ({ target = '' }, { path }) => {
    const [folder] = /^engines\/[^/]+\//.exec(target) ?? []
    return folder !== undefined && !path.startsWith(folder) && path !== ENGINES_BY_NAME
  },
)

export const literalImports = forImports(
  'an import names its module, so that these rules can see it; but for the reference engine, which may lack tfjs-node',
  ({ target }, { path }) => target === undefined && path !== 'engines/tfjs/backend.ts',
)

const WAYS_AROUND = ['require', 'eval', 'Function', 'globalThis', 'global', 'getBuiltinModule']

export const waysAround = forCode(
  'no way around imports and names (getBuiltinModule, require, eval, globalThis): what a file uses stands in it',
  (place) => {
    if (place.node.name === 'getBuiltinModule' || stringAt(place) === 'getBuiltinModule') return true
    const name = variableAt(place)
    return name !== undefined && WAYS_AROUND.includes(name)
  },
)

const ENGINE_NAMES = ['tfjs', 'native', 'wasm']

export const engineNames = forCode(
  "only engines/open.ts branches on an engine's name; an engine may say its own",
  (place, { path }) => {
    if (path === ENGINES_BY_NAME) return false
    const inEngine = /^engines\/[^/]+\//.test(path)
    const { node, field, parent } = place
    if (parent?.parent?.node.type === 'ObjectExpression' && field === 'key' && node.type === 'Identifier') {
      return !inEngine && parent.node.computed !== true && ENGINE_NAMES.includes(String(node.name)) // a table of engines
    }
    if (node.regex) return ENGINE_NAMES.some((name) => node.regex?.pattern.match(/\w+/g)?.includes(name))
    return ENGINE_NAMES.includes(stringAt(place) ?? '') && !(inEngine && isNameField(place))
  },
)

/** The value or the type of a field `name`, also one that depends on something. */
function isNameField({ field, parent }: Place): boolean {
  if (parent === undefined) return false
  const { type, key } = parent.node
  const within = type.startsWith('TS') || (type === 'ConditionalExpression' && field !== 'test')
  if (within) return isNameField(parent)
  return ['PropertyDefinition', 'Property'].includes(type) && field !== 'key' && (key as Node).name === 'name'
}

export const processInMain = forCode(
  "only the command line's main knows its process and console: environment, arguments, streams, signals, exit codes",
  (place, { path }) => ['process', 'console'].includes(variableAt(place) ?? '') && path !== MAIN,
)

const IMPURE = [
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'crypto',
  'Date',
  'fetch',
  'Intl', // it knows the locale, and the time of day
  'navigator',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'Temporal',
]

export const purity = forCode(
  'base, gpt and text are functions of their arguments: no clock, timer, randomness or network',
  (place, { room }) => PURE.includes(room) && IMPURE.includes(variableAt(place) ?? ''),
)

export const clock = forCode(
  'run gets its clock from outside, so that its tests tell the time',
  (place, { room }) => room === 'run' && ['Date', 'performance', 'Temporal'].includes(variableAt(place) ?? ''),
)

const MAY_WAIT: Readonly<Record<string, readonly string[]>> = {
  'ui/dashboard/open.tsx': ['setTimeout', 'clearTimeout', 'queueMicrotask'],
  'ui/dashboard/frameTimes.ts': ['setTimeout', 'clearTimeout', 'performance'],
}
const TIMERS = IMPURE.filter((name) => name !== 'Intl')

export const frames = forCode(
  'what people see follows from what is handed to it: in ui only the open dashboard waits, and only for its frames is the time known',
  (place, { room, path }) => {
    const name = variableAt(place) ?? ''
    return room === 'ui' && TIMERS.includes(name) && !MAY_WAIT[path]?.includes(name)
  },
)

/** Of the Web and Node; and of TensorFlow.js, which falls back on Math.random. */
const RANDOM =
  /^(getRandomValues|randomUUID|randomBytes|randomInt|randomFill(Sync)?|random(Normal|Uniform|Gamma)|randomStandardNormal|truncatedNormal|multinomial)$/

export const randomness = forCode(
  'every random number comes from a seed, and the command line alone makes fresh seeds; Math.random nowhere',
  (place, { room }) => {
    if (variableAt(place) === 'Math') return mayBeRandom(place)
    if (room === 'cli') return false
    const name = place.node.type === 'Identifier' && !place.isType ? String(place.node.name) : stringAt(place)
    return variableAt(place) === 'crypto' || RANDOM.test(name ?? '')
  },
)

/** Math.random, by any spelling: what is read of Math must be known, and Math itself may not be handed on. */
function mayBeRandom({ field, parent }: Place): boolean {
  if (parent === undefined) return true
  if (parent.node.type === 'MemberExpression' && field === 'object') return isRandom(parent.node)
  const pattern = parent.node.id as Node | undefined
  if (parent.node.type !== 'VariableDeclarator' || pattern?.type !== 'ObjectPattern') return true
  return (pattern.properties as Node[]).some((each) => each.type !== 'Property' || isRandom(each))
}

function isRandom(read: Node): boolean {
  return ['random', undefined].includes(fieldRead(read))
}

// Builds the addon by calling a C++ compiler: no node-gyp, no Python, no download. What it cannot do it explains.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { platform } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf } from '../../../base/errors.ts'
import { type Places, PLACES, sourceHash, type Unit, units } from './sources.ts'

export type BuildOutcome =
  | { readonly built: true; readonly path: string; readonly seconds: number }
  /** The reason is for people, in one line. */
  | { readonly built: false; readonly reason: string }

/** The process's environment. CXX names a compiler, which may have options: "ccache g++". */
export type Environment = Readonly<Record<string, string | undefined>>

/** What cannot be done, for a reason that people understand. */
class Obstacle extends Error {}

const COMPILERS = ['c++', 'g++', 'clang++']

const HOW_TO_GET_ONE: Readonly<Record<string, string>> = {
  darwin: 'xcode-select --install',
  freebsd: 'pkg install llvm',
  linux: 'apt install g++, dnf install gcc-c++ or apk add g++',
}

/** Bytes: a compiler may have much to say. */
const MOST_OUTPUT = 64 * 2 ** 20

const LINKER_FLAGS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['-bundle', '-undefined', 'dynamic_lookup'], // Node has the functions of Node-API
}

/** Builds the addon; one that is there is replaced when the new one is ready. */
export async function buildAddon(environment: Environment, places: Places = PLACES): Promise<BuildOutcome> {
  const begin = performance.now()
  try {
    await build(await findCompiler(environment), environment, places)
    return { built: true, path: places.addon, seconds: (performance.now() - begin) / 1000 }
  } catch (error) {
    const isForPeople = error instanceof Obstacle || (error as NodeJS.ErrnoException).syscall !== undefined
    if (!isForPeople) throw error
    return { built: false, reason: messageOf(error) }
  }
}

/** A command and its first arguments. */
type Compiler = readonly string[]

async function findCompiler(environment: Environment): Promise<Compiler> {
  if (platform() === 'win32') throw new Obstacle('the addon is not for Windows, where WebAssembly does its work')
  const candidates = environment.CXX ? [environment.CXX] : COMPILERS
  for (const candidate of candidates) {
    const compiler = candidate.trim().split(/\s+/)
    if ((await execute([...compiler, '--version'], environment)).succeeded) return compiler
  }
  const advice = HOW_TO_GET_ONE[platform()] ?? 'install GCC or Clang'
  if (environment.CXX) throw new Obstacle(`CXX is "${environment.CXX}", which does not run: ${advice}, or unset CXX`)
  throw new Obstacle(`there is no C++ compiler (${COMPILERS.join(', ')}): ${advice}`)
}

/** Works in a folder beside the addon, so that moving it there is one step. */
async function build(compiler: Compiler, environment: Environment, { addon, source }: Places): Promise<void> {
  const headers = nodeApiHeaders()
  await mkdir(dirname(addon), { recursive: true })
  const folder = await mkdtemp(join(dirname(addon), 'building-'))
  try {
    const hash = sourceHash(source)
    const compile = async (unit: Unit, index: number): Promise<string> => {
      const object = join(folder, `${index}.o`)
      const files = [`-I${headers}`, '-c', join(source, unit.file), '-o', object]
      await mustSucceed([...compiler, ...unit.flags, ...files], environment)
      return object
    }
    const objects = await allOrFirstError(units(hash).map(compile))
    const library = join(folder, 'addon.node')
    const flags = LINKER_FLAGS[platform()] ?? ['-shared', '-pthread']
    await mustSucceed([...compiler, ...flags, ...objects, '-o', library], environment)
    await rename(library, addon)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The folder of node_api.h. Node itself does not come with it. */
function nodeApiHeaders(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('node-api-headers/include/node_api.h'))
  } catch (error) {
    throw new Obstacle('the package node-api-headers is missing: npm install', { cause: error })
  }
}

/** Waits for all, failures too: they write into a folder that is about to go. */
async function allOrFirstError<Result>(promises: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

async function mustSucceed(command: readonly string[], environment: Environment): Promise<void> {
  const { succeeded, errors } = await execute(command, environment)
  if (succeeded) return
  const lines = errors.split('\n').filter((line) => line.trim() !== '')
  const first = lines.find((line) => /error/i.test(line)) ?? lines[0] ?? 'without a word'
  throw new Obstacle(`${command[0]} failed; it must know C++20 as GCC 12 and Clang 15 do: ${first.trim()}`)
}

interface Execution {
  readonly succeeded: boolean
  /** What it wrote to standard error. */
  readonly errors: string
}

function execute([program, ...args]: readonly string[], environment: Environment): Promise<Execution> {
  return new Promise((resolve) => {
    execFile(program, args, { env: environment, maxBuffer: MOST_OUTPUT }, (error, _, errors) => {
      resolve({ succeeded: error === null, errors: errors || (error?.message ?? '') })
    })
  })
}

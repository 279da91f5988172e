// Compiles the core to WebAssembly: node src/engines/native/wasm/build.mjs [--check]
// The results are committed, with a stamp that says what they were made of. --check compares them with a fresh build.
// It takes clang 19 and lld 19 (Debian: apt install clang-19 lld-19), or another clang that CLANG names.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const SOURCE = fileURLToPath(new URL('../cpp/', import.meta.url))
const STAMP = join(HERE, 'stamp.json')
const CLANG = process.env.CLANG || 'clang-19'

const UNITS = ['kernels.cc', 'platform_wasm.cc', 'wasm.cc']
const ONLY_FOR_THE_ADDON = /^(addon|threads|platform_native)/

/** What each file adds to FLAGS. */
const BUILDS = { 'tgpt.wasm': ['-msimd128'], 'tgpt-relaxed.wasm': ['-msimd128', '-mrelaxed-simd'] }

const FLAGS = [
  '--target=wasm32',
  '-std=c++20',
  '-O3',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-exceptions',
  '-fno-rtti',
  '-fvisibility=hidden',
  '-matomics',
  '-mbulk-memory',
  '-nostdlib',
  '-nostdlibinc',
  '-DTGPT_SET=baseline',
]

const LINKER_FLAGS = [
  '--no-entry',
  '--import-memory',
  '--shared-memory',
  '--initial-memory=4194304', // host/wasm.ts makes a memory of this size
  '--max-memory=4294967296',
  '--export=__stack_pointer', // each thread points it at a stack of its own
  '-z,stack-size=1048576', // the main thread's
  '--stack-first', // so that an overflow is a fault, not a change of data
  '--strip-all',
]

const source = sourceHash()
const folder = mkdtempSync(join(tmpdir(), 'tgpt-wasm-'))
try {
  if (process.argv.includes('--check')) check(JSON.parse(readFileSync(STAMP, 'utf8')))
  else build()
} finally {
  rmSync(folder, { recursive: true })
}

function build() {
  const compiler = compilerVersion()
  compile()
  for (const name of Object.keys(BUILDS)) writeFileSync(join(HERE, name), readFileSync(join(folder, name)))
  writeFileSync(STAMP, `${JSON.stringify({ source, compiler, files: hashes(HERE) }, null, 2)}\n`)
  console.log(`built with ${compiler}`)
}

function check(stamp) {
  if (stamp.source !== source) fail('the source has changed since the WebAssembly files were built: run build.mjs')
  if (!same(hashes(HERE), stamp.files)) fail('the WebAssembly files are not those of the stamp: run build.mjs')
  const compiler = compilerVersion()
  compile()
  if (stamp.compiler !== compiler) {
    console.log(`it compiles with ${compiler}, and the stamp is of this source; built with ${stamp.compiler}`)
  } else if (same(hashes(folder), stamp.files)) {
    console.log(`the WebAssembly files are what ${compiler} makes of the source`)
  } else {
    fail(`${compiler} makes other WebAssembly files of this source: run build.mjs`)
  }
}

function compile() {
  const units = UNITS.map((name) => join(SOURCE, name))
  const linking = `-Wl,${LINKER_FLAGS.join(',')}`
  for (const [name, flags] of Object.entries(BUILDS)) {
    execFileSync(CLANG, [...FLAGS, ...flags, ...units, linking, '-o', join(folder, name)], { stdio: 'inherit' })
  }
}

function compilerVersion() {
  try {
    return execFileSync(CLANG, ['--version'], { encoding: 'utf8' }).split('\n')[0]
  } catch (error) {
    return fail(`there is no ${CLANG} (${error.message}): apt install clang-19 lld-19, or set CLANG`)
  }
}

/** Of all that goes into the files. */
function sourceHash() {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, LINKER_FLAGS, BUILDS]))
  const names = readdirSync(SOURCE).filter((name) => /\.(cc|h)$/.test(name) && !ONLY_FOR_THE_ADDON.test(name))
  for (const name of names.toSorted()) hash.update(`\n${name}\n`).update(readFileSync(join(SOURCE, name)))
  return hash.digest('hex')
}

function hashes(place) {
  const hashOf = (name) =>
    createHash('sha256')
      .update(readFileSync(join(place, name)))
      .digest('hex')
  return Object.fromEntries(Object.keys(BUILDS).map((name) => [name, hashOf(name)]))
}

function same(found, wanted) {
  return JSON.stringify(found) === JSON.stringify(wanted)
}

function fail(message) {
  throw new Error(message)
}

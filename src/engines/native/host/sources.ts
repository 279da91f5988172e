// What the addon is made of: its C++ source, and how each file of it is compiled.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the addon and its source are. */
export interface Places {
  readonly addon: string
  /** The folder of C++ files. */
  readonly source: string
}

/** In the package's root: this file is at the same depth in src and in dist. */
export const PLACES: Places = {
  addon: fileURLToPath(new URL(`../../../../build/tgpt-${platform()}-${arch()}.node`, import.meta.url)),
  source: fileURLToPath(new URL('../../../../src/engines/native/cpp', import.meta.url)),
}

export interface Unit {
  readonly file: string
  readonly flags: readonly string[]
}

/** Contraction fuses a product and a sum; -ffast-math would do more, and break the exponential. */
const COMMON_FLAGS = [
  '-std=c++20',
  '-O3',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-exceptions',
  '-fno-rtti',
  '-fvisibility=hidden',
  '-fPIC',
  '-DNAPI_VERSION=8',
]

const AVX_512 = ['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl', '-mfma']

/** The core is compiled for each set; only its files may have such flags, because it shares no code with the others. */
const INSTRUCTION_SETS: Readonly<Record<string, readonly string[]>> = {
  baseline: [],
  ...(arch() === 'x64' && {
    avx2: ['-mavx2', '-mfma'],
    avx512: AVX_512,
    avx512bf16: [...AVX_512, '-mavx512bf16'],
  }),
}

const NOT_IN_THE_ADDON = ['platform_wasm.cc', 'wasm.cc']

/** The files to compile, the slowest first. */
export function units(hash: string): Unit[] {
  const cores = Object.entries(INSTRUCTION_SETS).map(([name, flags]) => ({
    file: 'kernels.cc',
    flags: [`-DTGPT_SET=${name}`, ...flags],
  }))
  const others = ['addon_threads.cc', 'threads.cc', 'platform_native.cc'].map((file) => ({ file, flags: [] }))
  const addon = { file: 'addon.cc', flags: [`-DTGPT_SOURCE_HASH=${hash}`] }
  return [...cores, addon, ...others].map(({ file, flags }) => ({ file, flags: [...COMMON_FLAGS, ...flags] }))
}

/** Changes with every change of the addon's source or of how it is compiled. */
export function sourceHash(source: string): string {
  const hash = createHash('sha256').update(JSON.stringify(units('')))
  const names = readdirSync(source).filter((name) => /\.(cc|h)$/.test(name) && !NOT_IN_THE_ADDON.includes(name))
  for (const name of names.toSorted()) {
    hash.update(`\n${name}\n`).update(readFileSync(join(source, name)))
  }
  return hash.digest('hex')
}

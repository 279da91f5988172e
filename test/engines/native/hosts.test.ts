// What carries the native engine's core: the addon and how it is built, WebAssembly and its workers. What the core
// computes is the matter of the other tests.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadAddon } from '../../../src/engines/native/host/addon.ts'
import { buildAddon } from '../../../src/engines/native/host/build.ts'
import type { Core, LoadedCore } from '../../../src/engines/native/host/core.ts'
import { PLACES } from '../../../src/engines/native/host/sources.ts'
import { loadWasm } from '../../../src/engines/native/host/wasm.ts'

const folder = mkdtempSync(join(tmpdir(), 'tgpt-hosts-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** `npm test` builds it before the tests run. */
const DIST = new URL('../../../dist/', import.meta.url).href

const HOSTS: readonly (readonly [name: string, load: () => Promise<LoadedCore>, tooManyBytes: number])[] = [
  ['the addon', async () => loadAddon(), 2 ** 60],
  ['WebAssembly, relaxed', () => loadWasm(), 4_294_000_000],
  ['WebAssembly, plain', () => loadWasm({ relaxed: false }), 4_294_000_000],
]

const built = loadAddon()
if ('reason' in built) console.log(`tests of the addon are skipped: ${built.reason}`)

/** The core; the test is skipped, and says why, if this machine has none. */
async function coreOf(load: () => Promise<LoadedCore>, skip: (note: string) => never): Promise<Core> {
  const loaded = await load()
  return 'core' in loaded ? loaded.core : skip(loaded.reason)
}

describe('the addon is not used, and says why', () => {
  const reasonFor = (addon: string, source = PLACES.source): string | undefined => {
    const loaded = loadAddon({ places: { addon, source } })
    return 'reason' in loaded ? loaded.reason : undefined
  }

  it('if it was not built', () => {
    expect(reasonFor(join(folder, 'none.node'))).toBe('the addon is not built: tgpt build-native builds it')
  })

  it('if it is none', () => {
    const addon = join(folder, 'text.node')
    writeFileSync(addon, 'not machine code\n')
    expect(reasonFor(addon)).toMatch(/^the addon does not load: .+$/)
  })

  it('if its source has changed since', ({ skip }) => {
    if (!existsSync(PLACES.addon)) skip('the addon is not built')
    const source = join(folder, 'changed')
    mkdirSync(source)
    writeFileSync(join(source, 'kernels.cc'), '// faster\n')
    expect(reasonFor(PLACES.addon, source)).toBe('the addon is older than its source: tgpt build-native builds it anew')
  })

  it('if the processor lacks the instruction set that was asked for', async ({ skip }) => {
    await coreOf(async () => loadAddon(), skip)
    const instructionSet = 'avx1024' as 'avx512'
    expect(loadAddon({ instructionSet })).toEqual({
      reason: expect.stringMatching(/^this processor does not have avx1024; it has .*baseline/),
    })
  })
})

describe('building the addon', () => {
  /** A compiler that does as the script says when it is to compile. */
  const compilerThat = (name: string, script: string): string => {
    const file = join(folder, `${name}.cjs`)
    writeFileSync(file, `if (!process.argv.includes('--version')) { ${script} }`)
    return `${process.execPath} ${file}`
  }
  const build = async (name: string, environment: Readonly<Record<string, string>>) => {
    const place = join(folder, name)
    const outcome = await buildAddon(environment, { ...PLACES, addon: join(place, 'addon.node') })
    return { outcome, left: existsSync(place) ? readdirSync(place) : [] }
  }

  it('explains how to get a compiler where there is none', async () => {
    const { outcome, left } = await build('without', { PATH: join(folder, 'nothing') })
    expect(outcome).toEqual({ built: false, reason: expect.stringMatching(/^there is no C\+\+ compiler .*: .+$/) })
    expect(left).toEqual([])
  })

  it('does not fall back on another compiler than CXX', async () => {
    const { outcome } = await build('misnamed', { PATH: process.env.PATH ?? '', CXX: 'no-such-compiler -m64' })
    expect(outcome).toEqual({ built: false, reason: expect.stringMatching(/^CXX is "no-such-compiler -m64"/) })
  })

  it('passes on the first error of a compiler that fails, and leaves nothing behind', async () => {
    const CXX = compilerThat('fails', `console.error('In file a.h:\\na.h:1:2: error: no\\nmore'); process.exit(1)`)
    const { outcome, left } = await build('failed', { CXX })
    expect(outcome).toEqual({ built: false, reason: expect.stringMatching(/C\+\+20.*: a\.h:1:2: error: no$/) })
    expect(left).toEqual([])
  })

  it('replaces the addon when the new one is complete', async () => {
    const write = `require('node:fs').writeFileSync(process.argv[process.argv.indexOf('-o') + 1], 'made')`
    const { outcome, left } = await build('made', { CXX: compilerThat('makes', write) })
    expect(outcome).toEqual({ built: true, path: join(folder, 'made', 'addon.node'), seconds: expect.any(Number) })
    expect(left).toEqual(['addon.node'])
  })

  it('reports a folder that cannot be written to', async () => {
    writeFileSync(join(folder, 'file'), '')
    const { outcome } = await build('file/below', { CXX: compilerThat('idle', '') })
    expect(outcome).toEqual({ built: false, reason: expect.stringContaining(join(folder, 'file')) })
  })
})

describe.each(HOSTS)('memory of %s', (_, load, tooManyBytes) => {
  it('is aligned, and holds what is written', async ({ skip }) => {
    const core = await coreOf(load, skip)
    const sizes = [1, 4, 64, 1000, 4096, 65537, 5_000_000, 9_000_000]
    const blocks = sizes.map((bytes) => core.call('allocate', bytes))
    expect(blocks.filter((address) => address <= 0 || address % 64 !== 0)).toEqual([])
    for (const [index, address] of blocks.entries()) {
      core.write(address, new Float32Array(sizes[index] >> 2).fill(index + 0.5))
    }
    for (const [index, address] of blocks.entries()) {
      const values = new Float32Array(sizes[index] >> 2)
      core.read(address, values)
      expect(values.every((value) => value === index + 0.5)).toBe(true)
      core.call('release', address)
    }
  })

  it('takes integers too, bit by bit', async ({ skip }) => {
    const core = await coreOf(load, skip)
    const address = core.call('allocate', 8)
    core.write(address, Int32Array.of(-1, 2 ** 30))
    const values = new Float32Array(2)
    core.read(address, values)
    expect([...new Int32Array(values.buffer)]).toEqual([-1, 2 ** 30])
    core.call('release', address)
  })

  it('is used again', async ({ skip }) => {
    const core = await coreOf(load, skip)
    const freshBlock = (bytes: number): number => {
      const address = core.call('allocate', bytes)
      core.call('release', address)
      return address
    }
    const addresses = Array.from({ length: 100 }, () => freshBlock(50_000_000))
    expect(addresses).not.toContain(0) // 5 GB in all
  })

  it('says 0 when there is not enough', async ({ skip }) => {
    const core = await coreOf(load, skip)
    expect(core.call('allocate', tooManyBytes)).toBe(0)
  })
})

describe.each(HOSTS)('a command of %s', (_, load) => {
  it('must exist, with numbers for operands, as many as it takes', async ({ skip }) => {
    const core = await coreOf(load, skip)
    expect(core.call('vectorWidth')).toBeGreaterThanOrEqual(4)
    expect(() => core.call('nonsense' as 'run', 1)).toThrow(TypeError)
    expect(() => core.call('allocate')).toThrow(TypeError)
    expect(() => core.call('allocate', 1, 2)).toThrow(TypeError)
  })

  it('about threads is refused where there are none', async ({ skip }) => {
    const core = await coreOf(load, skip)
    await expect(core.run(64)).rejects.toThrow('no threads')
  })
})

describe.each(HOSTS.slice(1))('%s, when a thread dies', (_, load) => {
  const OUTSIDE = 2 ** 32 - 4096 // an engine where there is no memory: whoever looks at it dies

  it.for([1, 2])('rejects the job of %i threads and all that is asked later', async (threads, { skip }) => {
    const core = await coreOf(load, skip)
    const died = /^thread \d stopped: RuntimeError: memory access out of bounds$/
    await expect(core.start(OUTSIDE, threads).then(() => core.run(OUTSIDE))).rejects.toThrow(died)
    await expect(core.run(OUTSIDE)).rejects.toThrow()
    await core.stop(OUTSIDE)
  })
})

describe.each([
  ['the addon', 'native', async () => loadAddon()],
  ['WebAssembly', 'wasm', () => loadWasm()],
] as const)('a process with threads of %s', (_, engine, load) => {
  /** A job of a tenth of a second or more, which is in progress from then on. */
  const JOB = `
    const { openEngine } = await import('${DIST}engines/open.js')
    const { initialParameters } = await import('${DIST}gpt/parameters.js')
    const model = { vocabSize: 65, blockSize: 64, nLayer: 4, nHead: 4, nEmbd: 128, bias: false, activation: 'gelu' }
    const { engine } = await openEngine('${engine}', { model, seed: 1, threads: 2 })
    await engine.load(initialParameters(model, 1))
    const ids = new Int32Array(64 * 100)
    const batch = { inputs: ids, targets: ids, batchSize: 100 }
    const job = engine.losses(batch)`

  it.for([
    ['exits in the middle of a job', 'setTimeout(() => process.exit(7), 20)', 7],
    ['stays for a job, and not for the threads', 'job.then((losses) => (process.exitCode = losses.length / 800))', 8],
  ] as const)('%s', async ([, ending, code], { skip }) => {
    await coreOf(load, skip)
    const child = spawn(process.execPath, ['--input-type=module', '--eval', `${JOB}\n${ending}`], { stdio: 'pipe' })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    const ended = await new Promise((resolve) => child.on('close', resolve))
    expect(ended, errors).toBe(code)
  })
})

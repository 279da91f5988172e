// Which engine computes: by flag, by environment or by itself; and that the person is told.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  eventsOf,
  everythingIn,
  expectRefusal,
  folderWithTales,
  pointedAt,
  type SpawnOptions,
  succeeds,
  tgpt,
  TINY,
  trained,
  weightsIn,
} from './spawn.ts'

interface RecordedEngine {
  readonly name: string
  readonly detail: string
  readonly reason: string
}

function engineIn(run: string): RecordedEngine {
  return (JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { engine: RecordedEngine }).engine
}

async function engineAfter(flags: string, options: SpawnOptions = {}): Promise<RecordedEngine> {
  const folder = folderWithTales()
  const { stdout } = await succeeds(
    tgpt(folder, `train tales.txt --out run ${flags} ${TINY}`.replace('  ', ' '), options),
  )
  const engine = engineIn(join(folder, 'run'))
  expect(stdout).toContain(`${engine.name}: ${engine.detail} (${engine.reason})\n`)
  return engine
}

describe.concurrent('the engine', () => {
  it('is the one that --engine names, with as many threads as --threads says', async () => {
    expect(await engineAfter('--engine wasm --threads 3')).toMatchObject({
      name: 'wasm',
      detail: expect.stringMatching(/^WebAssembly, .*, 3 threads, fp32$/) as string,
    })
    expect((await engineAfter('--engine tfjs')).name).toBe('tfjs')
  })

  it('is the one that TGPT_ENGINE names, where there is no flag', async () => {
    const env = { TGPT_ENGINE: 'tfjs' }
    expect((await engineAfter('', { env })).name).toBe('tfjs')
    expect((await engineAfter('--engine wasm', { env })).name).toBe('wasm')
  })

  it('is chosen where nobody names one: a fast one, and why', async () => {
    for (const options of [{}, { env: { TGPT_ENGINE: '' } }, { env: { TGPT_ENGINE: 'auto' } }]) {
      const { name, reason } = await engineAfter('', options)
      expect(['native', 'wasm']).toContain(name)
      expect(reason).toMatch(name === 'native' ? /addon is built/ : /addon/)
    }
  })

  it('is shown by inspect, with its threads and the reason', async () => {
    const { folder, run } = await trained(`${TINY} --engine wasm --threads 2`)
    const { detail, reason } = engineIn(run)
    const { stdout } = await succeeds(tgpt(folder, 'inspect tales'))
    expect(stdout).toContain(`wasm: ${detail} (${reason})\n`)
    expect(JSON.parse((await tgpt(folder, 'inspect tales --json')).stdout)).toMatchObject({
      run: { engine: { name: 'wasm', detail, reason } },
    })
  })

  it('that computes does not matter to sample and eval but for rounding', async () => {
    const { folder } = await trained()
    const losses = await Promise.all(
      ['wasm', 'tfjs'].map(async (engine) => {
        const { stdout } = await succeeds(tgpt(folder, `eval tales tales.txt --json --engine ${engine}`))
        return (JSON.parse(stdout) as { loss: number }).loss
      }),
    )
    expect(losses[0]).toBeCloseTo(losses[1], 5)
    const sampled = await succeeds(tgpt(folder, 'sample tales --max-tokens 40', { env: { TGPT_ENGINE: 'wasm' } }))
    expect(sampled.stdout).toHaveLength(41)
  })

  it('may be another when a run goes on; without a flag it stays', async () => {
    const { folder, run } = await trained(`${TINY} --engine tfjs`)
    await succeeds(tgpt(folder, 'train --resume tales --steps 7'))
    expect(engineIn(run).name).toBe('tfjs')
    await succeeds(tgpt(folder, 'train --resume tales --steps 8 --engine wasm --threads 1'))
    expect(engineIn(run).name).toBe('wasm')
    expect(eventsOf(run).at(-1)).toMatchObject({ event: 'finished', step: 8 })
  })

  it('gives the same weights on any number of threads', async () => {
    const runs = await Promise.all(['1', '3'].map((threads) => trained(`${TINY} --engine wasm --threads ${threads}`)))
    const [one, three] = runs.map(({ run }) => weightsIn(pointedAt(run, 'latest')))
    expect(one.equals(three)).toBe(true)
  })
})

describe.concurrent('is refused by name:', () => {
  it.each<[string, string, Record<string, string>, RegExp]>([
    [
      'an engine in the environment that does not exist',
      '',
      { TGPT_ENGINE: 'steam' },
      /"steam" .*TGPT_ENGINE.*\nEngines: auto, native, wasm, tfjs\./,
    ],
    ['too many threads', '--threads 65', {}, /--threads is "65"; it must be a whole number from 1 to 64\n/],
    ['an unknown precision', '--precision fp8', {}, /--precision is "fp8"; it must be one of: fp32, bf16\n/],
    ['a precision that the engine does not have', '--precision bf16 --engine tfjs', {}, /bf16.*\n.*--precision/],
    ['a precision that WebAssembly does not have', '--precision bf16 --engine wasm', {}, /bf16.*\n.*--precision/],
  ])('%s', async (_, flags, env, words) => {
    const folder = folderWithTales()
    expectRefusal(await tgpt(folder, `train tales.txt ${flags} ${TINY}`.replace('  ', ' '), { env }), 2, words)
    expect(everythingIn(folder)).toEqual(['tales.txt'])
  })
})

describe.concurrent('tgpt build-native', () => {
  it('says what is missing, and fails, where there is no compiler', async () => {
    const { code, stderr } = await tgpt(folderWithTales(), 'build-native', { env: { CXX: 'no-such-compiler' } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^tgpt: the native engine was not built: .*no-such-compiler.*\n.*WebAssembly.*\n$/)
  })
})

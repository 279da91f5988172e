// The native engine with bf16 products: near fp32 within what eight bits of mantissa leave, and as repeatable.

import { afterAll, describe, expect, it } from 'vitest'
import { NativeEngine } from '../../../src/engines/native/engine.ts'
import { loadAddon } from '../../../src/engines/native/host/addon.ts'
import type { Batch } from '../../../src/gpt/engine.ts'
import type { ModelConfig } from '../../../src/gpt/model.ts'
import { initialParameters } from '../../../src/gpt/parameters.ts'
import { expectNear } from '../expectNear.ts'
import { HYPER } from '../inputs.ts'

const [single, brain] = [loadAddon(), loadAddon({ instructionSet: 'avx512bf16' })]
if ('reason' in brain) console.log(`tests of bf16 are skipped: ${brain.reason}`)

/** Odd in every size, so that pairs, vectors and panels all have ends that are not full. */
const MODEL: ModelConfig = {
  vocabSize: 67,
  blockSize: 23,
  nLayer: 2,
  nHead: 3,
  nEmbd: 51,
  bias: true,
  activation: 'gelu_new',
}

/** Text of a kind: each id is a fixed function of the one before, but for every seventh. */
function batchOf(shift: number): Batch {
  const ids = Int32Array.from({ length: 6 * 23 + 1 }, (_, index) =>
    index % 7 === 0 ? (index * 31 + shift) % 67 : (index * 5 + shift) % 67,
  )
  return { inputs: ids.slice(0, -1), targets: ids.slice(1), batchSize: 6 }
}

describe.skipIf('reason' in single || 'reason' in brain)('bf16 products', () => {
  const opened: NativeEngine[] = []
  afterAll(() => opened.forEach((engine) => engine.dispose()))

  async function start(precision: 'fp32' | 'bf16', threads = 2): Promise<NativeEngine> {
    const loaded = precision === 'bf16' ? brain : single
    if ('reason' in loaded) throw new Error(loaded.reason)
    const place = { name: 'native', core: loaded.core, threads }
    const engine = await NativeEngine.open(place, { model: MODEL, seed: 1, precision })
    opened.push(engine)
    await engine.load(initialParameters(MODEL, 3))
    return engine
  }

  async function lossesOf(engine: NativeEngine, steps: number): Promise<number[]> {
    const losses: number[] = []
    for (let step = 0; step < steps; step++) {
      losses.push((await engine.trainStep([batchOf(step)], { ...HYPER, step, dropout: 0.1 })).loss)
    }
    return losses
  }

  it('give losses within 0.01 nats of fp32, and every gradient within 2% of its norm', async () => {
    const [exact, rounded] = [await start('fp32'), await start('bf16')]
    expectNear(await rounded.losses(batchOf(1)), await exact.losses(batchOf(1)), 0.01, 'losses')
    const [expected, found] = [await exact.gradients(batchOf(1)), await rounded.gradients(batchOf(1))]
    for (const [name, { data }] of expected) {
      // The key third of c_attn.bias has no effect on the loss: what stands there is rounding.
      const part = name.endsWith('c_attn.bias') ? data.length / 3 : 0
      const counts = (index: number): boolean => index < part || index >= 2 * part
      const apart = Math.hypot(
        ...data.map((value, index) => (counts(index) ? value - found.get(name)!.data[index] : 0)),
      )
      expect(apart, name).toBeLessThan(0.02 * Math.hypot(...data))
      expect(apart, `${name}, which would be no rounding at all`).toBeGreaterThan(0)
    }
  })

  it('learn as well as fp32', async () => {
    const [exact, rounded] = [await lossesOf(await start('fp32'), 150), await lossesOf(await start('bf16'), 150)]
    const end = (losses: number[]): number => losses.slice(-20).reduce((sum, loss) => sum + loss) / 20
    expect(end(exact)).toBeLessThan(exact[0] - 1)
    expect(Math.abs(end(rounded) - end(exact))).toBeLessThan(0.05)
  })

  it('give the same bits on 1, 2 and 3 threads', async () => {
    const once = await lossesOf(await start('bf16', 1), 5)
    for (const threads of [2, 3]) expect(await lossesOf(await start('bf16', threads), 5)).toEqual(once)
  })

  it('decode from the cache what the uncached pass gives, within their rounding', async () => {
    const engine = await start('bf16')
    await lossesOf(engine, 30)
    const ids = batchOf(4).inputs.slice(0, 12)
    const decoder = engine.decoder()
    let logits = await decoder.prefill(ids.slice(0, 5))
    for (const id of ids.slice(5)) logits = await decoder.next(Int32Array.of(id))
    expectNear(logits, (await engine.logits(ids)).slice(-67), 0.05, 'logits')
    decoder.dispose()
  })

  it('are not taken where fp32 was asked for', async () => {
    if ('reason' in single) throw new Error(single.reason)
    expect((await start('fp32')).detail).toMatch(/fp32$/)
    expect((await start('bf16')).detail).toMatch(/bf16$/)
    const wrong = { name: 'native', core: single.core, threads: 1 }
    await expect(NativeEngine.open(wrong, { model: MODEL, seed: 1, precision: 'bf16' })).rejects.toThrow('bf16')
  })
})

// Which engine a name stands for, and what is said when it is not there.

import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { type EngineChoice, engineName, openEngine, selectEngine } from '../../src/engines/open.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { initialParameters } from '../../src/gpt/parameters.ts'

const model: ModelConfig = {
  vocabSize: 7,
  blockSize: 4,
  nLayer: 1,
  nHead: 1,
  nEmbd: 4,
  bias: true,
  activation: 'gelu',
}

/** The choice, or the error that says why there is none. */
async function native(): Promise<EngineChoice | UserError> {
  return selectEngine('native').catch((error: unknown) => error as UserError)
}

describe('an engine by name', () => {
  it('is there, or is refused with the reason and what to do about it', async () => {
    const found = await native()
    if (!(found instanceof UserError)) expect(found).toMatchObject({ name: 'native', reason: 'the addon is built' })
    else expect(`${found.message} ${found.hint}`).toMatch(/the engine native is not here \(.+\) .*--engine/)
  })

  it.each(['wasm', 'tfjs'] as const)('%s is always there, and computes', async (name) => {
    const { engine, reason } = await openEngine(name, { model, seed: 1 })
    expect([engine.name, reason.length > 0]).toEqual([name, true])
    await engine.load(initialParameters(model, 1))
    expect(await engine.logits(Int32Array.of(1, 2))).toHaveLength(14)
    engine.dispose()
  })

  it('takes as many threads as it is told', async () => {
    const { engine } = await openEngine('wasm', { model, seed: 1, threads: 3 })
    expect(engine.detail).toMatch(/^WebAssembly, .*, 3 threads, fp32$/)
    engine.dispose()
  })

  it('may be opened twice at once', async () => {
    const choice = await selectEngine('wasm')
    const [one, other] = [await choice.open({ model, seed: 1 }), await choice.open({ model, seed: 1 })]
    await one.load(initialParameters(model, 1))
    await other.load(initialParameters(model, 2))
    const logits = await Promise.all([one, other].map((engine) => engine.logits(Int32Array.of(1))))
    expect(logits[0]).not.toEqual(logits[1])
    for (const engine of [one, other]) engine.dispose()
  })

  it.each(['steam', '', 'Native', '__proto__'])('"%s" is none', (name) => {
    expect(() => engineName(name)).toThrow(UserError)
    expect(() => engineName(name)).toThrow(`there is no engine "${name}"`)
  })
})

describe('without a name', () => {
  it('the addon is taken where it is built, else WebAssembly, and it is said why', async () => {
    const [found, chosen] = [await native(), await selectEngine('auto')]
    expect(chosen.suitedPreset).toBe('small')
    if (found instanceof UserError) {
      expect(chosen.name).toBe('wasm')
      expect(found.message).toContain(chosen.reason)
    } else expect(chosen).toMatchObject({ name: 'native', reason: found.reason })
  })
})

// Looking inside the reference engine: what is seen is what is computed, and looking changes nothing.

import { afterAll, describe, expect, it } from 'vitest'
import { loadBackend } from '../../src/engines/tfjs/backend.ts'
import { TfjsEngine } from '../../src/engines/tfjs/engine.ts'
import { TfjsLooker } from '../../src/engines/tfjs/look.ts'
import type { SeenTensor } from '../../src/gpt/look.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { paramSpecs } from '../../src/gpt/parameters.ts'
import { modelOf, REFERENCE_CASES, referenceFile, referenceTensors } from '../reference/load.ts'
import { collect } from '../run/collect.ts'

const { tf, ...backend } = await loadBackend()
const before = tf.memory().numTensors

const everything = () => true

/** A parameter's width on the side of its output. */
function outputOf(model: ModelConfig, name: string): number {
  return paramSpecs(model)
    .find((spec) => spec.name === `${name}.weight`)!
    .shape.at(-1)!
}

/** The shapes that a pass over T tokens must have, worked out from the table of parameters. */
function expectedShapes(model: ModelConfig, T: number): [string, number[]][] {
  const { nHead: H, nEmbd: C, nLayer } = model
  const rows = (name: string): [string, number[]] => [name, [T, outputOf(model, name)]]
  const block = (h: string): [string, number[]][] => [
    rows(`${h}.ln_1`),
    rows(`${h}.attn.c_attn`),
    ...['q', 'k', 'v'].map((name): [string, number[]] => [
      `${h}.attn.${name}`,
      [H, T, outputOf(model, `${h}.attn.c_attn`) / 3 / H],
    ]),
    [`${h}.attn.scores`, [H, T, T]],
    [`${h}.attn.probabilities`, [H, T, T]],
    [`${h}.attn.mixed`, [T, C]],
    rows(`${h}.attn.c_proj`),
    [`${h}.resid_mid`, [T, C]],
    rows(`${h}.ln_2`),
    rows(`${h}.mlp.c_fc`),
    [`${h}.mlp.act`, [T, outputOf(model, `${h}.mlp.c_fc`)]],
    rows(`${h}.mlp.c_proj`),
    [`${h}.resid_post`, [T, C]],
  ]
  const blocks = Array.from({ length: nLayer }, (_, layer) => block(`h.${layer}`))
  return [
    rows('wte'),
    rows('wpe'),
    ['embedding', [T, C]],
    ...blocks.flat(),
    rows('ln_f'),
    ['logits', [T, paramSpecs(model)[0].shape[0]]],
  ]
}

describe.each(REFERENCE_CASES)('a look into %s', (name) => {
  const reference = referenceFile(name)
  const model = modelOf(reference)
  const parameters = referenceTensors(name, 'final')
  const ids = Int32Array.from(reference.batches[0].x[0]).slice(0, 5)
  const looker = new TfjsLooker(tf, model, parameters)
  const tensors = async (): Promise<ReadonlyMap<string, SeenTensor>> =>
    new Map((await collect(looker.tensors(ids, everything))).map((tensor) => [tensor.name, tensor]))

  afterAll(() => looker.dispose())

  it('has every tensor in order, with the shapes that the parameters imply', async () => {
    const seen = [...(await tensors()).values()]
    expect(seen.map((tensor) => [tensor.name, tensor.shape])).toEqual(expectedShapes(model, 5))
    for (const { shape, data } of seen) expect(data).toHaveLength(shape.reduce((a, b) => a * b))
  })

  it('has the logits of the engine, to the bit, and so has its last lens', async () => {
    const engine = new TfjsEngine({ tf, ...backend }, { model, seed: 0 })
    await engine.load(parameters)
    const logits = await engine.logits(ids)
    engine.dispose()
    expect((await tensors()).get('logits')!.data).toEqual(logits)
    const lens = await collect(looker.lens(ids))
    const blocks = Array.from({ length: model.nLayer }, (_, layer) => `h.${layer}.resid_post`)
    expect(lens.map((each) => each.name)).toEqual(['embedding', ...blocks])
    expect(lens.at(-1)!.data).toEqual(logits)
    expect(lens[0].data).not.toEqual(logits)
  })

  it('has attention whose rows sum to 1 and that sees nothing ahead', async () => {
    const seen = await tensors()
    for (let layer = 0; layer < model.nLayer; layer++) {
      const { data } = seen.get(`h.${layer}.attn.probabilities`)!
      const scores = seen.get(`h.${layer}.attn.scores`)!.data
      for (let row = 0; row < model.nHead * 5; row++) {
        const weights = [...data.subarray(5 * row, 5 * row + 5)]
        const query = row % 5
        expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 6)
        expect(weights.slice(query + 1)).toEqual(Array.from({ length: 4 - query }, () => 0))
        expect(weights.slice(0, query + 1).every((weight) => weight > 0)).toBe(true)
        const ahead = [...scores.subarray(5 * row + query + 1, 5 * row + 5)]
        expect(ahead).toEqual(ahead.map(() => -Infinity))
      }
    }
  })

  it('shows how the residual stream adds up', async () => {
    const seen = await tensors()
    const sum = (...names: string[]) =>
      [...seen.get(names[0])!.data].map((_, i) => names.reduce((total, each) => total + seen.get(each)!.data[i], 0))
    const expectNear = (tensor: string, expected: readonly number[]) =>
      [...seen.get(tensor)!.data].forEach((x, i) => expect(x).toBeCloseTo(expected[i], 5))
    expectNear('embedding', sum('wte', 'wpe'))
    expectNear('h.0.resid_mid', sum('embedding', 'h.0.attn.c_proj'))
    expectNear('h.0.resid_post', sum('h.0.resid_mid', 'h.0.mlp.c_proj'))
  })
})

describe('memory', () => {
  const reference = referenceFile('gpt2')
  const ids = Int32Array.of(1, 2, 3)

  it('holds no tensor of a look, whether it was read to its end or not, and none when disposed', async () => {
    const held = tf.memory().numTensors
    const looker = new TfjsLooker(tf, modelOf(reference), referenceTensors('gpt2', 'final'))
    const loaded = tf.memory().numTensors
    await collect(looker.tensors(ids, everything))
    await collect(looker.lens(ids))
    for await (const { name } of looker.tensors(ids, everything)) if (name === 'wpe') break
    for await (const { name } of looker.lens(ids)) if (name === 'embedding') break
    expect(tf.memory().numTensors).toBe(loaded)
    looker.dispose()
    expect(tf.memory().numTensors).toBe(held)
  })

  it('hands out only what is wanted', async () => {
    const looker = new TfjsLooker(tf, modelOf(reference), referenceTensors('gpt2', 'final'))
    const seen = await collect(looker.tensors(ids, (name) => name.endsWith('.attn.probabilities')))
    expect(seen.map(({ name }) => name)).toEqual(['h.0.attn.probabilities', 'h.1.attn.probabilities'])
    looker.dispose()
  })
})

afterAll(() => expect(tf.memory().numTensors).toBe(before))

import util from 'node:util'
import { expect, it } from 'vitest'
import { loadBackend } from '../../src/engines/tfjs/backend.ts'

const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url).href

it('takes tfjs-node where it loads, with what Node 23 removed put back for it', async () => {
  const backend = await loadBackend(fixture('loads.cjs'))
  expect(backend).toMatchObject({ detail: 'tfjs-node 4.22.0', reason: 'tfjs-node is installed' })
  const { isArray, isNullOrUndefined } = util as unknown as Record<string, (value: unknown) => boolean>
  expect([
    isArray([]),
    isArray({}),
    isNullOrUndefined(null),
    isNullOrUndefined(undefined),
    isNullOrUndefined(0),
  ]).toEqual([true, false, true, true, false])
})

it.each([
  ['is not installed', '@tensorflow/no-such-package', 'tfjs-node is not installed'],
  ['has no addon', fixture('breaks.cjs'), 'tfjs-node does not load: try npm rebuild @tensorflow/tfjs-node'],
])('computes in JavaScript where tfjs-node %s, and says why', async (_, module, reason) => {
  const { tf, reason: given, detail } = await loadBackend(module)
  expect(given).toBe(reason)
  expect(detail).toContain('JavaScript')
  const [gradient] = tf.grads((x) => tf.sum(tf.square(x)))([tf.tensor([3])])
  expect(gradient.dataSync()[0]).toBe(6)
})

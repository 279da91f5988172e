import { expect, it } from 'vitest'
import { nativeTrainingBytes } from '../../../src/engines/native/memory.ts'
import { countParameters } from '../../../src/gpt/counts.ts'
import { resolveSettings } from '../../../src/gpt/presets.ts'
import { modelConfig } from '../../../src/gpt/settings.ts'

const MODELS = (['nano', 'baby', 'gpt2'] as const).map((preset) => modelConfig(resolveSettings(preset, {}), 65))

it.each(MODELS)('is the weights and what is kept of them, and a chunk of the batch: $nEmbd wide', (model) => {
  const weights = 4 * 4 * countParameters(model).total
  const [one, four, many] = [1, 4, 100_000].map((batchSize) => nativeTrainingBytes(model, batchSize))
  expect(one).toBeGreaterThan(weights)
  expect(four).toBeGreaterThan(one)
  expect(many - weights).toBeLessThan(Math.max(400 * 2 ** 20, four) + weights)
  expect(nativeTrainingBytes(model, 1_000_000)).toBe(many)
})

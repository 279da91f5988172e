// Times a training step of the reference engine: npm run build && node bench/reference-engine.mjs [tiny|nano ...]
// Prints milliseconds a step (median of several), tokens/s, and GFLOP/s with causal attention counted at half.

import { selectEngine } from '../dist/engines/open.js'
import { countParameters } from '../dist/gpt/counts.js'
import { initialParameters } from '../dist/gpt/parameters.js'
import { presetName, resolveSettings } from '../dist/gpt/presets.js'
import { modelConfig } from '../dist/gpt/settings.js'

const VOCABULARY = 65
const WARM_UP = 3
const COUNTED = 7

const choice = await selectEngine('tfjs')
console.log(`${choice.name}: ${choice.reason}; Node ${process.versions.node}`)
for (const name of process.argv.length > 2 ? process.argv.slice(2) : ['tiny', 'nano']) await measure(presetName(name))

async function measure(preset) {
  const settings = resolveSettings(preset, { dropout: 0 })
  const model = modelConfig(settings, VOCABULARY)
  const engine = await choice.open({ model, seed: 1 })
  await engine.load(initialParameters(model, 1))
  const tokens = settings.batchSize * settings.blockSize
  const inputs = Int32Array.from({ length: tokens }, (_, index) => (index * 7) % VOCABULARY)
  const batch = { inputs, targets: inputs.map((id) => (id + 1) % VOCABULARY), batchSize: settings.batchSize }
  const times = []
  for (let step = 0; step < WARM_UP + COUNTED; step++) {
    const before = performance.now()
    await engine.trainStep([batch], {
      step,
      learningRate: 1e-3,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: 0.1,
      gradientClip: 1,
      dropout: 0,
    })
    times.push(performance.now() - before)
  }
  const median = times.slice(WARM_UP).toSorted((a, b) => a - b)[Math.floor(COUNTED / 2)]
  const flops =
    tokens * (6 * countParameters(model).withoutPositions + 6 * model.nLayer * model.nEmbd * model.blockSize)
  console.log(
    `${preset}: ${median.toFixed(1)} ms a step, ${((1000 * tokens) / median).toFixed(0)} tok/s, ${(flops / median / 1e6).toFixed(2)} GFLOP/s`,
  )
  engine.dispose()
}

// How long a run will take, from a short measurement of the forward pass on this machine.

import type { Batch, Engine } from '../gpt/engine.ts'
import { evaluationBlock, FINAL_EVALUATION_TOKENS, type Training } from './training.ts'

/** Forward and backward pass cost three times the forward pass: each product has two gradients. */
const STEP_FORWARDS = 3
/** A short window tells what a whole micro-batch would take; if that is affordable, it is timed as it is. */
const PROBE_TOKENS = 16
const AFFORDABLE_SECONDS = 0.5
/** The fastest of a few counts: the first ones wait for the compiler. */
const PROBES = 4

/** Seconds from here to the end: the steps left, the evaluations on the way, and the last one. */
export async function expectedSeconds(training: Training, clock: () => number): Promise<number> {
  const { settings, progress, parts } = training
  const { batchSize, blockSize, gradientAccumulation, evalInterval, evalIters, steps } = settings
  const remaining = steps - progress.step
  const evaluations = Math.ceil(remaining / evalInterval) + 1
  const lastTokens = Math.min(parts.validation.length, FINAL_EVALUATION_TOKENS)
  const validationShare = evaluationBlock(parts.validation, blockSize) / blockSize
  const forwards =
    remaining * gradientAccumulation * STEP_FORWARDS +
    evaluations * evalIters * (1 + validationShare) +
    lastTokens / (batchSize * blockSize)
  return forwards * (await forwardSeconds(training, clock))
}

/** Seconds for the forward pass of one micro-batch, warmed up. */
async function forwardSeconds({ engine, settings }: Training, clock: () => number): Promise<number> {
  const { batchSize, blockSize } = settings
  const window = anyBatch(1, Math.min(blockSize, PROBE_TOKENS))
  const scaled = ((await fastest(engine, window, clock)) * batchSize * blockSize) / window.inputs.length
  return scaled < AFFORDABLE_SECONDS ? fastest(engine, anyBatch(batchSize, blockSize), clock) : scaled
}

/** Seconds that the engine takes to score a batch. */
async function fastest(engine: Engine, batch: Batch, clock: () => number): Promise<number> {
  let seconds = Infinity
  for (let count = 0; count < PROBES; count++) {
    const before = clock()
    await engine.losses(batch)
    seconds = Math.min(seconds, clock() - before)
  }
  return seconds
}

/** Windows full of the first id: the arithmetic is the same for every text. */
function anyBatch(batchSize: number, blockSize: number): Batch {
  const ids = new Int32Array(batchSize * blockSize)
  return { inputs: ids, targets: ids, batchSize }
}

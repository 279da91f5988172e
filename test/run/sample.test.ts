// Samples of a checkpoint: which, in which order, and when.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stream, streamKey } from '../../src/base/threefry.ts'
import { generateText, promptIds } from '../../src/run/generate.ts'
import { openModel } from '../../src/run/model.ts'
import { sample, type SampleEvent, type SampleRequest } from '../../src/run/sample.ts'
import { startRun } from '../../src/run/start.ts'
import { train } from '../../src/run/train.ts'
import { collect } from './collect.ts'

const folder = mkdtempSync(join(tmpdir(), 'tgpt-sample-'))
afterAll(() => rmSync(folder, { recursive: true }))

const signal = new AbortController().signal
const request: SampleRequest = {
  stepFolder: join(folder, 'run', 'step-000002'),
  engine: 'auto',
  threads: undefined,
  prompt: 'o',
  maxTokens: 30,
  temperature: 1,
  topK: 0,
  numSamples: 10,
  seed: 5,
  signal,
}

beforeAll(async () => {
  const corpusPath = join(folder, 'rhyme.txt')
  writeFileSync(
    corpusPath,
    'one for the rudder, two for the rain, three for the herring asleep on the train.\n'.repeat(6),
  )
  const training = await startRun({
    corpusPath,
    preset: 'tiny',
    given: { nLayer: 1, nHead: 1, nEmbd: 8, blockSize: 8, batchSize: 1, evalIters: 1, steps: 2 },
    engine: 'auto',
    threads: undefined,
    precision: undefined,
    out: join(folder, 'run'),
    overwrite: false,
    root: folder,
    availableBytes: Infinity,
    versions: { tgpt: 'test', node: 'test' },
  })
  for await (const _ of train(training, { clock: () => 0, signal }));
  training.engine.dispose()
})

/** The texts of a stream of events, which must be in order. */
function textsOf(events: readonly SampleEvent[]): string[] {
  const texts: string[] = []
  for (const event of events) {
    if (event.kind === 'begin') expect(texts.push('')).toBe(event.sample + 1)
    else if (event.kind === 'text') texts[texts.length - 1] += event.text
  }
  return texts
}

describe('samples', () => {
  it('are each what the same key gives alone, however many are decoded together', async () => {
    const texts = textsOf(await collect(sample(request)))
    const { tokenizer, engine } = await openModel(request)
    const decoder = engine.decoder()
    const logits = await decoder.prefill(promptIds(tokenizer, request.prompt))
    const alone = Array.from({ length: request.numSamples }, async (_, index) => {
      const options = { ...request, key: streamKey(request.seed, Stream.sampling, index) }
      return (await collect(generateText(decoder.fork(1), logits, tokenizer, options))).join('')
    })
    expect(texts).toEqual(await Promise.all(alone))
    expect(new Set(texts).size).toBe(request.numSamples)
    engine.dispose()
  })

  it('come in order, the first as it is produced', async () => {
    const events = await collect(sample({ ...request, numSamples: 3 }))
    const begun = events.flatMap(({ kind }, index) => (kind === 'begin' ? [index] : []))
    expect(begun).toHaveLength(3)
    expect(begun[1] - begun[0]).toBeGreaterThan(30) // a piece for each token
  })

  it.each([1, 20])('end with the one in progress when the signal comes at piece %i', async (last) => {
    const controller = new AbortController()
    const events: SampleEvent[] = []
    for await (const event of sample({ ...request, signal: controller.signal })) {
      events.push(event)
      if (events.length === 1 + last) controller.abort()
    }
    const [whole] = textsOf(await collect(sample({ ...request, numSamples: 1 })))
    expect(textsOf(events)).toEqual([whole.slice(0, last)])
  })
})

// What the native engine tells its core, in which order, and what it does when the core cannot.

import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../../src/base/errors.ts'
import { NativeEngine } from '../../../src/engines/native/engine.ts'
import type { Command } from '../../../src/engines/native/host/core.ts'
import { dropoutStepKey } from '../../../src/gpt/dropout.ts'
import type { Batch, EngineOptions, StepHyper } from '../../../src/gpt/engine.ts'
import type { ModelConfig } from '../../../src/gpt/model.ts'
import { initialParameters, paramSpecs } from '../../../src/gpt/parameters.ts'
import { FakeCore } from './fakeCore.ts'

const MODEL: ModelConfig = {
  vocabSize: 5,
  blockSize: 3,
  nLayer: 2,
  nHead: 2,
  nEmbd: 4,
  bias: true,
  activation: 'gelu_new',
}
const HYPER: StepHyper = {
  step: 2,
  learningRate: 0.1,
  beta1: 0.5,
  beta2: 0.75,
  epsilon: 0.25,
  weightDecay: 0.125,
  gradientClip: 7,
  dropout: 0.5,
}
const BATCH: Batch = { inputs: Int32Array.of(0, 1, 2, 3), targets: Int32Array.of(1, 2, 3, 4), batchSize: 2 }
const SEED = 2 ** 40 + 3

let core: FakeCore
beforeEach(() => {
  core = new FakeCore()
})

async function opened(options: Partial<EngineOptions> = {}, load = true): Promise<NativeEngine> {
  const engine = await NativeEngine.open({ name: 'fake', core, threads: 3 }, { model: MODEL, seed: SEED, ...options })
  if (load) await engine.load(initialParameters(options.model ?? MODEL, 1))
  if (load) core.takeTold()
  return engine
}

/** What the core was told last of a command, without the engine. */
function operandsOf(command: Command): number[] {
  const [, , ...operands] = core.told.findLast((line) => line.startsWith(`${command} `))!.split(' ')
  return operands.map(Number)
}

const turn = () => setImmediate()

describe('an engine on a core', () => {
  it('is made of the sizes and choices of the model, and says what it runs on', async () => {
    const engine = await opened({}, false)
    expect(engine).toMatchObject({ name: 'fake', detail: 'Abacus, 3 threads, fp32' })
    expect(core.takeTold()).toEqual(['create 5 3 2 2 4 1 1 3', 'start 64 3'])
    const other = await opened({ model: { ...MODEL, bias: false, activation: 'gelu' }, precision: 'bf16' }, false)
    expect(other.detail).toBe('Abacus, 3 threads, bf16')
    expect(core.takeTold()).toEqual(['hasBf16', 'create 5 3 2 2 4 0 0 3', 'start 128 3'])
  })

  it('refuses a precision that the core does not have', async () => {
    core.answers.set('hasBf16', 0)
    await expect(opened({ precision: 'bf16' })).rejects.toMatchObject({ exitCode: 2, message: /bf16/ })
    expect(core.inUse.size).toBe(0)
  })

  it('says that its threads do not start, and leaves nothing behind', async () => {
    core.mostThreads = 2
    const message = '3 threads do not start: no more threads'
    await expect(opened()).rejects.toMatchObject({ exitCode: 1, message, hint: /--threads/ })
    expect(core.inUse.size).toBe(0)
  })

  it('hands over every tensor in the order of the table, and a fresh optimizer or the one given', async () => {
    const engine = await opened({}, false)
    core.takeTold()
    const parameters = initialParameters(MODEL, 1)
    const imports = (part: number) => paramSpecs(MODEL).map((_, index) => `import 64 ${part} ${index}`)
    const withoutAddresses = () => core.takeTold().map((line) => line.replace(/^(import( \d+){3}) \d+/, '$1'))
    await engine.load(parameters)
    expect(withoutAddresses()).toEqual([...imports(0), 'clearMoments 64'])
    await engine.load(parameters, { firstMoments: parameters, secondMoments: parameters })
    expect(withoutAddresses()).toEqual([...imports(0), ...imports(1), ...imports(2)])
  })

  it('hands over the batches of a step and all that its update needs', async () => {
    const engine = await opened()
    const other: Batch = { inputs: Int32Array.of(4, 0, 4), targets: Int32Array.of(-1, 4, 2), batchSize: 1 }
    core.answers.set('loss', 1.5).set('gradientNorm', 2.5)
    expect(await engine.trainStep([BATCH, other], HYPER)).toEqual({ loss: 1.5, gradientNorm: 2.5 })
    const told = core.takeTold()
    expect(told.map((line) => line.split(' ')[0])).toEqual([
      'clearBatches',
      'addBatch',
      'addBatch',
      'prepareStep',
      'leader',
      'loss',
      'gradientNorm',
    ])
    const [first, second] = told.slice(1, 3).map((line) => line.split(' ').slice(2).map(Number))
    expect([core.ids(first[0], 4), core.ids(first[1], 4), first.slice(2)]).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3, 4],
      [2, 2],
    ])
    expect([core.ids(second[0], 3), core.ids(second[1], 3), second.slice(2)]).toEqual([
      [4, 0, 4],
      [-1, 4, 2],
      [1, 3],
    ])
    const corrections = [1 - 0.5 ** 3, 1 - 0.75 ** 3]
    const update = [...dropoutStepKey(SEED, 2), 0.5, 0.1, 0.5, 0.75, 0.25, 0.125, 7, ...corrections]
    expect(told[3]).toBe(`prepareStep 64 ${update.join(' ')}`)
  })

  it('refuses what would make the core read beyond its memory', async () => {
    const engine = await opened()
    const decoder = engine.decoder()
    await decoder.prefill(Int32Array.of(1))
    await expect(engine.losses({ ...BATCH, inputs: Int32Array.of(0, 1, 2, 5) })).rejects.toThrow('the id 5')
    await expect(engine.trainStep([], HYPER)).rejects.toThrow('without a batch')
    await expect(engine.logits(new Int32Array(4))).rejects.toThrow('a sequence of 4 ids')
    await expect(decoder.next(Int32Array.of(5))).rejects.toThrow('the id 5')
    await expect(decoder.next(Int32Array.of(1, 2))).rejects.toThrow('2 ids for 1 sequences')
    await expect(engine.load(new Map())).rejects.toThrow('wte.weight is missing')
  })

  it('has no decoder that goes on, or has copies, after it or its engine was disposed of', async () => {
    const engine = await opened()
    const [decoder, other] = [engine.decoder(), engine.decoder()]
    for (const each of [decoder, other]) await each.prefill(Int32Array.of(1))
    decoder.dispose()
    core.takeTold()
    await expect(decoder.next(Int32Array.of(2))).rejects.toThrow('the decoder was disposed of')
    expect(() => decoder.fork(2)).toThrow('the decoder was disposed of')
    engine.dispose()
    expect(() => other.fork(2)).toThrow('the engine was disposed of')
    await expect(other.next(Int32Array.of(2))).rejects.toThrow('the engine was disposed of')
    expect(core.takeTold().filter((line) => /^(prepare|create|fork)/.test(line))).toEqual([])
  })

  it('does nothing before it is loaded', async () => {
    const engine = await opened({}, false)
    await expect(engine.losses(BATCH)).rejects.toThrow('no weights are loaded')
    await expect(engine.logits(Int32Array.of(1))).rejects.toThrow('no weights are loaded')
    await expect(engine.save()).rejects.toThrow('no weights are loaded')
    expect(() => engine.decoder()).toThrow('no weights are loaded')
  })
})

describe('jobs', () => {
  it('are done one after the other, each prepared when the one before has ended', async () => {
    const engine = await opened()
    core.automatic = false
    const jobs = [engine.losses(BATCH), engine.logits(Int32Array.of(1)), engine.trainStep([BATCH], HYPER)]
    for (const command of ['prepareLosses', 'prepareLogits', 'prepareStep']) {
      await turn()
      const told = core.takeTold()
      expect(told.filter((line) => /^(prepare|leader)/.test(line))).toEqual([
        expect.stringContaining(command),
        'leader 64',
      ])
      core.ends.shift()!()
    }
    await Promise.all(jobs)
  })

  it('go on after one that failed', async () => {
    const engine = await opened()
    core.answers.set('prepareLosses', 0)
    const failed = engine.losses(BATCH)
    const next = engine.logits(Int32Array.of(1))
    await expect(failed).rejects.toBeInstanceOf(UserError)
    expect(await next).toHaveLength(5)
  })
})

describe('decoding', () => {
  it('of a small model is done on this thread, which lets others run all the same', async () => {
    const engine = await opened()
    const decoder = engine.decoder()
    await decoder.prefill(Int32Array.of(1))
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const until = performance.now() + 100
    while (performance.now() < until) await decoder.next(Int32Array.of(1))
    clearInterval(timer)
    expect(turns).toBeGreaterThan(2)
    expect(core.told.some((line) => line.startsWith('leader'))).toBe(false)
  })

  it('of a long prompt is done by the leader', async () => {
    const engine = await opened({ model: { ...MODEL, blockSize: 64, nEmbd: 128 } })
    const decoder = engine.decoder()
    await decoder.prefill(new Int32Array(64))
    expect(core.takeTold().at(-1)).toBe('leader 64')
    await decoder.prefill(new Int32Array(3))
    expect(core.takeTold().at(-1)).toBe('run 64')
  })

  it('waits for what is in progress', async () => {
    const engine = await opened()
    const decoder = engine.decoder()
    await decoder.prefill(Int32Array.of(1))
    core.automatic = false
    const losses = engine.losses(BATCH)
    const next = decoder.next(Int32Array.of(2))
    await turn()
    expect(core.takeTold().at(-1)).toBe('leader 64')
    core.ends.shift()!()
    await Promise.all([losses, next])
    expect(core.takeTold().slice(-2)).toEqual([expect.stringContaining('prepareAdvance'), 'run 64'])
  })

  it('decodes on all threads or on one, whichever has been faster', async () => {
    const decoder = (await opened()).decoder()
    await decoder.prefill(Int32Array.of(1, 2))
    expect(operandsOf('prepareAdvance').at(-1)).toBe(3) // a prompt has work for all
    const used: number[] = []
    for (let token = 0; token < 34; token++) {
      await decoder.next(Int32Array.of(1))
      used.push(operandsOf('prepareAdvance').at(-1)!)
    }
    expect(used).toEqual([...Array<number>(25).fill(3), ...Array<number>(9).fill(1)])
  })

  it('appends to the cache, and fills it anew when the block is full', async () => {
    const engine = await opened()
    const decoder = engine.decoder()
    const advanced = () => {
      const [, ids, length, fresh] = operandsOf('prepareAdvance')
      return { ids: core.ids(ids, length * sequences), fresh }
    }
    let sequences = 1
    await decoder.prefill(Int32Array.of(1, 2))
    expect(advanced()).toEqual({ ids: [1, 2], fresh: 1 })
    const fork = decoder.fork(2)
    sequences = 2
    await fork.next(Int32Array.of(3, 4))
    expect(advanced()).toEqual({ ids: [3, 4], fresh: 0 })
    await fork.next(Int32Array.of(0, 1)) // the last half of a block of three
    expect(advanced()).toEqual({ ids: [0, 1], fresh: 1 })
    sequences = 1
    await decoder.next(Int32Array.of(0))
    expect(advanced()).toEqual({ ids: [0], fresh: 0 })
    await fork.prefill(Int32Array.of(2, 2, 2)) // a single sequence again
    expect(advanced()).toEqual({ ids: [2, 2, 2], fresh: 1 })
  })
})

describe('too little memory', () => {
  it.each<[Command, RegExp, (engine: NativeEngine) => Promise<unknown>]>([
    ['import', /model/, (engine) => engine.load(initialParameters(MODEL, 1))],
    ['prepareStep', /--batch-size/, (engine) => engine.trainStep([BATCH], HYPER)],
    ['prepareLosses', /--batch-size/, (engine) => engine.losses(BATCH)],
    ['prepareGradients', /--batch-size/, (engine) => engine.gradients(BATCH)],
    ['prepareLogits', /--batch-size/, (engine) => engine.logits(Int32Array.of(1))],
    ['createDecoder', /smaller model/, (engine) => engine.decoder().prefill(Int32Array.of(1))],
    ['prepareAdvance', /smaller model/, (engine) => engine.decoder().prefill(Int32Array.of(1))],
  ])('for %s is said, with what to make smaller', async (command, hint, ask) => {
    const engine = await opened()
    core.answers.set(command, 0)
    await expect(ask(engine)).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 1,
      message: /not enough memory/,
      hint,
    })
    core.answers.delete(command)
    await ask(engine)
  })

  it('for the engine itself, for a batch on its way, and for a fork', async () => {
    core.answers.set('create', 0)
    await expect(opened()).rejects.toMatchObject({ exitCode: 1, message: /not enough memory/ })
    core.answers.delete('create')
    const engine = await opened()
    const decoder = engine.decoder()
    await decoder.prefill(Int32Array.of(1))
    core.answers.set('forkDecoder', 0).set('allocate', 0)
    expect(() => decoder.fork(8)).toThrow('not enough memory')
    const large = { ...BATCH, inputs: new Int32Array(9000), targets: new Int32Array(9000), batchSize: 3000 }
    await expect(engine.losses(large)).rejects.toMatchObject({ exitCode: 1, hint: /--batch-size/ })
    core.answers.delete('allocate')
    expect(await engine.losses(large)).toHaveLength(9000)
  })
})

describe('the end', () => {
  it('comes after the jobs in progress, ends the threads and frees all memory', async () => {
    const engine = await opened()
    const decoder = engine.decoder()
    await decoder.prefill(Int32Array.of(1))
    const fork = decoder.fork(2)
    core.automatic = false
    const losses = engine.losses(BATCH)
    engine.dispose()
    engine.dispose()
    fork.dispose()
    await turn()
    expect(core.takeTold().at(-1)).toBe('leader 64')
    core.ends.shift()!()
    expect(await losses).toHaveLength(4)
    await turn()
    const freed = expect.stringMatching(/^destroyDecoder 64 \d+$/) as string
    expect(core.takeTold()).toEqual(['stop 64', freed, freed, 'destroy 64'])
    expect(core.inUse.size).toBe(0)
    decoder.dispose()
    await expect(engine.losses(BATCH)).rejects.toThrow('disposed')
    await expect(decoder.next(Int32Array.of(1))).rejects.toThrow('disposed')
  })

  it('of a decoder waits for the job that may be using it', async () => {
    const engine = await opened()
    const decoder = engine.decoder()
    await decoder.prefill(Int32Array.of(1))
    core.automatic = false
    const losses = engine.losses(BATCH)
    decoder.dispose()
    await turn()
    expect(core.takeTold().at(-1)).toBe('leader 64')
    core.ends.shift()!()
    await losses
    await turn()
    expect(core.takeTold().at(-1)).toMatch(/^destroyDecoder/)
  })

  it('by the death of a thread is told to all who ask', async () => {
    const engine = await opened()
    const decoder = engine.decoder()
    await decoder.prefill(Int32Array.of(1))
    core.automatic = false
    const [losses, waiting] = [engine.losses(BATCH), engine.save()]
    await turn()
    core.ends.shift()!(new Error('worker 2 ended'))
    const death = { exitCode: 1, message: 'a thread of the engine has died: worker 2 ended' }
    await expect(losses).rejects.toMatchObject(death)
    await expect(waiting).rejects.toMatchObject(death)
    await expect(decoder.next(Int32Array.of(1))).rejects.toMatchObject(death)
    decoder.dispose()
    engine.dispose()
    await turn()
    expect(core.takeTold().at(-1)).toBe('stop 64')
  })
})

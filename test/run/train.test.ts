import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import type { Engine } from '../../src/gpt/engine.ts'
import type { FinishedEvent, TrainEvent } from '../../src/gpt/events.ts'
import type { Settings } from '../../src/gpt/settings.ts'
import { resumeRun } from '../../src/run/resume.ts'
import { startRun } from '../../src/run/start.ts'
import { train } from '../../src/run/train.ts'
import type { Training } from '../../src/run/training.ts'
import { collect } from './collect.ts'

const folder = mkdtempSync(join(tmpdir(), 'tgpt-train-'))
afterAll(() => rmSync(folder, { recursive: true }))

const corpusPath = join(folder, 'rhyme.txt')
writeFileSync(corpusPath, 'one for the kettle, two for the cat, three for the herring that slept in a hat.\n'.repeat(6))

const SMALL: Partial<Settings> = {
  nLayer: 1,
  nHead: 2,
  nEmbd: 8,
  blockSize: 8,
  batchSize: 2,
  gradientAccumulation: 2,
  dropout: 0.1,
  learningRate: 0.01,
  steps: 8,
  evalInterval: 4,
  evalIters: 2,
  logInterval: 1,
  saveInterval: 3,
  keep: 1,
}

function start(out: string, given: Partial<Settings> = {}): Promise<Training> {
  return startRun({
    corpusPath,
    preset: undefined,
    given: { ...SMALL, ...given },
    engine: 'auto',
    threads: undefined,
    precision: undefined,
    out: join(folder, out),
    overwrite: false,
    root: folder,
    availableBytes: Infinity,
    versions: { tgpt: 'test', node: 'test' },
  })
}

async function resume(
  out: string,
  given: Partial<Settings> = {},
  force = false,
  otherCorpus?: string,
): Promise<Training> {
  const resumed = await resumeRun({
    run: join(folder, out),
    corpusPath: otherCorpus,
    given,
    engine: undefined,
    threads: undefined,
    precision: undefined,
    force,
    versions: { tgpt: 'test', node: 'test' },
    root: folder,
    availableBytes: Infinity,
  })
  if ('finished' in resumed) throw new Error('finished')
  return resumed
}

/** Runs to the end, or until `stopAfter` updates are done; a second between two looks at the clock. */
async function follow(training: Training, stopAfter = Infinity): Promise<TrainEvent[]> {
  const controller = new AbortController()
  let seconds = 0
  const events: TrainEvent[] = []
  for await (const event of train(training, { clock: () => seconds++, signal: controller.signal })) {
    events.push(event)
    if (event.event === 'step' && event.step === stopAfter) controller.abort()
  }
  training.engine.dispose()
  return events
}

function finished(events: readonly TrainEvent[]): FinishedEvent {
  return events.findLast((event) => event.event === 'finished')!
}

function read(run: string, pointer: string): string {
  return readFileSync(join(folder, run, pointer), 'utf8').trim()
}

/** Losses and samples by step. */
function losses(events: readonly TrainEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.event === 'sampled') return [`${event.step} sampled: ${event.text}`]
    if (event.event === 'step') return [`${event.step}: ${event.loss} ${event.gradientNorm} ${event.learningRate}`]
    return event.event === 'evaluated' ? [`${event.step} evaluated: ${event.trainLoss} ${event.validationLoss}`] : []
  })
}

describe('a run', () => {
  it('tells its story in order: evaluations and samples at 0, each interval and last; saving in between; the end', async () => {
    const events = await follow(await start('story'))
    expect(events.map(({ event, step }) => `${event} ${step}`).filter((line) => !line.startsWith('step'))).toEqual([
      'started 0',
      'evaluated 0',
      'sampled 0',
      'saved 3',
      'evaluated 4',
      'sampled 4',
      'saved 4',
      'saved 6',
      'evaluated 8',
      'saved 8',
      'sampled 8',
      'finished 8',
    ])
    expect(events.filter(({ event }) => event === 'step').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    const log = readFileSync(join(folder, 'story', 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
    expect(log.map((line) => JSON.parse(line) as TrainEvent)).toEqual(JSON.parse(JSON.stringify(events)))
  })

  it('scores the whole validation part at the end, every token but the first', async () => {
    const training = await start('score')
    const events = await follow(training)
    const expected = training.parts.validation.length - 1
    expect(events.at(-1)).toMatchObject({
      event: 'finished',
      reason: 'completed',
      validation: { tokens: expected, ofTokens: expected },
    })
  })

  it('keeps the newest checkpoints and the best, and marks as best only what was evaluated best', async () => {
    const events = await follow(await start('keep'))
    const evaluated = events.filter((event) => event.event === 'evaluated').filter(({ step }) => step > 0)
    const best = evaluated.toSorted((a, b) => a.validationLoss - b.validationLoss)[0].step
    const name = (step: number) => `step-00000${step}`
    expect(readFileSync(join(folder, 'keep', 'best'), 'utf8').trim()).toBe(name(best))
    expect(readFileSync(join(folder, 'keep', 'latest'), 'utf8').trim()).toBe(name(8))
    const kept = readdirSync(join(folder, 'keep')).filter((entry) => entry.startsWith('step-'))
    expect(kept.toSorted()).toEqual([...new Set([name(best), name(8)])].toSorted())
  })

  it('repeats exactly with the same seed, and not with another', async () => {
    const [one, two, other] = [
      await follow(await start('a')),
      await follow(await start('b')),
      await follow(await start('c', { seed: 2 })),
    ]
    expect(losses(two)).toEqual(losses(one))
    expect(losses(other)).not.toEqual(losses(one))
  })

  it.each([1, 3, 4, 7, 8])(
    'stopped after %i steps and resumed equals one that never stopped, with dropout and accumulation',
    async (steps) => {
      const whole = await follow(await start(`whole-${steps}`))
      const first = await follow(await start(`parts-${steps}`), steps)
      expect(first.at(-1)).toMatchObject({ event: 'finished', reason: 'interrupted', step: steps })
      const training = await resume(`parts-${steps}`)
      expect(training.progress.step).toBe(steps)
      const second = await follow(training)
      expect([...losses(first), ...losses(second)]).toEqual(losses(whole))
      const log = readFileSync(join(folder, `parts-${steps}`, 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n')
      expect(losses(log.map((line) => JSON.parse(line) as TrainEvent))).toEqual(losses(whole)) // the log tells one story
      const weights = (run: string) => readFileSync(join(folder, run, 'step-000008', 'model.safetensors'))
      expect(weights(`parts-${steps}`).equals(weights(`whole-${steps}`))).toBe(true)
    },
  )

  it('resumed twice counts the time of all its sessions', async () => {
    const first = await follow(await start('time'), 2)
    const second = await follow(await resume('time'), 5)
    expect(second[0].elapsedSeconds).toBeGreaterThan(first.at(-2)!.elapsedSeconds)
    expect((await resume('time')).progress.elapsedSeconds).toBe(second.at(-2)!.elapsedSeconds)
  })

  it('may grow, without a change of what was trained before', async () => {
    await follow(await start('grow'))
    await expect(resume('grow')).rejects.toThrow('finished')
    const grown = await follow(await resume('grow', { steps: 10 }))
    expect(losses(grown).map((line) => line.split(':')[0])).toEqual(['9', '10', '10 evaluated', '10 sampled'])
    await expect(resume('grow', { steps: 9 })).rejects.toThrow('--steps is 9, but this run has 10')
  })

  it.each<[Partial<Settings>, string]>([
    [{ learningRate: 0.5 }, '--learning-rate is 0.5, but this run trains with 0.01'],
    [{ nLayer: 2 }, '--n-layer is 2, but this run trains with 1'],
    [{ seed: 1 }, '--seed is 1, but this run trains with 1337'],
  ])('refuses to resume with %j', async (given, message) => {
    if (!existsSync(join(folder, 'refuse'))) await follow(await start('refuse'), 2)
    await expect(resume('refuse', given)).rejects.toThrow(message)
  })

  it.each([
    ['an evaluation on the way', 4],
    ['the last evaluation', 8],
    ['the scoring at the end', 9],
  ])('interrupted in %s does what it still owes when it is resumed', async (_, abortAt) => {
    const whole = await follow(await start(`owes-${abortAt}`))
    const run = `owed-${abortAt}`
    const training = await start(run)
    const controller = new AbortController()
    const { steps, evalIters } = training.settings
    let forwards = 0
    const engine: Engine = {
      ...engineOf(training),
      losses: (batch) => {
        // Four forwards time the engine; then each evaluation has evalIters for each part.
        const evaluation = Math.ceil((++forwards - 4) / (2 * evalIters))
        if ((evaluation - 1) * 4 === Math.min(abortAt, steps) && abortAt <= steps) controller.abort()
        if (abortAt > steps && evaluation > 3) controller.abort()
        return training.engine.losses(batch)
      },
    }
    const first = await collect(train({ ...training, engine }, { clock: () => 0, signal: controller.signal }))
    expect(first.at(-1)).toMatchObject({ event: 'finished', reason: 'interrupted' })
    const second = await follow(await resume(run))
    expect([...losses(first), ...losses(second)]).toEqual(losses(whole))
    expect(second.at(-1)).toMatchObject({ reason: 'completed', validation: finished(whole).validation })
    for (const pointer of ['best', 'latest']) expect(read(run, pointer)).toBe(read(`owes-${abortAt}`, pointer))
    await expect(resume(run)).rejects.toThrow('finished')
    const log = readFileSync(join(folder, run, 'metrics.jsonl'), 'utf8')
    expect(log.match(/"event":"sampled"/g)).toHaveLength(3) // at 0, 4 and 8
  })

  it('goes back to an older checkpoint, says what it gives up, and leaves nothing of the later ones', async () => {
    const keep = { keep: 10, saveInterval: 2 }
    const whole = await follow(await start('older', keep))
    const training = await resume('older/step-000004')
    expect(training.notices.join()).toContain('going back from step 8 to step 4')
    const entries = readdirSync(join(folder, 'older')).filter((entry) => entry.startsWith('step-'))
    expect(entries.toSorted()).toEqual(['step-000002', 'step-000004'])
    expect([read('older', 'latest'), read('older', 'best')]).toEqual(['step-000004', 'step-000004'])
    const later = losses(whole).filter((line) => Number.parseInt(line, 10) > 4)
    expect(losses(await follow(training))).toEqual(later)
  })

  it('goes on with another engine where its own is not there, and says so', async () => {
    await follow(await start('engine'), 2)
    changeEngine('engine', { name: 'steam' })
    const training = await resume('engine')
    expect(training.notices.join()).toMatch(/this run began with the engine steam \(.+\): it goes on with \w+/)
    expect(finished(await follow(training)).step).toBe(8)
  })

  it('goes on in the precision that it began with', async () => {
    await follow(await start('precision'), 2)
    changeEngine('precision', { name: 'tfjs', precision: 'bf16' })
    await expect(resume('precision')).rejects.toThrow('not in bf16')
  })

  it('finds its checkpoint again where a process died while replacing it', async () => {
    await follow(await start('died'), 4)
    const gone = spawnSync(process.execPath, ['-e', '']).pid // a number that no living process has
    renameSync(join(folder, 'died', 'step-000004'), join(folder, 'died', `.step-000004.${gone}.tgpt-old`))
    expect((await resume('died')).progress.step).toBe(4)
  })

  it('records the corpus that it goes on with', async () => {
    await follow(await start('moved'), 2)
    const path = join(folder, 'elsewhere.txt')
    writeFileSync(path, `${readFileSync(corpusPath, 'utf8')}the cat for the herring\n`)
    await expect(resume('moved', {}, false, path)).rejects.toThrow('is not the one that this run began with')
    const training = await resume('moved', {}, true, path)
    expect(training.notices.join()).toContain('cannot be compared')
    expect((await resume('moved')).corpus).toEqual(training.corpus)
  })

  it.each<[string, Partial<Engine>, RegExp]>([
    ['loss', { trainStep: async () => ({ loss: NaN, gradientNorm: 1 }) }, /loss became NaN at step 1/],
    ['gradient', { trainStep: async () => ({ loss: 1, gradientNorm: Infinity }) }, /norm became Infinity at step 1/],
    ['evaluation', { losses: async ({ inputs }) => new Float32Array(inputs.length).fill(NaN) }, /became NaN at step 0/],
  ])('stops when its %s is no number any more, and saves nothing', async (what, broken, message) => {
    const training = await start(`diverged-${what}`)
    const run = follow({ ...training, engine: { ...engineOf(training), ...broken } })
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toBeInstanceOf(UserError)
    expect(readdirSync(join(folder, `diverged-${what}`)).filter((entry) => entry.startsWith('step-'))).toEqual([])
  })

  it('never saves weights that are no numbers', async () => {
    const training = await start('poisoned')
    const save = async () => {
      const saved = await training.engine.save()
      saved.parameters.get('wpe.weight')!.data[3] = NaN
      return saved
    }
    await expect(follow({ ...training, engine: { ...engineOf(training), save } })).rejects.toThrow(
      'the weights of wpe.weight became NaN or infinite at step 3',
    )
    expect(existsSync(join(folder, 'poisoned', 'latest'))).toBe(false)
  })
})

describe('a model that is too large for the machine', () => {
  it('is refused before anything is allocated or written', async () => {
    const request = {
      corpusPath,
      preset: 'gpt2-xl',
      given: {},
      engine: 'auto',
      threads: undefined,
      precision: undefined,
      overwrite: false,
    } as const
    const place = {
      out: join(folder, 'huge'),
      root: folder,
      versions: { tgpt: 'test', node: 'test' },
      availableBytes: 2 ** 33,
    }
    const started = startRun({ ...request, ...place, given: { blockSize: 64 } })
    await expect(started).rejects.toThrow(/needs about \d+\.\d GB of memory, and 8\.0 GB are free/)
    expect(existsSync(join(folder, 'huge'))).toBe(false)
  })
})

describe('a corpus that is short', () => {
  it('is refused with the length that it needs', async () => {
    await expect(start('short', { blockSize: 1000 })).rejects.toMatchObject({
      message: expect.stringContaining('too short') as string,
      hint: 'Use a text of at least 1113 tokens, or a smaller --block-size.', // nine tenths of 1113 are 1001.7
    })
    expect(existsSync(join(folder, 'short'))).toBe(false)
  })

  it('validates in a shorter window where its validation part is shorter than a block, and says so', async () => {
    const training = await start('window', { blockSize: 100 })
    expect(training.notices.join()).toContain('evaluated in one shorter window')
    const events = await follow(training, 1)
    expect(events.find(({ event }) => event === 'evaluated')).toMatchObject({
      validationLoss: expect.any(Number) as number,
    })
  })

  it('validates on the training part where there is no other, and says so', async () => {
    const training = await start('none', { validationFraction: 0 })
    expect(training.notices.join()).toContain('validation is on text the model trains on')
    expect(training.parts.validation).toBe(training.parts.train)
  })
})

/** Changes what run.json says of the engine. */
function changeEngine(run: string, changes: object): void {
  const path = join(folder, run, 'run.json')
  const record = JSON.parse(readFileSync(path, 'utf8')) as { engine: object }
  writeFileSync(path, JSON.stringify({ ...record, engine: { ...record.engine, ...changes } }))
}

/** The engine's methods, bound, so that one of them can be replaced. */
function engineOf({ engine }: Training): Engine {
  return {
    name: engine.name,
    detail: engine.detail,
    load: (...args) => engine.load(...args),
    trainStep: (...args) => engine.trainStep(...args),
    losses: (...args) => engine.losses(...args),
    logits: (...args) => engine.logits(...args),
    gradients: (...args) => engine.gradients(...args),
    decoder: () => engine.decoder(),
    save: () => engine.save(),
    dispose: () => engine.dispose(),
  }
}

// Runs that stop and go on: signals, tgpt train --resume, and what it refuses.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  eventsOf,
  everythingIn,
  expectRefusal,
  folderWithTales,
  freshFolder,
  type Outcome,
  pointedAt,
  settingsOf,
  SMALL,
  start,
  succeeds,
  TALES,
  tgpt,
  trained,
  untimedEventsOf,
  weightsIn,
} from './spawn.ts'

/** Starts training in a folder and sends the signal once a step is done. */
async function stopped(folder: string, flags: string, signal: NodeJS.Signals, after: RegExp): Promise<Outcome> {
  const running = start(folder, `train tales.txt ${SMALL} ${flags}`)
  await running.printed(after)
  running.signal(signal)
  return running.outcome
}

describe.concurrent('a signal while training', () => {
  const endless = '--steps 1000000 --eval-interval 1000000 --log-interval 1'

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s finishes the step, saves and exits with %i', async (signal, code) => {
    const folder = folderWithTales()
    const outcome = await stopped(folder, endless, signal, /step +3\/1000000/)
    expect(outcome.code).toBe(code)
    const run = join(folder, 'checkpoints', 'tales')
    const last = eventsOf(run).at(-1)
    expect(last).toMatchObject({ event: 'finished', reason: 'interrupted' })
    expect(Number(last?.step)).toBeGreaterThanOrEqual(3)
    expect(pointedAt(run, 'latest')).toBe(join(run, `step-${String(last?.step).padStart(6, '0')}`))
    expect(outcome.stdout).toMatch(/^saved checkpoints\/tales\/step-\d+\nstopped after step [\d,]+,/m)
    expect(outcome.stdout).toMatch(/Next:\n {2}tgpt train --resume checkpoints\/tales\n/)
    expect(outcome.stderr).toMatch(/^stopping: /)
    await succeeds(tgpt(folder, 'sample --max-tokens 1'))
  })

  it('a run that was stopped and goes on equals one that never stopped, bit for bit', async () => {
    const flags = '--steps 300 --eval-interval 100 --log-interval 1 --dropout 0.2 --gradient-accumulation 2'
    const folder = folderWithTales()
    const never = trained(`${SMALL} ${flags}`)
    expect((await stopped(folder, flags, 'SIGINT', /step +20\/300/)).code).toBe(130)
    const run = join(folder, 'checkpoints', 'tales')
    const stoppedAt = Number(eventsOf(run).at(-1)?.step)
    const { stdout } = await succeeds(tgpt(folder, 'train --resume checkpoints/tales'))
    expect(stdout).toContain(`resumed after step ${stoppedAt}`)
    const { run: whole } = await never
    const story = (of: string) =>
      untimedEventsOf(of).filter((event) => /"event":"(step|evaluated|sampled|finished)"/.test(JSON.stringify(event)))
    expect(story(run)).toEqual(story(whole))
    for (const name of ['model.safetensors', 'optimizer.safetensors', 'state.json', 'config.json', 'tokenizer.json']) {
      const [resumed, uninterrupted] = [run, whole].map((of) => readFileSync(join(pointedAt(of, 'latest'), name)))
      expect(resumed.equals(uninterrupted), name).toBe(true)
    }
  })
})

describe.concurrent('--resume', () => {
  const flags = `${SMALL} --learning-rate 0.01 --steps 4 --eval-interval 2 --log-interval 1`

  it('of a finished run says so, and is no failure', async () => {
    const { folder, run } = await trained(flags)
    const before = eventsOf(run)
    const { stdout } = await succeeds(tgpt(folder, 'train --resume tales'))
    expect(stdout).toBe('checkpoints/tales is finished: all 4 steps are done. Give a larger --steps to go on.\n')
    expect(eventsOf(run)).toEqual(before)
  })

  it('without a name goes on with the newest run, or with --out; --steps may grow', async () => {
    const { folder, run } = await trained(flags)
    await succeeds(tgpt(folder, 'train --resume --steps 5'))
    await succeeds(tgpt(folder, 'train --resume --out checkpoints/tales --steps 6'))
    expect(settingsOf(run).steps).toBe(6)
    expect(pointedAt(run, 'latest')).toBe(join(run, 'step-000006'))
    const steps = eventsOf(run).flatMap(({ event, step }) => (event === 'step' ? [step] : []))
    expect(steps).toEqual([1, 2, 3, 4, 5, 6])
    expect(
      eventsOf(run)
        .map(({ event }) => event)
        .filter((event) => event === 'finished' || event === 'started'),
    ).toEqual(['started', 'finished'])
  })

  it('records the run by its path from where it goes on, like a new one, and as a whole from elsewhere', async () => {
    const { folder, run } = await trained(flags)
    const last = (kind: string) => eventsOf(run).findLast(({ event }) => event === kind)
    const { stdout } = await succeeds(tgpt(folder, 'train --resume tales --steps 5'))
    expect(stdout).toMatch(/^run +checkpoints\/tales, resumed after step 4$/m)
    expect(last('resumed')?.run).toBe('checkpoints/tales')
    expect(last('saved')?.folder).toBe('checkpoints/tales/step-000005')
    await succeeds(tgpt(freshFolder(), ['train', join(folder, 'tales.txt'), '--resume', run, '--steps', '6']))
    expect([last('resumed')?.run, last('saved')?.folder]).toEqual([run, join(run, 'step-000006')])
  })

  it('what bends the training may not differ: the flag is named, and both values', async () => {
    const { folder } = await trained(flags)
    const before = everythingIn(folder)
    for (const [args, words] of [
      ['--n-embd 16', /n-?embd\b.*\b16\b.*\b8\b/i],
      ['--learning-rate 0.5', /learning-?rate\b.*\b0\.5\b.*\b0\.01\b/i],
      ['--bias', /bias\b.*\btrue\b.*\bfalse\b/],
      ['--steps 2', /steps\b.*\b2\b.*\b4\b/],
      ['--preset nano', /--preset nano/],
      ['--out elsewhere', /--resume names tales and --out elsewhere/],
      ['--overwrite', /--resume and --overwrite exclude each other/],
    ] as const) {
      expectRefusal(await tgpt(folder, `train --resume tales ${args}`), 2, words)
    }
    expect(everythingIn(folder)).toEqual(before)
  })

  it('a flag that says what the run does already is no contradiction', async () => {
    const { folder } = await trained(flags)
    await succeeds(
      tgpt(folder, 'train --resume tales --n_embd=8 --bias False --steps 5 --threads 1 --engine auto --plain'),
    )
  })

  it('with a changed corpus is refused; --force goes on, and says so', async () => {
    const { folder, run } = await trained(flags)
    appendFileSync(join(folder, 'tales.txt'), TALES.slice(0, 60))
    expectRefusal(
      await tgpt(folder, 'train --resume tales --steps 6'),
      2,
      /tales\.txt is not the one.*sha256 differs.*\n.*--force/,
    )
    expect(eventsOf(run).at(-1)).toMatchObject({ event: 'finished', step: 4 })
    const { stdout } = await succeeds(tgpt(folder, 'train --resume tales --steps 6 --force'))
    expect(stdout).toMatch(/^note: the corpus .* is not the one that this run began with/m)
    expect(eventsOf(run).at(-1)).toMatchObject({ event: 'finished', step: 6, reason: 'completed' })
  })

  it('finds a corpus that was moved, where it is named', async () => {
    const { folder } = await trained(flags)
    writeFileSync(join(folder, 'moved.txt'), TALES)
    writeFileSync(join(folder, 'tales.txt'), '')
    expectRefusal(await tgpt(folder, 'train --resume tales --steps 5'), 2, /tales\.txt is empty/)
    await succeeds(tgpt(folder, 'train moved.txt --resume tales --steps 5'))
  })

  it('from a step folder goes on from there, and the log tells one story', async () => {
    const { folder, run } = await trained(`${flags} --keep 9`)
    const weights = weightsIn(pointedAt(run, 'latest'))
    const told = untimedEventsOf(run).filter((event) => JSON.stringify(event).includes('"event":"step"'))
    await succeeds(tgpt(folder, 'train --resume checkpoints/tales/step-000002'))
    expect(untimedEventsOf(run).filter((event) => JSON.stringify(event).includes('"event":"step"'))).toEqual(told)
    expect(weightsIn(pointedAt(run, 'latest')).equals(weights)).toBe(true)
  })
})

// The dashboard as a person has it: in a real terminal, with keys, signals and windows that change their size.

import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventsOf, folderWithTales, pointedAt, start, succeeds, tgpt, trained } from './spawn.ts'
import { ENDLESS, expectOrderlyEnd, HAS_TMUX, KEYS, SMALL_MODEL, terminal, type Tmux } from './tmux.ts'

describe.skipIf(!HAS_TMUX)('the dashboard in a terminal', () => {
  it('does what its keys say, fits the window, and quits in order', async () => {
    const { tmux, run } = terminal()
    tmux.type('echo what was here before')
    tmux.start(ENDLESS)
    await tmux.shows(/^step [1-9][\d,]*\/1,000,000 /m)
    const first = await tmux.shows(KEYS)
    expect(first).toMatch(/sample after step 0/)
    expect(tmux.cursorIsVisible()).toBe(false)
    expect(tmux.painted()).toContain('\x1b[36m') // cyan

    tmux.press('p')
    await tmux.shows(/ paused$/m)
    await tmux.shows(/^p resume /m)
    tmux.press('s')
    await tmux.shows(/^sample after step [1-9]/m)
    tmux.press('c')
    await tmux.shows(/^step [\d,]+ {2}saved$/m)
    tmux.press('e')
    await tmux.shows(/^step [\d,]+ {2}saved, the best so far$/m)
    tmux.press('l')
    await tmux.shows(/^log {2}━ batch /m)
    tmux.press('z')
    await tmux.shows(/^log zoom {2}━ batch /m)
    tmux.press('l', 'z')
    await tmux.shows(/^loss {2}/m)

    for (const [columns, rows] of [
      [120, 40],
      [50, 14],
      [100, 30],
    ]) {
      tmux.resize(columns, rows)
      const isFilled = (screen: string) => {
        const lines = screen.trimEnd().split('\n')
        return (
          lines.length === rows - 1 &&
          /^p resume .* q quit$/.test(lines[rows - 2]) &&
          lines[0].startsWith('checkpoints/tales')
        )
      }
      await tmux.shows(isFilled) // one frame, from the first line to the last but one
    }

    const before = eventsOf(run).at(-1)
    tmux.press('p')
    await tmux.shows(KEYS)
    await tmux.shows(() => eventsOf(run).at(-1)!.step > before!.step)
    tmux.press('q')
    const end = await expectOrderlyEnd(tmux, 0)
    expect(end).toMatch(/stopped after .* of training\n+Next:\n {2}tgpt train --resume checkpoints\/tales\n/)
    expect(end).not.toMatch(KEYS)
    expect(tmux.history()).toContain('what was here before')
    const last = eventsOf(run).at(-1)
    expect(last).toMatchObject({ event: 'finished', reason: 'interrupted' })
    expect(pointedAt(run, 'latest')).toBe(join(run, `step-${String(last?.step).padStart(6, '0')}`))
  })

  it.each([
    ['Ctrl-C', 130, (tmux: Tmux) => tmux.press('C-c')],
    ['SIGTERM', 143, (tmux: Tmux) => tmux.signal('SIGTERM')],
  ] as const)('saves on %s, exits with %i, and leaves the terminal as it was', async (_, code, stop) => {
    const { tmux, run } = terminal()
    tmux.start(ENDLESS)
    await tmux.shows(/^step [1-9][\d,]*\/1,000,000 /m)
    stop(tmux)
    expect(await expectOrderlyEnd(tmux, code)).toContain('tgpt train --resume checkpoints/tales')
    const last = eventsOf(run).at(-1)
    expect(last).toMatchObject({ event: 'finished', reason: 'interrupted' })
    expect(existsSync(pointedAt(run, 'latest'))).toBe(true)
  })

  it('a second Ctrl-C quits in the middle of a step', async () => {
    const { tmux, run } = terminal()
    const long = '--n-layer 4 --n-embd 64 --block-size 64 --batch-size 32 --gradient-accumulation 1000'
    tmux.start(`train tales.txt --n-head 1 --eval-iters 1 ${long} --steps 100`)
    await tmux.shows(/^sample after step 0$/m)
    tmux.press('C-c')
    await tmux.shows(/^stopping: the step in progress is finished and saved/m)
    tmux.press('C-c')
    const end = await expectOrderlyEnd(tmux, 130)
    expect(end).not.toContain('Next:')
    expect(eventsOf(run).some(({ event }) => event === 'saved')).toBe(false)
  })

  it('ends with the run, and its last frame stays above what to type next', async () => {
    const { tmux } = terminal()
    tmux.start(`train tales.txt ${SMALL_MODEL} --steps 60 --eval-interval 20 --log-interval 5`)
    const end = await expectOrderlyEnd(tmux, 0)
    expect(end).toMatch(/^step 60 {2}done in .*: validation loss [\d.]+ over the whole validation part\n+Next:\n/m)
    expect(tmux.history()).toMatch(/^step 60\/60 ━+ 100% .* done$/m)
  })

  it('tells of a failure below its last frame', async () => {
    const { tmux } = terminal()
    tmux.start(
      `train tales.txt ${SMALL_MODEL} --learning-rate 100 --grad-clip 0 --beta2 0 --weight-decay 100 --warmup-steps 0 --steps 100000`,
    )
    const end = await expectOrderlyEnd(tmux, 1)
    expect(end).toMatch(/^tgpt: .* training has diverged\n.*Try a lower --learning-rate\.$/m)
    expect(end).not.toContain('Next:')
  })

  it('saves when its window is closed', async () => {
    const { tmux, run } = terminal()
    tmux.start(ENDLESS)
    await tmux.shows(/^step [1-9][\d,]*\/1,000,000 /m)
    tmux.hangUp()
    await expect
      .poll(() => eventsOf(run).at(-1), { timeout: 50_000 })
      .toMatchObject({ event: 'finished', reason: 'interrupted' })
    expect(existsSync(pointedAt(run, 'latest'))).toBe(true)
  })

  it('that fails takes nothing with it: plain lines go on, and the run is saved', async () => {
    const { tmux, folder, run } = terminal(100, 50)
    const fault = `import { isMainThread } from 'node:worker_threads'
      const { stdout } = process
      const write = stdout.write
      let frames = 0
      if (isMainThread) stdout.write = function (text, ...others) {
        if (!text.includes('loss') || ++frames < 3) return write.call(this, text, ...others)
        stdout.write = write
        throw new Error('no such \\x1b[2Jframe')
      }`
    writeFileSync(join(folder, 'fault.mjs'), fault)
    tmux.type('export NODE_OPTIONS=--import=./fault.mjs')
    tmux.start(`train tales.txt ${SMALL_MODEL} --steps 4000 --eval-interval 1000 --log-interval 100`)
    const end = await expectOrderlyEnd(tmux, 0)
    expect(tmux.history()).toMatch(/^the dashboard has failed \(no such ␛\[2Jframe\): plain lines go on$/m)
    expect(end).toMatch(/^done: 4,000 steps in .*; validation loss /m)
    expect(eventsOf(run).at(-1)).toMatchObject({ event: 'finished', reason: 'completed' })
    expect(pointedAt(run, 'latest')).toBe(join(run, 'step-004000'))
  })

  it.each(['CI=false', 'CI=0'])('is there with %s', async (variable) => {
    const { tmux } = terminal(80, 24, [variable])
    tmux.start(ENDLESS)
    await tmux.shows(KEYS)
    tmux.press('q')
    await expectOrderlyEnd(tmux, 0)
  })

  it('has no colours where NO_COLOR asks for none', async () => {
    const { tmux } = terminal(80, 24, ['NO_COLOR=1'])
    tmux.start(ENDLESS)
    await tmux.shows(KEYS)
    expect(tmux.painted()).not.toContain('\x1b')
    tmux.press('q')
    await expectOrderlyEnd(tmux, 0)
  })

  it.each([
    ['--plain', '', 'step 4/4  train '],
    ['--json', '', '{"event":"finished","step":4,'],
    ['CI=1', 'CI=1', 'step 4/4  train '],
    ['an empty CI', 'CI=', 'step 4/4  train '],
    ['TERM=dumb', 'TERM=dumb', 'step 4/4  train '],
  ])('is not there with %s', async (what, variable, expected) => {
    const { tmux } = terminal(200, 50, variable === '' ? [] : [variable])
    tmux.start(`train tales.txt ${SMALL_MODEL} --steps 4 --log-interval 2 ${variable === '' ? what : ''}`)
    const end = await expectOrderlyEnd(tmux, 0)
    expect(end).not.toMatch(/[━⠀-⣿]/)
    expect(end).toContain(expected)
  })
})

describe.skipIf(!HAS_TMUX)('a run that is resumed or watched in a terminal', () => {
  it('shows its curves from the start', async () => {
    const { tmux, folder } = terminal()
    await succeeds(tgpt(folder, `train tales.txt ${SMALL_MODEL} --steps 40 --eval-interval 20 --log-interval 2`))
    tmux.start('train --resume tales --steps 80')
    const end = await expectOrderlyEnd(tmux, 0)
    expect(end).toMatch(/^step 80 {2}done in /m)
    expect(tmux.history()).toMatch(/^ +0 +\d+ .* 80\b/m) // the axis, from the first step on
  })

  it('stays open when it has ended, until q', async () => {
    const { tmux, folder } = terminal()
    await succeeds(tgpt(folder, `train tales.txt ${SMALL_MODEL} --steps 40 --eval-interval 20 --log-interval 2`))
    tmux.start('watch tales')
    await tmux.shows(/^step 40\/40 .* done$/m)
    await tmux.shows(/^l linear\/log {3}z zoom {3}q quit$/m)
    tmux.press('l')
    await tmux.shows(/^log  ━ /m)
    tmux.press('q')
    expect(await expectOrderlyEnd(tmux, 0)).toMatch(/^step 40 {2}done in /m)
  })

  it('tells how long it has rested when it was killed, and no time to come', async () => {
    const { tmux, folder, run } = terminal()
    await succeeds(tgpt(folder, `train tales.txt ${SMALL_MODEL} --steps 40 --eval-interval 20 --log-interval 2`))
    const log = join(run, 'metrics.jsonl')
    const lines = readFileSync(log, 'utf8').split(/(?<=\n)/)
    writeFileSync(log, lines.slice(0, -4).join(''))
    const anHourAgo = Date.now() / 1000 - 3600
    utimesSync(log, anHourAgo, anHourAgo)
    tmux.start('watch tales')
    expect(
      await tmux.shows(/^the log has rested for 1 h 0 min: the run may be paused, or have stopped$/m),
    ).not.toContain('ETA')
    tmux.press('q')
    await expectOrderlyEnd(tmux, 0)
  })

  it('is left alone by who watches it and quits', async () => {
    const { tmux, folder, run } = terminal()
    const training = start(folder, ENDLESS)
    await training.printed(/step +20\//)
    tmux.start('watch')
    await tmux.shows(/^step [1-9][\d,]*\/1,000,000 /m)
    const frame = await tmux.shows(/^l linear\/log {3}z zoom {3}q quit$/m)
    expect(frame).not.toContain('pause')
    tmux.press('q')
    await expectOrderlyEnd(tmux, 0)
    const { step } = eventsOf(run).at(-1)!
    await training.printed(new RegExp(`step +${Math.ceil(step / 20) * 20 + 200}/`))
    training.signal('SIGINT')
    expect((await training.outcome).code).toBe(130)
  })
})

describe('without a terminal', () => {
  it('there is no escape code in what is printed', async () => {
    const { stdout } = await trained(`${SMALL_MODEL} --steps 4`)
    expect(stdout).not.toContain('\x1b')
  })

  it('--json has no words among the events, also where there is nothing left to do', async () => {
    const { folder } = await trained(`${SMALL_MODEL} --steps 4`)
    const { stdout, stderr } = await succeeds(tgpt(folder, 'train --resume tales --json'))
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^checkpoints\/tales is finished: all 4 steps are done\./)
  })

  it('--json writes the events that the log has, one a line, and nothing else', async () => {
    const folder = folderWithTales()
    const { stdout, stderr } = await succeeds(
      tgpt(folder, `train tales.txt ${SMALL_MODEL} --steps 4 --log-interval 2 --json`),
    )
    const printed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(printed).toEqual(eventsOf(join(folder, 'checkpoints', 'tales')))
    expect(stderr).toContain('tgpt sample checkpoints/tales')
  })
})

// tgpt watch: what train prints, from the log alone, of runs that ended, that go on, and that were replaced.

import { appendFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { eventsOf, expectRefusal, freshFolder, SMALL, start, succeeds, tgpt, trained } from './spawn.ts'

let folder: string
let run: string
let printed: string

beforeAll(async () => {
  ;({ folder, run, stdout: printed } = await trained())
})

/** A run that has nothing but its record and the first lines of another run's log. */
function runWithLog(name: string, lines: number): string {
  const other = join(freshFolder(), 'checkpoints', name)
  mkdirSync(other, { recursive: true })
  writeFileSync(join(other, 'run.json'), readFileSync(join(run, 'run.json')))
  writeFileSync(join(other, 'metrics.jsonl'), linesOfLog().slice(0, lines).join(''))
  return other
}

function linesOfLog(): string[] {
  return readFileSync(join(run, 'metrics.jsonl'), 'utf8').split(/(?<=\n)/)
}

describe.concurrent('tgpt watch', () => {
  it('prints of a finished run what train printed, by name, by folder and without an argument', async () => {
    const [trainingLines] = printed.split('\nNext:\n')
    for (const args of ['watch tales', `watch ${run}`, 'watch tales/latest', 'watch']) {
      const { stdout, stderr } = await succeeds(tgpt(folder, args))
      expect(stdout).toBe(trainingLines)
      expect(stderr).toBe('')
    }
  })

  it('--json writes the events themselves, one a line', async () => {
    const { stdout } = await succeeds(tgpt(folder, 'watch tales --json'))
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(events).toEqual(eventsOf(run))
  })

  it('needs nothing of a run but its log, wherever that was copied to', async () => {
    const other = runWithLog('copied', 100)
    rmSync(join(other, 'run.json'))
    for (const args of [['watch'], ['watch', 'copied'], ['watch', other]]) {
      const { stdout, stderr } = await succeeds(tgpt(join(other, '..', '..'), args))
      expect({ stdout, stderr }).toEqual({ stdout: printed.split('\nNext:\n')[0], stderr: '' })
    }
  })

  it('needs no checkpoint, waits for a log, and follows it until the run is finished', async () => {
    const other = runWithLog('young', 0)
    rmSync(join(other, 'metrics.jsonl'))
    const watching = start(join(other, '..', '..'), 'watch')
    const lines = linesOfLog()
    appendFileSync(join(other, 'metrics.jsonl'), lines[0])
    await watching.printed('tokenizer')
    appendFileSync(join(other, 'metrics.jsonl'), lines.slice(1).join('').slice(0, -9)) // torn
    await watching.printed('--- a sample')
    appendFileSync(join(other, 'metrics.jsonl'), lines.join('').slice(-9))
    const { stdout } = await succeeds(watching.outcome)
    expect(stdout).toBe(printed.split('\nNext:\n')[0])
  })

  it('says so when the run was resumed or begun anew, and goes on', async () => {
    const other = runWithLog('again', 3)
    const watching = start(other, ['watch', other])
    await watching.printed(/step 0\/6/)
    rmSync(join(other, 'metrics.jsonl'))
    const later = linesOfLog().join('').replaceAll('"elapsedSeconds":', '"elapsedSeconds":1')
    writeFileSync(join(other, 'metrics.jsonl'), later)
    const { stdout } = await succeeds(watching.outcome)
    expect(stdout).toMatch(/\nthe run was resumed or begun anew; from its start:\nrun .*(\n.*)*\ndone: 6 steps in /)
  })

  it('leaves out lines that tell of nothing it knows', async () => {
    const other = runWithLog('odd', 100)
    const [first, ...rest] = linesOfLog()
    const odd = '{"event":"exploded","step":1}\n{"event":"step","step":1,"loss":"\\u001b[2J"}\nno JSON\n'
    writeFileSync(join(other, 'metrics.jsonl'), [first, odd, ...rest].join(''))
    const { stdout } = await succeeds(tgpt(other, ['watch', other]))
    expect(stdout).toBe(printed.split('\nNext:\n')[0])
  })

  it('shows control characters in a log, and does not obey them', async () => {
    const other = runWithLog('foreign', 0)
    const foreign = linesOfLog().join('').replaceAll('checkpoints/tales', 'checkpoints/\\u001b[31mtales\\u009b')
    writeFileSync(join(other, 'metrics.jsonl'), foreign)
    const { stdout } = await succeeds(tgpt(other, ['watch', other]))
    expect(stdout).toMatch(/^run +checkpoints\/␛\[31mtales⟨U\+009B⟩$/m)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('\u009b')
  })

  it('ends with Ctrl-C: exit code 130, and the run is as it was', async () => {
    const other = runWithLog('endless', 3)
    const watching = start(other, ['watch', other])
    await watching.printed(/step 0\/6/)
    watching.signal('SIGINT')
    const { code, stderr } = await watching.outcome
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    expect(eventsOf(other)).toEqual(eventsOf(run).slice(0, 3))
  })

  it('says once on standard error that a log rests, and goes on with it', async () => {
    const other = runWithLog('killed', 3)
    const anHourAgo = Date.now() / 1000 - 3600
    utimesSync(join(other, 'metrics.jsonl'), anHourAgo, anHourAgo)
    const watching = start(other, ['watch', other])
    await watching.told('rested')
    await new Promise((resolve) => setTimeout(resolve, 600)) // two more looks, which tell nothing new
    appendFileSync(join(other, 'metrics.jsonl'), linesOfLog().slice(3).join(''))
    const { stdout, stderr } = await succeeds(watching.outcome)
    expect(stderr).toMatch(/^the log has rested for 1 h 0 min: the run may be paused, or have stopped\n$/)
    expect(stdout).toBe(printed.split('\nNext:\n')[0])
  })

  it('refuses what is no run', async () => {
    expectRefusal(await tgpt(folder, 'watch gone'), 1, /there is no run gone\nRuns in checkpoints: tales\n/)
    expectRefusal(await tgpt(folder, ['watch', '']), 2, /empty text/)
    expectRefusal(await tgpt(freshFolder(), 'watch'), 1, /there are no runs in checkpoints yet\nTrain one first/)
    expectRefusal(await tgpt(folder, 'watch tales other'), 2, /unknown argument: other/)
  })

  it('follows a run that is in training', async () => {
    const training = start(folder, `train tales.txt ${SMALL} --steps 300 --eval-interval 100 --out live`)
    await training.printed(/step +\d+\/300/)
    const watched = await succeeds(tgpt(folder, 'watch live'))
    const { stdout } = await succeeds(training.outcome)
    expect(watched.stdout).toBe(stdout.split('\nNext:\n')[0])
  })
})

// tgpt compare: runs side by side, for people and for programs.

import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Comparison } from '../../src/gpt/comparison.ts'
import { eventsOf, expectRefusal, freshFolder, succeeds, tgpt, TINY, trained } from './spawn.ts'

let folder: string
let run: string

beforeAll(async () => {
  ;({ folder, run } = await trained())
  await succeeds(tgpt(folder, `train tales.txt ${TINY} --seed 7 --learning-rate 0.01`))
})

describe.concurrent('tgpt compare', () => {
  it('draws the curves in one chart, and lists results and the settings that differ, without escape codes', async () => {
    const { stdout, stderr } = await succeeds(tgpt(folder, 'compare tales tales-2'))
    expect(stderr).toBe('')
    expect(stdout).not.toContain('\u001B')
    expect(stdout).toMatch(/^Validation loss by step\n/)
    expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true)
    expect(stdout).toMatch(/^a {2}tales {4,}6 +\d\.\d{4} +\d\.\d{4} +[36] +\d+ s$/m)
    expect(stdout).toMatch(/^b {2}tales-2 +6 /m)
    const [, differing] = stdout.split('Settings that differ\n')
    expect(differing.split('\n').map((line) => line.trim().split(/ +/))).toEqual([
      ['a', 'b'],
      ['seed', '1337', '7'],
      ['learningRate', '0.003', '0.01'],
      ['minLearningRate', '0.0003', '0.001'],
      [''],
    ])
  })

  it('colours them where it is asked to', async () => {
    const { stdout } = await succeeds(tgpt(folder, 'compare tales tales-2', { env: { FORCE_COLOR: '1' } }))
    expect(stdout).toContain('\u001B[36m')
    expect(stdout).toMatch(/training loss dim/)
  })

  it('--json has the figures of the logs', async () => {
    const { stdout } = await succeeds(tgpt(folder, 'compare tales tales-2 --json'))
    const { runs, differences } = JSON.parse(stdout) as Comparison
    const evaluated = eventsOf(run).filter(({ event }) => event === 'evaluated')
    expect(runs[0].evaluations).toEqual(
      evaluated.map(({ step, trainLoss, validationLoss }) => ({ step, trainLoss, validationLoss })),
    )
    expect(runs[0]).toMatchObject({ name: 'tales', folder: join('checkpoints', 'tales'), step: 6, steps: 6 })
    expect(runs[0].finalValidationLoss).toBe((eventsOf(run).at(-1)!.validation as { loss: number }).loss)
    expect(differences.map(({ setting }) => setting)).toEqual(['seed', 'learningRate', 'minLearningRate'])
  })

  it('takes runs without evaluations, whose names are anything', async () => {
    const odd = join(folder, 'odd \u001B[31m漢字')
    mkdirSync(odd)
    cpSync(join(run, 'run.json'), join(odd, 'run.json'))
    const { stdout } = await succeeds(tgpt(folder, ['compare', 'tales', odd]))
    expect(stdout).not.toContain('\u001B')
    expect(stdout).toMatch(/^b {2}odd ␛\[31m漢字 +0 of 6 +– +– +– +0 s$/m)
    expect(stdout).toMatch(/^ +parameters +[\d]+ +–$/m)
  })

  it('refuses one run, the same twice, too many, and what is no run', async () => {
    expectRefusal(await tgpt(folder, 'compare'), 2, /tgpt compare needs more than that/)
    expectRefusal(await tgpt(folder, 'compare tales'), 2, /one run cannot be compared\n/)
    expectRefusal(await tgpt(folder, `compare tales tales-2 ${run}`), 2, /checkpoints\/tales is given twice/)
    expectRefusal(
      await tgpt(folder, 'compare a b c d e f g h i'),
      2,
      /9 runs are too many for one chart\nGive 8 at most/,
    )
    expectRefusal(
      await tgpt(folder, 'compare tales gone'),
      1,
      /there is no run gone\nRuns in checkpoints: tales, tales-2\n/,
    )
    expectRefusal(await tgpt(folder, ['compare', 'tales', '']), 2, /empty text/)
    const log = join(freshFolder(), 'log') // it can be watched, and has no settings to compare
    mkdirSync(log)
    cpSync(join(run, 'metrics.jsonl'), join(log, 'metrics.jsonl'))
    expectRefusal(await tgpt(folder, ['compare', 'tales', log]), 1, /there is no run .*log$/m)
  })

  it('names what is damaged', async () => {
    const damaged = join(folder, 'damaged')
    cpSync(run, damaged, { recursive: true })
    appendFileSync(join(damaged, 'metrics.jsonl'), 'no event\nno event\n')
    expectRefusal(await tgpt(folder, `compare tales damaged`), 1, /damaged\/metrics\.jsonl is damaged: line \d+/)
    const other = join(folder, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'run.json'), '{"format":1}')
    expectRefusal(await tgpt(folder, `compare tales other`), 1, /other\/run\.json is damaged/)
  })
})

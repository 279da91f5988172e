// tgpt train, from a text file to a run folder.

import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  eventsOf,
  everythingIn,
  expectRefusal,
  folderWithTales,
  freshFolder,
  pointedAt,
  settingsOf,
  SMALL,
  stepsOf,
  succeeds,
  TALES,
  tgpt,
  TINY,
  trained,
  untimedEventsOf,
  weightsIn,
} from './spawn.ts'

describe('a run', () => {
  const flags = `${SMALL} --steps 7 --eval-interval 3 --log-interval 2`
  let run: string
  let lines: string[]

  beforeAll(async () => {
    const outcome = await trained(flags)
    run = outcome.run
    lines = outcome.stdout.split('\n')
  })

  const beforeFirstStep = () =>
    lines
      .slice(
        0,
        lines.findIndex((line) => line.startsWith('step 0/7')),
      )
      .join('\n')

  it('says before the first step what it will train, and what that needs', () => {
    const characters = new Set(TALES).size
    const [decayed, notDecayed] = [characters * 8 + 8 * 8 + 12 * 8 * 8, 3 * 8]
    const grouped = (count: number) => count.toLocaleString('en-US')
    expect(beforeFirstStep()).toContain(`${grouped(decayed + notDecayed)} parameters`)
    expect(beforeFirstStep()).toMatch(
      new RegExp(`^decay +6 tensors, ${grouped(decayed)} parameters decayed; 3, ${notDecayed} not decayed$`, 'm'),
    )
    const training = Math.floor(0.9 * TALES.length)
    expect(beforeFirstStep()).toContain(
      `${grouped(training)} tokens to train on, ${TALES.length - training} to validate`,
    )
    const [expected] = /^expected .*$/m.exec(beforeFirstStep()) ?? []
    expect(expected).toMatch(/\d (s|min|h|d)\b/)
    expect(expected).toMatch(/\d (bytes|[kMG]B) of memory/)
  })

  it('says which engine and which preset it chose, and why', () => {
    expect(beforeFirstStep()).toMatch(/^engine +\w+: .+ \(.+\)$/m)
    expect(beforeFirstStep()).toMatch(/the preset "\w+" suits the engine \w+/)
  })

  it('prints a line for each log interval and for each evaluation', () => {
    const steps = lines.filter((line) => line.startsWith('step '))
    expect(
      steps.filter((line) => / {2}loss [\d.]+ {2}lr .* tok\/s$/.test(line)).map((line) => line.slice(0, 8)),
    ).toEqual(['step 2/7', 'step 4/7', 'step 6/7'])
    expect(
      steps.filter((line) => / {2}train [\d.]+ {2}validation [\d.]+/.test(line)).map((line) => line.slice(0, 8)),
    ).toEqual(['step 0/7', 'step 3/7', 'step 6/7', 'step 7/7'])
    expect(steps.at(-1)).toMatch(/tok\/s {2}ETA 0 s$/)
  })

  it('ends with a sample of text, the last loss, and what to type next', () => {
    const end = lines.slice(lines.indexOf('--- a sample after step 7 ---')).join('\n')
    const text = String(eventsOf(run).findLast(({ event }) => event === 'sampled')?.text)
    expect(text).toHaveLength(300)
    expect(end).toContain(`--- a sample after step 7 ---\n${text}\n---\ndone: 7 steps`)
    expect(end).toMatch(/validation loss [\d.]+ over \d+ tokens \(the whole validation part\)/)
    expect(end).toMatch(
      /Next:\n {2}tgpt sample checkpoints\/tales\n {2}tgpt inspect checkpoints\/tales\n {2}tgpt report checkpoints\/tales\n$/,
    )
  })

  it('leaves the files of a run, and nothing else', () => {
    const kept = ['step-000006', 'step-000007']
    expect(readdirSync(run).filter((name) => name !== 'step-000003')).toEqual([
      'best',
      'latest',
      'metrics.jsonl',
      'run.json',
      ...kept,
    ])
    for (const step of kept) {
      expect(readdirSync(join(run, step)).toSorted()).toEqual([
        'config.json',
        'model.safetensors',
        'optimizer.safetensors',
        'state.json',
        'tokenizer.json',
      ])
    }
    expect(readFileSync(join(run, 'latest'), 'utf8')).toBe('step-000007\n')
    expect(existsSync(pointedAt(run, 'best'))).toBe(true)
  })

  it('records in run.json what is needed to do it again', () => {
    const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as Record<string, unknown>
    expect(record).toMatchObject({ format: 1, seed: 1337, settings: { nLayer: 1, nEmbd: 8, steps: 7 } })
    expect(record.corpus).toMatchObject({
      name: 'tales',
      bytes: TALES.length,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const text: unknown = expect.any(String)
    expect(record.engine).toEqual({ name: text, detail: text, reason: text, precision: 'fp32' })
    expect(record.versions).toEqual({ tgpt: expect.any(String), node: process.versions.node })
  })

  it('logs an event a line: a step each log interval, an evaluation and a sample at 0, at each interval and at the end', () => {
    expect(eventsOf(run).map(({ event, step }) => `${event} ${step}`)).toEqual([
      'started 0',
      'evaluated 0',
      'sampled 0',
      'step 2',
      'evaluated 3',
      'sampled 3',
      'saved 3',
      'step 4',
      'step 6',
      'evaluated 6',
      'sampled 6',
      'saved 6',
      'evaluated 7',
      'saved 7',
      'sampled 7',
      'finished 7',
    ])
  })

  it('logs the fields of each event by their names', () => {
    const named = {
      step: ['loss', 'learningRate', 'gradientNorm', 'tokensPerSecond', 'elapsedSeconds'],
      evaluated: ['trainLoss', 'validationLoss', 'elapsedSeconds'],
    }
    for (const [name, fields] of Object.entries(named)) {
      const events = eventsOf(run).filter(({ event }) => event === name)
      const values = events.flatMap((event) => fields.map((field) => event[field]))
      expect(
        values.every((value) => typeof value === 'number' && value >= 0),
        name,
      ).toBe(true)
    }
    const validation = TALES.length - Math.floor(0.9 * TALES.length)
    expect(eventsOf(run).at(-1)).toMatchObject({
      reason: 'completed',
      validation: { tokens: validation - 1, ofTokens: validation - 1 },
    })
  })
})

describe.concurrent('checkpoints', () => {
  it('the newest --keep stay, and the best, which sample takes while inspect takes the latest', async () => {
    const folder = freshFolder()
    const wrongInTheLastTenth = 'abcde '.repeat(150) + 'edcba '.repeat(16)
    writeFileSync(join(folder, 'turns.txt'), wrongInTheLastTenth)
    await succeeds(tgpt(folder, `train turns.txt ${SMALL} --steps 24 --eval-interval 6 --learning-rate 0.05 --keep 2`))
    const run = join(folder, 'checkpoints', 'turns')
    expect(stepsOf(run)).toEqual(['step-000006', 'step-000018', 'step-000024'])
    expect([pointedAt(run, 'best'), pointedAt(run, 'latest')]).toEqual([
      join(run, 'step-000006'),
      join(run, 'step-000024'),
    ])
    const sample = await succeeds(tgpt(folder, 'sample turns --max-tokens 1'))
    expect(sample.stderr).toContain(join('checkpoints', 'turns', 'step-000006'))
    const inspection = await succeeds(tgpt(folder, 'inspect turns --json'))
    expect(JSON.parse(inspection.stdout)).toMatchObject({ step: 24, best: { step: 6 } })
  })

  it('are written at --save-interval where that differs from the evaluations', async () => {
    const { run } = await trained(`${SMALL} --steps 4 --eval-interval 4 --save-interval 1 --keep 9`)
    expect(stepsOf(run)).toEqual(['step-000001', 'step-000002', 'step-000003', 'step-000004'])
  })
})

describe.concurrent('the run folder', () => {
  it('a second run of the same corpus gets a folder of its own', async () => {
    const { folder } = await trained()
    const { stdout } = await succeeds(tgpt(folder, `train tales.txt ${TINY}`))
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['tales', 'tales-2'])
    expect(stdout).toContain('tgpt sample checkpoints/tales-2\n')
  })

  it('an --out that holds a run is refused and left alone, and replaced with --overwrite', async () => {
    const folder = folderWithTales()
    const out = join(folder, 'mine')
    await succeeds(tgpt(folder, `train tales.txt ${TINY} --out mine`))
    writeFileSync(join(out, 'notes.txt'), 'not of tgpt')
    const before = everythingIn(folder)
    expectRefusal(
      await tgpt(folder, `train tales.txt ${SMALL} --steps 2 --out mine`),
      2,
      /mine already holds a run\n.*--overwrite/,
    )
    expect(everythingIn(folder)).toEqual(before)
    expect(settingsOf(out).steps).toBe(6)
    await succeeds(tgpt(folder, `train tales.txt ${SMALL} --steps 2 --out mine --overwrite`))
    expect(settingsOf(out).steps).toBe(2)
    expect(readdirSync(out)).toEqual(['best', 'latest', 'metrics.jsonl', 'notes.txt', 'run.json', 'step-000002'])
    expect(existsSync(join(folder, 'checkpoints'))).toBe(false)
  })

  it('what to type next can be pasted: a name with a blank is quoted, and npx stays npx', async () => {
    const folder = folderWithTales()
    copyFileSync(join(folder, 'tales.txt'), join(folder, 'my tales.txt'))
    const args = ['train', 'my tales.txt', ...`${SMALL} --steps 1`.split(' ')]
    const { stdout } = await succeeds(tgpt(folder, args, { env: { npm_command: 'exec' } }))
    expect(stdout).toContain(`\n  npx tgpt sample 'checkpoints/my tales'\n`)
  })
})

describe.concurrent('the same seed', () => {
  const flags = `${TINY} --dropout 0.2 --gradient-accumulation 2`

  it('gives the same run, figure by figure and weight by weight; another seed does not', async () => {
    const [first, second, other] = await Promise.all(
      [`${flags} --seed 7`, `${flags} --seed 7`, `${flags} --seed 8`].map(trained),
    )
    expect(untimedEventsOf(second.run)).toEqual(untimedEventsOf(first.run))
    const weights = (run: string) => weightsIn(pointedAt(run, 'latest'))
    expect(weights(second.run).equals(weights(first.run))).toBe(true)
    expect(weights(other.run).equals(weights(first.run))).toBe(false)
    const losses = (run: string) => eventsOf(run).flatMap(({ event, loss }) => (event === 'step' ? [loss] : []))
    expect(losses(other.run)).not.toEqual(losses(first.run))
  })
})

describe.concurrent('the corpus', () => {
  it('a validation part shorter than a block is evaluated all the same, and that is said', async () => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'short.txt'), 'The sea is wide, the boat is small, so.')
    const { stdout } = await succeeds(tgpt(folder, `train short.txt ${TINY}`))
    expect(stdout).toMatch(/^note: the validation part has 4 tokens, less than a block/m)
    const losses = eventsOf(join(folder, 'checkpoints', 'short')).filter(({ event }) => event === 'evaluated')
    expect(losses.every(({ validationLoss }) => typeof validationLoss === 'number')).toBe(true)
  })

  it('without a validation part it is evaluated on the text it trains on, and that is said', async () => {
    const { stdout } = await trained(`${SMALL} --steps 1 --validation-fraction 0`)
    expect(stdout).toMatch(/^note: there is no validation part/m)
  })

  it('a byte order mark, CRLF, NUL and emoji are characters like others, and come back as they were', async () => {
    const folder = freshFolder()
    const text = '\uFEFFone\r\ntwo\0three 👩‍🚀 水\r\n'
    writeFileSync(join(folder, 'odd.txt'), text.repeat(9))
    const { stdout } = await succeeds(tgpt(folder, `train odd.txt ${SMALL} --steps 1`))
    expect(stdout).toContain(`a vocabulary of ${new Set(text).size}`)
    const sample = await succeeds(tgpt(folder, 'sample odd --prompt - --max-tokens 1', { stdin: text }))
    expect(sample.stdout.startsWith(text)).toBe(true)
  })

  it('<|endoftext|> in it is plain text, for the gpt2 tokenizer too', async () => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'end.txt'), 'one<|endoftext|>two\n'.repeat(4))
    const flags = '--n-layer 1 --n-head 1 --n-embd 2 --block-size 2 --batch-size 1 --eval-iters 1 --steps 1'
    const { stdout } = await succeeds(tgpt(folder, `train end.txt ${flags} --tokenizer gpt2`))
    expect(stdout).toContain('gpt2, a vocabulary of 50,257')
    writeFileSync(join(folder, 'only.txt'), '<|endoftext|>')
    const { tokens } = JSON.parse((await succeeds(tgpt(folder, 'eval end only.txt --json'))).stdout) as {
      tokens: number
    }
    expect(tokens).toBe(6) // < | end of text | >: seven tokens, of which all but the first are predicted
  })
})

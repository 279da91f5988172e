// Finding checkpoints: every way to name one, and clear words when there is none.

import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { locateCheckpoint, locateRun, tellsOfRun } from '../../src/store/locate.ts'
import { writeCheckpoint } from '../../src/store/checkpoint.ts'
import { checkpointAt, runWith, temporaryFolder, userErrorOf } from './fixtures.ts'

async function realRun(): Promise<{ run: string; root: string }> {
  const run = await runWith(500, 1000)
  writeFileSync(join(run, 'run.json'), '{}')
  return { run, root: dirname(run) }
}

describe('a checkpoint is found by', () => {
  it('a run folder, its name below the root, or a relative path', async () => {
    const { run, root } = await realRun()
    const best = { runFolder: run, stepFolder: join(run, 'step-000500') }
    const latest = { runFolder: run, stepFolder: join(run, 'step-001000') }
    for (const argument of [run, `${run}/`, basename(run), relative('.', run)]) {
      expect(locateCheckpoint(argument, { prefer: 'best', root })).toEqual(best)
      expect(locateCheckpoint(argument, { prefer: 'latest', root })).toEqual(latest)
    }
  })

  it('RUN/latest and RUN/best, whatever is preferred', async () => {
    const { run, root } = await realRun()
    for (const name of [run, basename(run)]) {
      expect(locateCheckpoint(`${name}/latest`, { prefer: 'best', root }).stepFolder).toBe(join(run, 'step-001000'))
      expect(locateCheckpoint(`${name}/best`, { prefer: 'latest', root }).stepFolder).toBe(join(run, 'step-000500'))
    }
  })

  it('a step folder, and a model that stands alone', async () => {
    const { run, root } = await realRun()
    const stepFolder = join(run, 'step-000500')
    expect(locateCheckpoint(stepFolder, { prefer: 'latest', root })).toEqual({ stepFolder, runFolder: run })
    const byName = locateCheckpoint(join('run', 'step-000500'), { prefer: 'latest', root })
    expect(byName).toEqual({ stepFolder, runFolder: run })
    const model = join(temporaryFolder(), 'gpt2')
    mkdirSync(model)
    writeFileSync(join(model, 'config.json'), '{}')
    expect(locateCheckpoint(model, { prefer: 'best', root })).toEqual({ stepFolder: model, runFolder: undefined })
  })

  it('nothing: the run whose latest is newest', async () => {
    const root = temporaryFolder()
    for (const [index, name] of ['young', 'old'].entries()) {
      mkdirSync(join(root, name))
      writeCheckpoint(join(root, name), await checkpointAt(7), { best: false })
      utimesSync(join(root, name, 'latest'), 1000 - index, 1000 - index)
    }
    mkdirSync(join(root, 'empty'))
    writeFileSync(join(root, '.gitkeep'), '')
    expect(locateCheckpoint(undefined, { prefer: 'best', root }).stepFolder).toBe(join(root, 'young', 'step-000007'))
  })

  it('a run whose process was killed before it wrote latest', async () => {
    const { run, root } = await realRun()
    rmSync(join(run, 'latest'))
    rmSync(join(run, 'best'))
    expect(locateCheckpoint(run, { prefer: 'best', root }).stepFolder).toBe(join(run, 'step-001000'))
  })
})

describe('refused', () => {
  it('no runs yet, with or without the folder for them', async () => {
    for (const root of [temporaryFolder(), join(temporaryFolder(), 'none')]) {
      const error = await userErrorOf(() => locateCheckpoint(undefined, { prefer: 'best', root }))
      expect(error.message).toBe(`there are no runs in ${root} yet`)
      expect(error.hint).toBe('Train one first: tgpt train corpus.txt')
      expect(error.exitCode).toBe(1)
    }
  })

  it('a name that is not there, with the names that are', async () => {
    const { root } = await realRun()
    const error = await userErrorOf(() => locateCheckpoint('shakespear', { prefer: 'best', root }))
    expect(error.message).toBe('there is no checkpoint shakespear')
    expect(error.hint).toBe(`Runs in ${root}: run`)
    const long = await userErrorOf(() => locateCheckpoint('x'.repeat(5000), { prefer: 'best', root }))
    expect(long.message).toMatch(/^there is no checkpoint x/)
  })

  it.each(['file', 'folder', 'folder/latest'])('a %s that is no checkpoint', async (name) => {
    const root = temporaryFolder()
    writeFileSync(join(root, 'file'), 'text')
    mkdirSync(join(root, 'folder'))
    writeFileSync(join(root, 'folder', 'latest'), 'news')
    const error = await userErrorOf(() => locateCheckpoint(join(root, name), { prefer: 'best', root }))
    expect(error.message).toBe(`${join(root, name)} is not a checkpoint`)
  })

  it('a run that has saved nothing', async () => {
    const root = temporaryFolder()
    writeFileSync(join(root, 'run.json'), '{}')
    const error = await userErrorOf(() => locateCheckpoint(root, { prefer: 'latest', root }))
    expect(error.message).toMatch(/has no checkpoint yet/)
  })

  const twoLines = 'step-000500\nstep-001000'
  it.each(['../../x', '/etc', 'step-5', 'step-0000500', 'step-000500/..', '', twoLines, 'x'.repeat(100)])(
    'a latest that names %j',
    async (name) => {
      const { run, root } = await realRun()
      writeFileSync(join(run, 'latest'), name)
      const error = await userErrorOf(() => locateCheckpoint(run, { prefer: 'latest', root }))
      expect(error.message).toContain(join(run, 'latest'))
      expect(error.exitCode).toBe(1)
    },
  )

  it('a latest that names a folder which is gone, and the newest that is there is offered', async () => {
    const { run, root } = await realRun()
    rmSync(join(run, 'step-001000'), { recursive: true })
    const error = await userErrorOf(() => locateCheckpoint(run, { prefer: 'latest', root }))
    expect(error.message).toMatch(/latest names step-001000, which does not exist/)
    expect(error.hint).toBe(`The newest there is: ${join(run, 'step-000500')}`)
  })

  it('a latest that is a loop of symlinks is as good as none', async () => {
    const { run, root } = await realRun()
    rmSync(join(run, 'latest'))
    symlinkSync('latest', join(run, 'latest'))
    expect(locateCheckpoint(run, { prefer: 'latest', root }).stepFolder).toBe(join(run, 'step-001000'))
  })
})

describe('a run is found by', () => {
  it('its folder, its name, or a place in it', async () => {
    const { run, root } = await realRun()
    for (const argument of [
      run,
      `${run}/`,
      'run',
      'run/latest',
      'run/best',
      join(run, 'step-000500'),
      relative('.', run),
    ]) {
      expect(locateRun(argument, root)).toBe(run)
    }
  })

  it('nothing: the one that was written to last, with a checkpoint or without', async () => {
    const root = dirname(await runWith(500))
    for (const [name, file, seconds] of [
      ['young', 'metrics.jsonl', 3000],
      ['older', 'run.json', 2000],
    ] as const) {
      mkdirSync(join(root, name))
      writeFileSync(join(root, name, 'run.json'), '{}')
      writeFileSync(join(root, name, 'metrics.jsonl'), '')
      for (const other of ['run.json', 'metrics.jsonl']) utimesSync(join(root, name, other), 1000, 1000)
      utimesSync(join(root, name, file), seconds, seconds)
    }
    expect(locateRun(undefined, root)).toBe(join(root, 'young'))
  })

  it('its log alone, which is enough to watch it', async () => {
    const root = temporaryFolder()
    mkdirSync(join(root, 'copied'))
    writeFileSync(join(root, 'copied', 'metrics.jsonl'), '')
    for (const argument of ['copied', join(root, 'copied'), undefined]) {
      expect(locateRun(argument, root, tellsOfRun)).toBe(join(root, 'copied'))
    }
    expect((await userErrorOf(() => locateRun('copied', root))).message).toBe('there is no run copied')
    const error = await userErrorOf(() => locateCheckpoint('copied', { prefer: 'best', root }))
    expect(error.message).toBe(`${join(root, 'copied')} is not a checkpoint`)
  })

  it('nothing else, and the message says which runs there are', async () => {
    const { root } = await realRun()
    mkdirSync(join(root, 'empty'))
    for (const argument of ['empty', 'gone', 'gone/latest']) {
      const error = await userErrorOf(() => locateRun(argument, root))
      expect(error).toMatchObject({ message: `there is no run ${argument}`, hint: `Runs in ${root}: run`, exitCode: 1 })
    }
    const nowhere = await userErrorOf(() => locateRun(undefined, join(root, 'empty')))
    expect(nowhere.message).toBe(`there are no runs in ${join(root, 'empty')} yet`)
  })
})

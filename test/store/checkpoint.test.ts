// Step folders: what is saved comes back bit for bit, and every way of damaging one is refused with the file named.

import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  nonFiniteParameter,
  prune,
  readCheckpoint,
  readCheckpointSummary,
  writeCheckpoint,
} from '../../src/store/checkpoint.ts'
import { checkpointAt, runWith, temporaryFolder, userErrorOf } from './fixtures.ts'

const load = (folder: string) => readCheckpoint(folder, { optimizer: true })

function flipBit(path: string, position: number): void {
  const bytes = readFileSync(path)
  bytes[position] ^= 1
  writeFileSync(path, bytes)
}

function editJson(path: string, edit: (json: Record<string, unknown>) => void): void {
  const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  edit(json)
  writeFileSync(path, JSON.stringify(json))
}

describe('a saved checkpoint', () => {
  it.each([true, false])('comes back bit for bit (biases: %s)', async (bias) => {
    const saved = await checkpointAt(500, { bias, activation: 'gelu' })
    const folder = writeCheckpoint(temporaryFolder(), saved, { best: false })
    const { optimizer, parameters, tokenizer, ...rest } = await load(folder)
    expect([...parameters]).toEqual([...saved.parameters])
    expect(optimizer).toEqual(saved.optimizer)
    expect(tokenizer.toJson()).toEqual(saved.tokenizer.toJson())
    expect(rest).toEqual({ folder, model: saved.model, dropout: 0.2, state: saved.state })
  })

  it('has these files, and latest and best name it', async () => {
    const folder = await runWith(500, 1000)
    const files = ['config.json', 'model.safetensors', 'optimizer.safetensors', 'state.json', 'tokenizer.json']
    expect(readdirSync(folder).toSorted()).toEqual(['best', 'latest', 'step-000500', 'step-001000'])
    expect(readdirSync(join(folder, 'step-001000')).toSorted()).toEqual(files)
    expect(readFileSync(join(folder, 'latest'), 'utf8')).toBe('step-001000\n')
    expect(readFileSync(join(folder, 'best'), 'utf8')).toBe('step-000500\n')
  })

  it('keeps "no best loss yet", and leaves the optimizer alone if it is not wanted', async () => {
    const saved = await checkpointAt(0)
    const state = { ...saved.state, bestValidationLoss: null, bestStep: null }
    const folder = writeCheckpoint(temporaryFolder(), { ...saved, state }, { best: false })
    rmSync(join(folder, 'optimizer.safetensors'))
    const loaded = await readCheckpoint(folder, { optimizer: false })
    expect(loaded.state).toEqual(state)
    expect(loaded.optimizer).toBeUndefined()
  })

  it('replaces one of the same step as a whole', async () => {
    const run = await runWith(500)
    writeFileSync(join(run, 'step-000500', 'stray'), '')
    writeCheckpoint(run, await checkpointAt(500, { bias: false }), { best: false })
    expect(existsSync(join(run, 'step-000500', 'stray'))).toBe(false)
    expect((await load(join(run, 'step-000500'))).model.bias).toBe(false)
  })

  it('can be summed up without its weights', async () => {
    const run = await runWith(500)
    const summary = await readCheckpointSummary(join(run, 'step-000500'))
    const shape = [summary.model.vocabSize, 4]
    expect(summary.state?.tokensSeen).toBe(48_000)
    expect(summary.header.tensors.get('transformer.wte.weight')).toMatchObject({ dtype: 'F32', shape })
    expect(nonFiniteParameter(summary)).toBeUndefined()
  })

  it('with a NaN in it says which tensor has it', async () => {
    const saved = await checkpointAt(500)
    saved.parameters.get('h.1.mlp.c_fc.weight')?.data.fill(NaN, 3, 4)
    const folder = writeCheckpoint(temporaryFolder(), saved, { best: false })
    expect(nonFiniteParameter(await readCheckpointSummary(folder))).toBe('h.1.mlp.c_fc.weight')
  })
})

describe('damage is refused, the file is named, and the other checkpoint is offered', () => {
  it.each<[string, string, (path: string) => void, RegExp]>([
    [
      'weights cut by one byte',
      'model.safetensors',
      (path) => truncateSync(path, readFileSync(path).length - 1),
      /bytes, not/,
    ],
    ['one byte more', 'model.safetensors', (path) => appendFileSync(path, 'x'), /bytes, not/],
    ['one bit flipped in the weights', 'model.safetensors', (path) => flipBit(path, 2000), /sha256/],
    ['one bit flipped in the optimizer', 'optimizer.safetensors', (path) => flipBit(path, 2000), /sha256/],
    ['one bit flipped in the tokenizer', 'tokenizer.json', (path) => flipBit(path, 20), /sha256/],
    ['one bit flipped in the configuration', 'config.json', (path) => flipBit(path, 20), /sha256/],
    [
      'another step in state.json',
      'state.json',
      (path) =>
        editJson(path, (json) => {
          json.step = 999
        }),
      /sha256/,
    ],
    ['an empty file', 'model.safetensors', (path) => writeFileSync(path, ''), /0 bytes, not/],
    ['an empty state.json', 'state.json', (path) => writeFileSync(path, ''), /damaged/],
    ['weights that are missing', 'model.safetensors', (path) => rmSync(path), /no such file/],
    [
      'a folder instead of the weights',
      'model.safetensors',
      (path) => {
        rmSync(path)
        mkdirSync(path)
      },
      /not a file/,
    ],
    [
      '../ in the manifest',
      'state.json',
      (path) =>
        editJson(path, (json) => {
          json.files = { '../../step-000500/model.safetensors': { bytes: 1, sha256: 'a'.repeat(64) } }
        }),
      /"..\/..\/step-000500\/model.safetensors" is no file of a checkpoint/,
    ],
    [
      'a file that the manifest leaves out',
      'state.json',
      (path) =>
        editJson(path, (json) => {
          json.files = {}
        }),
      /sha256/,
    ],
    [
      'a manifest without a format',
      'state.json',
      (path) =>
        editJson(path, (json) => {
          delete json.format
        }),
      /no format number/,
    ],
  ])('%s', async (_, name, damage, message) => {
    const run = await runWith(500, 1000)
    const path = join(run, 'step-001000', name)
    damage(path)
    const error = await userErrorOf(() => load(join(run, 'step-001000')))
    expect(error.message).toMatch(message)
    expect(error.message).toContain(path)
    expect(error.hint).toBe(`This one is whole: ${join(run, 'step-000500')}`)
    expect(error.exitCode).toBe(1)
  })

  it('a checkpoint that is damaged as well is not offered', async () => {
    const run = await runWith(500, 750, 1000)
    flipBit(join(run, 'step-001000', 'model.safetensors'), 1500)
    flipBit(join(run, 'step-000750', 'optimizer.safetensors'), 1500)
    expect((await userErrorOf(() => load(join(run, 'step-001000')))).hint).toContain('step-000500')
    flipBit(join(run, 'step-000500', 'model.safetensors'), 1500)
    expect((await userErrorOf(() => load(join(run, 'step-001000')))).hint).toBe('')
  })

  it('damage shows in the summary too', async () => {
    const run = await runWith(500)
    flipBit(join(run, 'step-000500', 'optimizer.safetensors'), 1500)
    const error = await userErrorOf(() => readCheckpointSummary(join(run, 'step-000500')))
    expect(error.message).toMatch(/optimizer.safetensors/)
  })

  it('a newer format asks for an upgrade, whatever else has changed', async () => {
    const run = await runWith(500, 1000)
    writeFileSync(join(run, 'step-001000', 'state.json'), '{"format": 2, "files": ["new"]}')
    const error = await userErrorOf(() => load(join(run, 'step-001000')))
    expect(error.message).toMatch(/state.json was written by a newer tgpt/)
    expect(error.hint).toMatch(/^Upgrade tgpt/)
  })

  it('a tokenizer of another size is refused', async () => {
    const folder = writeCheckpoint(temporaryFolder(), await checkpointAt(1, { vocabSize: 99 }), { best: false })
    const error = await userErrorOf(() => load(folder))
    expect(error.message).toMatch(/tokens, but config.json says that the model has 99/)
  })
})

describe('a symlink is never written through', () => {
  it('in place of a file, of the step folder, or of the temporary one', async () => {
    const run = temporaryFolder()
    const outside = join(temporaryFolder(), 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'precious'), 'precious')
    symlinkSync(join(outside, 'precious'), join(run, 'latest'))
    symlinkSync(join(outside, 'none'), join(run, 'best'))
    symlinkSync(outside, join(run, 'step-000500'))
    symlinkSync(outside, join(run, `.step-000500.${process.pid}.tgpt-new`))
    symlinkSync(outside, join(run, `.step-000500.${process.pid}.tgpt-old`))
    writeCheckpoint(run, await checkpointAt(500), { best: true })
    expect(readdirSync(outside)).toEqual(['precious'])
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('precious')
    expect(readdirSync(run).toSorted()).toEqual(['best', 'latest', 'step-000500'])
    expect((await load(join(run, 'step-000500'))).state?.step).toBe(500)
  })

  it('inside a step folder that is written again', async () => {
    const run = await runWith(500)
    const victim = join(temporaryFolder(), 'victim')
    writeFileSync(victim, 'precious')
    rmSync(join(run, 'step-000500', 'model.safetensors'))
    symlinkSync(victim, join(run, 'step-000500', 'model.safetensors'))
    writeCheckpoint(run, await checkpointAt(500), { best: false })
    expect(readFileSync(victim, 'utf8')).toBe('precious')
  })
})

describe('pruning', () => {
  it('keeps the newest, the best and the latest, and nothing half removed', async () => {
    const run = await runWith(100, 200, 300, 400, 1_000_000)
    writeFileSync(join(run, 'latest'), 'step-000200\n')
    mkdirSync(join(run, 'step-12'))
    prune(run, 1)
    const kept = ['best', 'latest', 'step-000100', 'step-000200', 'step-1000000', 'step-12']
    expect(readdirSync(run).toSorted()).toEqual(kept)
  })

  it('removes a symlinked step folder, not what it points at', async () => {
    const run = await runWith(100, 200, 300)
    const outside = temporaryFolder()
    cpSync(join(run, 'step-000200'), outside, { recursive: true })
    rmSync(join(run, 'step-000200'), { recursive: true })
    symlinkSync(outside, join(run, 'step-000200'))
    prune(run, 1)
    expect(existsSync(join(run, 'step-000200'))).toBe(false)
    expect(readdirSync(outside)).toHaveLength(5)
  })
})

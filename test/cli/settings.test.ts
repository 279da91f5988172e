// How the settings of a run are given: flags, nanoGPT's spelling of them, files and presets.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectRefusal, folderWithTales, settingsOf, succeeds, tgpt } from './spawn.ts'

async function settingsAfter(args: string, config?: object): Promise<Record<string, unknown>> {
  const folder = folderWithTales()
  if (config) writeFileSync(join(folder, 'settings.json'), JSON.stringify(config))
  await succeeds(tgpt(folder, `train tales.txt --out run ${args}`))
  return settingsOf(join(folder, 'run'))
}

describe.concurrent('flags', () => {
  it('the spelling of nanoGPT means the same as ours', async () => {
    const nanoGpt =
      '--n_layer=1 --n_head=2 --n_embd=8 --block_size=8 --batch_size=2 --max_iters=3 --learning_rate=1e-2 ' +
      '--min_lr=1e-4 --warmup_iters=1 --lr_decay_iters=2 --gradient_accumulation_steps=2 --eval_iters=1 ' +
      '--eval_interval=2 --log_interval=1 --weight_decay=1e-1 --grad_clip=0.5 --dropout=0.1 --bias=True'
    const ours =
      '--n-layer 1 --n-head 2 --n-embd 8 --block-size 8 --batch-size 2 --steps 3 --learning-rate 0.01 ' +
      '--min-learning-rate 0.0001 --warmup-steps 1 --decay-steps 2 --gradient-accumulation 2 --eval-iters 1 ' +
      '--eval-interval 2 --log-interval 1 --weight-decay 0.1 --grad-clip 0.5 --dropout 0.1 --bias'
    const [theirs, same] = await Promise.all([settingsAfter(nanoGpt), settingsAfter(ours)])
    expect(theirs).toEqual(same)
    expect(theirs).toMatchObject({
      nHead: 2,
      steps: 3,
      minLearningRate: 1e-4,
      warmupSteps: 1,
      decaySteps: 2,
      gradientAccumulation: 2,
      bias: true,
    })
  })

  it('a truth value may stand apart: --bias False before the corpus', async () => {
    const folder = folderWithTales()
    const small = '--n_layer 1 --n_head 1 --n_embd 8 --block_size 8 --batch_size 1 --eval_iters 1 --max_iters 1'
    await succeeds(tgpt(folder, `train ${small} --out_dir mine --bias False tales.txt`))
    expect(settingsOf(join(folder, 'mine'))).toMatchObject({ bias: false, steps: 1 })
  })
})

describe.concurrent('--config', () => {
  const small = { n_layer: 1, nHead: 1, 'n-embd': 8, block_size: 8, batch_size: 1, eval_iters: 1 }

  it('is overruled by flags, and overrules the preset', async () => {
    const settings = await settingsAfter('--config settings.json --preset nano --max_iters 2', {
      ...small,
      max_iters: 50,
      beta2: 0.9,
      bias: true,
    })
    expect(settings).toMatchObject({ nLayer: 1, nEmbd: 8, steps: 2, beta2: 0.9, bias: true })
    expect(settings).toMatchObject({ activation: 'gelu', learningRate: 1e-3, evalInterval: 250 }) // nano's
  })

  it('may name the preset; a flag for it wins', async () => {
    const file = { ...small, preset: 'nano', steps: 2 }
    expect(await settingsAfter('--config settings.json', file)).toMatchObject({ activation: 'gelu', nEmbd: 8 })
    expect(await settingsAfter('--config settings.json --preset tiny', file)).toMatchObject({
      activation: 'gelu_new',
      nEmbd: 8,
    })
  })

  it('a switch in it can be taken back: --no-bias', async () => {
    expect(await settingsAfter('--config settings.json --no-bias', { ...small, steps: 1, bias: true })).toMatchObject({
      bias: false,
    })
  })

  it.each([
    ['an unknown name', '{"n_layers": 2}', /"n_layers" in settings\.json is no setting/],
    [
      'a value that is no number',
      '{"n_layer": "two"}',
      /"n_layer" in settings\.json is "two"; it must be a whole number/,
    ],
    [
      'a value out of range',
      '{"dropout": 1}',
      /"dropout" in settings\.json is 1; it must be a number from 0 to below 1/,
    ],
    ['a list for a preset', '{"preset": ["nano"]}', /preset/],
    [
      'one setting in two spellings',
      '{"n_layer": 1, "nLayer": 2}',
      /"n-layer" stands more than once in settings\.json/,
    ],
    ['one key twice', '{"n_layer": 1, "n_layer": 2}', /settings\.json.*n_layer/],
    ['no object', '[1]', /settings\.json holds no JSON object/],
    ['no JSON', 'n_layer = 2', /settings\.json/],
    ['nothing', '', /settings\.json/],
  ])('%s in it is refused by name', async (_, json, words) => {
    const folder = folderWithTales()
    writeFileSync(join(folder, 'settings.json'), json)
    expectRefusal(await tgpt(folder, 'train tales.txt --config settings.json'), 2, words)
  })

  it('a file that is not there is refused by name', async () => {
    expectRefusal(await tgpt(folderWithTales(), 'train tales.txt --config none.json'), 2, /none\.json/)
  })
})

// Models in Hugging Face's files: what we write is what GPT-2's loaders expect, the hub's own files are read, and what
// we would compute differently is refused by name.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { elementCount, type NamedTensor } from '../../src/base/namedTensors.ts'
import { paramSpecs } from '../../src/gpt/parameters.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/store/checkpoint.ts'
import { huggingFaceConfig } from '../../src/store/huggingFace.ts'
import { readTensors } from '../../src/store/safetensors.ts'
import { checkpointAt, safetensorsBytes, temporaryFolder, userErrorOf } from './fixtures.ts'

const load = (folder: string) => readCheckpoint(folder, { optimizer: true })

const HEAD = 'lm_head.weight'

type StoredTensor = NamedTensor & { readonly dtype?: string; readonly bytes?: Uint8Array }

function bytesOf({ bytes, data }: StoredTensor): Uint8Array {
  return bytes ?? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function safetensorsOf(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array {
  let end = 0
  const header = Array.from(tensors, ([name, tensor]) => {
    const begin = end
    end += bytesOf(tensor).length
    return [name, { dtype: tensor.dtype ?? 'F32', shape: tensor.shape, data_offsets: [begin, end] }]
  })
  return safetensorsBytes(Object.fromEntries(header), Buffer.concat([...tensors.values()].map(bytesOf)))
}

interface HubModel {
  readonly config: Record<string, unknown>
  readonly tensors: Map<string, StoredTensor>
}

/** A folder as the hub's `gpt2` is: no `transformer.`, mask buffers beside the weights, and no state.json. */
async function hubFolder(change: (model: HubModel) => void = () => {}): Promise<string> {
  const { model, parameters, tokenizer } = await checkpointAt(0)
  const tensors = new Map<string, StoredTensor>(parameters)
  const mask = { shape: [1, 1, 8, 8], data: new Float32Array(64), dtype: 'U8', bytes: new Uint8Array(64) }
  tensors.set('h.0.attn.bias', mask).set('h.1.attn.masked_bias', { shape: [], data: new Float32Array([-1e4]) })
  const config = {
    activation_function: 'gelu_new',
    architectures: ['GPT2LMHeadModel'],
    attn_pdrop: 0.1,
    bos_token_id: 50256,
    embd_pdrop: 0.1,
    eos_token_id: 50256,
    initializer_range: 0.02,
    layer_norm_epsilon: 1e-5,
    model_type: 'gpt2',
    n_ctx: model.blockSize,
    n_embd: model.nEmbd,
    n_head: model.nHead,
    n_layer: model.nLayer,
    n_positions: model.blockSize,
    resid_pdrop: 0.1,
    summary_type: 'cls_index',
    task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
    vocab_size: model.vocabSize,
  }
  change({ config, tensors })
  const folder = join(temporaryFolder(), 'gpt2')
  mkdirSync(folder)
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'model.safetensors'), safetensorsOf(tensors))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer.toJson()))
  return folder
}

describe('what we write', () => {
  it('is a configuration of GPT2LMHeadModel', async () => {
    const { model } = await checkpointAt(0)
    const config = huggingFaceConfig(model, 0.2, 50256)
    expect(config).toEqual({
      model_type: 'gpt2',
      architectures: ['GPT2LMHeadModel'],
      vocab_size: model.vocabSize,
      n_positions: 8,
      n_ctx: 8,
      n_embd: 4,
      n_layer: 2,
      n_head: 2,
      n_inner: null,
      activation_function: 'gelu_new',
      layer_norm_epsilon: 1e-5,
      embd_pdrop: 0.2,
      attn_pdrop: 0.2,
      resid_pdrop: 0.2,
      initializer_range: 0.02,
      tie_word_embeddings: true,
      scale_attn_weights: true,
      bos_token_id: 50256,
      eos_token_id: 50256,
      torch_dtype: 'float32',
    })
    expect(huggingFaceConfig({ ...model, bias: false }, 0, undefined)).toMatchObject({ bias: false, resid_pdrop: 0 })
    expect(huggingFaceConfig(model, 0, undefined)).toMatchObject({ bos_token_id: null, eos_token_id: null })
  })

  it('has every tensor of GPT-2, with zeros for the biases that a model does not have', async () => {
    const saved = await checkpointAt(1, { bias: false })
    const folder = writeCheckpoint(temporaryFolder(), saved, { best: false })
    const tensors = readTensors(join(folder, 'model.safetensors'))
    const specs = paramSpecs({ ...saved.model, bias: true })
    expect([...tensors.keys()]).toEqual(specs.map(({ name }) => `transformer.${name}`))
    for (const { name, shape } of specs) {
      const own = saved.parameters.get(name)?.data ?? new Float32Array(elementCount(shape))
      expect(tensors.get(`transformer.${name}`)).toEqual({ shape, data: own })
    }
  })
})

describe('the hub', () => {
  it('has a gpt2 that is read: no prefix, masks, no state', async () => {
    const { model, parameters } = await checkpointAt(0)
    const loaded = await load(await hubFolder())
    expect(loaded.model).toEqual(model)
    expect([...loaded.parameters]).toEqual([...parameters])
    expect(loaded).toMatchObject({ dropout: 0.1, state: undefined, optimizer: undefined })
  })

  it.each<[string, (model: HubModel) => void]>([
    ['a head that is equal to wte', ({ tensors }) => tensors.set(HEAD, tensors.get('wte.weight')!)],
    [
      'a head that is equal though called untied',
      ({ config, tensors }) => {
        config.tie_word_embeddings = false
        tensors.set(HEAD, tensors.get('wte.weight')!)
      },
    ],
    [
      'names with the prefix',
      ({ tensors }) => {
        const entries = [...tensors]
        tensors.clear()
        for (const [name, tensor] of entries) tensors.set(`transformer.${name}`, tensor)
      },
    ],
    [
      'the other name of the tanh GELU',
      ({ config }) => {
        config.activation_function = 'gelu_pytorch_tanh'
      },
    ],
    [
      'an MLP width that is spelt out',
      ({ config }) => {
        config.n_inner = 16
      },
    ],
    [
      'an epsilon that was rounded',
      ({ config }) => {
        config.layer_norm_epsilon = 9.999999747378752e-6
      },
    ],
  ])('may have %s', async (_, change) => {
    expect((await load(await hubFolder(change))).model.activation).toBe('gelu_new')
  })

  it('has models whose biases are denied but all zero', async () => {
    const folder = await hubFolder(({ config, tensors }) => {
      config.bias = false
      for (const [name, { data }] of tensors) if (name.endsWith('.bias')) data.fill(0)
    })
    expect((await load(folder)).model.bias).toBe(false)
  })

  it('has none without biases, but a file without them and without the key is read as such', async () => {
    const folder = await hubFolder(({ tensors }) => {
      const biases = [...tensors.keys()].filter((name) => name.endsWith('.bias'))
      for (const name of biases) tensors.delete(name)
    })
    expect((await load(folder)).model.bias).toBe(false)
  })
})

const set =
  (field: string, value: unknown) =>
  ({ config }: HubModel): void => {
    config[field] = value
  }
const one = (shape: number[]): StoredTensor => ({ shape, data: new Float32Array(elementCount(shape)).fill(1) })

describe('refused by name', () => {
  it.each<[string, (model: HubModel) => void, RegExp]>([
    ['another kind of model', set('model_type', 'llama'), /config.json: model_type is "llama", which/],
    ['another activation', set('activation_function', 'relu'), /activation_function is "relu"/],
    [
      'an activation that every object has',
      set('activation_function', 'toString'),
      /activation_function is "toString"/,
    ],
    [
      'scores scaled by the layer',
      set('scale_attn_by_inverse_layer_idx', true),
      /scale_attn_by_inverse_layer_idx is true/,
    ],
    ['scores that are not scaled', set('scale_attn_weights', false), /scale_attn_weights is false/],
    ['cross attention', set('add_cross_attention', true), /add_cross_attention is true/],
    ['another MLP width', set('n_inner', 17), /n_inner is 17/],
    ['another epsilon', set('layer_norm_epsilon', 1e-6), /layer_norm_epsilon is 0.000001/],
    ['a dropout of 1', set('resid_pdrop', 1), /resid_pdrop is 1/],
    ['a size that is text', set('n_embd', '4'), /n_embd is "4"/],
    ['a size that is missing', set('n_layer', undefined), /config.json has no n_layer/],
    ['a billion layers', set('n_layer', 1e9), /config.json: nLayer is 1000000000; it must be/],
    ['half a layer', set('n_layer', 0.5), /nLayer is 0.5/],
    ['heads that do not divide the width', set('n_head', 3), /3 heads/],
    ['a bias that is no boolean', set('bias', 0), /bias is 0/],
    ['biases that are denied but used', set('bias', false), /no biases, but "ln_f.bias" is not zero/],
    [
      'a head of its own',
      ({ tensors, config }) => tensors.set(HEAD, one([Number(config.vocab_size), 4])),
      /head of its own/,
    ],
    ['a head that is untied and missing', set('tie_word_embeddings', false), /head of its own/],
    ['a head of another shape', ({ tensors }) => tensors.set(HEAD, one([4])), /"lm_head.weight" is \[4\], but/],
    [
      'a missing tensor',
      ({ tensors }) => tensors.delete('h.1.attn.c_proj.weight'),
      /lacks the tensor "h.1.attn.c_proj.weight"/,
    ],
    ['a layer too few', set('n_layer', 3), /lacks the tensor "h.2.ln_1.weight"/],
    ['a layer too many', set('n_layer', 1), /a tensor too many for its configuration: "h.1.ln_1.weight"/],
    ['a tensor nobody knows', ({ tensors }) => tensors.set('__proto__', one([1])), /too many .*: "__proto__"/],
    [
      'a tensor with both names',
      ({ tensors }) => tensors.set('transformer.ln_f.bias', one([4])),
      /"ln_f.bias" with and without/,
    ],
    [
      'a wrong shape',
      ({ tensors }) => tensors.set('ln_f.weight', one([2, 2])),
      /"ln_f.weight" is \[2, 2\], but .* needs \[4\]/,
    ],
    [
      'weights that are no floats',
      ({ tensors }) => tensors.set('ln_f.weight', { ...one([4]), dtype: 'I32' }),
      /"ln_f.weight" is I32/,
    ],
  ])('%s', async (_, change, message) => {
    const folder = await hubFolder((model) => {
      model.tensors.set('ln_f.bias', one([4]))
      change(model)
    })
    const error = await userErrorOf(() => load(folder))
    expect(error.message).toMatch(message)
    expect(error.message).toContain(folder)
    expect(error.exitCode).toBe(1)
  })

  it('a folder without tokenizer.json', async () => {
    const folder = await hubFolder()
    rmSync(join(folder, 'tokenizer.json'))
    expect((await userErrorOf(() => load(folder))).message).toBe(`there is no tokenizer.json in ${folder}`)
  })

  it.each(['{"model": 1}', '[', '{"a": 1, "a": 1}', '\u0000'])('a tokenizer.json of %j, by path', async (text) => {
    const folder = await hubFolder()
    writeFileSync(join(folder, 'tokenizer.json'), text)
    expect((await userErrorOf(() => load(folder))).message).toContain(join(folder, 'tokenizer.json'))
  })
})

// GPT-2's config.json, as Hugging Face writes it, to our ModelConfig and back. What we would compute differently is
// refused by name. The tensors that belong to it: weights.ts.
// Source: https://github.com/huggingface/transformers/blob/main/src/transformers/models/gpt2/configuration_gpt2.py

import { failure, UserError } from '../base/errors.ts'
import { LAYER_NORM_EPSILON, validateModel, type Activation, type ModelConfig } from '../gpt/model.ts'
import { isJsonObject, shown, type JsonObject } from './strictJson.ts'

export interface HuggingFaceConfig {
  readonly model: ModelConfig
  /** The rate that the model was trained with. */
  readonly dropout: number
  /** False if the file says that the head has weights of its own; they must then be equal to `wte`. */
  readonly tied: boolean
}

/** The contents of config.json. `endOfText` is the tokenizer's id for it, if it has one. */
export function huggingFaceConfig(model: ModelConfig, dropout: number, endOfText: number | undefined): JsonObject {
  const { vocabSize, blockSize, nEmbd, nLayer, nHead, activation, bias } = model
  return {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    vocab_size: vocabSize,
    n_positions: blockSize,
    n_ctx: blockSize,
    n_embd: nEmbd,
    n_layer: nLayer,
    n_head: nHead,
    n_inner: null,
    activation_function: activation,
    layer_norm_epsilon: LAYER_NORM_EPSILON,
    embd_pdrop: dropout,
    attn_pdrop: dropout,
    resid_pdrop: dropout,
    initializer_range: 0.02,
    tie_word_embeddings: true,
    scale_attn_weights: true,
    bos_token_id: endOfText ?? null, // absent, they would mean 50256
    eos_token_id: endOfText ?? null,
    torch_dtype: 'float32',
    ...(bias ? {} : { bias: false }),
  }
}

/** Names of our activations in Hugging Face's files. */
const ACTIVATION_NAMES = new Map<unknown, Activation>([
  ['gelu', 'gelu'],
  ['gelu_new', 'gelu_new'],
  ['gelu_pytorch_tanh', 'gelu_new'], // the same formula, computed by PyTorch itself
])

/** Only rounding may separate a file's epsilon from ours. */
const EPSILON_TOLERANCE = 1e-9

/** Fields with the one value that we compute; they may be absent. */
const FIXED_FIELDS = {
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  add_cross_attention: false,
} as const

/**
 * Checks a parsed config.json. Absent fields have the values that Hugging Face gives them. The key `bias` is our own:
 * where it is absent, `hasBiases` (whether the weights have any) decides.
 * @throws UserError (exit 1) that names `path`, the field and its value.
 */
export function readHuggingFaceConfig(config: unknown, path: string, hasBiases: () => boolean): HuggingFaceConfig {
  if (!isJsonObject(config)) throw failure(`${path} is not a JSON object`)
  const sizes = readSizes(config, path)
  checkComputable(config, sizes.nEmbd, path)
  const activation = ACTIVATION_NAMES.get(config.activation_function ?? 'gelu_new')
  if (activation === undefined) throw unsupported(config, 'activation_function', path)
  const dropout = readDropout(config, path)
  const tied = readBoolean(config, 'tie_word_embeddings', path) ?? true
  const bias = readBoolean(config, 'bias', path) ?? hasBiases()
  return { model: { ...sizes, bias, activation }, dropout, tied }
}

type Sizes = Omit<ModelConfig, 'bias' | 'activation'>

/** Sizes come first: no list may be built from a billion layers. */
function readSizes(config: JsonObject, path: string): Sizes {
  if (config.model_type !== 'gpt2') throw unsupported(config, 'model_type', path)
  const sizes = {
    vocabSize: readNumber(config, 'vocab_size', path),
    blockSize: readNumber(config, 'n_positions', path),
    nLayer: readNumber(config, 'n_layer', path),
    nHead: readNumber(config, 'n_head', path),
    nEmbd: readNumber(config, 'n_embd', path),
  }
  try {
    validateModel({ ...sizes, bias: true, activation: 'gelu_new' }, 1)
  } catch (error) {
    throw error instanceof UserError ? failure(`${path}: ${error.message}`) : error
  }
  return sizes
}

function checkComputable(config: JsonObject, nEmbd: number, path: string): void {
  for (const [field, value] of Object.entries(FIXED_FIELDS)) {
    if ((config[field] ?? value) !== value) throw unsupported(config, field, path)
  }
  if ((config.n_inner ?? 4 * nEmbd) !== 4 * nEmbd) throw unsupported(config, 'n_inner', path)
  const epsilon = config.layer_norm_epsilon ?? LAYER_NORM_EPSILON
  const isOurs = typeof epsilon === 'number' && Math.abs(epsilon - LAYER_NORM_EPSILON) <= EPSILON_TOLERANCE
  if (!isOurs) throw unsupported(config, 'layer_norm_epsilon', path)
}

function readNumber(config: JsonObject, field: string, path: string): number {
  const value = config[field]
  if (typeof value === 'number') return value
  throw value === undefined ? failure(`${path} has no ${field}`) : unsupported(config, field, path)
}

function readBoolean(config: JsonObject, field: string, path: string): boolean | undefined {
  const value = config[field]
  if (value === undefined || typeof value === 'boolean') return value
  throw unsupported(config, field, path)
}

/** nanoGPT has one rate for what GPT-2 has three; where they differ, that of the residual stream is taken. */
function readDropout(config: JsonObject, path: string): number {
  const rate = config.resid_pdrop ?? 0.1
  if (typeof rate === 'number' && rate >= 0 && rate < 1) return rate
  throw unsupported(config, 'resid_pdrop', path)
}

function unsupported(config: JsonObject, field: string, path: string): UserError {
  const message = `${path}: ${field} is ${shown(config[field])}, which tgpt does not support`
  return failure(message, 'It reads models of the kind GPT-2.')
}

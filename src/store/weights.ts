// A model's tensors in a file that Hugging Face's GPT-2 reads: names with `transformer.`, and biases always present.

import { failure, type UserError } from '../base/errors.ts'
import { elementCount, firstNonFinite, type NamedTensor, type NamedTensors } from '../base/namedTensors.ts'
import type { ModelConfig } from '../gpt/model.ts'
import { paramSpecs, type ParamSpec } from '../gpt/parameters.ts'
import type { HuggingFaceConfig } from './huggingFace.ts'
import { readTensor } from './safetensors.ts'
import type { SafetensorsHeader } from './safetensorsHeader.ts'
import { shown } from './strictJson.ts'

const PREFIX = 'transformer.'

/** The causal masks that older files of the hub store beside the weights. */
const MASK_BUFFER = /^h\.\d+\.attn\.(bias|masked_bias)$/

const HEAD = 'lm_head.weight'
const TOKEN_EMBEDDINGS = 'wte.weight'

/** The tensors to write: GPT-2 has biases everywhere, so a model without them gets zeros, which compute the same. */
export function tensorsToWrite(model: ModelConfig, parameters: NamedTensors): NamedTensors {
  const specs = paramSpecs({ ...model, bias: true })
  return new Map(specs.map((spec) => [PREFIX + spec.name, parameters.get(spec.name) ?? zeros(spec)]))
}

function zeros({ shape }: ParamSpec): NamedTensor {
  return { shape, data: new Float32Array(elementCount(shape)) }
}

/** Our name for each tensor of a file, with the name it has there. Mask buffers are left out. */
function namesInFile({ tensors }: SafetensorsHeader, path: string): Map<string, string> {
  const names = new Map<string, string>()
  for (const stored of tensors.keys()) {
    const name = stored.startsWith(PREFIX) ? stored.slice(PREFIX.length) : stored
    if (MASK_BUFFER.test(name)) continue
    if (names.has(name)) throw failure(`${path} has ${shown(name)} with and without ${shown(PREFIX)}`)
    names.set(name, stored)
  }
  return names
}

/** Whether a file has any bias; `checkTensors` then wants all of them. */
export function hasBiases(header: SafetensorsHeader, path: string): boolean {
  return [...namesInFile(header, path).keys()].some((name) => name.endsWith('.bias'))
}

/**
 * Checks that a file has every tensor of the model in the right shape, and no others, without loading any.
 * @throws UserError (exit 1) that names the first tensor that is missing, too many or of another shape.
 */
export function checkTensors(model: ModelConfig, header: SafetensorsHeader, path: string): void {
  const names = namesInFile(header, path)
  const head = { name: HEAD, shape: [model.vocabSize, model.nEmbd] }
  const allowed = new Map([...paramSpecs({ ...model, bias: true }), head].map(({ name, shape }) => [name, shape]))
  const missing = paramSpecs(model).find(({ name }) => !names.has(name))
  if (missing) throw failure(`${path} lacks the tensor ${shown(missing.name)}`)
  for (const [name, stored] of names) {
    const shape = allowed.get(name)
    if (shape === undefined) throw failure(`${path} has a tensor too many for its configuration: ${shown(stored)}`)
    checkShape(stored, header.tensors.get(stored)?.shape ?? [], shape, path)
  }
}

function checkShape(name: string, actual: readonly number[], expected: readonly number[], path: string): void {
  const [has, needs] = [actual, expected].map((shape) => `[${shape.join(', ')}]`)
  if (has === needs) return
  throw failure(`${path}: tensor ${shown(name)} is ${has}, but the configuration needs ${needs}`)
}

/**
 * The model's parameters, in the order of `paramSpecs`. Run `checkTensors` before.
 * @throws UserError (exit 1) for what we would compute differently: a head of its own, biases that config.json denies.
 */
export function readParameters(config: HuggingFaceConfig, header: SafetensorsHeader, path: string): NamedTensors {
  const { model, tied } = config
  const names = namesInFile(header, path)
  const read = (name: string): NamedTensor => readTensor(names.get(name) ?? name, header, path)
  const parameters = new Map(paramSpecs(model).map(({ name }) => [name, read(name)]))
  if (!model.bias) checkNoBiases(model, names, read, path)
  const embeddings = parameters.get(TOKEN_EMBEDDINGS)
  const isTied = names.has(HEAD) ? embeddings !== undefined && isEqual(read(HEAD), embeddings) : tied
  if (!isTied) throw untied(path)
  return parameters
}

function checkNoBiases(
  model: ModelConfig,
  names: ReadonlyMap<string, string>,
  read: (name: string) => NamedTensor,
  path: string,
): void {
  const own = new Set(paramSpecs(model).map(({ name }) => name))
  const biases = paramSpecs({ ...model, bias: true }).filter(({ name }) => !own.has(name) && names.has(name))
  const used = biases.find(({ name }) => read(name).data.some((value) => value !== 0))
  if (used) throw failure(`${path}: config.json says that there are no biases, but ${shown(used.name)} is not zero`)
}

function isEqual({ data: a }: NamedTensor, { data: b }: NamedTensor): boolean {
  return a.every((value, index) => Object.is(value, b[index]))
}

function untied(path: string): UserError {
  return failure(`${path} has a head of its own (${HEAD} is not wte.weight), which tgpt does not support`)
}

/** The name of the first parameter with a NaN or an infinity, if there is one. Holds one tensor in memory at a time. */
export function nonFiniteTensor(model: ModelConfig, header: SafetensorsHeader, path: string): string | undefined {
  const names = namesInFile(header, path)
  const read = (name: string): NamedTensor => readTensor(names.get(name) ?? name, header, path)
  return paramSpecs(model).find(({ name }) => firstNonFinite(new Map([[name, read(name)]])) !== undefined)?.name
}

/** AdamW's means in a file, by PyTorch's names for them. */
export function momentsToWrite(moments: NamedTensors, kind: MomentKind): NamedTensors {
  return new Map(Array.from(moments, ([name, tensor]) => [momentName(kind, name), tensor]))
}

export type MomentKind = 'exp_avg' | 'exp_avg_sq'

/**
 * One of AdamW's means for every parameter, in the order of `paramSpecs`.
 * @throws UserError (exit 1) that names a tensor which is missing or of another shape.
 */
export function readMoments(
  kind: MomentKind,
  model: ModelConfig,
  header: SafetensorsHeader,
  path: string,
): NamedTensors {
  const moments = new Map<string, NamedTensor>()
  for (const { name, shape } of paramSpecs(model)) {
    const stored = momentName(kind, name)
    const entry = header.tensors.get(stored)
    if (entry === undefined) throw failure(`${path} lacks the tensor ${shown(stored)}`)
    checkShape(stored, entry.shape, shape, path)
    moments.set(name, readTensor(stored, header, path))
  }
  return moments
}

function momentName(kind: MomentKind, name: string): string {
  return `${kind}.${PREFIX}${name}`
}

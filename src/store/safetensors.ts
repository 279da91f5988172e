// Tensors in safetensors files, one tensor in memory at a time. Numbers are little-endian in the format and in every
// machine that Node's engines run on; a big-endian one would need its bytes swapped here.

import { failure } from '../base/errors.ts'
import { elementCount, type NamedTensor, type NamedTensors } from '../base/namedTensors.ts'
import { withFile } from './files.ts'
import {
  LENGTH_BYTES,
  readSafetensorsHeader,
  type Dtype,
  type SafetensorsHeader,
  type TensorEntry,
} from './safetensorsHeader.ts'
import { shown } from './strictJson.ts'

type Decode = (bytes: Uint8Array<ArrayBuffer>) => Float32Array

/** How the bytes of each float type become float32. All but F64 are exact. */
const DECODERS: Partial<Record<Dtype, Decode>> = {
  F32: ({ buffer }) => new Float32Array(buffer),
  F64: ({ buffer }) => new Float32Array(new Float64Array(buffer)), // to the nearest, ties to even
  F16: ({ buffer }) => decodeHalves(new Uint16Array(buffer)),
  BF16: ({ buffer }) => decodeBrainHalves(new Uint16Array(buffer)),
}

function decodeHalves(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length)
  for (let index = 0; index < halves.length; index++) floats[index] = halfToFloat(halves[index])
  return floats
}

/** A bfloat16 is the upper half of a float32. */
function decodeBrainHalves(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length)
  for (let index = 0; index < halves.length; index++) bits[index] = halves[index] << 16
  return new Float32Array(bits.buffer)
}

/** The value of an IEEE 754 half: 1 sign bit, 5 of exponent, 10 of fraction. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/**
 * The tensors of a file as float32: those of `names`, in this order, or all of them, in the header's.
 * @throws UserError (exit 1) for a damaged file, a name it does not have, and a type that is no float.
 */
export function readTensors(path: string, names?: Iterable<string>): NamedTensors {
  const header = readSafetensorsHeader(path)
  const wanted = [...(names ?? header.tensors.keys())]
  return new Map(wanted.map((name) => [name, readTensor(name, header, path)]))
}

/** One tensor of a file whose header is read already. */
export function readTensor(name: string, header: SafetensorsHeader, path: string): NamedTensor {
  const entry = header.tensors.get(name)
  if (entry === undefined) throw failure(`${path} has no tensor ${shown(name)}`)
  const decode = decoderOf(entry, name, path)
  const [begin, end] = entry.offsets
  const bytes = new Uint8Array(end - begin)
  withFile(path, (file) => file.readInto(bytes, header.dataStart + begin))
  return { shape: entry.shape, data: decode(bytes) }
}

function decoderOf({ dtype }: TensorEntry, name: string, path: string): Decode {
  const decode = DECODERS[dtype]
  if (decode) return decode
  throw failure(`${path}: tensor ${shown(name)} is ${dtype}; only ${Object.keys(DECODERS).join(', ')} can be read`)
}

/** PyTorch's own loader asks for this entry. */
const METADATA = { format: 'pt' }

/**
 * The bytes of a safetensors file, in pieces: the header, then the tensors in the map's order. The pieces are views of
 * the tensors' own memory, not copies.
 */
export function safetensorsChunks(tensors: NamedTensors): Uint8Array[] {
  const data = Array.from(tensors.values(), (tensor) => bytesOf(tensor.data))
  return [headerBytes(tensors), ...data]
}

function headerBytes(tensors: NamedTensors): Uint8Array {
  let end = 0
  const entries = Array.from(tensors, ([name, { shape }]) => {
    const begin = end
    end += elementCount(shape) * Float32Array.BYTES_PER_ELEMENT
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const
  })
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([['__metadata__', METADATA], ...entries])))
  const padded = Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES // so that the data is aligned
  const bytes = new Uint8Array(LENGTH_BYTES + padded).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true)
  bytes.set(json, LENGTH_BYTES)
  return bytes
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

// The header of a safetensors file: what tensors it holds and where. Nothing in it is believed before it is checked
// against the file's size, and only its own bytes are allocated. Format: https://github.com/huggingface/safetensors

import { failure, messageOf, type UserError } from '../base/errors.ts'
import { withFile, type OpenFile } from './files.ts'
import { isCount, isJsonObject, parseStrictJson, shown, type JsonObject } from './strictJson.ts'

/** Bits of an element of each type that the format knows. Only floats are read here, but sizes of all are checked. */
const DTYPE_BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
  C64: 64,
} as const

export type Dtype = keyof typeof DTYPE_BITS

export interface TensorEntry {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** First byte and the one after the last, counted from `dataStart`. */
  readonly offsets: readonly [begin: number, end: number]
}

export interface SafetensorsHeader {
  /** In the order of the header. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly metadata: ReadonlyMap<string, string>
  /** Where the tensors' bytes begin in the file. */
  readonly dataStart: number
}

/** The header's length stands before it, as a 64-bit number. */
export const LENGTH_BYTES = 8

/** The format's own limit; room for some million tensors, and no file can make us allocate more. */
const MAX_HEADER_BYTES = 100_000_000

/**
 * Reads and checks a header.
 * @throws UserError (exit 1) that names the file and, where there is one, the tensor.
 */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  return withFile(path, (file) => {
    const length = readHeaderLength(file, path)
    const bytes = new Uint8Array(length)
    file.readInto(bytes, LENGTH_BYTES)
    const dataStart = LENGTH_BYTES + length
    const { __metadata__: metadata, ...entries } = parseHeader(bytes, path)
    const tensors = new Map(Object.entries(entries).map(([name, entry]) => [name, checkEntry(name, entry, path)]))
    checkLayout(tensors, file.size - dataStart, path)
    return { tensors, metadata: checkMetadata(metadata, path), dataStart }
  })
}

function notACheckpoint(path: string, size: number): UserError {
  return failure(`${path} is not a checkpoint: ${size === 0 ? 'it is empty' : `it has only ${size} bytes`}`)
}

function readHeaderLength({ size, readInto }: OpenFile, path: string): number {
  if (size < LENGTH_BYTES) throw notACheckpoint(path, size)
  const bytes = new Uint8Array(LENGTH_BYTES)
  readInto(bytes, 0)
  const length = new DataView(bytes.buffer).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER_BYTES)) throw damaged(path, `a header of ${length} bytes is over ${MAX_HEADER_BYTES}`)
  if (length > BigInt(size - LENGTH_BYTES)) throw damaged(path, `a header of ${length} bytes is longer than the file`)
  return Number(length)
}

function parseHeader(bytes: Uint8Array, path: string): JsonObject {
  const value = parseJson(bytes, path)
  if (!isJsonObject(value)) throw damaged(path, 'the header is not a JSON object')
  return value
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    throw damaged(path, `the header cannot be read: ${messageOf(error)}`)
  }
}

function checkMetadata(metadata: unknown, path: string): ReadonlyMap<string, string> {
  const checked = new Map<string, string>()
  if (metadata === undefined) return checked
  if (!isJsonObject(metadata)) throw damaged(path, '__metadata__ is not an object of texts')
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw damaged(path, `__metadata__ ${shown(key)} is not a text`)
    checked.set(key, value)
  }
  return checked
}

function checkEntry(name: string, entry: unknown, path: string): TensorEntry {
  const tensor = `tensor ${shown(name)}`
  if (!isJsonObject(entry)) throw damaged(path, `${tensor} is not described by an object`)
  const dtype = checkDtype(entry.dtype, tensor, path)
  const shape = checkShape(entry.shape, tensor, path)
  const offsets = checkOffsets(entry.data_offsets, tensor, path)
  const needed = (checkedElements(shape, tensor, path) * DTYPE_BITS[dtype]) / 8
  const given = offsets[1] - offsets[0]
  if (given === needed) return { dtype, shape, offsets }
  throw damaged(path, `${tensor} has ${given} bytes, but ${dtype} [${shape.join(', ')}] needs ${needed}`)
}

function checkDtype(dtype: unknown, tensor: string, path: string): Dtype {
  if (typeof dtype === 'string' && isDtype(dtype)) return dtype
  throw damaged(path, `${tensor} has the unknown dtype ${shown(dtype)}`)
}

function isDtype(name: string): name is Dtype {
  return Object.hasOwn(DTYPE_BITS, name)
}

function checkShape(shape: unknown, tensor: string, path: string): readonly number[] {
  if (Array.isArray(shape) && shape.every(isCount)) return shape
  throw damaged(path, `${tensor} has a shape that is no list of whole numbers`)
}

/** Beyond 2^53 a product would no longer be exact, and could be made to look like the right size. */
function checkedElements(shape: readonly number[], tensor: string, path: string): number {
  let elements = 1
  for (const dimension of shape) {
    elements *= dimension
    if (elements > Number.MAX_SAFE_INTEGER) throw damaged(path, `${tensor} has more than 2^53 elements`)
  }
  return elements
}

function checkOffsets(offsets: unknown, tensor: string, path: string): readonly [number, number] {
  if (Array.isArray(offsets) && offsets.length === 2) {
    const [begin, end]: unknown[] = offsets
    if (isCount(begin) && isCount(end) && begin <= end) return [begin, end]
  }
  throw damaged(path, `${tensor} has data_offsets that are no two rising whole numbers`)
}

/** Tensors must cover the data from 0 to its end, without a hole and without overlap, in whatever order. */
function checkLayout(tensors: ReadonlyMap<string, TensorEntry>, dataBytes: number, path: string): void {
  let covered = 0
  const sorted = [...tensors].toSorted(([, { offsets: a }], [, { offsets: b }]) => a[0] - b[0] || a[1] - b[1])
  for (const [
    name,
    {
      offsets: [begin, end],
    },
  ] of sorted) {
    if (begin < covered) throw damaged(path, `tensor ${shown(name)} overlaps the one before it`)
    if (begin > covered) throw damaged(path, `there is a hole before tensor ${shown(name)}`)
    covered = end
  }
  if (covered > dataBytes) throw damaged(path, `it is cut short: ${covered - dataBytes} bytes are missing`)
  if (covered < dataBytes) throw damaged(path, `${dataBytes - covered} bytes too many follow the last tensor`)
}

function damaged(path: string, reason: string): UserError {
  return failure(`${path} is damaged: ${reason}`)
}

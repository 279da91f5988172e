// safetensors files: exact bytes, exact numbers, and attacks on the header that are all refused.

import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { writeFileAtomic } from '../../src/store/atomic.ts'
import { readTensors, safetensorsChunks } from '../../src/store/safetensors.ts'
import { readSafetensorsHeader } from '../../src/store/safetensorsHeader.ts'
import { fileOf, safetensorsBytes, tensorsOf, userErrorOf, withLength } from './fixtures.ts'

const tensor = (shape: unknown, begin: unknown, end: unknown, dtype: unknown = 'F32'): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('a written file', () => {
  it('has exactly these bytes', () => {
    const tensors = tensorsOf({ 'wte.weight': { shape: [1, 2], data: [1, -2] }, b: { shape: [1], data: [0.5] } })
    const chunks = safetensorsChunks(tensors)
    const header =
      '{"__metadata__":{"format":"pt"},"wte.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
      '"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}'
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ')
    const numbers = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f)
    expect(Buffer.concat(chunks).equals(safetensorsBytes(padded, numbers))).toBe(true)
  })

  it('gives its tensors back, in order, views and scalars too', () => {
    const path = fileOf('')
    const view = new Float32Array([9, 1, 2, 3, 9]).subarray(1, 4)
    const tensors = new Map([
      ['scalar', { shape: [], data: new Float32Array([4]) }],
      ['empty', { shape: [0, 3], data: new Float32Array() }],
      ['__proto__', { shape: [3], data: view }],
    ])
    writeFileAtomic(path, safetensorsChunks(tensors))
    const copies = [...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }])
    expect([...readTensors(path)]).toEqual(copies)
    expect([...readTensors(path, ['scalar']).keys()]).toEqual(['scalar'])
    expect(readSafetensorsHeader(path).metadata).toEqual(new Map([['format', 'pt']]))
  })
})

/** Reads one tensor of this type from these bytes, at an odd place in the file. */
function decoded(dtype: string, elements: number, bytes: ArrayBuffer): Float32Array | undefined {
  const data = Buffer.concat([Uint8Array.of(1), new Uint8Array(bytes)])
  const header = { odd: tensor([1], 0, 1, 'U8'), x: tensor([elements], 1, data.length, dtype) }
  return readTensors(fileOf(safetensorsBytes(header, data)), ['x']).get('x')?.data
}

describe('numbers are converted exactly', () => {
  it('F16, with subnormals, both zeros, infinities and NaN', () => {
    const normal = [0x3c00, 0x3555, 0x7bff]
    const halves = Uint16Array.of(...normal, 0x0001, 0x83ff, 0x0400, 0x0000, 0x8000, 0x7c00, 0xfc00, 0x7e01)
    const expected = [1, 0.333251953125, 65504, 2 ** -24, -1023 * 2 ** -24, 2 ** -14, 0, -0, Infinity, -Infinity, NaN]
    expect(decoded('F16', 11, halves.buffer)).toEqual(Float32Array.from(expected))
  })

  it('BF16, with subnormals, both zeros, infinities and NaN', () => {
    const halves = Uint16Array.of(0x3f80, 0xc049, 0x7f7f, 0x0001, 0x0000, 0x8000, 0x7f80, 0xff80, 0x7fc0)
    const expected = [1, -3.140625, 255 * 2 ** 120, 2 ** -133, 0, -0, Infinity, -Infinity, NaN]
    expect(decoded('BF16', 9, halves.buffer)).toEqual(Float32Array.from(expected))
  })

  it('F64 to the nearest float32, ties to even', () => {
    const doubles = Float64Array.of(0.1, 1 + 2 ** -24, 1 + 3 * 2 ** -24, 2 ** -149, 1e39, -1e-60, NaN)
    const expected = Float32Array.from([Math.fround(0.1), 1, 1 + 2 ** -22, 2 ** -149, Infinity, -0, NaN])
    expect(decoded('F64', 7, doubles.buffer)).toEqual(expected)
  })

  it('F32, bit for bit', () => {
    const floats = Float32Array.of(2 ** -149, -0, 3.4028234663852886e38, Infinity)
    expect(decoded('F32', 4, floats.buffer)).toEqual(floats)
  })

  it('other types may be in the file but are refused by name when they are wanted', async () => {
    const path = fileOf(safetensorsBytes({ mask: tensor([2], 0, 2, 'BOOL'), x: tensor([1], 2, 6) }, 6))
    expect(readTensors(path, ['x']).size).toBe(1)
    const error = await userErrorOf(() => readTensors(path))
    expect(error.message).toMatch(/tensor "mask" is BOOL; only F32, F64, F16, BF16/)
  })
})

const A = tensor([1], 0, 4)

describe('attacks that are refused', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(), /is not a checkpoint: it is empty/],
    ['under 8 bytes', new Uint8Array(7), /is not a checkpoint: it has only 7 bytes/],
    ['a header of length 2^63', withLength(2n ** 63n, new Uint8Array(8)), /header of 9223372036854775808 bytes/],
    ['a header of length 0', withLength(0n), /header cannot be read/],
    [
      'a header longer than the file',
      withLength(100n, new Uint8Array(99)),
      /header of 100 bytes is longer than the file/,
    ],
    ['a header that is not UTF-8', withLength(4n, Uint8Array.of(0x7b, 0xff, 0x22, 0x7d)), /header cannot be read/],
    ['a header that is not JSON', safetensorsBytes('{"a": '), /header cannot be read/],
    ['a header after a byte order mark', safetensorsBytes('\ufeff{}'), /header cannot be read/],
    ['a header that is a list', safetensorsBytes('[]'), /header is not a JSON object/],
    ['duplicate names', safetensorsBytes(`{"a":${JSON.stringify(A)},"a":1}`, 4), /"a" stands twice/],
    ['duplicate names spelt differently', safetensorsBytes('{"a":1,"\\u0061":2}'), /"a" stands twice/],
    ['a duplicate key in a tensor', safetensorsBytes('{"a":{"shape":[9],"shape" :[1]}}', 4), /"shape" stands twice/],
    ['a duplicate key in the metadata', safetensorsBytes('{"__metadata__":{"k":"1","k":"2"}}'), /"k" stands twice/],
    ['metadata that is no text', safetensorsBytes({ __metadata__: { k: 1 } }), /__metadata__ "k" is not a text/],
    ['overlapping tensors', safetensorsBytes({ a: tensor([2], 0, 8), b: tensor([1], 4, 8) }, 8), /"b" overlaps/],
    ['two names for the same bytes', safetensorsBytes({ a: A, b: A }, 4), /"b" overlaps/],
    ['a hole between tensors', safetensorsBytes({ a: A, b: tensor([1], 8, 12) }, 12), /a hole before tensor "b"/],
    ['a hole before the first', safetensorsBytes({ a: tensor([1], 4, 8) }, 8), /a hole before tensor "a"/],
    ['one byte cut off', safetensorsBytes({ a: A }, 3), /cut short: 1 bytes are missing/],
    ['one byte too many', safetensorsBytes({ a: A }, 5), /1 bytes too many/],
    [
      'a shape that is larger than its bytes',
      safetensorsBytes({ a: tensor([2], 0, 4) }, 4),
      /"a" has 4 bytes, but F32 \[2\] needs 8/,
    ],
    ['a shape beyond 2^53', safetensorsBytes({ a: tensor([2 ** 30, 2 ** 30], 0, 4) }, 4), /more than 2\^53 elements/],
    ['a product that wraps to 1 in 64 bits', safetensorsBytes({ a: tensor([2 ** 32, 2 ** 32, 1], 0, 4) }, 4), /2\^53/],
    ['a negative shape', safetensorsBytes({ a: tensor([-1, -1], 0, 4) }, 4), /shape/],
    ['a fractional shape', safetensorsBytes({ a: tensor([0.5, 2], 0, 4) }, 4), /shape/],
    ['a shape that is no list', safetensorsBytes({ a: tensor('1', 0, 4) }, 4), /shape/],
    ['negative offsets', safetensorsBytes({ a: tensor([1], -4, 0) }, 4), /data_offsets/],
    ['fractional offsets', safetensorsBytes({ a: tensor([1], 0.5, 4.5) }, 4), /data_offsets/],
    ['offsets that are text', safetensorsBytes({ a: tensor([1], '0', '4') }, 4), /data_offsets/],
    ['falling offsets', safetensorsBytes({ a: tensor([1], 4, 0) }, 4), /data_offsets/],
    [
      'three offsets',
      safetensorsBytes({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 4] } }, 4),
      /data_offsets/,
    ],
    ['an unknown dtype', safetensorsBytes({ a: tensor([1], 0, 4, 'F33') }, 4), /"a" has the unknown dtype "F33"/],
    [
      'a dtype that every object has',
      safetensorsBytes({ a: tensor([1], 0, 4, 'toString') }, 4),
      /unknown dtype "toString"/,
    ],
    ['a dtype that cannot be shown', safetensorsBytes({ a: tensor([1], 0, 4, { toString: 1 }) }, 4), /unknown dtype/],
    ['a tensor that is null', safetensorsBytes({ a: null }), /"a" is not described/],
    ['a name with terminal escapes', safetensorsBytes({ '\u001b[2J\u009b': null }), /tensor "\\u001b\[2J\?" is not/],
  ])('%s', async (_, bytes, message) => {
    const path = fileOf(bytes)
    const error = await userErrorOf(() => readTensors(path))
    expect(error.message).toMatch(message)
    expect(error.message).toContain(path)
    expect(error.message).not.toContain('\n')
    expect(error.exitCode).toBe(1)
  })

  it('a tensor called __proto__ is a tensor, and no prototype is touched', () => {
    const text = `{"__proto__":${JSON.stringify(A)}}`
    const tensors = readTensors(fileOf(safetensorsBytes(text, 4)))
    expect([...tensors.keys()]).toEqual(['__proto__'])
    expect(Object.hasOwn(Object.prototype, 'dtype')).toBe(false)
    expect('shape' in {}).toBe(false)
  })

  it('tensors may stand in any order', () => {
    const path = fileOf('')
    const data = new Uint8Array(Float32Array.of(1, 2).buffer)
    writeFileSync(path, safetensorsBytes({ late: tensor([1], 4, 8), early: A }, data))
    expect(readTensors(path).get('late')?.data).toEqual(Float32Array.of(2))
  })
})

// Reading files that nobody vouches for: only plain files are opened, and sizes are known before anything is allocated.

import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { failure, messageOf } from '../base/errors.ts'
import { chunksOf, type Content } from './atomic.ts'
import { parseStrictJson } from './strictJson.ts'
import { reading } from './systemErrors.ts'

/** What a manifest says of a file. */
export interface FileRecord {
  readonly bytes: number
  /** In hexadecimal. */
  readonly sha256: string
}

/** The largest JSON file: ten times a large tokenizer's, and its text fits a string. */
const MAX_JSON_BYTES = 100_000_000

const HASH_CHUNK_BYTES = 2 ** 20

/** The largest piece for one call: below 2 GiB, where Node stops. */
const MAX_READ_BYTES = 2 ** 30

export interface OpenFile {
  /** In bytes. */
  readonly size: number
  /** Fills `target` with the bytes from `position` on. */
  readonly readInto: (target: Uint8Array, position: number) => void
}

/**
 * Runs `use` with an open file.
 * @throws UserError (exit 1) that names a file which is missing, unreadable or no plain file.
 */
export function withFile<T>(path: string, use: (file: OpenFile) => T): T {
  const stats = reading(path, () => statSync(path))
  if (!stats.isFile()) throw failure(`cannot read ${path}: it is not a file`) // a FIFO would block open()
  const handle = reading(path, () => openSync(path, 'r'))
  const readInto = (target: Uint8Array, position: number): void => readFrom(handle, target, position, path)
  try {
    return reading(path, () => use({ size: stats.size, readInto }))
  } finally {
    closeSync(handle)
  }
}

/** `readSync` may read less than it was asked to. */
function readFrom(handle: number, target: Uint8Array, position: number, path: string): void {
  let done = 0
  while (done < target.length) {
    const count = readSync(handle, target, done, Math.min(target.length - done, MAX_READ_BYTES), position + done)
    if (count === 0) throw failure(`cannot read ${path}: it became shorter meanwhile`)
    done += count
  }
}

/** Size and hash of a file, read piece by piece. */
export function recordOfFile(path: string): FileRecord {
  return withFile(path, ({ size, readInto }) => {
    const hash = createHash('sha256')
    const chunk = new Uint8Array(Math.min(HASH_CHUNK_BYTES, size))
    for (let position = 0; position < size; position += chunk.length) {
      const piece = chunk.subarray(0, Math.min(chunk.length, size - position))
      readInto(piece, position)
      hash.update(piece)
    }
    return { bytes: size, sha256: hash.digest('hex') }
  })
}

/** Size and hash of what is about to be written. */
export function recordOfContent(content: Content): FileRecord {
  const hash = createHash('sha256')
  let bytes = 0
  for (const chunk of chunksOf(content)) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** All bytes of a file of at most `limit` bytes. */
export function readWholeFile(path: string, limit: number): Uint8Array {
  return withFile(path, ({ size, readInto }) => {
    if (size > limit) throw failure(`cannot read ${path}: it has ${size} bytes, and at most ${limit} are expected`)
    const bytes = new Uint8Array(size)
    readInto(bytes, 0)
    return bytes
  })
}

/** @throws UserError (exit 1) that names the file and says what in it is not JSON. */
export function readJsonFile(path: string): unknown {
  const bytes = readWholeFile(path, MAX_JSON_BYTES)
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    throw failure(`${path} is damaged: ${messageOf(error)}`, '', { cause: error })
  }
}

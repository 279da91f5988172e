// Corpus files: from a path to text, with every byte kept (BOM, CRLF and NUL too) and every bad file named.

import { constants as bufferConstants, isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { parse, resolve } from 'node:path'
import { UserError } from '../base/errors.ts'
import { hasCode, isSystemError, systemReason } from './systemErrors.ts'
import { firstInvalidUtf8 } from './utf8.ts'

export interface Corpus {
  /** The file's name without folder and extension. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly text: string
  /** Length of the file. */
  readonly bytes: number
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string
}

/** The whole corpus is one string, and V8's longest has 2^29 - 24 UTF-16 units; a byte gives at most one unit. */
const MAX_CORPUS_BYTES = bufferConstants.MAX_STRING_LENGTH

const MEBIBYTE = 2 ** 20

/**
 * Reads a text file. Encoding and decoding its text gives the same bytes back.
 * @throws UserError (exit 2) for a path that is missing, unreadable or no file, and for a file that is empty, too large
 * or not UTF-8.
 */
export async function readCorpus(path: string): Promise<Corpus> {
  try {
    await checkBeforeOpening(path)
    const bytes = await readFile(path)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { name: parse(path).name, path: resolve(path), text: corpusText(bytes, path), bytes: bytes.length, sha256 }
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw cannotRead(path, error)
  }
}

/** A FIFO without a writer would block in open() for ever: only `stat` may touch what is not a plain file. */
async function checkBeforeOpening(path: string): Promise<void> {
  const stats = await stat(path)
  if (stats.isDirectory()) throw new UserError(`the corpus ${path} is a folder`, 'Give the path of one text file.')
  if (!stats.isFile()) {
    throw new UserError(`the corpus ${path} is a pipe or a device, not a file`, 'Write the text to a file first.')
  }
  if (stats.size > MAX_CORPUS_BYTES) throw tooLarge(path, stats.size)
}

function corpusText(bytes: Uint8Array, path: string): string {
  if (bytes.length === 0) throw new UserError(`the corpus ${path} is empty`, 'A model needs text to learn from.')
  return decodeUtf8(bytes, `the corpus ${path}`)
}

function tooLarge(path: string, size: number): UserError {
  const [mebibytes, limit] = [size, MAX_CORPUS_BYTES].map((count) => Math.ceil(count / MEBIBYTE))
  return new UserError(
    `the corpus ${path} has ${mebibytes} MiB; larger corpora than ${limit} MiB are not supported yet`,
    'Train on a part of it.',
  )
}

function cannotRead(path: string, error: NodeJS.ErrnoException): UserError {
  if (hasCode(error, 'ENOENT')) return new UserError(`there is no file ${path}`, 'Check the path of the corpus.')
  return new UserError(`cannot read the corpus ${path}: ${systemReason(error)}`, '', 2, { cause: error })
}

/**
 * Text from UTF-8 bytes, with a byte order mark kept as U+FEFF. `label` names the source in errors: 'the corpus a.txt'.
 * @throws UserError (exit 2) with the offset of the first byte that belongs to no valid character, counted from 0.
 */
export function decodeUtf8(bytes: Uint8Array, label: string): string {
  if (isUtf8(bytes)) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const offset = firstInvalidUtf8(bytes)
  const byte = bytes[offset].toString(16).padStart(2, '0')
  throw new UserError(
    `${label} is not UTF-8 text: the byte at offset ${offset} (0x${byte}) begins no valid character`,
    'Convert it to UTF-8 first, for example: iconv -f LATIN1 -t UTF-8 old.txt > new.txt',
  )
}

// Corpus files: what is read comes back byte for byte, and what cannot be read is named.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { platform } from 'node:process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, readCorpus } from '../../src/store/corpus.ts'
import { fileOf, temporaryFolder, userErrorOf } from './fixtures.ts'

describe('a corpus', () => {
  it('has a name, an absolute path, its size and its hash', async () => {
    const path = fileOf('naïve\n', 'my.corpus.txt')
    const sha256 = createHash('sha256').update('naïve\n').digest('hex')
    expect(await readCorpus(path)).toEqual({ name: 'my.corpus', path, text: 'naïve\n', bytes: 7, sha256 })
  })

  it('keeps a byte order mark, CRLF and NUL', async () => {
    const text = '\ufeffone\r\ntwo\u0000three\r\ufeff'
    expect((await readCorpus(fileOf(text))).text).toBe(text)
  })
})

describe('refused with exit code 2', () => {
  const folder = temporaryFolder
  it.each([
    ['a missing path', () => join(folder(), 'none.txt'), /there is no file .*none\.txt/],
    ['a path below a file', () => join(fileOf('x'), 'a.txt'), /a part of the path is a file/],
    ['a folder', folder, /is a folder/],
    ['an empty file', () => fileOf(''), /is empty/],
    ['a device', () => '/dev/null', /not a file|no file/],
    ['a path that is too long', () => join(folder(), 'x'.repeat(5000)), /name too long/],
  ])('%s', async (_, path, message) => {
    const error = await userErrorOf(() => readCorpus(path()))
    expect(error.message).toMatch(message)
    expect(error.exitCode).toBe(2)
  })

  it.skipIf(platform === 'win32')('a FIFO, without opening it', async () => {
    const path = join(folder(), 'pipe')
    execFileSync('mkfifo', [path])
    expect((await userErrorOf(() => readCorpus(path))).message).toMatch(/is a pipe or a device/)
  })

  it('a file that is larger than a string, without reading it', async () => {
    const path = fileOf('')
    truncateSync(path, 600 * 2 ** 20) // sparse: takes no room
    const error = await userErrorOf(() => readCorpus(path))
    expect(error.message).toMatch(/has 600 MiB; larger corpora than 512 MiB are not supported yet/)
  })

  it('a folder that has a corpus in it', async () => {
    const path = join(folder(), 'corpus')
    mkdirSync(path)
    writeFileSync(join(path, 'a.txt'), 'text')
    expect((await userErrorOf(() => readCorpus(path))).hint).toMatch(/path of one text file/)
  })
})

describe('bytes that are not UTF-8 are found at their offset', () => {
  const valid = [0x61, 0xc3, 0xa9] // 'aé'
  const borders = new TextEncoder().encode('\u007f\u0080\u07ff\u0800\ud7ff\ue000\u{10000}\u{10ffff}')
  it.each<[string, number[], number]>([
    ['a lone continuation byte', [...valid, 0x80, 0x62], 3],
    ['a byte that UTF-8 never uses', [...valid, 0xff], 3],
    ['a sequence cut by the end of the file', [...valid, 0xe2, 0x82], 3],
    ['a sequence cut by another character', [...valid, 0xe2, 0x82, 0x41], 3],
    ['an overlong slash', [0xc0, 0xaf], 0],
    ['an overlong of three bytes', [...valid, 0xe0, 0x9f, 0xbf], 3],
    ['an overlong of four bytes', [0xf0, 0x8f, 0xbf, 0xbf], 0],
    ['a surrogate', [...valid, 0xed, 0xa0, 0x80], 3],
    ['a code point beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
    ['a first byte for five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80], 0],
    ['Latin-1', [...new TextEncoder().encode('x'.repeat(100_000)), 0xe9, 0x20], 100_000],
    ['one after every border of the table', [...borders, 0xc1], 22],
  ])('%s', async (_, bytes, offset) => {
    const path = fileOf(Uint8Array.from(bytes))
    const error = await userErrorOf(() => readCorpus(path))
    const byte = `0x${bytes[offset].toString(16)}`
    expect(error.message).toContain(`${path} is not UTF-8 text: the byte at offset ${offset} (${byte})`)
    expect(error.exitCode).toBe(2)
  })

  it('in a prompt too, which is named', async () => {
    const error = await userErrorOf(() => decodeUtf8(Uint8Array.of(0x61, 0xff), 'the prompt'))
    expect(error.message).toMatch(/^the prompt is not UTF-8 text: the byte at offset 1/)
    expect(decodeUtf8(new Uint8Array(), 'the prompt')).toBe('')
  })
})

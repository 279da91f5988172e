// Atomic writing, with real full disks, real limits and the leftovers of processes that died.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  accessSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  appendToFile,
  removeLeftovers,
  writeFileAtomic,
  writeFolderAtomic,
  type Content,
} from '../../src/store/atomic.ts'
import { temporaryFolder, userErrorOf } from './fixtures.ts'

/** A number that no process has any more. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

/** Runs `action` while this process may write no file of more than `bytes`. */
async function withFileLimit(bytes: number, action: () => Promise<void>): Promise<void> {
  const limit = (soft: string): Buffer => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${soft}:`])
  limit(String(bytes))
  try {
    await action()
  } finally {
    limit('unlimited')
  }
}

describe('a folder', () => {
  it('appears whole and replaces the old one whole', () => {
    const folder = join(temporaryFolder(), 'step')
    writeFolderAtomic(
      folder,
      new Map([
        ['a', 'old'],
        ['b', 'old'],
      ]),
    )
    writeFolderAtomic(folder, new Map([['a', [Uint8Array.of(0x6e), Uint8Array.of(0x65, 0x77)]]]))
    expect(readdirSync(folder)).toEqual(['a'])
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('new')
    expect(readdirSync(join(folder, '..'))).toEqual(['step'])
  })

  it('whose parent was removed is an error, never "saved"', async () => {
    const parent = join(temporaryFolder(), 'gone')
    const error = await userErrorOf(() => writeFolderAtomic(join(parent, 'step'), new Map([['a', 'x']])))
    expect(error.message).toBe(`cannot write ${join(parent, 'step')}: its folder does not exist`)
    expect(error.exitCode).toBe(1)
    expect(existsSync(parent)).toBe(false)
  })

  it('below a file is an error', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const error = await userErrorOf(() => writeFolderAtomic(join(file, 'step'), new Map()))
    expect(error.message).toMatch(/a part of the path is a file, not a folder/)
  })

  it.skipIf(!hasPrlimit)('over the file size limit is an error, and the old one stays alone', async () => {
    const parent = temporaryFolder()
    const folder = join(parent, 'step')
    writeFolderAtomic(folder, new Map([['a', 'old']]))
    await withFileLimit(100_000, async () => {
      const files = new Map<string, Content>([
        ['a', 'new'],
        ['b', new Uint8Array(150_000)],
      ])
      const error = await userErrorOf(() => writeFolderAtomic(folder, files))
      expect(error.message).toMatch(/cannot write .*step: the file would be larger than the limit for files/)
      expect(error.hint).toBe('What was saved before is untouched.')
    })
    expect(readdirSync(parent)).toEqual(['step'])
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('old')
  })

  it('on a full disk is an error, and the old one stays alone', async ({ skip }) => {
    const disk = join(temporaryFolder(), 'disk')
    mkdirSync(disk)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status === 0
    skip(!mounted, 'mounting a small disk needs root')
    try {
      writeFolderAtomic(join(disk, 'step'), new Map([['a', 'old']]))
      const files = new Map([['a', new Uint8Array(2 ** 20)]])
      const error = await userErrorOf(() => writeFolderAtomic(join(disk, 'step'), files))
      expect(error.message).toBe(`cannot write ${join(disk, 'step')}: no space left on the device`)
      expect(readFileSync(join(disk, 'step', 'a'), 'utf8')).toBe('old')
      expect(readdirSync(disk)).toEqual(['step'])
    } finally {
      execFileSync('umount', [disk])
    }
  })
})

describe('a file', () => {
  it('is replaced, and a symlink in its place is not followed', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'victim'), 'precious')
    symlinkSync(join(folder, 'victim'), join(folder, 'latest'))
    symlinkSync(join(folder, 'victim'), join(folder, `.latest.${process.pid}.tgpt-new`))
    writeFileAtomic(join(folder, 'latest'), 'new')
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious')
    expect(readFileSync(join(folder, 'latest'), 'utf8')).toBe('new')
    expect(readdirSync(folder).toSorted()).toEqual(['latest', 'victim'])
  })

  it('cannot take the place of a folder', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'latest'))
    const error = await userErrorOf(() => writeFileAtomic(join(folder, 'latest'), 'x'))
    expect(error.message).toMatch(/cannot write .*directory/)
    expect(readdirSync(folder)).toEqual(['latest'])
  })

  it.skipIf(process.platform === 'win32')('is not appended to through a symlink', async () => {
    const folder = temporaryFolder()
    symlinkSync(join(folder, 'victim'), join(folder, 'log'))
    const error = await userErrorOf(() => appendToFile(join(folder, 'log'), 'x'))
    expect(error.message).toMatch(/a symbolic link is in the way/)
    expect(() => accessSync(join(folder, 'victim'))).toThrow('ENOENT')
  })
})

describe('leftovers', () => {
  it('of dead processes go; those of living ones and files of others stay', () => {
    const folder = temporaryFolder()
    const dead = deadPid()
    mkdirSync(join(folder, `.step-000500.${dead}.tgpt-new`))
    writeFileSync(join(folder, `.latest.${dead}.tgpt-new`), '')
    writeFileSync(join(folder, `.latest.${process.pid}.tgpt-new`), '')
    mkdirSync(join(folder, `.step-000500.${process.ppid}.tgpt-new`))
    writeFileSync(join(folder, '.notes.1.tmp'), '')
    removeLeftovers(folder)
    expect(readdirSync(folder).toSorted()).toEqual(['.notes.1.tmp', `.step-000500.${process.ppid}.tgpt-new`])
  })

  it('give a folder its name back if its replacement never came', () => {
    const folder = temporaryFolder()
    const old = join(folder, `.step-000500.${deadPid()}.tgpt-old`)
    writeFolderAtomic(old, new Map([['a', 'old']]))
    removeLeftovers(folder)
    expect(readFileSync(join(folder, 'step-000500', 'a'), 'utf8')).toBe('old')
    rmSync(join(folder, 'step-000500'), { recursive: true })
    expect(readdirSync(folder)).toEqual([])
  })

  it('of a replacement that did come go', () => {
    const folder = temporaryFolder()
    writeFolderAtomic(join(folder, 'step-000500'), new Map([['a', 'new']]))
    writeFolderAtomic(join(folder, `.step-000500.${deadPid()}.tgpt-old`), new Map([['a', 'old']]))
    removeLeftovers(folder)
    expect(readdirSync(folder)).toEqual(['step-000500'])
    expect(readFileSync(join(folder, 'step-000500', 'a'), 'utf8')).toBe('new')
  })
})

// Writing that is never half done: all bytes go to a temporary name beside the target, and one rename shows them.
// All of it is synchronous, so that no signal and no training step comes in between.

import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { kill, pid } from 'node:process'
import { hasCode, isSystemError, writing } from './systemErrors.ts'

/** A file's bytes, in one piece or in several. */
export type Content = string | Uint8Array | readonly Uint8Array[]

/** `tgpt-new`: a file or folder until it is whole. `tgpt-old`: what stood there, until the new one has its name. */
type Kind = 'tgpt-new' | 'tgpt-old'

/** Nobody else ends names like this: what matches may be removed. */
const LEFTOVER = /^\.(.+)\.(\d+)\.(tgpt-new|tgpt-old)$/

/**
 * Writes a file so that a reader finds the old bytes or the new ones, even after a power cut. A symlink at `path` is
 * replaced, not followed.
 * @throws UserError (exit 1) that names the file and says why; the old file is then untouched.
 */
export function writeFileAtomic(path: string, content: Content): void {
  const temporary = beside(path, 'tgpt-new')
  writing(path, () =>
    orRemove(temporary, () => {
      writeNewFile(temporary, content)
      renameSync(temporary, path)
      syncFolder(dirname(path))
    }),
  )
}

/**
 * Writes a folder of files, given by their plain names, so that it appears with all of them or not at all. The folder
 * around it must exist. A folder that has the name already is replaced as a whole.
 * @throws UserError (exit 1) that names the folder and says why; the old folder is then untouched.
 */
export function writeFolderAtomic(folder: string, files: ReadonlyMap<string, Content>): void {
  const temporary = beside(folder, 'tgpt-new')
  writing(folder, () =>
    orRemove(temporary, () => {
      mkdirSync(temporary)
      for (const [name, content] of files) writeNewFile(join(temporary, name), content)
      syncFolder(temporary)
      replaceFolder(temporary, folder)
    }),
  )
}

/** The only moment without a folder of this name is between two renames; `removeLeftovers` heals a death in there. */
function replaceFolder(temporary: string, folder: string): void {
  const old = beside(folder, 'tgpt-old')
  rmSync(old, { recursive: true, force: true })
  if (exists(folder)) renameSync(folder, old)
  try {
    renameSync(temporary, folder)
  } catch (error) {
    if (exists(old)) renameSync(old, folder)
    throw error
  }
  syncFolder(dirname(folder))
  rmSync(old, { recursive: true, force: true })
}

/** Removes a folder; one that is half removed never has its name. */
export function removeFolderAtomic(folder: string): void {
  const temporary = beside(folder, 'tgpt-new')
  writing(folder, () => {
    rmSync(temporary, { recursive: true, force: true })
    renameSync(folder, temporary)
    rmSync(temporary, { recursive: true, force: true })
  })
}

/**
 * Clears a run folder of what dead processes left there half written. A folder that was being replaced gets its name
 * back if the new one never came.
 */
export function removeLeftovers(folder: string): void {
  writing(folder, () => {
    for (const name of readdirSync(folder)) {
      const [, target, owner, kind] = LEFTOVER.exec(name) ?? []
      if (target === undefined || isAnotherLiving(Number(owner))) continue
      if (kind === 'tgpt-old' && !exists(join(folder, target))) renameSync(join(folder, name), join(folder, target))
      else rmSync(join(folder, name), { recursive: true, force: true })
    }
  })
}

/**
 * Makes a folder and those around it. Node's own recursive mkdir never returns where even an existing parent gives
 * ENOENT, as /proc does and a current folder that was removed.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (hasCode(error, 'EEXIST') && statSync(folder).isDirectory()) return
    const parent = dirname(folder)
    if (!hasCode(error, 'ENOENT') || parent === folder || exists(parent)) throw error
    makeFolder(parent)
    mkdirSync(folder)
  }
}

/** Adds to the end of a file, and makes it if need be. It is our own file or nobody's: a symlink there is refused. */
export function appendToFile(path: string, text: string): void {
  writing(path, () => {
    const file = openSync(path, APPEND)
    try {
      writeFully(file, new TextEncoder().encode(text))
    } finally {
      closeSync(file)
    }
  })
}

/** Windows has no O_NOFOLLOW. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

/** @throws UserError (exit 1) if no file can be made in the folder; finds it out before there is anything to lose. */
export function checkWritable(folder: string): void {
  const probe = beside(join(folder, 'probe'), 'tgpt-new')
  const write = (): void => orRemove(probe, () => writeNewFile(probe, 'x'))
  writing(folder, write, 'Choose another folder.')
  rmSync(probe)
}

export function isLeftover(name: string): boolean {
  return LEFTOVER.test(name)
}

/** This process itself has nothing under way here: writing is synchronous. */
function isAnotherLiving(owner: number): boolean {
  if (owner === pid) return false
  try {
    return kill(owner, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

function beside(path: string, kind: Kind): string {
  return join(dirname(path), `.${basename(path)}.${pid}.${kind}`)
}

/** Clears away what an earlier process with our number left, and on failure what `write` did. */
function orRemove(temporary: string, write: () => void): void {
  rmSync(temporary, { recursive: true, force: true })
  try {
    write()
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    throw error
  }
}

/** `wx` creates the file or fails: no symlink that stands there is ever written through. */
function writeNewFile(path: string, content: Content): void {
  const file = openSync(path, 'wx')
  try {
    for (const chunk of chunksOf(content)) writeFully(file, chunk)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The bytes of a content, in its pieces. */
export function chunksOf(content: Content): readonly Uint8Array[] {
  if (typeof content === 'string') return [new TextEncoder().encode(content)]
  return content instanceof Uint8Array ? [content] : content
}

/** The largest piece for one call: below 2 GiB, where both Node and Linux stop. */
const MAX_WRITE_BYTES = 2 ** 30

/** `writeSync` may write less than it was given, and a full disk often shows only in the call after that. */
function writeFully(file: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, Math.min(bytes.length - written, MAX_WRITE_BYTES))
  }
}

/** Some platforms (Windows) and file systems cannot fsync a folder, and their renames must do without. */
const NO_FOLDER_SYNC = ['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM']

/** Makes the names in a folder survive a power cut. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (!isSystemError(error) || !NO_FOLDER_SYNC.includes(error.code ?? '')) throw error
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

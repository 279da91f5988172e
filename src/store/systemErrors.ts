// What the operating system says, in words for people: errors of files and disks become UserErrors, and no others do.

import { getSystemErrorMap } from 'node:util'
import { failure, type UserError } from '../base/errors.ts'

/** Words where Node's own are short of what a person needs. */
const REASONS: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOSPC', 'no space left on the device'],
  ['EFBIG', 'the file would be larger than the limit for files (ulimit -f)'],
  ['EROFS', 'the file system is read-only'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
  ['ELOOP', 'a symbolic link is in the way'],
])

/** Whether the operating system refused something, which is the person's to mend, and not our code. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error
}

/** Whether the system's refusal has this code ('ENOENT'). */
export function hasCode(error: unknown, code: string): boolean {
  return isSystemError(error) && error.code === code
}

/** Why the system refused: 'permission denied'. */
export function systemReason({ code, errno, message }: NodeJS.ErrnoException): string {
  return REASONS.get(code) ?? getSystemErrorMap().get(errno ?? 0)?.[1] ?? message
}

/** Runs `write`; what the system refuses becomes a UserError (exit 1) that names `path`. */
export function writing<T>(path: string, write: () => T, hint = 'What was saved before is untouched.'): T {
  try {
    return write()
  } catch (error) {
    throw isSystemError(error) ? cannotWrite(path, error, hint) : error
  }
}

function cannotWrite(path: string, error: NodeJS.ErrnoException, hint: string): UserError {
  if (error.code !== 'ENOENT') return failure(`cannot write ${path}: ${systemReason(error)}`, hint, { cause: error })
  return failure(`cannot write ${path}: its folder does not exist`, 'Was it removed or moved?', { cause: error })
}

/** Runs `read`; what the system refuses becomes a UserError (exit 1) that names `path`. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw failure(`cannot read ${path}: ${systemReason(error)}`, '', { cause: error })
  }
}

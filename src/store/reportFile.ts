// Where a page about a run is written. It takes the place of an earlier page of ours, and of nothing else unasked.

import { closeSync, existsSync, lstatSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { failure, UserError } from '../base/errors.ts'
import { checkWritable, writeFileAtomic } from './atomic.ts'
import { reading } from './systemErrors.ts'

export interface ReportFile {
  readonly path: string
  /** What the beginning of every page of ours has in it. */
  readonly mark: string
  /** Whether a file that is no page of ours may be replaced. */
  readonly overwrite: boolean
}

/**
 * Finds out whether a page may be written here, before there is one.
 * @throws UserError: exit 1 if it cannot be written; exit 2 if another file has the name.
 */
export function checkReportFile({ path, mark, overwrite }: ReportFile): void {
  const stats = reading(path, () => lstatSync(path, { throwIfNoEntry: false }))
  if (stats && !stats.isFile()) {
    throw failure(`cannot write ${path}: it is not a plain file`, 'Choose another name, or - for standard output.')
  }
  if (stats && !overwrite && !beginningOf(path).includes(mark)) {
    throw new UserError(`${path} is there already, and no report of tgpt`, 'Choose another name, or pass --overwrite.')
  }
  if (!existsSync(dirname(path))) throw failure(`cannot write ${path}: its folder does not exist`, 'Make it first.')
  checkWritable(dirname(path))
}

/** @throws UserError as `checkReportFile` does; the file that is there is then untouched. */
export function writeReportFile(file: ReportFile, page: string): void {
  checkReportFile(file)
  writeFileAtomic(file.path, page)
}

/** The mark is in the head of a page, before anything that is long. */
const BEGINNING_BYTES = 1024

function beginningOf(path: string): string {
  return reading(path, () => {
    const file = openSync(path, 'r')
    try {
      const bytes = new Uint8Array(BEGINNING_BYTES)
      return new TextDecoder().decode(bytes.subarray(0, readSync(file, bytes)))
    } finally {
      closeSync(file)
    }
  })
}

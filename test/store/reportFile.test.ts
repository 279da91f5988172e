import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { writeReportFile } from '../../src/store/reportFile.ts'

const mark = '<meta name="ours"'
const page = `<!doctype html>${mark}>`
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tgpt-report-'))
  path = join(folder, 'page.html')
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (overwrite = false): void => writeReportFile({ path, mark, overwrite }, page)
const refusal = (overwrite = false): UserError => {
  try {
    write(overwrite)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('it was written')
}

describe('writeReportFile', () => {
  it('writes a page, and nothing beside it', () => {
    write()
    expect(readFileSync(path, 'utf8')).toBe(page)
    expect(readdirSync(folder)).toEqual(['page.html'])
  })

  it('replaces an earlier page of ours', () => {
    writeFileSync(path, `<!doctype html>\n${mark}>old`)
    write()
    expect(readFileSync(path, 'utf8')).toBe(page)
  })

  it.each([
    ['another page', '<!doctype html><title>mine</title>'],
    ['an empty file', ''],
    ['a page that has the mark far below', `${'.'.repeat(5000)}${mark}`],
  ])('does not replace %s, unless it is told to', (_, content) => {
    writeFileSync(path, content)
    const { message, hint, exitCode } = refusal()
    expect(message).toContain(path)
    expect(hint).toContain('--overwrite')
    expect(exitCode).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe(content)
    write(true)
    expect(readFileSync(path, 'utf8')).toBe(page)
  })

  it('never replaces a folder or a symbolic link, which may be a device', () => {
    mkdirSync(path)
    expect(refusal(true)).toMatchObject({ exitCode: 1, message: expect.stringContaining('not a plain file') as string })
    path = join(folder, 'link.html')
    symlinkSync('/dev/null', path)
    expect(refusal(true)).toMatchObject({ exitCode: 1, message: expect.stringContaining('not a plain file') as string })
  })

  it('says so where the folder does not exist', () => {
    path = join(folder, 'missing', 'page.html')
    expect(refusal()).toMatchObject({ exitCode: 1, message: expect.stringContaining('missing') as string })
  })
})

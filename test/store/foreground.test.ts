// Who has the terminal, as Linux tells it, and as ps tells it elsewhere.

import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { groupsToldByPs, isForegroundToPs, isStatOfForeground } from '../../src/store/foreground.ts'

describe('the terminal is ours or not, from /proc', () => {
  it.each([
    ['a job that the shell waits for', '42 (node) R 7 42 7 34816 42 4194304 1 0', true],
    ['a job behind the shell', '42 (node) R 7 42 7 34816 7 4194304 1 0', false],
    ['a job that was started by another program', '43 (node) S 42 42 42 34816 42 4194304 1 0', true],
    ['no terminal', '42 (node) S 1 42 42 0 -1 4194304 1 0', true],
    ['a program with a name like fields', '42 (a) R 1 2 3) R 7 42 7 34816 7 4194304 1 0', false],
    ['nothing that we know', '', true],
  ])('%s', (_, stat, expected) => {
    expect(isStatOfForeground(stat)).toBe(expected)
  })
})

describe('the terminal is ours or not, from ps', () => {
  it.each([
    ['a job that the shell waits for', '   42    42\n', true],
    ['a job behind the shell', '   42     7\n', false],
    ['no terminal', '   42    -1\n', true],
    ['no terminal, on other systems', '   42     0\n', true],
    ['no ps', '', true],
    ['a ps that says something else', ',tpgid=\n   42\n', true],
  ])('%s', (_, groups, expected) => {
    expect(isForegroundToPs(groups)).toBe(expected)
  })

  it.skipIf(spawnSync('ps', ['-p', '1']).error)('which tells two groups of this process', () => {
    expect(groupsToldByPs(process.pid)).toMatch(/^ *\d+ +-?\d+\n$/)
  })
})

// Who has the terminal, as Linux tells it.

import { expect, it } from 'vitest'
import { isStatOfForeground } from '../../src/store/foreground.ts'

it.each([
  ['a job that the shell waits for', '42 (node) R 7 42 7 34816 42 4194304 1 0', true],
  ['a job behind the shell', '42 (node) R 7 42 7 34816 7 4194304 1 0', false],
  ['a job that was started by another program', '43 (node) S 42 42 7 34816 42 4194304 1 0', true],
  ['no terminal', '42 (node) S 1 42 42 0 -1 4194304 1 0', true],
  ['a program with a name like fields', '42 (a) R 1 2 3) R 7 42 7 34816 7 4194304 1 0', false],
  ['nothing that we know', '', true],
])('%s', (_, stat, expected) => {
  expect(isStatOfForeground(stat)).toBe(expected)
})

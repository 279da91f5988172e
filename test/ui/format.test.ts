import { expect, it } from 'vitest'
import { bytes, count, duration, short, table } from '../../src/ui/format.ts'

it('counts with thousands apart, and shortly', () => {
  expect([0, 999, 28_160, 124_439_808].map(count)).toEqual(['0', '999', '28,160', '124,439,808'])
  expect([999, 1000, 187_400, 124_439_808, 1.5e9].map(short)).toEqual(['999', '1.0k', '187.4k', '124.4M', '1.5B'])
})

it('bytes in the unit that fits', () => {
  expect([12, 2048, 201_673, 5 * 2 ** 20, 3.5 * 2 ** 30].map(bytes)).toEqual([
    '12 bytes',
    '2.0 kB',
    '197 kB',
    '5.0 MB',
    '3.5 GB',
  ])
})

it('durations in the two largest units', () => {
  expect([0.4, 59.6, 65, 3600, 11_520, 100_000].map(duration)).toEqual([
    '0 s',
    '1 min 0 s',
    '1 min 5 s',
    '1 h 0 min',
    '3 h 12 min',
    '1 d 3 h',
  ])
})

it('tables with columns to the left or right', () => {
  expect(
    table(
      [
        ['a', '1', 'x'],
        ['bcd', '234', ''],
      ],
      [1],
    ),
  ).toEqual(['a      1  x', 'bcd  234'])
  expect(table([])).toEqual([])
})

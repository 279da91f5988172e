import { expect, it } from 'vitest'
import { sparkline } from '../../../src/ui/chart/sparkline.ts'
import { pointsBy, pointsOf, textOf } from './frames.ts'

const style = { colour: 'green' } as const

it('a sparkline goes from its lowest value at the bottom to its highest at the top', () => {
  expect(textOf(sparkline(pointsOf(0, 1, 2, 3, 4, 5, 6, 7), { width: 4, height: 2, style }))).toEqual(['  ⡠⠊', '⡠⠊'])
  expect(textOf(sparkline(pointsOf(7, 0), { width: 2, height: 1, style }))).toEqual(['⠑⢄'])
})

it('is straight for what grows tenfold each time on a logarithmic scale', () => {
  const growing = pointsBy(8, (index) => 10 ** index)
  expect(textOf(sparkline(growing, { width: 4, height: 2, style, scale: 'log' }))).toEqual(['  ⡠⠊', '⡠⠊'])
})

it('has its height whatever there is to show', () => {
  expect(sparkline([], { width: 4, height: 2, style })).toEqual([[], []])
  expect(sparkline(pointsOf(1, 2), { width: 0, height: 1, style })).toEqual([[]])
  expect(sparkline(pointsOf(1, 2), { width: 4, height: 0, style })).toEqual([])
  expect(sparkline(pointsOf(Number.NaN), { width: 4, height: 1, style })).toEqual([[]])
  expect(textOf(sparkline(pointsOf(5), { width: 4, height: 1, style }))).toEqual(['⠄'])
})

// Axes: from numbers to places between 0 and 1, and the values that are worth a label.

import { extent, type Point, type Range, type Scale } from './points.ts'

/** Its ends are as the scale measures them: logarithms to base 10 for `log`. */
export interface Axis {
  readonly low: number
  readonly high: number
  readonly scale: Scale
}

export interface Tick {
  /** From 0, the low end, to 1, the high end. */
  readonly place: number
  readonly label: string
}

/** Ends that are nearer than this, for their size, are one number but for rounding. */
const NEAREST = 1e-12
const SMALLEST_SPAN = 1e-300

function isOneNumber([low, high]: Range): boolean {
  return high - low <= Math.max(SMALLEST_SPAN, NEAREST * Math.max(Math.abs(low), Math.abs(high)))
}

/** Of measured values; around a single one there is room above and below. */
export function valueAxis(curves: readonly (readonly Point[])[], scale: Scale): Axis | undefined {
  const range = extent(curves, 'y')
  if (!range || !isOneNumber(range)) return range && { low: range[0], high: range[1], scale }
  const room = scale === 'log' ? 0.05 : Math.max(Math.abs(range[0]) / 10, 1e-290)
  const margin = range[0] === 0 && scale === 'linear' ? 1 : room
  return { low: range[0] - margin, high: range[1] + margin, scale }
}

/** Along a curve; after a single x there is room for what comes next. */
export function positionAxis(range: Range): Axis {
  const [low, high] = [Math.min(...range), Math.max(...range)]
  const next = low + Math.max(1, Math.abs(low) * 1e-6)
  return { low, high: isOneNumber([low, high]) ? next : high, scale: 'linear' }
}

/** Where a measured value lies: 0 at the low end, 1 at the high end. */
export function placeOn({ low, high }: Axis, value: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)))
}

export interface TickWishes {
  /** No more than this many. */
  readonly most: number
  readonly label: ((value: number) => string) | undefined
  /** Whether these have room, in ascending order. */
  readonly fit: (ticks: readonly Tick[]) => boolean
}

/**
 * The most labelled values that fit: steps of 1, 2 or 5 times a power of ten. Where no two of them fit, the ends of the
 * axis; where these do not fit either, none.
 */
export function ticksOf(axis: Axis, { most, label, fit }: TickWishes): Tick[] {
  for (const { values, step } of proposals(axis, most)) {
    const ticks = values.map((value) => ({
      place: placeOn(axis, axis.scale === 'log' ? Math.log10(value) : value),
      label: label ? label(value) : tickLabel(value, step ?? value),
    }))
    if (ticks.length >= 2 && areDistinct(ticks) && fit(ticks)) return ticks
  }
  return []
}

function areDistinct(ticks: readonly Tick[]): boolean {
  return ticks.every(({ label }, index) => index === 0 || label !== ticks[index - 1].label)
}

interface Proposal {
  readonly values: readonly number[]
  /** How exact the labels are; undefined: each to its first digit. */
  readonly step?: number
}

/** From many to few. Within a decade a logarithmic axis is labelled like a linear one. */
function* proposals(axis: Axis, most: number): Generator<Proposal> {
  const { low, high, scale } = axis
  const [first, last] = scale === 'log' ? [10 ** low, 10 ** high] : [low, high]
  if (scale === 'log' && high - low >= 1) yield* decades(low, high)
  for (const step of niceSteps((last - first) / most, last - first))
    yield { values: multiples(step, first, last), step }
  yield { values: [first, last], step: (last - first) / 100 }
}

/** Powers of ten, with twice and five times each if there is room, or else only each second, fifth, tenth, … of them. */
function* decades(low: number, high: number): Generator<Proposal> {
  const powers = multiples(1, low, high)
  const [first, last] = [10 ** low * (1 - 1e-9), 10 ** high * (1 + 1e-9)]
  const around = multiples(1, low - 1, high).flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power))
  yield { values: around.filter((value) => value >= first && value <= last) }
  for (const step of niceSteps(1, powers.length)) {
    yield { values: powers.filter((power) => power % step === 0).map((power) => 10 ** power) }
  }
}

/** 1, 2 or 5 times a power of ten, ascending; none for what is too small or too large to count in steps. */
function* niceSteps(smallest: number, largest: number): Generator<number> {
  if (!(smallest >= SMALLEST_SPAN && Number.isFinite(largest))) return
  for (let power = Math.floor(Math.log10(smallest)); ; power++) {
    for (const factor of [1, 2, 5]) {
      const step = Number(`${factor}e${power}`)
      if (step > largest) return
      if (step >= smallest) yield step
    }
  }
}

/** The multiples of `step` between two numbers, without the dust of binary fractions. */
function multiples(step: number, low: number, high: number): number[] {
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)]
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step || 0).toPrecision(15)),
  )
}

/** Labels that are longer than this are written with a power of ten if that is shorter. */
const PLAIN_LENGTH = 6

/** A value with as many digits as tell it from one that is `step` away: 2.50, 1500, 3e-7. */
export function tickLabel(value: number, step: number): string {
  const power = Math.floor(Math.log10(Math.abs(step)) + 1e-9)
  if (value === 0 && power < 1 - PLAIN_LENGTH) return '0' // with no row of zeros behind it
  const plain = compact(value.toFixed(Math.min(100, Math.max(0, -power))))
  if (plain.length <= PLAIN_LENGTH) return plain
  const digits = Math.floor(Math.log10(Math.abs(value)) + 1e-9) - power
  const scientific = compact(value.toExponential(Math.min(100, Math.max(0, digits))))
  return scientific.length < plain.length ? scientific : plain
}

function compact(figure: string): string {
  return figure.replace('e+', 'e')
}

// One axis of a chart: which part of the numbers it shows, and where its labels stand. It draws nothing.

export interface Scale {
  readonly min: number
  readonly max: number
  /** Within min and max, ascending, as far apart as is easily read: 1, 2 or 5 times a power of ten. */
  readonly ticks: readonly number[]
}

/** A scale of steps from 0 to the last, with whole numbers at its ticks: charts of one run can be compared. */
export function stepScale(steps: readonly number[], atMost: number): Scale {
  const max = Math.max(1, range(steps)[1])
  const unit = Math.max(1, tickUnit(max / atMost))
  return { min: 0, max, ticks: multiples(0, Math.floor(max / unit), unit) }
}

/**
 * A scale of values that begins and ends at a tick. Those that are not finite do not count.
 * @param from a value that is to be seen whatever the others are, such as 0.
 */
export function valueScale(values: readonly number[], atMost: number, from?: number): Scale {
  const [least, greatest] = range([...values.filter(Number.isFinite), ...(from === undefined ? [] : [from])])
  const isFlat = greatest - least <= Math.abs(greatest) * ROUNDING
  const margin = isFlat ? Math.abs(greatest) / 2 || 1 : 0
  const unit = tickUnit((greatest - least + 2 * margin) / atMost)
  const first = Math.floor((least - margin) / unit + ROUNDING)
  const last = Math.ceil((greatest + margin) / unit - ROUNDING)
  const ticks = multiples(first, last, unit)
  return { min: ticks[0], max: ticks[ticks.length - 1], ticks }
}

/** What is smaller beside a number is rounding: 6e-5 / 2e-5 is more than 3. */
const ROUNDING = 1e-9

/** Not by spreading into Math.min: an argument list has its limits. */
function range(values: readonly number[]): [number, number] {
  let [min, max] = [Infinity, -Infinity]
  for (const value of values) [min, max] = [Math.min(min, value), Math.max(max, value)]
  return min <= max ? [min, max] : [0, 1]
}

/** The least of 1, 2 and 5 times a power of ten that is not below `size`. */
function tickUnit(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size))
  const factor = [1, 2, 5].find((each) => each * power >= size * (1 - ROUNDING)) ?? 10
  return factor * power
}

/** Rounded to what decimals can say: 3 * 0.1 is 0.3. */
function multiples(first: number, last: number, unit: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * unit).toPrecision(12)))
}

/** Where a value lies on the scale, in percent from its beginning. */
export function percent(value: number, { min, max }: Scale): number {
  return hundredths((value - min) / (max - min))
}

/** The same from its end: how far from the top a value lies. */
export function percentDown(value: number, { min, max }: Scale): number {
  return hundredths((max - value) / (max - min))
}

function hundredths(share: number): number {
  return Math.round(share * 1e4) / 100
}

const MOST_DECIMALS = 4

/** The labels of all ticks, written alike: as many decimals as the finest needs, or as powers of ten. */
export function tickLabels({ ticks }: Scale): string[] {
  const decimals = Math.max(...ticks.map((tick) => decimalsOf(tick)))
  const greatest = Math.max(...ticks.map(Math.abs))
  const plain = decimals <= MOST_DECIMALS && greatest < 1e5
  return ticks.map((tick) => (plain || tick === 0 ? tick.toFixed(plain ? decimals : 0) : tick.toExponential()))
}

function decimalsOf(value: number): number {
  const [mantissa, exponent] = value.toExponential().split('e')
  return Math.max(0, (mantissa.split('.')[1] ?? '').length - Number(exponent))
}

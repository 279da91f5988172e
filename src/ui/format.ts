// Figures as people read them.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 1234567 as 1,234,567. */
export function count(value: number): string {
  return whole.format(value)
}

/** 1 layer, 2 layers. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

const MAGNITUDES = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** 124439808 as 124.4M. */
export function short(value: number): string {
  const [unit, letter] = MAGNITUDES.find(([size]) => value >= size) ?? [1, '']
  return unit === 1 ? count(value) : `${(value / unit).toFixed(1)}${letter}`
}

const BYTES = [
  [2 ** 30, 'GB'],
  [2 ** 20, 'MB'],
  [2 ** 10, 'kB'],
] as const

/** Bytes in powers of 1024: 4300000 as 4.1 MB. */
export function bytes(value: number): string {
  const [unit, name] = BYTES.find(([size]) => value >= size) ?? [1, 'bytes']
  return `${unit === 1 ? value : (value / unit).toFixed(value >= 100 * unit ? 0 : 1)} ${name}`
}

/** Seconds as the two largest units that matter: 3 h 12 min, 1 min 5 s, 12 s. */
export function duration(seconds: number): string {
  const rounded = Math.round(seconds)
  const [days, hours, minutes] = [
    Math.floor(rounded / 86_400),
    Math.floor(rounded / 3600) % 24,
    Math.floor(rounded / 60) % 60,
  ]
  if (days > 0) return `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${rounded % 60} s` : `${rounded % 60} s`
}

/** A loss in nats, with the four digits that evaluations can tell apart. */
export function loss(nats: number): string {
  return nats.toFixed(4)
}

/** A learning rate with three digits: 1.00e-3. */
export function rate(value: number): string {
  return value.toExponential(2)
}

/** Rows of cells as lines of aligned columns; columns named in `right` are aligned to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const cell = (text: string, column: number) =>
    right.includes(column) ? text.padStart(widths[column]) : text.padEnd(widths[column])
  return rows.map((row) => row.map(cell).join('  ').trimEnd())
}

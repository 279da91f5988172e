// Figures as the tables of a look show them.

/** A number with three decimals, or where these would say nothing, three digits. */
export function figure(value: number): string {
  const size = Math.abs(value)
  return value === 0 || (size >= 0.001 && size < 10_000) ? value.toFixed(3) : value.toExponential(1)
}

/** A share from 0 to 1: 34%, 3.4%, 0.34%, <0.01%. */
export function percentage(share: number): string {
  if (share < 0.00005) return '<0.01%'
  return `${(100 * share).toFixed(share >= 0.0995 ? 0 : share >= 0.00095 ? 1 : 2)}%`
}

/** A surprise in nats. */
export function nats(value: number): string {
  return value.toFixed(2)
}

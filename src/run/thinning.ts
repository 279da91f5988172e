// Fewer of a long list, for pictures: what stands out stays, and nothing is averaged away.

/**
 * About `limit` of the rows, in order: the first, the last, and of each stretch in between the least and the greatest by
 * each measure, with the first that is not finite. All of them if they are not more than the limit.
 */
export function thinned<Row>(
  rows: readonly Row[],
  measures: readonly ((row: Row) => number)[],
  limit: number,
): readonly Row[] {
  if (rows.length <= limit) return rows
  const stretches = Math.max(1, Math.floor(limit / (2 * measures.length)))
  const kept = new Set([0, rows.length - 1])
  for (let index = 0; index < stretches; index++) {
    const from = Math.floor((index * rows.length) / stretches)
    const to = Math.floor(((index + 1) * rows.length) / stretches)
    for (const measure of measures) for (const each of extremes(rows, measure, from, to)) kept.add(each)
  }
  return [...kept].toSorted((a, b) => a - b).map((index) => rows[index])
}

/** Where in [from, to) the measure is least, where it is greatest, and where it is first not finite. */
function extremes<Row>(
  rows: readonly Row[],
  measure: (row: Row) => number,
  from: number,
  to: number,
): Iterable<number> {
  const found = new Map<'least' | 'greatest' | 'broken', { index: number; value: number }>()
  for (let index = from; index < to; index++) {
    const value = measure(rows[index])
    const here = { index, value }
    if (!Number.isFinite(value)) {
      if (!found.has('broken')) found.set('broken', here)
      continue
    }
    if (value < (found.get('least')?.value ?? Infinity)) found.set('least', here)
    if (value > (found.get('greatest')?.value ?? -Infinity)) found.set('greatest', here)
  }
  return [...found.values()].map(({ index }) => index)
}

/** At most `limit` of the rows, evenly spread from the first to the last. */
export function spread<Row>(rows: readonly Row[], limit: number): readonly Row[] {
  if (rows.length <= limit) return rows
  const step = (rows.length - 1) / (limit - 1)
  return Array.from({ length: limit }, (_, index) => rows[Math.round(index * step)])
}

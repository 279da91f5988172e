// Noisy values made readable: the trend of a loss, without the luck of its batches.

import type { Point } from './points.ts'

/** A mean over this share of the points so far-reaching that noise goes, and so short that the curve lags little. */
const SHARE = 1 / 30

/** How much of the past is kept at each point: as much as makes the mean reach over a share of all points. */
export function suitedDecay(count: number): number {
  return 1 - 1 / Math.max(1, count * SHARE)
}

/**
 * An exponential moving average, whose early values are corrected for its start at zero by dividing by 1 - decay^n: Kingma
 * and Ba, "Adam" (2015), section 3; TensorBoard smooths its curves the same way. Gaps stay gaps, and do not count.
 * @param decay from 0 (no smoothing) to below 1.
 */
export function smoothed(points: readonly Point[], decay = suitedDecay(points.length)): Point[] {
  let [sum, weight] = [0, 0]
  return points.map(({ x, y }) => {
    if (!Number.isFinite(y)) return { x, y }
    sum = decay * sum + (1 - decay) * y
    weight = decay * weight + (1 - decay)
    return { x, y: sum / weight }
  })
}

// When the dashboard draws: what a person waits for soon, the steps of a training more seldom, neither too often.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FrameTimes } from '../../../src/ui/dashboard/frameTimes.ts'

const clock = { milliseconds: 0 }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  clock.milliseconds = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clock.milliseconds)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Lets `each` happen every 50 milliseconds, for some time; a frame takes `cost` of them. @returns when frames began. */
function drawn(milliseconds: number, cost: number, each: (frames: FrameTimes) => void): number[] {
  const times: number[] = []
  const frames = new FrameTimes(() => {
    times.push(clock.milliseconds)
    clock.milliseconds += cost
  })
  while (clock.milliseconds < milliseconds) {
    each(frames)
    clock.milliseconds += 50
    vi.advanceTimersByTime(50)
  }
  frames.stop()
  return times
}

const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0))

describe('a frame', () => {
  it('comes at once after a rest, and four times a second at most', () => {
    expect(drawn(1000, 0, (frames) => frames.wanted())).toEqual([0, 250, 500, 750, 1000])
  })

  it('comes once a second where only steps are new', () => {
    expect(drawn(3000, 0, (frames) => frames.wantedSometime())).toEqual([0, 1000, 2000, 3000])
  })

  it('does not wait for its turn among the steps when a person waits for it', () => {
    const times = drawn(1000, 0, (frames) => {
      frames.wantedSometime()
      if (clock.milliseconds === 50) frames.wanted()
    })
    expect(times.slice(0, 2)).toEqual([0, 250])
  })

  it('takes at most a twentieth of a processor for steps, also where drawing is slow', () => {
    const times = drawn(20_000, 100, (frames) => frames.wantedSometime())
    expect(Math.min(...gaps(times).slice(1))).toBeGreaterThanOrEqual(2000)
    expect(times.length).toBeGreaterThan(5)
  })

  it('never comes once they are stopped', () => {
    const times: number[] = []
    const frames = new FrameTimes(() => times.push(clock.milliseconds))
    frames.wanted()
    frames.wanted()
    frames.stop()
    vi.advanceTimersByTime(1000)
    frames.wanted()
    expect(times).toEqual([0])
  })
})

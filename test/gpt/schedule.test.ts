import { describe, expect, it } from 'vitest'
import { learningRateAt } from '../../src/gpt/schedule.ts'

const schedule = { learningRate: 1, minLearningRate: 0.1, warmupSteps: 4, decaySteps: 14 }

describe('the learning rate', () => {
  it('rises in equal parts, and never starts at 0', () => {
    expect([0, 1, 2, 3].map((step) => learningRateAt(step, schedule))).toEqual([0.2, 0.4, 0.6, 0.8])
  })

  it('is highest when the cosine begins, half way down in the middle, lowest at its end and after', () => {
    expect(learningRateAt(4, schedule)).toBe(1)
    expect(learningRateAt(9, schedule)).toBeCloseTo(0.55, 12)
    expect([14, 15, 1000].map((step) => learningRateAt(step, schedule))).toEqual([0.1, 0.1, 0.1])
  })

  it('is a number also where the decay ends before warm-up does, or at once', () => {
    expect(learningRateAt(3, { ...schedule, decaySteps: 2 })).toBe(0.8)
    expect(learningRateAt(4, { ...schedule, decaySteps: 4 })).toBe(0.1)
    expect(learningRateAt(0, { ...schedule, warmupSteps: 0 })).toBe(1)
  })
})

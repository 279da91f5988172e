// The learning rate of each step: linear warm-up, then a cosine down to a minimum, as nanoGPT has it.

export interface Schedule {
  readonly learningRate: number
  readonly minLearningRate: number
  readonly warmupSteps: number
  /** The step at which the cosine reaches its minimum. */
  readonly decaySteps: number
}

/** The learning rate of the update after `step` updates are done. */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { learningRate, minLearningRate, warmupSteps, decaySteps } = schedule
  if (step < warmupSteps) return (learningRate * (step + 1)) / (warmupSteps + 1)
  if (step >= decaySteps) return minLearningRate
  const progress = (step - warmupSteps) / (decaySteps - warmupSteps)
  const cosine = 0.5 * (1 + Math.cos(Math.PI * progress))
  return minLearningRate + cosine * (learningRate - minLearningRate)
}

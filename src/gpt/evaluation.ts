// What a run's evaluations say of it, and which of them is the best.

/** Losses over the same few windows each time, in nats per token. */
export interface Evaluation {
  /** Updates done when it was made. */
  readonly step: number
  readonly trainLoss: number
  readonly validationLoss: number
}

/** The losses alone of what tells more. */
export function lossesOf({ step, trainLoss, validationLoss }: Evaluation): Evaluation {
  return { step, trainLoss, validationLoss }
}

/** The lowest validation loss of the trained model, the first of equals; undefined before the first step. */
export function bestOf(evaluations: readonly Evaluation[]): Evaluation | undefined {
  const trained = evaluations.filter(({ step, validationLoss }) => step > 0 && Number.isFinite(validationLoss))
  return trained.reduce<Evaluation | undefined>(
    (best, each) => (best && best.validationLoss <= each.validationLoss ? best : each),
    undefined,
  )
}

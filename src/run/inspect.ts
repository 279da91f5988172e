// A look at a checkpoint and the run around it. It opens no engine.

import { elementCount } from '../base/namedTensors.ts'
import { countByPart, countParameters, flopsPerToken, samplingBytes, trainingBytes } from '../gpt/counts.ts'
import { bestOf, type Evaluation, lossesOf } from '../gpt/evaluation.ts'
import type { InspectedRun, Inspection } from '../gpt/inspection.ts'
import { paramSpecs } from '../gpt/parameters.ts'
import { nonFiniteParameter, readCheckpointSummary } from '../store/checkpoint.ts'
import type { Location } from '../store/locate.ts'
import { readRun, type RunRecord } from '../store/runFolder.ts'
import { eachPastEvent } from './watch.ts'

/** The batch that memory for training is told for, where no run says its own. */
const USUAL_BATCH = 12

/** @throws UserError for a checkpoint or run that is damaged. */
export async function inspect({ stepFolder, runFolder }: Location): Promise<Inspection> {
  const summary = await readCheckpointSummary(stepFolder)
  const { model, dropout, tokenizer, state } = summary
  const record = runFolder === undefined ? undefined : readRun(runFolder)
  const tensors = paramSpecs(model).map(({ name, shape, decayed }) => ({
    name,
    shape,
    parameters: elementCount(shape),
    decayed,
  }))
  const broken = nonFiniteParameter(summary)
  return {
    folder: stepFolder,
    ...(state && { step: state.step }),
    model,
    dropout,
    tokenizer: { kind: tokenizer.kind, vocabSize: tokenizer.vocabSize },
    parameters: { ...countParameters(model), parts: countByPart(model), tensors },
    flopsPerToken: flopsPerToken(model),
    memory: { trainingBytes: trainingBytes(model, batchSizeOf(record)), samplingBytes: samplingBytes(model) },
    ...(state &&
      state.bestValidationLoss !== null && {
        best: { validationLoss: state.bestValidationLoss, step: state.bestStep ?? 0 },
      }),
    ...(record && runFolder !== undefined && { run: inspectRun(runFolder, record) }),
    warnings: broken ? [`${broken} holds NaN or infinite values: the model cannot be sampled`] : [],
  }
}

function batchSizeOf(record: RunRecord | undefined): number {
  const batchSize = record?.settings.batchSize
  return typeof batchSize === 'number' ? batchSize : USUAL_BATCH
}

function inspectRun(folder: string, { settings, corpus, engine, versions }: RunRecord): InspectedRun {
  const history: Evaluation[] = []
  for (const event of eachPastEvent(folder))
    if (event.event === 'evaluated' && isMeasured(event)) history.push(lossesOf(event))
  const bestInHistory = bestOf(history)
  return { folder, settings, corpus, engine, versions, history, ...(bestInHistory && { bestInHistory }) }
}

function isMeasured({ trainLoss, validationLoss }: Evaluation): boolean {
  return Number.isFinite(trainLoss) && Number.isFinite(validationLoss)
}

// An inspection as plain lines of text.

import type { InspectedRun, Inspection } from '../gpt/inspection.ts'
import { bytes, count, loss, short, table } from './format.ts'

export function inspectionLines(inspection: Inspection): string[] {
  const { run, warnings } = inspection
  return [
    ...section('Checkpoint', checkpointRows(inspection)),
    ...section('Model', modelRows(inspection)),
    'Parameters',
    ...indented(parameterTable(inspection)),
    '',
    ...section('Totals', totalRows(inspection)),
    ...(run ? runLines(run) : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ]
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return [title, ...indented(table(rows)), '']
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

function checkpointRows({ folder, step, best }: Inspection): string[][] {
  return [
    ['folder', folder],
    ...(step === undefined ? [] : [['step', count(step)]]),
    ...(best ? [['best so far', `validation loss ${loss(best.validationLoss)} at step ${count(best.step)}`]] : []),
  ]
}

function modelRows({ model, dropout, tokenizer }: Inspection): string[][] {
  return [
    ['layers', String(model.nLayer)],
    ['heads', `${model.nHead} of ${model.nEmbd / model.nHead}`],
    ['width', String(model.nEmbd)],
    ['block', `${model.blockSize} tokens`],
    ['vocabulary', `${count(tokenizer.vocabSize)} (${tokenizer.kind})`],
    ['biases', model.bias ? 'yes' : 'no'],
    ['activation', model.activation],
    ['dropout', String(dropout)],
  ]
}

function parameterTable({ parameters }: Inspection): string[] {
  const rows = parameters.tensors.map((tensor) => [
    tensor.name,
    tensor.shape.join(' x '),
    count(tensor.parameters),
    tensor.decayed ? 'decayed' : '',
  ])
  return table([['name', 'shape', 'count', ''], ...rows], [2])
}

function totalRows({ parameters, flopsPerToken, memory }: Inspection): string[][] {
  const { total, withoutPositions, embeddings, decayed, notDecayed } = parameters
  return [
    ['parameters', `${count(total)} (${count(withoutPositions)} without positions, as nanoGPT counts)`],
    ['embeddings', `${count(embeddings)} (${((100 * embeddings) / total).toFixed(0)}%)`],
    ['decayed', `${count(decayed.parameters)} in ${decayed.tensors} tensors`],
    ['not decayed', `${count(notDecayed.parameters)} in ${notDecayed.tensors} tensors`],
    ['FLOPs', `${short(flopsPerToken)} a token, forward and backward`],
    ['memory', `at least ${bytes(memory.trainingBytes)} to train, ${bytes(memory.samplingBytes)} to sample`],
  ]
}

function runLines({ folder, settings, corpus, engine, versions, history }: InspectedRun): string[] {
  const underModel = ['nLayer', 'nHead', 'nEmbd', 'blockSize', 'bias', 'activation', 'dropout', 'tokenizer']
  const chosen = Object.entries(settings).filter(([key]) => !underModel.includes(key))
  return [
    ...section('Run', [
      ['folder', folder],
      ['corpus', `${corpus.path}, ${bytes(corpus.bytes)}`],
      ['sha256', corpus.sha256],
      ['engine', `${engine.name}: ${engine.detail} (${engine.reason})`],
      ['versions', `tgpt ${versions.tgpt}, Node ${versions.node}`],
    ]),
    ...section(
      'Settings',
      chosen.map(([key, value]) => [key, String(value)]),
    ),
    'Loss history',
    ...indented(table(historyRows(history), [0, 1, 2])),
    '',
  ]
}

function historyRows(history: InspectedRun['history']): string[][] {
  const rows = history.map(({ step, trainLoss, validationLoss }) => [
    count(step),
    loss(trainLoss),
    loss(validationLoss),
  ])
  return [['step', 'train', 'validation'], ...rows]
}

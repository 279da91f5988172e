// What there is to know about a checkpoint, as tables.

import type { Evaluation } from '../gpt/evaluation.ts'
import type { InspectedRun, InspectedTensor, Inspection } from '../gpt/inspection.ts'
import { bytes, count, loss, short } from './format.ts'
import { bar } from './look/shade.ts'
import { BOLD, DIM, type Line, type Style } from './style.ts'
import { type Cell, indented, plainLine, styledLine, styledTable } from './styledTable.ts'
import { visible } from './visible.ts'

/** From so many layers on, tensors that are alike in all of them may share a line. */
const MANY_LAYERS = 12

/** @param folded whether tensors that are alike in many layers share a line. */
export function inspectionLines(inspection: Inspection, folded: boolean): Line[] {
  const { run, warnings, model } = inspection
  return [
    ...section('Checkpoint', checkpointRows(inspection)),
    ...section('Model', modelRows(inspection)),
    ...section('Parameters', parameterRows(inspection, folded && model.nLayer >= MANY_LAYERS), [2]),
    ...section('Where they are', partRows(inspection), [1, 2]),
    ...section('Totals', totalRows(inspection)),
    ...(run ? runLines(run) : []),
    ...warnings.map((warning) => styledLine(`warning: ${visible(warning)}`, { colour: 'yellow' })),
  ]
}

function section(title: string, rows: readonly (readonly Cell[])[], right: readonly number[] = []): Line[] {
  return [styledLine(title, BOLD), ...indented(styledTable(rows, right)), plainLine('')]
}

/** A row of a name and its value. */
function named(name: string, value: string): Cell[] {
  return [styledLine(name, DIM), visible(value)]
}

function header(...names: string[]): Cell[] {
  return names.map((name) => styledLine(name, DIM))
}

function checkpointRows({ folder, step, best }: Inspection): Cell[][] {
  return [
    named('folder', folder),
    ...(step === undefined ? [] : [named('step', count(step))]),
    ...(best ? [named('best so far', `validation loss ${loss(best.validationLoss)} at step ${count(best.step)}`)] : []),
  ]
}

function modelRows({ model, dropout, tokenizer }: Inspection): Cell[][] {
  return [
    named('layers', String(model.nLayer)),
    named('heads', `${model.nHead} of ${model.nEmbd / model.nHead}`),
    named('width', String(model.nEmbd)),
    named('block', `${model.blockSize} tokens`),
    named('vocabulary', `${count(tokenizer.vocabSize)} (${tokenizer.kind})`),
    named('biases', model.bias ? 'yes' : 'no'),
    named('activation', model.activation),
    named('dropout', String(dropout)),
  ]
}

function parameterRows({ parameters, model }: Inspection, folded: boolean): Cell[][] {
  const tensors = folded ? parameters.tensors.filter(({ name }) => !/^h\.[1-9]/.test(name)) : parameters.tensors
  const row = ({ name, shape, parameters: size, decayed }: InspectedTensor): Cell[] => {
    const times = folded && name.startsWith('h.0.') ? model.nLayer : 1
    const each = shape.join(' x ')
    return [
      times === 1 ? name : name.replace('h.0.', `h.0…${times - 1}.`),
      times === 1 ? each : `${times} of ${each}`,
      count(times * size),
      styledLine(decayed ? 'decayed' : '', DIM),
    ]
  }
  return [header('name', 'shape', 'count', ''), ...tensors.map(row)]
}

const BAR_WIDTH = 32

function partRows({ parameters: { parts, total } }: Inspection): Cell[][] {
  return parts.map(({ part, parameters }) => [
    styledLine(part, DIM),
    count(parameters),
    `${((100 * parameters) / total).toFixed(1)}%`,
    styledLine(bar(parameters / total, BAR_WIDTH), { colour: 'cyan' }),
  ])
}

function totalRows({ parameters, flopsPerToken, memory }: Inspection): Cell[][] {
  const { total, withoutPositions, embeddings, decayed, notDecayed } = parameters
  return [
    named('parameters', `${count(total)} (${count(withoutPositions)} without positions, as nanoGPT counts)`),
    named('embeddings', `${count(embeddings)} (${((100 * embeddings) / total).toFixed(0)}%)`),
    named('decayed', `${count(decayed.parameters)} in ${decayed.tensors} tensors`),
    named('not decayed', `${count(notDecayed.parameters)} in ${notDecayed.tensors} tensors`),
    named('FLOPs', `${short(flopsPerToken)} a token, forward and backward`),
    named('memory', `at least ${bytes(memory.trainingBytes)} to train, ${bytes(memory.samplingBytes)} to sample`),
  ]
}

const OF_MODEL: readonly string[] = [
  'nLayer',
  'nHead',
  'nEmbd',
  'blockSize',
  'bias',
  'activation',
  'dropout',
  'tokenizer',
]

/** The settings that are not told of the model already. */
export function settingsBesideModel(settings: InspectedRun['settings']): [name: string, value: unknown][] {
  return Object.entries(settings).filter(([name]) => !OF_MODEL.includes(name))
}

function runLines(run: InspectedRun): Line[] {
  const { folder, settings, corpus, engine, versions } = run
  return [
    ...section('Run', [
      named('folder', folder),
      named('corpus', `${corpus.path}, ${bytes(corpus.bytes)}`),
      named('sha256', corpus.sha256),
      named('engine', `${engine.name}: ${engine.detail} (${engine.reason})`),
      named('versions', `tgpt ${versions.tgpt}, Node ${versions.node}`),
    ]),
    ...section(
      'Settings',
      settingsBesideModel(settings).map(([key, value]) => named(key, String(value))),
    ),
    ...historyLines(run),
  ]
}

/** Of more evaluations than these, a table would fill screens. */
const MOST_ROWS = 24
const SPREAD_ROWS = 20

/** The best stands out, and is there even where others are left out. */
function historyLines({ history, bestInHistory }: InspectedRun): Line[] {
  const shown = history.length <= MOST_ROWS ? history : spreadWith(bestInHistory, history)
  const rows = shown.map(({ step, trainLoss, validationLoss }): Cell[] => [
    styledLine(count(step), DIM),
    loss(trainLoss),
    ...(step === bestInHistory?.step
      ? [styledLine(loss(validationLoss), BEST), styledLine('best', BEST)]
      : [loss(validationLoss)]),
  ])
  const left = `${shown.length} of ${count(history.length)} evaluations, the best among them; --json has all.`
  const lines = section('Loss history', [header('step', 'train', 'validation'), ...rows], [0, 1, 2])
  return shown.length < history.length
    ? [...lines.slice(0, -1), ...indented([styledLine(left, DIM)]), plainLine('')]
    : lines
}

const BEST: Style = { colour: 'green', bold: true }

/** Some of a history, evenly spread from the first to the last, and the best of it in its place. */
function spreadWith(best: Evaluation | undefined, history: readonly Evaluation[]): readonly Evaluation[] {
  const pace = (history.length - 1) / (SPREAD_ROWS - 1)
  const places = new Set(Array.from({ length: SPREAD_ROWS }, (_, index) => Math.round(index * pace)))
  return history.filter((each, index) => places.has(index) || each.step === best?.step)
}

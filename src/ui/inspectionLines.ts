// What there is to know about a checkpoint, as tables.

import type { Evaluation } from '../gpt/evaluation.ts'
import type { InspectedRun, InspectedTensor, Inspection } from '../gpt/inspection.ts'
import { fittedTable, namedValues } from './fittedTable.ts'
import { bytes, count, loss, short } from './format.ts'
import { bar } from './look/shade.ts'
import { BOLD, DIM, type Line, type Style } from './style.ts'
import { type Cell, indented, plainLine, prose, styledLine, styledTable, widest } from './styledTable.ts'
import { visible } from './visible.ts'

/** From so many layers on, tensors that are alike in all of them may share a line. */
const MANY_LAYERS = 12

const INDENT = 2

/**
 * @param columns of the screen: lines fit, and tensors that are alike in many layers share one. Without a screen, lines
 * are as long as they come.
 */
export function inspectionLines(inspection: Inspection, columns?: number): Line[] {
  const { run, warnings, model } = inspection
  const isFolded = columns !== undefined && model.nLayer >= MANY_LAYERS
  const width = (columns ?? Infinity) - INDENT
  return [
    ...section('Checkpoint', namedValues(checkpointRows(inspection), width)),
    ...section('Model', namedValues(modelRows(inspection), width)),
    ...section('Parameters', fittedTable(parameterRows(inspection, isFolded), width, [2])),
    ...section('Where they are', fittedTable(partRows(inspection, width), width, [1, 2])),
    ...section('Totals', namedValues(totalRows(inspection), width)),
    ...(run ? runLines(run, width) : []),
    ...warnings.flatMap((warning) => prose(`warning: ${visible(warning)}`, width, { colour: 'yellow' })),
  ]
}

function section(title: string, lines: readonly Line[]): Line[] {
  return [styledLine(title, BOLD), ...indented(lines, INDENT), plainLine('')]
}

type NamedValue = readonly [name: string, value: string]

function named(name: string, value: string): NamedValue {
  return [visible(name), visible(value)]
}

function header(...names: string[]): Cell[] {
  return names.map((name) => styledLine(name, DIM))
}

function checkpointRows({ folder, step, best }: Inspection): NamedValue[] {
  return [
    named('folder', folder),
    ...(step === undefined ? [] : [named('step', count(step))]),
    ...(best ? [named('best so far', `validation loss ${loss(best.validationLoss)} at step ${count(best.step)}`)] : []),
  ]
}

function modelRows({ model, dropout, tokenizer }: Inspection): NamedValue[] {
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
const FEWEST_BAR_CELLS = 8

/** With bars where there is room for them. */
function partRows({ parameters: { parts, total } }: Inspection, width: number): Cell[][] {
  const rows = parts.map(({ part, parameters }): Cell[] => [
    styledLine(part, DIM),
    count(parameters),
    `${((100 * parameters) / total).toFixed(1)}%`,
  ])
  const room = Math.min(BAR_WIDTH, width - widest(styledTable(rows)) - 2)
  if (room < FEWEST_BAR_CELLS) return rows
  return rows.map((row, index) => [...row, styledLine(bar(parts[index].parameters / total, room), { colour: 'cyan' })])
}

function totalRows({ parameters, flopsPerToken, memory }: Inspection): NamedValue[] {
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

function runLines(run: InspectedRun, width: number): Line[] {
  const settings = settingsBesideModel(run.settings).map(([key, value]) => named(key, String(value)))
  return [
    ...section('Run', namedValues(runRows(run), width)),
    ...section('Settings', namedValues(settings, width)),
    ...section('Loss history', historyLines(run, width)),
  ]
}

function runRows({ folder, corpus, engine, versions }: InspectedRun): NamedValue[] {
  return [
    named('folder', folder),
    named('corpus', `${corpus.path}, ${bytes(corpus.bytes)}`),
    named('sha256', corpus.sha256),
    named('engine', `${engine.name}: ${engine.detail} (${engine.reason})`),
    named('versions', `tgpt ${versions.tgpt}, Node ${versions.node}`),
  ]
}

/** Of more evaluations than these, a table would fill screens. */
const MOST_ROWS = 24
const SPREAD_ROWS = 20

/** The best stands out, and is there even where others are left out. */
function historyLines({ history, bestInHistory }: InspectedRun, width: number): Line[] {
  const shown = history.length <= MOST_ROWS ? history : spreadWith(bestInHistory, history)
  const rows = shown.map(({ step, trainLoss, validationLoss }): Cell[] => [
    styledLine(count(step), DIM),
    loss(trainLoss),
    ...(step === bestInHistory?.step
      ? [styledLine(loss(validationLoss), BEST), styledLine('best', BEST)]
      : [loss(validationLoss)]),
  ])
  const table = fittedTable([header('step', 'train', 'validation'), ...rows], width, [0, 1, 2])
  const left = `${shown.length} of ${count(history.length)} evaluations, the best among them; --json has all.`
  return shown.length < history.length ? [...table, ...prose(left, width, DIM)] : table
}

const BEST: Style = { colour: 'green', bold: true }

/** Some of a history, evenly spread from the first to the last, and the best of it in its place. */
function spreadWith(best: Evaluation | undefined, history: readonly Evaluation[]): readonly Evaluation[] {
  const pace = (history.length - 1) / (SPREAD_ROWS - 1)
  const places = new Set(Array.from({ length: SPREAD_ROWS }, (_, index) => Math.round(index * pace)))
  return history.filter((each, index) => places.has(index) || each.step === best?.step)
}

// A comparison as a picture: the curves of all runs in one chart, their losses, and the settings in which they differ.

import type { ComparedRun, Comparison, Difference, SettingValue } from '../gpt/comparison.ts'
import { chart, type Curve, type Mark } from './chart/chart.ts'
import { isDrawn, type Point } from './chart/points.ts'
import { clipped, onOneLine, wrapped } from './fit.ts'
import { count, duration, loss } from './format.ts'
import { BOLD, DIM, cells, type Line, type Style } from './style.ts'
import { blank, type Cell, indented, plainLine, styledLine, styledTable, widest } from './styledTable.ts'

export interface Room {
  /** In cells. */
  readonly width: number
  readonly height: number
  /** Without colours only letters tell the curves apart. */
  readonly coloured: boolean
}

/** A letter and a colour for each run. */
const LETTERS = 'abcdefgh'
const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'red', 'blue', 'white', 'gray'] as const

/** More curves than this cannot be told apart in one chart. */
export const MOST_RUNS = LETTERS.length

const FEWEST_CHART_ROWS = 10
const MOST_CHART_ROWS = 24
/** With more runs than this, their training losses would cover each other's validation. */
const MOST_RUNS_WITH_TRAINING = 3

export function compareLines(comparison: Comparison, { width, height, coloured }: Room): Line[] {
  const { runs, differences } = comparison
  const withTraining = coloured && runs.length <= MOST_RUNS_WITH_TRAINING
  const words = [...resultLines(runs, width), [], ...differenceLines(differences, runs.length, width)]
  const spare = height - words.length - 4 // title, blank, and the prompt that comes after
  const rows = Math.max(FEWEST_CHART_ROWS, Math.min(MOST_CHART_ROWS, spare))
  const title = `Validation loss by step${withTraining ? ', training loss dim' : ''}`
  return [plainLine(clipped(title, width)), ...lossChart(runs, withTraining, width, rows), [], ...words]
}

function lossChart(runs: readonly ComparedRun[], withTraining: boolean, width: number, height: number): Line[] {
  const training = withTraining ? runs.map((run, index) => lossCurve(run, index, 'trainLoss')) : []
  const validation = runs.map((run, index) => lossCurve(run, index, 'validationLoss'))
  const marks = validation.flatMap((curve, index) => letterMarks(curve, index, runs.length))
  return chart([...training, ...validation], { width, height, scale: 'log', marks, xLabel: count })
}

/** From the first step on: the untrained model's loss is much the same in all runs, and would take most of the height. */
function lossCurve(run: ComparedRun, index: number, which: 'trainLoss' | 'validationLoss'): Curve {
  const trained = run.evaluations.filter(({ step }) => step > 0)
  const points = trained.map((evaluation) => ({ x: evaluation.step, y: evaluation[which] }))
  const style = which === 'trainLoss' ? { ...styleOf(index), ...DIM } : styleOf(index)
  return { name: onOneLine(run.name), points, style }
}

function styleOf(index: number): Style {
  return { colour: COLOURS[index] }
}

const LETTERS_ON_A_CURVE = 2

/** A curve's letter at places along it where no other curve has its own, so that curves which coincide are both named. */
function letterMarks({ points, style }: Curve, index: number, runs: number): Mark[] {
  const drawn = points.filter((point) => isDrawn(point) && point.y > 0)
  if (drawn.length === 0) return []
  return Array.from({ length: LETTERS_ON_A_CURVE }, (_, part) => {
    const share = (part + (index + 1) / (runs + 1)) / LETTERS_ON_A_CURVE
    return { ...pointAlong(drawn, share), text: '', sign: LETTERS[index], style: { ...style, ...BOLD } }
  })
}

/** The point of a curve, as a logarithmic chart draws it, at a share of its length along x. */
function pointAlong(points: readonly Point[], share: number): Point {
  const last = points[points.length - 1]
  const x = points[0].x + share * (last.x - points[0].x)
  const after = points.findIndex((point) => point.x >= x)
  if (after <= 0) return points[0]
  const [from, to] = [points[after - 1], points[after]]
  return { x, y: from.y * (to.y / from.y) ** ((x - from.x) / (to.x - from.x)) }
}

const NONE = '–'
const NAME_CELLS = 30

const FEWEST_NAME_CELLS = 8

const TITLES = ['', 'run', 'steps', 'final loss', 'best loss', 'at step', 'time']
const NAME = 1
/** What is shown in less and less room. */
const COLUMNS: readonly (readonly number[])[] = [
  [0, NAME, 2, 3, 4, 5, 6],
  [0, NAME, 2, 3, 4, 5],
  [0, NAME, 2, 3, 4],
  [0, NAME, 3, 4],
]

/** As many columns as leave room for the names. */
function resultLines(runs: readonly ComparedRun[], width: number): Line[] {
  const head = TITLES.map((title): Cell => styledLine(title, DIM))
  const tableOf = (columns: readonly number[], nameCells: number): Line[] => {
    const rows = [head, ...runs.map((run, index) => resultRow(run, index, nameCells))]
    const shown = rows.map((row) => columns.map((column) => row[column]))
    return styledTable(shown, [2, 3, 4, 5, 6])
  }
  const roomFor = (columns: readonly number[]) => width - widest(tableOf(columns, 0)) + TITLES[NAME].length
  const columns = COLUMNS.find((each) => roomFor(each) >= FEWEST_NAME_CELLS) ?? COLUMNS[COLUMNS.length - 1]
  return tableOf(columns, Math.min(NAME_CELLS, roomFor(columns)))
}

function resultRow(run: ComparedRun, index: number, nameCells: number): Cell[] {
  const { step, steps, finalValidationLoss, best, elapsedSeconds } = run
  return [
    letter(index),
    styledLine(clipped(onOneLine(run.name), nameCells), styleOf(index)),
    steps === undefined || step === steps ? count(step) : `${count(step)} of ${count(steps)}`,
    finalValidationLoss === undefined ? NONE : loss(finalValidationLoss),
    best ? loss(best.validationLoss) : NONE,
    best ? count(best.step) : NONE,
    duration(elapsedSeconds),
  ]
}

function letter(index: number): Line {
  return styledLine(LETTERS[index], { ...styleOf(index), ...BOLD })
}

const BLANKS_BETWEEN = 2

/** A table with a column for each run; settings whose values are too long for it stand below, in whole. */
function differenceLines(differences: readonly Difference[], runs: number, width: number): Line[] {
  if (differences.length === 0) return [plainLine('All settings are the same.')]
  const most = valueRoom(differences, runs, width)
  const isShort = ({ setting, values }: Difference) => values.every((each) => cells(valueText(setting, each)) <= most)
  const rows = differences
    .filter(isShort)
    .map(({ setting, values }) => [onOneLine(setting), ...values.map((value) => valueText(setting, value))])
  const head = ['', ...Array.from({ length: runs }, (_, index) => letter(index))]
  const long = differences.filter((each) => !isShort(each)).flatMap((each) => valuesOf(each, width))
  return [
    plainLine('Settings that differ'),
    ...(rows.length > 0 ? indented(styledTable([head, ...rows])) : []),
    ...long,
  ]
}

/** Cells for each value where the runs have a column each; with many runs there may be none. */
function valueRoom(differences: readonly Difference[], runs: number, width: number): number {
  const longest = Math.max(...differences.map(({ setting }) => cells(onOneLine(setting))))
  return Math.floor((width - BLANKS_BETWEEN - longest) / runs) - BLANKS_BETWEEN
}

const FEWEST_VALUE_CELLS = 8

/** The name of a setting, and each of its values with the runs that have it. */
function valuesOf({ setting, values }: Difference, width: number): Line[] {
  const texts = values.map((value) => valueText(setting, value))
  const lettersOf = (text: string): Line =>
    texts.flatMap((each, index) => (each === text ? [...letter(index), blank(1)] : [])).slice(0, -1)
  const distinct = [...new Set(texts)]
  const room = width - 3 * BLANKS_BETWEEN - widest(distinct.map(lettersOf))
  const rows = distinct.flatMap((text) =>
    wrapped(text, Math.max(FEWEST_VALUE_CELLS, room)).map((part, index) => [index === 0 ? lettersOf(text) : '', part]),
  )
  return indented([plainLine(clipped(onOneLine(setting), width - BLANKS_BETWEEN)), ...indented(styledTable(rows))])
}

/** As much of a hash as people compare by eye. */
const HASH_CELLS = 12

function valueText(setting: string, value: SettingValue | null): string {
  if (value === null) return NONE
  if (typeof value === 'number') return String(Number(value.toPrecision(12))) // 0.1 * 0.003 as 0.0003
  const text = onOneLine(String(value))
  return setting === 'corpusSha256' ? clipped(text, HASH_CELLS) : text
}

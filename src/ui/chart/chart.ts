// A line chart in braille: curves, marked points, two axes with labels. A pure function from points to styled lines.

import { cells, type Line, type Style } from '../style.ts'
import { type Axis, positionAxis, type Tick, ticksOf, valueAxis } from './axis.ts'
import { Canvas, DOTS_ACROSS, DOTS_DOWN, wholeCells } from './canvas.ts'
import { type Axes, dotOf, drawCurve } from './curve.ts'
import { drawMarks } from './marks.ts'
import { extent, isDrawn, measured, partWithin, type Point, type Range, type Scale } from './points.ts'

export interface Curve {
  readonly name: string
  readonly points: readonly Point[]
  readonly style: Style
}

/** A point to look at, with a text beside it: "best 1.8923 at 1750". */
export interface Mark {
  readonly x: number
  readonly y: number
  readonly text: string
  readonly style: Style
  /** One cell wide; a bullet if it is left out. */
  readonly sign?: string
}

export interface ChartOptions {
  /** In cells, with axes and labels: exactly `height` lines, none of them wider. */
  readonly width: number
  readonly height: number
  /** Of y. With `log`, values that are not above zero are left out. */
  readonly scale: Scale
  /** The part to show; all points if it is left out. */
  readonly xRange?: Range
  readonly marks?: readonly Mark[]
  readonly yLabel?: (value: number) => string
  readonly xLabel?: (value: number) => string
}

const QUIET: Style = { dim: true }
const BULLET = '●'
const NOTHING_YET = 'no values yet'

export function chart(curves: readonly Curve[], options: ChartOptions): Line[] {
  const [width, height] = [wholeCells(options.width), wholeCells(options.height)]
  if (width === 0 || height === 0) return Array.from({ length: height }, () => [])
  const scene = sceneOf(curves, options)
  const frame = frameFor(scene?.axes, width, height, options)
  const canvas = new Canvas(frame.columns, frame.rows)
  if (scene) drawScene(canvas, scene, curves)
  else writeInTheMiddle(canvas, NOTHING_YET)
  return framed(canvas.lines(), frame)
}

/** What there is to draw, as the axes measure it. */
interface Scene {
  readonly axes: Axes
  readonly paths: readonly (readonly Point[])[]
  readonly marks: readonly Mark[]
}

function sceneOf(curves: readonly Curve[], { scale, xRange, marks = [] }: ChartOptions): Scene | undefined {
  const all = curves.map(({ points }) => measured(points, scale))
  const range = xRange?.every(Number.isFinite) ? xRange : extent(all, 'x')
  if (!range) return undefined
  const x = positionAxis(range)
  const paths = all.map((points) => partWithin(points, [x.low, x.high]))
  const seen = marks
    .map((mark) => ({ ...mark, y: measured([mark], scale)[0].y }))
    .filter((mark) => isDrawn(mark) && mark.x >= x.low && mark.x <= x.high)
  const y = extent(paths, 'y') && valueAxis([...paths, seen], scale)
  return y && { axes: { x, y }, paths, marks: seen }
}

function drawScene(canvas: Canvas, { axes, paths, marks }: Scene, curves: readonly Curve[]): void {
  paths.forEach((points, index) => drawCurve(canvas, points, axes, curves[index].style))
  const marked = marks.map(({ text, style, sign = BULLET, ...point }) => {
    const dot = dotOf(point, axes, canvas)
    return { column: Math.floor(dot.x / DOTS_ACROSS), row: Math.floor(dot.y / DOTS_DOWN), sign, text, style }
  })
  drawMarks(canvas, marked)
}

function writeInTheMiddle(canvas: Canvas, text: string): void {
  const column = Math.floor((canvas.columns - cells(text)) / 2)
  const row = Math.floor((canvas.rows - 1) / 2)
  if (canvas.hasRoom(row, column, cells(text))) canvas.write(row, column, { text, style: QUIET })
}

/** A label at a row or column of cells. */
interface Label {
  readonly at: number
  readonly text: string
}

/** The plot's size in cells, and what is around it. */
interface Frame {
  readonly columns: number
  readonly rows: number
  /** Undefined where there is no room for that axis. */
  readonly left: { readonly labels: readonly Label[]; readonly width: number } | undefined
  readonly below: readonly Label[] | undefined
}

/** An axis costs this much. The upright one also takes its longest label. */
const LINE_COLUMNS = 1
const ROWS_BELOW = 2

/** A plot that would be smaller than this does without the axis that makes it so. */
const FEWEST_ROWS = 3
const FEWEST_COLUMNS = 8

function frameFor(axes: Axes | undefined, width: number, height: number, options: ChartOptions): Frame {
  const hasBelow = height - ROWS_BELOW >= FEWEST_ROWS && width >= FEWEST_COLUMNS + LINE_COLUMNS
  const rows = hasBelow ? height - ROWS_BELOW : height
  const labels = axes ? upLabels(axes.y, rows, options.yLabel) : []
  const labelWidth = Math.max(0, ...labels.map(({ text }) => cells(text)))
  const columns = width - labelWidth - LINE_COLUMNS
  if (columns < FEWEST_COLUMNS) return { columns: width, rows: height, left: undefined, below: undefined }
  const below = hasBelow ? (axes ? acrossLabels(axes.x, columns, options.xLabel) : []) : undefined
  return { columns, rows, left: { labels, width: labelWidth }, below }
}

/** Labels stand at least this many rows apart; in higher charts a row more. */
function rowsApart(rows: number): number {
  return rows > 16 ? 3 : 2
}

function upLabels(axis: Axis, rows: number, label: ChartOptions['yLabel']): Label[] {
  const at = ({ place }: Tick) => Math.floor(Math.round((1 - place) * (rows * DOTS_DOWN - 1)) / DOTS_DOWN)
  const apart = rowsApart(rows)
  const fit = (ticks: readonly Tick[]) => ticks.every((tick, i) => i === 0 || at(ticks[i - 1]) - at(tick) >= apart)
  const farApart = ticksOf(axis, { most: rows, label, fit })
  const adjacent = (ticks: readonly Tick[]) => ticks.every((tick, i) => i === 0 || at(ticks[i - 1]) > at(tick))
  const ticks = farApart.length > 0 ? farApart : ticksOf(axis, { most: 2, label, fit: adjacent })
  return ticks.map((tick) => ({ at: at(tick), text: tick.label }))
}

const COLUMNS_APART = 2

function acrossLabels(axis: Axis, columns: number, label: ChartOptions['xLabel']): Label[] {
  const at = ({ place }: Tick) => Math.floor(Math.round(place * (columns * DOTS_ACROSS - 1)) / DOTS_ACROSS)
  const fit = (ticks: readonly Tick[]) => {
    const starts = ticks.map((tick) => startOf({ at: at(tick), text: tick.label }, columns))
    return ticks.every((_, i) => i === 0 || starts[i - 1] + cells(ticks[i - 1].label) + COLUMNS_APART <= starts[i])
  }
  return ticksOf(axis, { most: columns / 4, label, fit }).map((tick) => ({ at: at(tick), text: tick.label }))
}

/** The first column of a label that is centred under its tick, within the plot. */
function startOf({ at, text }: Label, columns: number): number {
  return Math.max(0, Math.min(at - Math.floor(cells(text) / 2), columns - cells(text)))
}

function framed(plot: readonly Line[], { left, below, columns }: Frame): Line[] {
  if (!left) return [...plot]
  const labels = new Map(left.labels.map(({ at, text }) => [at, text]))
  const lines = plot.map((line, row) => {
    const text = labels.get(row) ?? ''
    const blank = ' '.repeat(left.width - cells(text))
    return [{ text: `${blank}${text}${labels.has(row) ? '┤' : '│'}`, style: QUIET }, ...line]
  })
  return below ? [...lines, ...linesBelow(below, left.width, columns)] : lines
}

function linesBelow(labels: readonly Label[], indent: number, columns: number): Line[] {
  const ticks = new Set(labels.map(({ at }) => at))
  const rule = Array.from({ length: columns }, (_, column) => (ticks.has(column) ? '┬' : '─')).join('')
  let figures = ' '.repeat(indent + LINE_COLUMNS)
  for (const label of labels) {
    const gap = indent + LINE_COLUMNS + startOf(label, columns) - cells(figures)
    figures += ' '.repeat(gap) + label.text
  }
  return [`${' '.repeat(indent)}└${rule}`, figures.trimEnd()].map((text) =>
    text === '' ? [] : [{ text, style: QUIET }],
  )
}

// The loss curves with their values: of the batches of logged steps with their trend, of evaluations on both parts of
// the corpus, and the best of these. Only the evaluations can be compared: they are without dropout, and by one model.

import { useContext } from 'react'
import { chart, type Curve, type Mark } from '../chart/chart.ts'
import type { Point, Range, Scale } from '../chart/points.ts'
import { smoothed } from '../chart/smooth.ts'
import { count, loss } from '../format.ts'
import { DIM, BOLD, type Line, lineCells } from '../style.ts'
import { COLOURS, joined, plain, styled } from './lines.ts'
import { Depth, Picture, type Room } from './Picture.tsx'
import { pointsOf } from './series.ts'
import type { RunState } from './state.ts'

export interface CurveView {
  readonly scale: Scale
  /** Only the last part of the steps. */
  readonly isZoomed: boolean
}

interface Props extends Room {
  readonly state: RunState
  readonly view: CurveView
}

export function Losses({ state, view, width, height }: Props) {
  const isColoured = useContext(Depth) > 0
  const curves = curvesOf(state, isColoured)
  const legends = legendsOf(state, curves, view)
  const legend = legends.find((line) => lineCells(line) <= width) ?? legends.at(-1) ?? []
  const bestText = legend === legends[0] ? '' : `best ${loss(state.best?.loss ?? 0)}` // it is told once
  const options = {
    width,
    height: height - 1,
    scale: view.scale,
    xRange: shownSteps(state, view),
    marks: [...curves.flatMap(marksOf), ...bestMark(state, bestText)],
    xLabel: count,
  }
  const lines = chart(
    curves.filter(({ sign }) => sign === LINE),
    options,
  )
  return <Picture lines={[legend, ...lines]} width={width} height={height} />
}

/** A curve of the chart; in the legend too, where it has a value. */
interface LossCurve extends Curve {
  /** A line, or what stands at each of its points. */
  readonly sign: string
  readonly shortName: string
  readonly value?: number | undefined
}

const LINE = '━'

/**
 * Those drawn last are seen where they meet. Lines that cross are told apart by their colours; where there are none, a
 * single one is drawn: the trend of the batches without their noise, or, if no step was logged, the evaluations on the
 * training part.
 */
function curvesOf({ curves, latest: { evaluation } }: RunState, isColoured: boolean): LossCurve[] {
  const raw = pointsOf(curves.loss)
  const trend = smoothed(raw)
  const hasSteps = raw.length > 0
  const line = (name: keyof typeof COLOURS, points: readonly Point[], value?: number): LossCurve => {
    return { name, shortName: name, points, value, sign: LINE, style: COLOURS[name] }
  }
  const batch = line('batch', trend, trend.findLast(({ y }) => Number.isFinite(y))?.y ?? Number.NaN)
  const train = line('train', pointsOf(curves.train), evaluation?.trainLoss ?? Number.NaN)
  const validation = line('validation', pointsOf(curves.validation), evaluation?.validationLoss ?? Number.NaN)
  return [
    ...(isColoured && hasSteps ? [line('raw', raw)] : []),
    ...(hasSteps ? [batch] : []),
    { ...train, ...(!isColoured && hasSteps && { sign: '+' }) },
    { ...validation, shortName: 'val', ...(!isColoured && { sign: '×' }) },
  ]
}

function marksOf({ sign, points, style }: LossCurve): Mark[] {
  return sign === LINE ? [] : points.map((point) => ({ ...point, text: '', sign, style }))
}

function bestMark({ best }: RunState, text: string): Mark[] {
  return best ? [{ x: best.step, y: best.loss, text, style: COLOURS.best }] : []
}

const ZOOM = 0.25

function shownSteps({ step }: RunState, { isZoomed }: CurveView): Range {
  return [isZoomed ? Math.floor((1 - ZOOM) * step) : 0, Math.max(1, step)]
}

/** What the curves are and where they stand, from the longest version to the shortest. */
function legendsOf(state: RunState, curves: readonly LossCurve[], view: CurveView): Line[] {
  const told = curves.filter(({ value }) => value !== undefined)
  const evaluated = told.filter(({ name }) => name !== 'batch')
  const how = [...(view.scale === 'log' ? ['log'] : []), ...(view.isZoomed ? ['zoom'] : [])].join(' ')
  const title: Line = [styled('loss', BOLD), ...(how === '' ? [] : [styled(` (${how})`, DIM)])]
  const shortTitle: Line[] = how === '' ? [] : [[styled(how, DIM)]]
  const full = told.map((curve) => valueOf(curve, curve.name, 4))
  const short = (some: readonly LossCurve[], digits: number) =>
    some.map((curve) => valueOf(curve, curve.shortName, digits))
  const versions = [
    [title, ...full, ...bestOf(state)],
    [title, ...full],
    [title, ...short(told, 4)],
    [...shortTitle, ...short(told, 4)],
    [...shortTitle, ...short(told, 3)],
    short(told, 2),
    short(evaluated, 2),
    short(evaluated, 2).slice(-1),
  ]
  return versions.map((parts) => joined(parts, '  '))
}

function bestOf({ best }: RunState): Line[] {
  if (!best) return []
  const value = styled('best ', DIM)
  return [[styled('● ', COLOURS.best), value, plain(loss(best.loss)), styled(' at ', DIM), plain(count(best.step))]]
}

function valueOf({ sign, style, value = Number.NaN }: LossCurve, name: string, digits: number): Line {
  const figure = Number.isFinite(value) ? value.toFixed(digits) : '–'
  return [styled(`${sign} `, style), styled(`${name} `, DIM), plain(figure)]
}

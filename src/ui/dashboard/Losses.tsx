// The loss curves with their values: of each logged step and smoothed, of evaluations, and the best of these.

import { useContext } from 'react'
import { chart, type Curve, type Mark } from '../chart/chart.ts'
import type { Point, Range, Scale } from '../chart/points.ts'
import { smoothed } from '../chart/smooth.ts'
import { count, loss } from '../format.ts'
import { type Line, lineCells, type Style } from '../style.ts'
import { COLOURS, joined, plain, QUIET, STRONG, styled } from './lines.ts'
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
  const signs = useContext(Depth) > 0 ? IN_COLOUR : WITHOUT_COLOUR
  const curves = curvesOf(state)
  const legends = legendsOf(state, curves, view, signs)
  const legend = legends.find((line) => lineCells(line) <= width) ?? legends.at(-1) ?? []
  const bestText = legend === legends[0] ? '' : `best ${loss(state.best?.loss ?? 0)}` // it is told once
  const marks = [...(signs.drawsAll ? [] : crosses(curves.validation)), ...bestMark(state, bestText)]
  const options = {
    width,
    height: height - 1,
    scale: view.scale,
    xRange: shownSteps(state, view),
    marks,
    xLabel: count,
  }
  const lines = chart(drawn(curves, signs), options)
  return <Picture lines={[legend, ...lines]} width={width} height={height} />
}

interface Points {
  readonly raw: readonly Point[]
  readonly train: readonly Point[]
  readonly validation: readonly Point[]
}

/** The trend is that of the steps; where none were logged, of the evaluations. */
function curvesOf({ curves }: RunState): Points {
  const raw = pointsOf(curves.loss)
  return {
    raw,
    train: raw.length > 0 ? smoothed(raw) : pointsOf(curves.train),
    validation: pointsOf(curves.validation),
  }
}

/** Curves that cross are told apart by their colours; where there are none, evaluations are crosses. */
interface Signs {
  readonly validation: string
  readonly drawsAll: boolean
}

const IN_COLOUR: Signs = { validation: '━', drawsAll: true }
const WITHOUT_COLOUR: Signs = { validation: '×', drawsAll: false }

function drawn({ raw, train, validation }: Points, { drawsAll }: Signs): Curve[] {
  const trend = { name: 'train', points: train, style: COLOURS.train }
  if (!drawsAll) return [trend]
  return [
    { name: 'raw', points: raw, style: COLOURS.raw },
    trend,
    { name: 'validation', points: validation, style: COLOURS.validation },
  ]
}

function crosses(validation: readonly Point[]): Mark[] {
  return validation.map((point) => ({ ...point, text: '', sign: WITHOUT_COLOUR.validation, style: COLOURS.validation }))
}

function bestMark({ best }: RunState, text: string): Mark[] {
  return best ? [{ x: best.step, y: best.loss, text, style: COLOURS.best }] : []
}

const ZOOM = 0.25

function shownSteps({ step }: RunState, { isZoomed }: CurveView): Range {
  return [isZoomed ? Math.floor((1 - ZOOM) * step) : 0, Math.max(1, step)]
}

/** What the curves are and where they stand, from the longest version to the shortest. */
function legendsOf(state: RunState, curves: Points, view: CurveView, signs: Signs): Line[] {
  const how = [...(view.scale === 'log' ? ['log'] : []), ...(view.isZoomed ? ['zoom'] : [])].join(' ')
  const title: Line = [styled('loss', STRONG), ...(how === '' ? [] : [styled(` (${how})`, QUIET)])]
  const trained = valueOf('━', 'train', curves.train.findLast(({ y }) => Number.isFinite(y))?.y, COLOURS.train)
  const evaluated = state.latest.evaluation?.validationLoss
  const validated = valueOf(signs.validation, 'validation', evaluated, COLOURS.validation)
  const versions = [
    [title, trained, validated, ...bestOf(state)],
    [title, trained, validated],
    [trained, validated],
    [validated],
  ]
  return versions.map((parts) => joined(parts, '  '))
}

function bestOf({ best }: RunState): Line[] {
  if (!best) return []
  return [[...valueOf('●', 'best', best.loss, COLOURS.best), styled(' at ', QUIET), plain(count(best.step))]]
}

function valueOf(sign: string, name: string, value: number | undefined, style: Style): Line {
  return [styled(`${sign} `, style), styled(`${name} `, QUIET), plain(value === undefined ? '–' : loss(value))]
}

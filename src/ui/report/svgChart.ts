// A line chart as SVG in HTML: axes, curves with gaps, marks, and a legend that shows values. The picture stretches with
// the window and its texts do not: they and the marks are placed by percent, and lines keep their width.

import { count } from '../format.ts'
import { type Markup, markup, NOTHING } from './markup.ts'
import { percent, percentDown, type Scale, stepScale, tickLabels, valueScale } from './scale.ts'

export interface Point {
  readonly step: number
  /** A gap where it is not finite. */
  readonly value: number
}

/** How a curve looks; style.ts knows the names. */
export type Look = 'raw' | 'train' | 'validation' | 'rate' | 'norm'

export interface Curve {
  readonly name: string
  readonly look: Look
  /** By ascending steps. */
  readonly points: readonly Point[]
  /** Whether each point has a dot of its own: for few points. */
  readonly dotted?: boolean
}

export interface Chart {
  readonly title: string
  /** What the values are: "nats a token". */
  readonly unit: string
  readonly curves: readonly Curve[]
  readonly format: (value: number) => string
  readonly small?: boolean
  /** A value that the chart always shows. */
  readonly from?: number
  /** A point that is called by name. */
  readonly mark?: Point & { readonly label: string }
  /** A line across. */
  readonly limit?: { readonly value: number; readonly label: string }
}

/** Empty if no curve has a point that can be drawn. */
export function svgChart(chart: Chart): Markup {
  const curves = chart.curves.filter(({ points }) => points.some(({ value }) => Number.isFinite(value)))
  if (curves.length === 0) return NOTHING
  const points = curves.flatMap((curve) => curve.points)
  const x = stepScale(
    points.map(({ step }) => step),
    chart.small ? 4 : 6,
  )
  const y = valueScale(
    points.map(({ value }) => value),
    chart.small ? 3 : 7,
    chart.from,
  )
  return markup`<figure class="chart${chart.small ? ' small' : ''}">
<figcaption><strong>${chart.title}</strong> <span class="unit">${chart.unit}</span></figcaption>
${legend(chart, curves)}
<svg class="plot" tabindex="0" role="img" aria-label="${description(chart, curves)}" data-chart="${data(chart, curves, x, y)}">
${grid(x, y)}${limitLine(chart, y)}${lines(curves, x, y)}${dots(chart, curves, x, y)}${mark(chart, x, y)}${cursor(curves)}
</svg>
</figure>
`
}

/** What is said where nothing is seen. */
function description({ title, unit, format }: Chart, curves: readonly Curve[]): string {
  const ends = curves.map(({ name, points }) => {
    const drawn = points.filter(({ value }) => Number.isFinite(value))
    const [first, last] = [drawn[0], drawn[drawn.length - 1]]
    return `${name} from ${format(first.value)} at step ${count(first.step)} to ${format(last.value)} at step ${count(last.step)}`
  })
  return `${title}, ${unit}, by step: ${ends.join('; ')}. Arrow keys read the values.`
}

/** For the script: the ends of both axes, and each curve's steps with their values as they are shown. */
function data({ format }: Chart, curves: readonly Curve[], x: Scale, y: Scale): string {
  return JSON.stringify({
    x: [x.min, x.max],
    y: [y.min, y.max],
    curves: curves.map(({ points }) => ({
      steps: points.map(({ step }) => step),
      values: points.map(({ value }) => format(value)),
    })),
  })
}

/** The curves by name, with their last values; the script shows others there. */
function legend({ format }: Chart, curves: readonly Curve[]): Markup {
  const last = Math.max(...curves.map(({ points }) => points[points.length - 1].step))
  const entries = curves.map(({ name, look, points }) => {
    const end = points[points.length - 1]
    const at = end.step === last ? '' : ` at ${count(end.step)}`
    return markup`<li class="${look}"><i></i>${name} <output>${format(end.value)}${at}</output></li>`
  })
  return markup`<ul class="legend" aria-live="polite"><li class="step">step <output>${count(last)}</output></li>${entries}</ul>`
}

function grid(x: Scale, y: Scale): Markup[] {
  const [xLabels, yLabels] = [x.ticks.map((tick) => count(tick)), tickLabels(y)]
  const across = y.ticks.map((tick, index) => {
    const at = percentDown(tick, y)
    return markup`<line class="grid" x2="100%" y1="${at}%" y2="${at}%"/><text class="y" y="${at}%" dx="-8" dy=".32em">${yLabels[index]}</text>
`
  })
  const below = x.ticks.map((tick, index) => {
    const at = percent(tick, x)
    return markup`<text class="x" x="${at}%" y="100%" dy="18">${xLabels[index]}</text>
`
  })
  return [...across, ...below]
}

/** Left out where it is off the scale: it is no reason to squeeze the curve. */
function limitLine({ limit }: Chart, y: Scale): Markup {
  if (!limit || limit.value < y.min || limit.value > y.max) return NOTHING
  const at = percentDown(limit.value, y)
  return markup`<line class="limit" x2="100%" y1="${at}%" y2="${at}%"/><text class="limit" x="100%" y="${at}%" dy="-5">${limit.label}</text>
`
}

/** The side of the square in which curves are drawn; it is then stretched over the plot. */
const SIDE = 1000

function lines(curves: readonly Curve[], x: Scale, y: Scale): Markup {
  const paths = curves.map(
    (curve) => markup`<path class="${curve.look}" d="${path(curve.points, x, y)}"/>
`,
  )
  return markup`<svg class="curves" viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="none">${paths}</svg>
`
}

/** A point between two gaps becomes a line of no length, which round ends make a dot. */
function path(points: readonly Point[], x: Scale, y: Scale): string {
  let pen: 'up' | 'put' | 'drawing' = 'up'
  let drawn = ''
  for (const { step, value } of points) {
    if (!Number.isFinite(value)) {
      drawn += pen === 'put' ? 'h0' : ''
      pen = 'up'
      continue
    }
    drawn += `${pen === 'up' ? 'M' : 'L'}${place(percent(step, x))} ${place(percentDown(value, y))}`
    pen = pen === 'up' ? 'put' : 'drawing'
  }
  return pen === 'put' ? `${drawn}h0` : drawn
}

function place(share: number): number {
  return Math.round((share * SIDE) / 10) / 10
}

function dots({ format }: Chart, curves: readonly Curve[], x: Scale, y: Scale): Markup[] {
  return curves
    .filter(({ dotted }) => dotted)
    .flatMap(({ name, look, points }) =>
      points
        .filter(({ value }) => Number.isFinite(value))
        .map(({ step, value }) => {
          const title = `${name} at step ${count(step)}: ${format(value)}`
          return markup`<circle class="${look}" ${placed(step, value, x, y)} r="2.5"><title>${title}</title></circle>
`
        }),
    )
}

function placed(step: number, value: number, x: Scale, y: Scale): Markup {
  return markup`cx="${percent(step, x)}%" cy="${percentDown(value, y)}%"`
}

/** Beyond these, in percent, a label in the middle would leave the plot. */
const EDGE = 20

function mark({ mark: marked }: Chart, x: Scale, y: Scale): Markup {
  if (!marked || !Number.isFinite(marked.value)) return NOTHING
  const { step, value, label } = marked
  const name = `${label} at step ${count(step)}`
  const [across, down] = [percent(step, x), percentDown(value, y)]
  const anchor = across < EDGE ? 'start' : across > 100 - EDGE ? 'end' : 'middle'
  const position = markup`x="${across}%" y="${down}%" dy="${down < EDGE ? 24 : -16}" text-anchor="${anchor}"`
  return markup`<circle class="best" ${placed(step, value, x, y)} r="5"><title>${name}</title></circle><text class="best" ${position}>${label}</text>
`
}

/** Where the script shows what is pointed at. */
function cursor(curves: readonly Curve[]): Markup {
  const dot = ({ look }: Curve): Markup => markup`<circle class="${look}" r="4"/>`
  return markup`<g class="cursor"><line y2="100%"/>${curves.map(dot)}</g>`
}

// What is trained, on what, and how fast; with the learning rate and the norm of the gradient as small curves.

import { sparkline } from '../chart/sparkline.ts'
import { count, rate, short } from '../format.ts'
import { onOneLine } from '../fit.ts'
import { DIM, type Line, type Style } from '../style.ts'
import { COLOURS, firstFitting, joined, plain, spread, styled } from './lines.ts'
import { Picture, type Room } from './Picture.tsx'
import { pointsOf, type Series } from './series.ts'
import type { RunState } from './state.ts'

interface Props {
  readonly state: RunState
}

/** A column of figures, and below them the curves in what room there is. */
export function Facts({ state, width, height }: Props & Room) {
  const figures = figureLines(state, width)
  const trends = trendsOf(state)
  const room = height - figures.length
  const [above, below] = trends.map((trend, index) => trendLines(trend, width, Math.floor((room + index) / 2)))
  return <Picture lines={[...figures, ...above, ...below]} width={width} height={height} />
}

/** The same on one line, for small screens. */
export function FactsLine({ state, width }: Props & { readonly width: number }) {
  const { opening, latest, tokensPerSecond } = state
  const parts: [string, string][] = [
    ['', `${short(opening?.parameters.total ?? 0)} parameters`],
    ['', speed(tokensPerSecond)],
    ['lr ', latest.step ? rate(latest.step.learningRate) : '–'],
    ['grad ', latest.step ? norm(latest.step.gradientNorm) : '–'],
  ]
  const lines = parts.map(([label, value]): Line => [styled(label, DIM), plain(value)])
  const versions = [4, 3, 2, 1].map((length) => joined(lines.slice(0, length), '  '))
  return <Picture lines={[firstFitting(versions, width)]} width={width} height={1} />
}

function figureLines({ opening, tokensPerSecond }: RunState, width: number): Line[] {
  const row = (label: string, value: string): Line => spread([styled(label, DIM)], [plain(onOneLine(value))], width)
  if (!opening) return []
  const { parameters, corpus, settings, model } = opening
  return [
    row('parameters', count(parameters.total)),
    row('  decayed', count(parameters.decayed.parameters)),
    row('  not decayed', count(parameters.notDecayed.parameters)),
    row('  embeddings', count(parameters.embeddings)),
    row('corpus', corpus.name),
    row('tokenizer', `${settings.tokenizer}, ${count(model.vocabSize)} ids`),
    row('speed', speed(tokensPerSecond)),
  ]
}

interface Trend {
  readonly name: string
  readonly value: string
  readonly series: Series
  readonly style: Style
}

function trendsOf({ curves, latest }: RunState): Trend[] {
  const { step } = latest
  const { learningRate, gradientNorm } = curves
  return [
    {
      name: 'learning rate',
      value: step ? rate(step.learningRate) : '–',
      series: learningRate,
      style: COLOURS.learningRate,
    },
    {
      name: 'gradient norm',
      value: step ? norm(step.gradientNorm) : '–',
      series: gradientNorm,
      style: COLOURS.gradientNorm,
    },
  ]
}

const MOST_ROWS = 4

/** A blank line, the name and value, and the curve in the rows that are left; nothing where there are none. */
function trendLines({ name, value, series, style }: Trend, width: number, height: number): Line[] {
  const gap: Line[] = height > 2 ? [[]] : []
  const rows = Math.min(MOST_ROWS, height - 1 - gap.length)
  if (rows < 0) return []
  const title = spread([styled(name, DIM)], [plain(value)], width)
  return [...gap, title, ...sparkline(pointsOf(series), { width, height: rows, style })]
}

function speed(tokensPerSecond: number | undefined): string {
  return `${tokensPerSecond === undefined ? '–' : count(tokensPerSecond)} tok/s`
}

function norm(value: number): string {
  return value.toFixed(2)
}

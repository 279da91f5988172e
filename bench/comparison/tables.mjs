// Makes tables of what was measured: medians over the rounds, and the ratio to PyTorch within each round.

import { count, plural } from '../../dist/ui/format.js'
import { describeSizes, PEER, ROWS } from './rows.mjs'

const HEAD = [
  'work',
  'program',
  'ms a step',
  'tokens/s',
  'to PyTorch',
  'of peak',
  'decoded/s',
  'to PyTorch',
  'peak memory',
]
const NONE = '–'

/** What each program did on each row; `rows` as in results.json. */
export function comparisonTable(rows) {
  return markdown([HEAD, ...measured(rows).flatMap(([key, row]) => programLines(ROWS[key].title, row))])
}

/** What the rows are, and how they were measured. */
export function legend(rows) {
  return measured(rows)
    .map(([key, row]) => `- ${ROWS[key].title}: ${describeSizes(ROWS[key].sizes)}; ${circumstances(row)}.`)
    .join('\n')
}

/** Whole trainings, one for each seed. */
export function wholeTable({ runs }) {
  const lines = runs.map(({ seed, seconds, validationLoss }) => [
    `seed ${seed}`,
    ...wholeFigures(seconds, validationLoss),
  ])
  const mean = (field) => runs.reduce((sum, run) => sum + run[field], 0) / runs.length
  return markdown([
    ['training', 'seconds', 'validation loss'],
    ...lines,
    ['mean', ...wholeFigures(mean('seconds'), mean('validationLoss'))],
  ])
}

function wholeFigures(seconds, validationLoss) {
  return [seconds.toFixed(1), validationLoss.toFixed(4)]
}

/** In the order of the table of rows; without those that nothing could be measured on. */
function measured(rows) {
  const isMeasured = (key) => rows[key] && Object.keys(rows[key].programs).length > 0
  return Object.keys(ROWS)
    .filter(isMeasured)
    .map((key) => [key, rows[key]])
}

function circumstances({ date, threads, programs }) {
  const runs = Object.values(programs)
  const details = new Set(runs.map(([first]) => programDetail(first)))
  return [date, plural(threads, 'thread'), plural(runs[0].length, 'round'), ...calm(runs.flat()), ...details].join('; ')
}

/** How the machine was. */
function calm(runs) {
  const others = Math.max(...valuesOf(runs, 'othersShare'))
  const trips = spread(valuesOf(runs, 'roundTrip'))
  return [`cores ${trips} ns apart`, `other programs took at most ${(100 * others).toFixed(0)}% of them`]
}

function programDetail(figures) {
  return figures.engine ? `${figures.engine}: ${figures.detail}` : peerDetail(figures)
}

function peerDetail({ torch, blas, fusedAttention }) {
  return [`PyTorch ${torch}`, ...(blas ? [blas] : []), ...(fusedAttention ? ['fused attention'] : [])].join(', ')
}

function programLines(title, { programs }) {
  return Object.entries(programs).map(([program, runs]) => {
    const ratio = (field) => (program === PEER ? NONE : ratioToPeer(runs, programs[PEER], field))
    return [
      title,
      program === PEER ? PEER : `tgpt ${program}`,
      spread(valuesOf(runs, 'millisecondsPerStep')),
      threeDigits(median(valuesOf(runs, 'tokensPerSecond'))),
      ratio('tokensPerSecond'),
      share(valuesOf(runs, 'shareOfPeak')),
      threeDigits(median(valuesOf(runs, 'decodeTokensPerSecond'))),
      ratio('decodeTokensPerSecond'),
      `${count(median(valuesOf(runs, 'peakMemoryBytes')) / 1e6)} MB`,
    ]
  })
}

/** Within each round, because a machine's speed drifts from minute to minute. */
function ratioToPeer(runs, peers, field) {
  return peers ? spread(runs.map((run, round) => run[field] / peers[round][field])) : NONE
}

/** PyTorch says nothing of it, and an engine may not either. */
function share(values) {
  return typeof values[0] === 'number' ? `${(100 * median(values)).toFixed(0)}%` : NONE
}

function valuesOf(runs, field) {
  return runs.map((run) => run[field])
}

function spread(values) {
  return `**${threeDigits(median(values))}** (${threeDigits(Math.min(...values))}–${threeDigits(Math.max(...values))})`
}

/** 2.31, 43.2, 567 and 1,234. */
function threeDigits(value) {
  return value < 100 ? value.toPrecision(3) : count(value)
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Lines of cells, the first being the head, in columns of one width. */
function markdown(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [line(lines[0]), rule, ...lines.slice(1).map(line)].join('\n')
}

// A text coloured by how much each token surprised the model, and what the model expected instead.

import type { Candidate, PredictedPosition, Predictions } from '../../gpt/look.ts'
import { count, loss, plural } from '../format.ts'
import { BOLD, DIM, cells, type Line, lineCells, type Span } from '../style.ts'
import { blank, type Cell, indented, plainLine, styledLine, styledTable, prose } from '../styledTable.ts'
import { characters, label } from '../fit.ts'
import { visible } from '../visible.ts'
import { nats, percentage } from './figures.ts'
import { character, hasRamps, onRamp, REDS, shade, type Sheet, STEPS } from './shade.ts'

/** More rows than this nobody reads; --json has all. */
const MAX_ROWS = 40

export function predictionLines(look: Predictions, sheet: Sheet): Line[] {
  return [
    styledLine('Surprise', BOLD),
    ...indented(textLines(look, { ...sheet, columns: sheet.columns - 2 })),
    ...indented(legend(look, sheet)),
    plainLine(''),
    ...indented(meanLines(look, sheet)),
    ...expectationLines(look, sheet),
  ]
}

/** The largest surprise that the colours tell: that of an even guess. What is above looks the same. */
function evenGuess({ vocabSize }: Predictions): number {
  return Math.log(Math.max(2, vocabSize))
}

/** The text; where there are no colours, with a line of characters below each of its own. */
function textLines(look: Predictions, sheet: Sheet): Line[] {
  const even = evenGuess(look)
  const lines: Marked[][] = [[]]
  for (const { text: stretch, surprise } of look.stretches) {
    const share = surprise === undefined ? undefined : surprise / even
    for (const text of characters(visible(stretch))) {
      const used = lines[lines.length - 1].reduce((sum, marked) => sum + cells(marked.text), 0)
      if (used + cells(text) > sheet.columns) lines.push([])
      lines[lines.length - 1].push({ text, share })
      if (text === '⏎') lines.push([])
    }
  }
  const filled = lines.filter((line) => line.length > 0)
  return hasRamps(sheet) ? filled.map((line) => line.map(coloured)) : filled.flatMap(underlined)
}

interface Marked {
  readonly text: string
  /** Of the surprise of an even guess; undefined for the first token. */
  readonly share: number | undefined
}

function coloured({ text, share }: Marked): Span {
  return { text, style: share === undefined ? DIM : onRamp(share, REDS) }
}

function underlined(line: readonly Marked[]): Line[] {
  const mark = ({ text, share }: Marked) => (share === undefined ? ' ' : character(share)).repeat(cells(text))
  return [plainLine(line.map(({ text }) => text).join('')), plainLine(line.map(mark).join('').trimEnd())]
}

function legend(look: Predictions, sheet: Sheet): Line[] {
  const even = evenGuess(look)
  const steps = STEPS.filter((_, index) => index % 2 === 0)
  const swatches = steps.flatMap((step): Line => {
    return [blank(2), shade(step, hasRamps(sheet) ? 2 : 1, sheet, REDS), { text: ` ${nats(step * even)}` }]
  })
  const end = ` nats or more: worse than an even guess among ${count(look.vocabSize)} tokens`
  const line: Line = [...plainLine('nats'), ...swatches]
  return lineCells(line) + end.length + 2 <= sheet.columns
    ? [[...line, { text: end }]]
    : [line, ...prose(`${nats(even)}${end}`, sheet.columns - 2, DIM)]
}

function meanLines({ meanSurprise, positions }: Predictions, { columns }: Sheet): Line[] {
  if (meanSurprise === undefined) return []
  const known = positions.length - 1
  const text = `mean ${loss(meanSurprise)} nats over ${plural(known, 'token')}: a choice among ${few(Math.exp(meanSurprise))} equally likely ones`
  return [...prose(text, columns - 2), plainLine('')]
}

/** With a decimal where it says something. */
function few(value: number): string {
  return value < 100 ? value.toFixed(1) : count(value)
}

/** One row for each prediction: after which token, what was expected, what came. */
function expectationLines({ positions }: Predictions, sheet: Sheet): Line[] {
  const first = Math.max(0, positions.length - MAX_ROWS)
  const fits = (candidates: number): Line[] => {
    const header = ['', 'after', 'came', 'p', 'nats', 'expected'].map((name) => styledLine(name, DIM))
    const rows = positions.slice(first).map((position, index) => {
      const came = positions[first + index + 1] as PredictedPosition | undefined
      return expectationRow(first + index, position, came, candidates)
    })
    return indented(styledTable([header, ...rows], [0, 3, 4]))
  }
  const widths = [5, 4, 3, 2].find((candidates) => Math.max(...fits(candidates).map(lineCells)) <= sheet.columns)
  return [
    styledLine('Expected', BOLD),
    ...fits(widths ?? 1),
    ...(first > 0 ? [plainLine(`The last ${MAX_ROWS} of ${positions.length} tokens; --json has all.`)] : []),
  ]
}

const NAME_WIDTH = 14

function expectationRow(
  index: number,
  { token, next }: PredictedPosition,
  came: PredictedPosition | undefined,
  candidates: number,
): Cell[] {
  const expected = next.slice(0, candidates).map((candidate) => expectedCell(candidate, came?.token.id))
  const known = came?.probability === undefined ? undefined : came
  return [
    styledLine(String(index), DIM),
    label(token.text, NAME_WIDTH),
    came ? label(came.token.text, NAME_WIDTH) : '',
    known ? percentage(known.probability!) : '',
    known ? nats(known.surprise!) : '',
    ...expected,
  ]
}

/** A token that was expected; the one that came stands out. */
function expectedCell({ id, text, probability }: Candidate, came: number | undefined): Line {
  const share: Span = { text: ` ${percentage(probability)}`, style: DIM }
  const name = label(text, NAME_WIDTH)
  return [id === came ? { text: name, style: { bold: true, colour: 'green' } } : { text: name }, share]
}

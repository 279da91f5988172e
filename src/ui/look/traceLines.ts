// The way of a text through the model as a table: one row a tensor, in the order of computation.

import type { Candidate, Trace, TracedTensor } from '../../gpt/look.ts'
import { BOLD, DIM, type Line, lineCells } from '../style.ts'
import { blank, type Cell, indented, plainLine, styledLine, styledTable, prose } from '../styledTable.ts'
import { label } from '../fit.ts'
import { figure, percentage } from './figures.ts'
import type { Sheet } from './shade.ts'

/** With less room beside the figures, what a tensor is stands below them. */
const MEANING_WIDTH = 72

/** A list of more tokens would hide the table below it. */
const MAX_TOKENS = 100

const HEADER = ['tensor', 'shape', 'mean', 'std', 'min', 'max'].map((name) => styledLine(name, DIM))

export function traceLines(trace: Trace, sheet: Sheet): Line[] {
  const { tokens, tensors, next } = trace
  const ids = [plainLine('ids'), plainLine(String(tokens.length)), '', '', '', '']
  const rows = [HEADER, ids, ...tensors.map((tensor) => figuresOf(tensor))]
  const [header, idsLine, ...lines] = styledTable(rows, [1, 2, 3, 4, 5])
  const width = Math.max(...[header, idsLine, ...lines].map(lineCells))
  const beside = sheet.columns - width - 3 >= MEANING_WIDTH
  const explained = (line: Line, meaning: string): Line[] =>
    beside
      ? [[...line, blank(width - lineCells(line) + 3), { text: meaning, style: DIM }]]
      : [line, ...indented(prose(meaning, sheet.columns - 4, DIM), 4)]
  return [
    ...textLines(trace, sheet),
    header,
    ...explained(idsLine, 'the tokens as numbers'),
    ...tensors.flatMap((tensor, index) => [
      ...title(tensor, tensors[index - 1]),
      ...(isRepeated(tensor) ? [lines[index]] : explained(lines[index], tensor.meaning)),
    ]),
    plainLine(''),
    ...nextLines(next),
  ]
}

function textLines({ tokens }: Trace, { columns }: Sheet): Line[] {
  const shown = tokens.slice(0, MAX_TOKENS).map(({ id, text }) => `${label(text)}=${id}`)
  const more = tokens.length - shown.length
  const listed = [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join(' ')
  return [styledLine('Tokens and their ids', BOLD), ...indented(prose(listed, columns - 2)), plainLine('')]
}

function figuresOf({ name, shape, mean, standardDeviation, min, max }: TracedTensor): Cell[] {
  const block = blockOf(name)
  const shown = block === undefined ? name : `  ${name.slice(name.indexOf('.', 2) + 1)}`
  return [shown, shape.join(' x '), ...[mean, standardDeviation, min, max].map(figure)]
}

function blockOf(name: string): string | undefined {
  return /^h\.\d+/.exec(name)?.[0]
}

/** The first block explains itself; the others are made alike. */
function isRepeated({ name }: TracedTensor): boolean {
  const block = blockOf(name)
  return block !== undefined && block !== 'h.0'
}

/** Before the first tensor of a block. */
function title({ name }: TracedTensor, before: TracedTensor | undefined): Line[] {
  const block = blockOf(name)
  return block === undefined || (before && blockOf(before.name) === block) ? [] : [styledLine(block, BOLD)]
}

function nextLines(next: readonly Candidate[]): Line[] {
  const rows = next.map(({ text, probability }) => [label(text), percentage(probability)])
  return [styledLine('What comes next, says the last row', BOLD), ...indented(styledTable(rows, [1]))]
}

// The nearest tokens by their embeddings.

import type { Neighbours } from '../../gpt/look.ts'
import { BOLD, DIM, type Line } from '../style.ts'
import { indented, styledLine, styledTable, prose } from '../styledTable.ts'
import { label } from '../fit.ts'
import { bar, type Sheet } from './shade.ts'

const BAR_WIDTH = 24

const READING =
  'The similarity is the cosine of the angle between two rows of the token embedding (wte): 1 is the same direction, 0 a right angle.'

export function neighbourLines({ token, neighbours }: Neighbours, sheet: Sheet): Line[] {
  const header = ['token', 'id', 'similarity'].map((name) => styledLine(name, DIM))
  const rows = neighbours.map(({ id, text, similarity }) => [
    label(text),
    styledLine(String(id), DIM),
    similarity.toFixed(3),
    bar(similarity, BAR_WIDTH),
  ])
  return [
    styledLine(`Nearest to ${label(token.text)} (id ${token.id})`, BOLD),
    ...indented(styledTable([header, ...rows], [1, 2])),
    ...prose(READING, sheet.columns, DIM),
  ]
}

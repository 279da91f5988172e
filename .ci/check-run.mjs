// Checks what the README says of the default run: it ends at 1.63, where words and sentences are, and is still falling.

import { readFileSync } from 'node:fs'

const events = readFileSync(`${process.argv[2]}/metrics.jsonl`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
const [, ...evaluated] = events.filter(({ event }) => event === 'evaluated')
const finished = events.at(-1)
const MOST_LOSS = 1.7

const losses = evaluated.map(({ validationLoss }) => validationLoss)
if (finished.reason !== 'completed') throw new Error(`the run did not finish: ${JSON.stringify(finished)}`)
if (!(finished.validation.loss < MOST_LOSS)) throw new Error(`a loss of ${finished.validation.loss} at the end`)
if (!(losses.at(-1) < losses.at(-3))) throw new Error(`no longer falling: ${losses.join(', ')}`)
console.log(
  `validation losses ${losses.map((loss) => loss.toFixed(3)).join(', ')}; at the end ${finished.validation.loss.toFixed(4)}`,
)

// Keeps what was measured in results.json, so that one row can be measured again, and writes RESULTS.md from it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeMachine } from './machine.mjs'
import { comparisonTable, legend, wholeTable } from './tables.mjs'

const DATA = fileURLToPath(new URL('../results.json', import.meta.url))
const PAGE = fileURLToPath(new URL('../RESULTS.md', import.meta.url))

/** Adds what was measured now to what was measured before, unless that was on another kind of machine. */
export function writeResults({ rows = {}, whole }) {
  const machine = describeMachine()
  const before = existsSync(DATA) ? JSON.parse(readFileSync(DATA, 'utf8')) : undefined
  const kept = before?.machine === machine ? before : { rows: {} }
  const results = { machine, rows: { ...kept.rows, ...rows }, whole: whole ?? kept.whole }
  writeFileSync(DATA, `${JSON.stringify(results, shortened, 2)}\n`)
  writeFileSync(PAGE, page(results))
}

/** Six digits are more than any of the figures is worth. */
function shortened(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value
}

function page({ machine, rows, whole }) {
  return ['# Measured', `On ${machine}.`, ...comparison(rows), ...wholeTrainings(whole), HOW].join('\n\n') + '\n'
}

function comparison(rows) {
  if (Object.keys(rows).length === 0) return []
  return ['## Training steps and decoding, beside PyTorch', comparisonTable(rows), legend(rows), READING]
}

function wholeTrainings(whole) {
  if (!whole) return []
  const { date, command, runs } = whole
  const [{ engine, tokens, ofTokens }] = runs
  return [
    '## Whole trainings',
    `\`${command}\`, its evaluations included, from the command's start to its end; ${date}; ${engine};
other programs took at most ${(100 * Math.max(...runs.map((run) => run.othersShare))).toFixed(0)}% of the processors.
The loss is the last one's, over ${tokens === ofTokens ? 'the whole' : `${tokens} of the ${ofTokens} tokens of the`} validation part.`,
    wholeTable(whole),
  ]
}

const READING = `The programs take turns for several rounds, each time in a new process. Bold figures are medians over the rounds, beside
them the lowest and the highest; a ratio is of tokens/s within a round. A step is the forward pass, the backward pass,
clipping and AdamW. The share of peak counts causal attention at half and is of an fp32 multiply-add loop of the same
engine in the same run. Decoding is of one sequence from one token to a full block; PyTorch does it without a cache, as
nanoGPT does. Memory is the highest of the whole process, 1 MB being 1,000,000 bytes.

How far the cores are apart is the time of a signal from one to the other and back, before each run. Where they share no
cache it is longer, and threads that wait for each other are slower. A run was repeated if other programs took more than a
little of the processors meanwhile.`

const HOW = `## How to measure again

\`\`\`
npm run build
node bench/compare.mjs --write
node bench/compare.mjs --whole tinyshakespeare.txt --write
\`\`\`

[README.md](README.md) says what has to be installed. The rounds are in [results.json](results.json).`

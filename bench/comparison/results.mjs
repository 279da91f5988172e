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
  const kept = before?.machine === machine ? before : { rows: {}, wholes: [] }
  const results = { machine, rows: { ...kept.rows, ...rows }, wholes: withWhole(kept.wholes, whole) }
  writeFileSync(DATA, `${JSON.stringify(results, shortened, 2)}\n`)
  writeFileSync(PAGE, page(results))
}

/** In the place of what the same command took before. */
function withWhole(wholes, whole) {
  if (!whole) return wholes
  const others = wholes.filter(({ command }) => command !== whole.command)
  return [...others, whole].toSorted((a, b) => (a.command < b.command ? -1 : 1))
}

/** Six digits are more than any of the figures is worth. */
function shortened(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value
}

function page({ machine, rows, wholes }) {
  return ['# Measured', `On ${machine}.`, ...comparison(rows), ...wholeTrainings(wholes), HOW].join('\n\n') + '\n'
}

function comparison(rows) {
  if (Object.keys(rows).length === 0) return []
  return ['## Training steps and decoding, beside PyTorch', comparisonTable(rows), legend(rows), READING]
}

function wholeTrainings(wholes) {
  if (wholes.length === 0) return []
  return ['## Whole trainings', WHOLE, ...wholes.flatMap((whole) => [wholeTitle(whole), wholeTable(whole)])]
}

function wholeTitle({ date, command, runs }) {
  const [{ engine, tokens, ofTokens }] = runs
  const part = tokens === ofTokens ? 'the whole validation part' : `${tokens} of the ${ofTokens} tokens to validate`
  const others = (100 * Math.max(...runs.map((run) => run.othersShare))).toFixed(0)
  return `\`${command}\`; ${date}; ${engine}; loss over ${part}; other programs took at most ${others}% of the processors:`
}

const READING = `The programs take turns for several rounds, each time in a new process. Bold figures are medians over the rounds, beside
them the lowest and the highest; a ratio is of tokens/s within a round. A step is the forward pass, the backward pass,
clipping and AdamW. The share of peak counts causal attention at half and is of an fp32 multiply-add loop of the same
engine in the same run. Decoding is of one sequence from one token to a full block; PyTorch does it without a cache, as
nanoGPT does. Memory is the highest of the whole process, 1 MB being 1,000,000 bytes.

How far the cores are apart is the time of a signal from one to the other and back, before each run. Where they share no
cache it is longer, and threads that wait for each other are slower. A run was repeated if other programs took more than a
little of the processors meanwhile.`

const WHOLE = `From the command's start to its end, evaluations, samples and checkpoints included. The loss is the last one's.`

const HOW = `## How to measure again

\`\`\`
npm run build
node bench/compare.mjs --write
node bench/compare.mjs --whole tinyshakespeare.txt --write
node bench/compare.mjs --whole tinyshakespeare.txt --precision bf16 --write
node bench/compare.mjs --whole corpora/saltmarrow.txt --preset small --seeds 1337 --write
\`\`\`

[README.md](README.md) says what has to be installed. The rounds are in [results.json](results.json).`

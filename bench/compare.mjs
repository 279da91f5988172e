// Compares tgpt with PyTorch: npm run build && node bench/compare.mjs [--write]. README.md beside this says more.

import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import {
  HOW_TO_INSTALL,
  hasPyTorch,
  hasSlowThreads,
  PYTHON,
  runPyTorch,
  runTgpt,
  SLOW_BLAS,
  TGPT,
} from './comparison/programs.mjs'
import { inPeace } from './comparison/machine.mjs'
import { writeResults } from './comparison/results.mjs'
import { PEER, peerFlags, ROWS, tgptFlags, VARIANTS } from './comparison/rows.mjs'
import { comparisonTable, legend, wholeTable } from './comparison/tables.mjs'
import { measureWhole } from './comparison/whole.mjs'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: Object.keys(ROWS).join(',') },
    variants: { type: 'string', default: Object.keys(VARIANTS).join(',') },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    whole: { type: 'string' },
    preset: { type: 'string', default: 'nano' },
    seeds: { type: 'string', default: '1337,1,2' },
    engine: { type: 'string', default: 'native' },
    precision: { type: 'string', default: 'fp32' },
    write: { type: 'boolean', default: false },
    tgpt: { type: 'string', default: TGPT },
    python: { type: 'string', default: PYTHON },
  },
})
const threads = countOption('threads')
const rounds = countOption('rounds')
const today = new Date().toISOString().slice(0, 10)

if (options.whole === undefined) compareRows()
else trainWhole(options.whole)

function compareRows() {
  const keys = listOption('rows', ROWS)
  const variants = listOption('variants', VARIANTS)
  const withPeer = hasPyTorch(options.python)
  if (!withPeer) note(HOW_TO_INSTALL)
  const rows = Object.fromEntries(
    keys.map((key) => {
      const wanted = ROWS[key].variants.filter((name) => variants.includes(name))
      return [key, compareRow(ROWS[key], withPeer ? [PEER, ...wanted] : wanted)]
    }),
  )
  console.log(`${comparisonTable(rows)}\n\n${legend(rows)}`)
  if (options.write) writeResults({ rows })
}

/** All programs in turn, round by round; every second round backwards, so that none always follows the same one. */
function compareRow(row, names) {
  const programs = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const left = Object.keys(programs)
    for (const name of round % 2 === 0 ? left : left.toReversed()) measureInto(programs, name, row)
  }
  if (programs[PEER]?.some(hasSlowThreads)) note(SLOW_BLAS)
  return { date: today, threads, programs }
}

/** A program that fails is left out from then on. */
function measureInto(programs, name, row) {
  try {
    const figures = inPeace(() => measure(name, row), { attempts: 20, onDisturbed })
    programs[name].push(figures)
    note(progressLine(row, name, figures))
  } catch (error) {
    delete programs[name]
    note(`${row.title} ${name} is left out: ${error.message}`)
    process.exitCode = 1
  }
}

function onDisturbed(share) {
  note(`disturbed: other programs took ${(100 * share).toFixed(0)}% of the processors`)
}

function measure(name, row) {
  if (name === PEER) return runPyTorch(options.python, peerFlags(row, threads), threads)
  const figures = runTgpt(options.tgpt, tgptFlags(row, name, threads))
  if (figures.engine !== VARIANTS[name].engine) throw new Error(`tgpt took the engine ${figures.engine}`)
  return figures
}

function progressLine({ title }, name, { millisecondsPerStep, decodeTokensPerSecond, roundTrip: nanoseconds }) {
  const step = `${millisecondsPerStep.toFixed(1)} ms`
  return `${title} ${name}: ${step}, ${decodeTokensPerSecond.toFixed(1)} decoded/s; cores ${nanoseconds} ns apart`
}

function trainWhole(corpus) {
  const { preset, engine, precision } = options
  const flags = ['--preset', preset, '--engine', engine, '--threads', String(threads), '--precision', precision]
  const runs = options.seeds.split(',').map((seed) => {
    const train = () => measureWhole(options.tgpt, corpus, Number(seed), flags)
    const result = inPeace(train, { attempts: 3, onDisturbed })
    note(`seed ${seed}: ${result.seconds.toFixed(1)} s, validation loss ${result.validationLoss.toFixed(4)}`)
    return result
  })
  const whole = { date: today, command: ['tgpt train', basename(corpus), ...flags].join(' '), runs }
  console.log(wholeTable(whole))
  if (options.write) writeResults({ whole })
}

/** Names separated by commas, each one known. */
function listOption(name, known) {
  const names = options[name].split(',')
  const unknown = names.find((each) => !Object.hasOwn(known, each))
  if (unknown !== undefined) refuse(`--${name}: "${unknown}" is none of ${Object.keys(known).join(', ')}`)
  return names
}

function countOption(name) {
  const count = Number(options[name])
  if (!Number.isInteger(count) || count < 1) refuse(`--${name} must be a whole number above 0`)
  return count
}

function refuse(complaint) {
  console.error(complaint)
  process.exit(2)
}

function note(line) {
  console.error(line)
}

// The command line. The only file that reads the environment, hears signals, catches errors and sets exit codes.

import { randomInt } from 'node:crypto'
import { addAbortSignal } from 'node:stream'
import yargs from 'yargs'
import { failure, UserError } from '../base/errors.ts'
import { isInForeground } from '../store/foreground.ts'
import { packageVersion } from '../store/packageFiles.ts'
import { colourDepth } from '../ui/style.ts'
import { harmless } from '../ui/visible.ts'
import { BENCH_OPTIONS, benchCommand } from './bench.ts'
import { buildNativeCommand } from './buildNative.ts'
import { COMPARE_OPTIONS, compareCommand } from './compare.ts'
import { complaint } from './complaints.ts'
import type { Context, Terminal } from './context.ts'
import { EVAL_OPTIONS, evalCommand } from './eval.ts'
import { INSPECT_OPTIONS, inspectCommand } from './inspect.ts'
import { switches } from './options.ts'
import { REPORT_OPTIONS, reportCommand } from './report.ts'
import { SAMPLE_OPTIONS, sampleCommand } from './sample.ts'
import { canonicalArguments } from './spelling.ts'
import { Suspension } from './suspension.ts'
import { TRAIN_OPTIONS, trainCommand } from './train.ts'
import { WATCH_OPTIONS, watchCommand } from './watch.ts'

const EXIT = { failed: 1, hungUp: 129, interrupted: 130, terminated: 143 } as const

process.env.NODE_ENV ??= 'production' // React's other build, for development, takes twice the time

const ending = new AbortController()
const suspension = new Suspension(process)
endOn('SIGINT', EXIT.interrupted)
endOn('SIGTERM', EXIT.terminated)
endWithTerminal()
endWithReader()
await run(process.argv.slice(2)).catch(report)

function endOn(signal: NodeJS.Signals, exitCode: number): void {
  process.on(signal, () => end(exitCode))
}

/** The first time asks the command to end in order; the second does not wait. */
function end(exitCode: number): void {
  if (ending.signal.aborted) process.exit(exitCode)
  process.exitCode = exitCode
  ending.abort()
}

/** Closing a window hangs up, often twice: by the system and by the shell. Neither is a person in a hurry. */
function endWithTerminal(): void {
  process.on('SIGHUP', () => (ending.signal.aborted ? undefined : end(EXIT.hungUp)))
}

/** A reader that goes away, as `head` does, ends the command without a word: what is in training is saved. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !ending.signal.aborted) report(failure(`cannot write the output: ${error.message}`))
    ending.abort()
  })
  process.stderr.on('error', () => ending.abort()) // there is nobody left to tell
}

async function run(args: string[]): Promise<void> {
  const context = contextOfProcess()
  const options = {
    ...TRAIN_OPTIONS,
    ...WATCH_OPTIONS,
    ...COMPARE_OPTIONS,
    ...SAMPLE_OPTIONS,
    ...INSPECT_OPTIONS,
    ...REPORT_OPTIONS,
    ...EVAL_OPTIONS,
    ...BENCH_OPTIONS,
  }
  await yargs(canonicalArguments(args, new Set(switches(options))))
    .scriptName('tgpt')
    .usage('$0 turns a text file into a GPT of your own.')
    .command([
      trainCommand(context),
      watchCommand(context),
      compareCommand(context),
      sampleCommand(context),
      inspectCommand(context),
      reportCommand(context),
      evalCommand(context),
      benchCommand(context),
      buildNativeCommand(context),
    ])
    .example('$0 train', 'train on the embedded corpus')
    .example('$0 sample --prompt "The sea"', 'write with the newest model')
    .example('$0 inspect', 'look inside it')
    .demandCommand(1, 'a command is missing')
    .strict()
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false }) // each option has one name
    .locale('en') // messages would follow the system's language, half translated
    .updateStrings({ string: 'value', boolean: 'switch' })
    .version(context.versions.tgpt)
    .help()
    .wrap(Math.min(100, process.stdout.columns || 100))
    .exitProcess(false)
    .fail((message: string | null, error?: Error) => {
      if (error && error.name !== 'YError') throw error // thrown by a command
      throw complaint(message ?? '', args, Object.keys(options))
    })
    .parseAsync()
}

function contextOfProcess(): Context {
  return {
    signal: ending.signal,
    quit: () => ending.abort(),
    interrupt: () => end(EXIT.interrupted),
    stdout: (text) => void process.stdout.write(text),
    stderr: tell,
    isShown: process.stdout.isTTY,
    colours: colourDepth(process.env),
    terminal: terminalOfProcess(),
    stdin: readStandardInput,
    onStop: suspension.onStop,
    clock: suspension.clock,
    freshSeed: () => randomInt(2 ** 32),
    root: 'checkpoints',
    engine: process.env.TGPT_ENGINE || undefined, // an empty one is as none
    environment: process.env,
    availableBytes: process.availableMemory(),
    peakMemoryBytes: () => process.resourceUsage().maxRSS * 1024,
    versions: { tgpt: packageVersion(), node: process.versions.node },
    command: process.env.npm_command === 'exec' ? 'npx tgpt' : 'tgpt',
  }
}

/** Undefined where standard output is none, or not to be drawn on. */
function terminalOfProcess(): Terminal | undefined {
  const { stdin, stdout, env } = process
  if (!stdout.isTTY || isSet(env.CI) || isSet(env.CONTINUOUS_INTEGRATION) || env.TERM === 'dumb') return undefined
  if (!isInForeground()) return undefined
  process.on('SIGCONT', () => (isInForeground() ? stdout.emit('resize') : undefined)) // something else may be on it now
  stdin.on('error', () => {}) // of a window that was closed: its signal says so
  const size = { columns: () => stdout.columns, rows: () => stdout.rows }
  return { ...size, stdin, stdout, suspend: suspension.stopGroup, isInForeground }
}

/**
 * Continuous integration keeps a log of its output, though it may call it a terminal; a dumb terminal cannot go back. A
 * variable is read as Ink reads it, which draws nothing there.
 */
function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '0' && variable !== 'false'
}

/** All that comes until its end, or until a signal. */
async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of addAbortSignal(ending.signal, process.stdin)) chunks.push(chunk as Uint8Array)
  } catch (error) {
    if (!ending.signal.aborted) throw error
  }
  return Buffer.concat(chunks)
}

/** What the person can mend takes two lines; all else is ours, and keeps its stack. */
function report(error: unknown): void {
  if (error instanceof UserError) {
    const words = `tgpt: ${error.message}\n${error.hint === '' ? '' : `${error.hint}\n`}`
    tell(words)
    process.exitCode = error.exitCode
    return
  }
  const stack = error instanceof Error ? error.stack : String(error)
  tell(`${stack}\n\nThis is a fault in tgpt, not yours. Please report it with the lines above.\n`)
  process.exitCode = EXIT.failed
}

/** Files may have any name: nothing in it steers the terminal. */
function tell(words: string): void {
  process.stderr.write(harmless(words))
}

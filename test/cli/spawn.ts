// The command as a person runs it: a process of its own in a fresh folder. `npm test` builds before the tests run.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'

export const BIN = fileURLToPath(new URL('../../bin/tgpt.js', import.meta.url))

/** A model that trains in a moment. */
export const SMALL = '--n-layer 1 --n-head 1 --n-embd 8 --block-size 8 --batch-size 2 --eval-iters 1'
export const TINY = `${SMALL} --steps 6 --eval-interval 3 --log-interval 1`

/** A text of 2000 characters and a bit, all of them ASCII. */
export const TALES = Array.from(
  { length: 40 },
  (_, day) => `Day ${day}: the sea is wide, the boat is small, the keeper sings.\n`,
).join('')

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SpawnOptions {
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

export interface Running {
  readonly outcome: Promise<Outcome>
  /** Resolves when standard output has this in it; rejects if the process ends without. */
  printed(words: string | RegExp): Promise<void>
  /** The same of standard error. */
  told(words: string | RegExp): Promise<void>
  signal(name: NodeJS.Signals): void
}

const folders: string[] = []
const children: ChildProcessWithoutNullStreams[] = []

afterAll(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL') // none is left but after a test that failed
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder that goes away when the tests of the file are done. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tgpt-cli-'))
  folders.push(folder)
  return folder
}

/** A fresh folder that holds tales.txt. */
export function folderWithTales(): string {
  const folder = freshFolder()
  writeFileSync(join(folder, 'tales.txt'), TALES)
  return folder
}

/** Runs `tgpt` to its end. Arguments in one string are split at blanks. */
export function tgpt(folder: string, args: string | readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
  return start(folder, args, options).outcome
}

export function start(folder: string, args: string | readonly string[], options: SpawnOptions = {}): Running {
  return startCommand(process.execPath, [BIN, ...(typeof args === 'string' ? args.split(' ') : args)], folder, options)
}

export function startCommand(command: string, args: readonly string[], folder: string, options: SpawnOptions): Running {
  const child = spawn(command, args, { cwd: folder, env: environment(options) })
  children.push(child)
  child.stdin.on('error', () => {}) // it may end without having read its input
  child.stdin.end(options.stdin ?? '')
  return watched(child)
}

function watched(child: ChildProcessWithoutNullStreams): Running {
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...output }))
  })
  const has = (stream: 'stdout' | 'stderr') => (words: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => (output[stream].search(words) < 0 ? undefined : resolve())
      child[stream].on('data', look)
      look()
      outcome.then(({ stderr }) => reject(new Error(`it ended without printing ${words}\n${stderr}`)), reject)
    })
  return { outcome, printed: has('stdout'), told: has('stderr'), signal: (name) => void child.kill(name) }
}

/** Without npm's own variable, which would make it say `npx tgpt`, and without the engine that somebody prefers. */
function environment({ env }: SpawnOptions): NodeJS.ProcessEnv {
  const { npm_command: _, TGPT_ENGINE: __, ...inherited } = process.env
  return { ...inherited, ...env }
}

/** Trains a small model on the tales in a fresh folder; the run is checkpoints/tales. */
export async function trained(flags = TINY): Promise<{ folder: string; run: string; stdout: string }> {
  const folder = folderWithTales()
  const { stdout } = await succeeds(tgpt(folder, `train tales.txt ${flags}`))
  return { folder, run: join(folder, 'checkpoints', 'tales'), stdout }
}

export async function succeeds(outcome: Promise<Outcome>): Promise<Outcome> {
  const ended = await outcome
  expect(ended.code, ended.stderr).toBe(0)
  return ended
}

/** The exit code, one or two lines on standard error, no stack, and nothing on standard output. */
export function expectRefusal({ code, stdout, stderr }: Outcome, exitCode: 1 | 2, words: RegExp): void {
  expect(stderr).toMatch(words)
  expect(stderr).toMatch(/^tgpt: .*\n(.*\n)?$/)
  expect(stderr).not.toMatch(/^ {4}at |YError|\[object/m)
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
}

/** All paths in a folder, to see whether anything was left there. */
export function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
}

export interface LoggedEvent {
  readonly event: string
  readonly step: number
  readonly [field: string]: unknown
}

/** The lines of a run's metrics.jsonl. */
export function eventsOf(run: string): LoggedEvent[] {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as LoggedEvent)
}

/** What a run did, without the figures that a clock decides. */
export function untimedEventsOf(run: string): unknown[] {
  const timed = new Set(['elapsedSeconds', 'tokensPerSecond', 'expected', 'peakGflops'])
  return eventsOf(run).map((event) => Object.fromEntries(Object.entries(event).filter(([field]) => !timed.has(field))))
}

export function settingsOf(run: string): Record<string, unknown> {
  const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { settings: Record<string, unknown> }
  return record.settings
}

/** The names of a run's step folders. */
export function stepsOf(run: string): string[] {
  return readdirSync(run)
    .filter((name) => name.startsWith('step-'))
    .toSorted()
}

/** The step folder that `latest` or `best` names. */
export function pointedAt(run: string, pointer: 'latest' | 'best'): string {
  return join(run, readFileSync(join(run, pointer), 'utf8').trimEnd())
}

export function weightsIn(stepFolder: string): Buffer {
  return readFileSync(join(stepFolder, 'model.safetensors'))
}

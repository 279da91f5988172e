// Runs the two programs that are compared, tgpt and nanogpt.py, and reads the JSON that they print.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NANOGPT = fileURLToPath(new URL('../nanogpt.py', import.meta.url))

export const TGPT = fileURLToPath(new URL('../../bin/tgpt.js', import.meta.url))

/** Debian's PyTorch is built for this Python. */
export const PYTHON = '/usr/bin/python3'

export const HOW_TO_INSTALL = `PyTorch is not measured. On Debian or Ubuntu it comes with
  apt-get install python3-torch libopenblas0-openmp
and is used by ${PYTHON}; choose another Python with --python.`

export const SLOW_BLAS = `PyTorch is slower than it could be: its OpenBLAS has threads of its own.
Install libopenblas0-openmp and measure again.`

/** What `tgpt bench --json` measured. @throws Error with what it wrote to standard error. */
export function runTgpt(program, flags) {
  return JSON.parse(run(process.execPath, [program, 'bench', '--json', ...flags]))
}

/** What nanogpt.py measured. @throws Error with the end of what it wrote to standard error. */
export function runPyTorch(python, flags, threads) {
  return JSON.parse(run(python, [NANOGPT, ...flags], environment(threads)))
}

export function hasPyTorch(python) {
  return spawnSync(python, ['-c', 'import torch']).status === 0
}

/** Whether two threads are slower than one, because OpenBLAS has threads of its own. */
export function hasSlowThreads({ blas, threads }) {
  return threads > 1 && blas === 'openblas-pthread'
}

/** Runs to the end and gives standard output. */
export function run(command, args, env = process.env) {
  const { error, status, signal, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env })
  if (error) throw error
  if (status !== 0) throw new Error(`${signal ?? `exit code ${status}`}: ${lastLines(stderr)}`)
  return stdout
}

/** Two are enough for an error of tgpt's and for Python's own summary. */
function lastLines(text) {
  return text.trim().split('\n').slice(-2).join(' ')
}

/** The OpenBLAS that shares OpenMP's threads goes first: with the usual one, two threads are slower than one. */
function environment(threads) {
  const folders = [...openMpBlas(), ...(process.env.LD_LIBRARY_PATH ? [process.env.LD_LIBRARY_PATH] : [])]
  return { ...process.env, OMP_NUM_THREADS: String(threads), LD_LIBRARY_PATH: folders.join(':') }
}

/** Debian's folders for it: /usr/lib/x86_64-linux-gnu/openblas-openmp, say. */
function openMpBlas() {
  if (process.platform !== 'linux') return []
  return readdirSync('/usr/lib')
    .map((name) => join('/usr/lib', name, 'openblas-openmp'))
    .filter((folder) => existsSync(folder))
}

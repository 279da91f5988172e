// Times a whole training, from the command's start to its end, and reads how good it became.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './programs.mjs'

/** One training. @throws Error if it failed, or ended before its last step. */
export function measureWhole(program, corpus, seed, flags) {
  const folder = mkdtempSync(join(tmpdir(), 'tgpt-bench-'))
  const out = join(folder, 'run')
  try {
    const before = performance.now()
    run(process.execPath, [program, 'train', corpus, '--seed', String(seed), '--out', out, ...flags])
    const seconds = (performance.now() - before) / 1000
    return { seed, seconds, ...outcome(join(out, 'metrics.jsonl')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The log's first event says which engine it was, its last the loss over the validation part. */
function outcome(log) {
  const events = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { engine } = events[0]
  const { reason, validation } = events.at(-1)
  if (reason !== 'completed') throw new Error('the training did not finish')
  const { loss, tokens, ofTokens } = validation
  return { engine: `${engine.name}: ${engine.detail}`, validationLoss: loss, tokens, ofTokens }
}

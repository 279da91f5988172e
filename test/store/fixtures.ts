// What the tests of this folder share: real folders that go away, a small checkpoint, and files with any header.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import type { NamedTensors } from '../../src/base/namedTensors.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { initialParameters } from '../../src/gpt/parameters.ts'
import { writeCheckpoint, type Checkpoint } from '../../src/store/checkpoint.ts'
import { createTokenizer } from '../../src/text/tokenizer.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tgpt-store-'))
  folders.push(folder)
  return folder
}

const TEXT = 'to be, or not to be'

export async function checkpointAt(step: number, changes: Partial<ModelConfig> = {}): Promise<Checkpoint> {
  const tokenizer = await createTokenizer('char', TEXT)
  const sizes = { vocabSize: tokenizer.vocabSize, blockSize: 8, nLayer: 2, nHead: 2, nEmbd: 4 }
  const model: ModelConfig = { ...sizes, bias: true, activation: 'gelu_new', ...changes }
  const optimizer = { firstMoments: initialParameters(model, 11), secondMoments: initialParameters(model, 12) }
  const state = { step, bestValidationLoss: 1.25, bestStep: step, tokensSeen: step * 96 }
  return { model, dropout: 0.2, parameters: initialParameters(model, 10), optimizer, tokenizer, state }
}

/** A run folder with a checkpoint for each step, the first of them the best. */
export async function runWith(...steps: number[]): Promise<string> {
  const folder = join(temporaryFolder(), 'run')
  mkdirSync(folder)
  for (const step of steps) writeCheckpoint(folder, await checkpointAt(step), { best: step === steps[0] })
  return folder
}

/** The bytes of a safetensors file with any header and any data. */
export function safetensorsBytes(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header)
  const json = new TextEncoder().encode(text)
  const body = typeof data === 'number' ? new Uint8Array(data) : data
  return withLength(BigInt(json.length), json, body)
}

export function withLength(length: bigint, ...parts: Uint8Array[]): Uint8Array {
  const prefix = new Uint8Array(8)
  new DataView(prefix.buffer).setBigUint64(0, length, true)
  return Buffer.concat([prefix, ...parts])
}

export function fileOf(bytes: Uint8Array | string, name = 'model.safetensors'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, bytes)
  return path
}

export function tensorsOf(entries: Record<string, { shape: number[]; data: number[] }>): NamedTensors {
  const tensors = Object.entries(entries)
  return new Map(tensors.map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data) }]))
}

/** Runs what must fail for a reason that a person can mend, and gives that error back. */
export async function userErrorOf(action: () => unknown): Promise<UserError> {
  try {
    await action()
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  return expect.unreachable('nothing was thrown')
}

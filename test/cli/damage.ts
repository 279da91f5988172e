// What tests do to checkpoints: copies, and copies with something wrong.

import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from './spawn.ts'

/** Copies the three files that Hugging Face's GPT-2 has into a folder of their own. */
export function modelAlone(stepFolder: string, folder: string): string {
  mkdirSync(folder, { recursive: true })
  for (const name of ['config.json', 'model.safetensors', 'tokenizer.json'])
    copyFileSync(join(stepFolder, name), join(folder, name))
  return folder
}

/** A fresh folder with a copy of everything in another. */
export function copyOf(folder: string): string {
  const copy = freshFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

export function changeBytes(path: string, change: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(path, change(readFileSync(path)))
}

export function changeJson(path: string, changes: object): void {
  const json = JSON.parse(readFileSync(path, 'utf8')) as object
  writeFileSync(path, JSON.stringify({ ...json, ...changes }))
}

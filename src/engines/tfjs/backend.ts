// Finds a TensorFlow.js to compute with: the native tfjs-node where it is installed, else the pure JavaScript backend.

import util from 'node:util'
import { registerDerivatives } from './derivatives.ts'
import type { Tf } from './tf.ts'

export interface Backend {
  readonly tf: Tf
  readonly detail: string
  /** Why this backend and not the other. */
  readonly reason: string
}

/** An optional dependency: it is only there where its own download of libtensorflow succeeded. */
const TFJS_NODE = '@tensorflow/tfjs-node'

/**
 * Loads tfjs-node, or where that fails the JavaScript backend, ready to compute and to differentiate.
 * @param native the module to try first.
 */
export async function loadBackend(native: string = TFJS_NODE): Promise<Backend> {
  const backend = await loadNative(native).catch((error: unknown) => loadJavaScript(whyNotNative(error)))
  registerDerivatives(backend.tf)
  return backend
}

async function loadNative(module: string): Promise<Backend> {
  restoreRemovedUtilities()
  const loaded = (await import(module)) as Tf & { default?: Tf }
  const tf = loaded.default ?? loaded
  await tf.ready()
  return { tf, detail: `tfjs-node ${tf.version_core}`, reason: 'tfjs-node is installed' }
}

/** tfjs-node 4.22 calls two functions of node:util that Node 23 removed. */
function restoreRemovedUtilities(): void {
  const removed = util as unknown as Record<string, unknown>
  removed.isArray ??= Array.isArray
  removed.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
}

async function loadJavaScript(reason: string): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core')
  tf.enableProdMode() // or it advertises tfjs-node on stderr
  await import('@tensorflow/tfjs-backend-cpu')
  await tf.setBackend('cpu')
  return { tf, detail: `TensorFlow.js ${tf.version_core}, JavaScript, 1 thread, fp32`, reason }
}

/** A missing package and a package without its compiled addon fail differently. */
function whyNotNative(error: unknown): string {
  const missing = (error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND'
  return missing ? 'tfjs-node is not installed' : 'tfjs-node does not load: try npm rebuild @tensorflow/tfjs-node'
}

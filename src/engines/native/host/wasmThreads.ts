// The threads of an engine on WebAssembly: workers of Node that share its memory. The first of them leads.

import { Worker } from 'node:worker_threads'
import type { Task } from './wasmWorker.ts'

/** Compiled, because Node 20 does not run TypeScript. From src and from dist it is at this place. */
const WORKER = new URL('../../../../dist/engines/native/host/wasmWorker.js', import.meta.url)

/** Messages that are waited for. */
interface Wait {
  missing: number
  resolve(): void
  reject(error: Error): void
}

export class WasmThreads {
  /** Why they cannot go on: one of them ended, for which the others would wait for ever. */
  death: Error | undefined
  private readonly workers: readonly Worker[]
  private wait: Wait | undefined
  private job: Promise<void> = Promise.resolve()
  private stopping = false

  /** They are ready for work. @throws Error if one of them does not start. */
  static async start(tasks: readonly Task[]): Promise<WasmThreads> {
    const threads = new WasmThreads(tasks)
    await threads.messages(tasks.length)
    return threads
  }

  private constructor(tasks: readonly Task[]) {
    this.workers = tasks.map((task) => new Worker(WORKER, { workerData: task, name: 'tgpt', execArgv: [] }))
    for (const [number, worker] of this.workers.entries()) {
      worker.on('message', () => this.heard())
      worker.on('error', (error: unknown) => this.die(`thread ${number} stopped: ${String(error)}`))
      worker.on('exit', () => this.die(`thread ${number} stopped`))
    }
  }

  /** Does the prepared job. The process goes on for its sake, and only for its sake. */
  async run(): Promise<void> {
    if (this.wait) throw new Error('a job is in progress')
    this.job = this.messages(1)
    const [leader] = this.workers
    leader.ref()
    leader.postMessage('run')
    return this.job
  }

  /** Ends them, after the job in progress. @param quit tells helpers that wait for a job. */
  async stop(quit: () => void): Promise<void> {
    await this.job.catch(() => {}) // whoever asked for the job was told
    if (this.death) return
    this.stopping = true
    quit()
    await this.terminate()
  }

  /** Ends them at once. */
  die(reason: string): void {
    if (this.stopping || this.death) return
    this.death = new Error(reason)
    this.wait?.reject(this.death)
    this.wait = undefined
    void this.terminate()
  }

  private messages(missing: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.death) reject(this.death)
      else this.wait = { missing, resolve, reject }
    })
  }

  private heard(): void {
    if (this.wait === undefined || --this.wait.missing > 0) return
    this.wait.resolve()
    this.wait = undefined
    for (const worker of this.workers) worker.unref()
  }

  private async terminate(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }
}

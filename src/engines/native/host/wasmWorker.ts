// One thread of an engine on WebAssembly. A helper makes one call, which lasts until the engine quits; the leader makes
// one for each message, and says when it is done.

import { parentPort, workerData } from 'node:worker_threads'

export interface Task {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** The end of this thread's stack, which grows down. */
  readonly stack: number
  /** The call to make: a command by number, and where its operands are. */
  readonly command: number
  readonly operands: number
  readonly leads: boolean
}

interface Exports {
  readonly call: (command: number, operands: number) => number
  readonly __stack_pointer: WebAssembly.Global
}

const { module, memory, stack, command, operands, leads } = workerData as Task
const port = parentPort! // there is one in every worker
const { call, __stack_pointer: stackPointer } = new WebAssembly.Instance(module, { env: { memory } })
  .exports as unknown as Exports
stackPointer.value = stack

if (leads) {
  port.on('message', () => {
    call(command, operands)
    port.postMessage('done')
  })
}
port.postMessage('ready')
if (!leads) call(command, operands)

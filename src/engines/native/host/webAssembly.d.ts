// What is used of WebAssembly: TypeScript declares it only together with a browser.

declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module'
  }

  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true })
    /** Another one after the memory has grown; the one before stays good for what it holds. */
    readonly buffer: SharedArrayBuffer
  }

  class Global {
    value: number
  }

  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory } })
    readonly exports: Readonly<Record<string, unknown>>
  }

  function validate(bytes: Uint8Array): boolean
  function compile(bytes: Uint8Array): Promise<Module>
}

// What the C++ core can be told, wherever it runs: on the addon or on WebAssembly. It knows nothing of models.

/** The commands of cpp/commands.h: numbers in, one number out. */
export type Command =
  | 'create'
  | 'destroy'
  | 'allocate'
  | 'release'
  | 'import'
  | 'export'
  | 'clearMoments'
  | 'clearBatches'
  | 'addBatch'
  | 'prepareStep'
  | 'prepareGradients'
  | 'prepareLosses'
  | 'prepareLogits'
  | 'createDecoder'
  | 'forkDecoder'
  | 'destroyDecoder'
  | 'prepareAdvance'
  | 'run'
  | 'serve'
  | 'quit'
  | 'loss'
  | 'gradientNorm'
  | 'prepareMeasurePeak'
  | 'flops'
  | 'vectorWidth'
  | 'hasBf16'

export interface Core {
  /** For people: "AVX-512", "WebAssembly, relaxed SIMD". */
  readonly instructionSet: string
  call(command: Command, ...operands: number[]): number
  /** Starts the helper threads (and the leader) for an engine. */
  start(engine: number, threads: number): Promise<void>
  /** Carries out the prepared job on the leader thread; rejects if a thread died. Keeps the process alive meanwhile, and only then. */
  run(engine: number): Promise<void>
  /** Ends the threads, after the job in progress. */
  stop(engine: number): Promise<void>
  write(address: number, values: Float32Array | Int32Array): void
  read(address: number, values: Float32Array): void
}

/** A core, or the reason for people why there is none. */
export type LoadedCore = { readonly core: Core } | { readonly reason: string }

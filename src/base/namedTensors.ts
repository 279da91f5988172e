// Tensors as they travel between rooms: plain numbers with a shape, no engine's handles.

export interface NamedTensor {
  readonly shape: readonly number[]
  /** Row-major elements; `data.length` is the product of `shape`. */
  readonly data: Float32Array
}

/** Tensors by name, in the order of `paramSpecs`. */
export type NamedTensors = ReadonlyMap<string, NamedTensor>

/** The number of elements of a shape; 1 for a scalar's empty shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1)
}

/** The name of the first tensor that holds a NaN or an infinity, if there is one. */
export function firstNonFinite(tensors: NamedTensors): string | undefined {
  for (const [name, { data }] of tensors) if (!data.every(Number.isFinite)) return name
  return undefined
}

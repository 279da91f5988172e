// Memory of the core through which arrays go to it and come back. It grows to what a job needs.

import { failure, type UserError } from '../../base/errors.ts'
import type { Core } from './host/core.ts'

/** Memory that is kept from job to job; more of it is given back. */
const KEPT_BYTES = 16 * 2 ** 20

/** A boundary that vectors of every width share. */
const ALIGNMENT = 64

export class Staging {
  private address = 0
  private bytes = 0

  constructor(private readonly core: Core) {}

  /**
   * Writes arrays one after the other, and leaves room for so many floats after them: the address of each, and of the
   * room. All of it stays until the next call.
   * @throws UserError (exit 1) if there is not enough memory.
   */
  place(arrays: readonly (Float32Array | Int32Array)[], floats = 0): number[] {
    const sizes = [...arrays.map(({ byteLength }) => byteLength), floats * Float32Array.BYTES_PER_ELEMENT]
    let end = 0
    const offsets = sizes.map((size) => (end += aligned(size)) - aligned(size))
    this.grow(end)
    arrays.forEach((array, index) => this.core.write(this.address + offsets[index], array))
    return offsets.map((offset) => this.address + offset)
  }

  /** A copy of floats that the core wrote. */
  read(address: number, floats: number): Float32Array {
    const values = new Float32Array(floats)
    this.core.read(address, values)
    return values
  }

  /** Gives back what only a large job needs. */
  shrink(): void {
    if (this.bytes > KEPT_BYTES) this.release()
  }

  release(): void {
    if (this.bytes > 0) this.core.call('release', this.address)
    this.bytes = 0
  }

  private grow(bytes: number): void {
    if (bytes <= this.bytes) return
    this.release()
    this.address = this.core.call('allocate', bytes)
    if (this.address === 0) throw outOfMemory('a batch of this size', 'Choose a smaller --batch-size or --block-size.')
    this.bytes = bytes
  }
}

/** @param what there is no memory for. */
export function outOfMemory(what: string, hint: string): UserError {
  return failure(`there is not enough memory for ${what}`, hint)
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}

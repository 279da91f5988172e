// Where the ids of a corpus come from: memory, or anything else that can read a range.

export interface TokenSource {
  /** The number of tokens. */
  readonly length: number
  /** The ids from `start` up to `end`, perhaps a view: not to be changed. Throws RangeError outside 0 to `length`. */
  read(start: number, end: number): Int32Array
}

/** A source over ids in memory; it reads views of them. */
export function arraySource(ids: Int32Array): TokenSource {
  return view(ids.length, (start, end) => ids.subarray(start, end))
}

/** Splits by position, as nanoGPT does: the first floor((1 - fraction) * length) tokens train, the rest validates. */
export function splitSource(
  source: TokenSource,
  validationFraction: number,
): { train: TokenSource; validation: TokenSource } {
  const boundary = Math.floor((1 - validationFraction) * source.length)
  return {
    train: view(boundary, (start, end) => source.read(start, end)),
    validation: view(source.length - boundary, (start, end) => source.read(boundary + start, boundary + end)),
  }
}

/** The first `count` tokens of a source, or all of a shorter one. */
export function firstTokens(source: TokenSource, count: number): TokenSource {
  return view(Math.min(count, source.length), (start, end) => source.read(start, end))
}

/** Guards a read, so that no part reaches into its neighbour, and no typed array quietly clips. */
function view(length: number, read: TokenSource['read']): TokenSource {
  return {
    length,
    read: (start, end) => {
      const isInside = start >= 0 && start <= end && end <= length
      if (!isInside) throw new RangeError(`tokens ${start} to ${end} are not all within 0 to ${length}`)
      return read(start, end)
    },
  }
}

// Where a byte string stops being UTF-8. Only for error messages: the decoder itself is the platform's.

/** For a first byte: how many bytes follow, and the range of the first of them. */
interface Sequence {
  readonly following: number
  readonly low: number
  readonly high: number
}

/** Table 3-7 of the Unicode Standard: narrow second bytes shut out overlong forms, surrogates and beyond U+10FFFF. */
function sequenceOf(byte: number): Sequence | undefined {
  if (byte <= 0x7f) return { following: 0, low: 0, high: 0 }
  if (byte < 0xc2 || byte > 0xf4) return undefined
  if (byte <= 0xdf) return { following: 1, low: 0x80, high: 0xbf }
  if (byte <= 0xef) return { following: 2, low: byte === 0xe0 ? 0xa0 : 0x80, high: byte === 0xed ? 0x9f : 0xbf }
  return { following: 3, low: byte === 0xf0 ? 0x90 : 0x80, high: byte === 0xf4 ? 0x8f : 0xbf }
}

/**
 * The offset of the first byte that belongs to no valid character: where the broken or cut sequence begins, as in
 * Python's UnicodeDecodeError. -1 if all is valid.
 */
export function firstInvalidUtf8(bytes: Uint8Array): number {
  let offset = 0
  while (offset < bytes.length) {
    const sequence = sequenceOf(bytes[offset])
    if (sequence === undefined || !continues(bytes, offset, sequence)) return offset
    offset += 1 + sequence.following
  }
  return -1
}

function continues(bytes: Uint8Array, offset: number, { following, low, high }: Sequence): boolean {
  for (let place = 1; place <= following; place++) {
    const byte = bytes.at(offset + place) ?? 0
    const inRange = place === 1 ? byte >= low && byte <= high : byte >= 0x80 && byte <= 0xbf
    if (!inRange) return false
  }
  return true
}

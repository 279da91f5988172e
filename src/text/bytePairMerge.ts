// Byte pair encoding of one piece of text, in n log n: a heap holds the pairs that can merge. It is not the splitting.
// Sennrich, Haddow, Birch: "Neural machine translation of rare words with subword units" (2016).

/** The token that a pair of tokens becomes. A token's id is also its rank: the lowest merges first. */
export type Merges = ReadonlyMap<number, number>

/** Ids are below this, so that a pair fits one number exactly. */
const MAX_IDS = 2 ** 20
/** Positions are below this. A candidate (merged token, position) fits one number and sorts by rank, then position. */
const MAX_POSITIONS = 2 ** 32
const ABSORBED = -1

/** The key of a pair in `Merges`. */
export function pairKey(left: number, right: number): number {
  return left * MAX_IDS + right
}

/** The pair of a key: [left, right]. */
export function pairOfKey(key: number): [number, number] {
  return [Math.floor(key / MAX_IDS), key % MAX_IDS]
}

/**
 * Joins neighbours until no pair is in `merges`: always the pair of lowest rank, the leftmost of equals.
 * `tokens` is one id for each byte and is used up; returns the ids that remain, in order.
 */
export function mergePairs(tokens: number[], merges: Merges): number[] {
  const piece = new Piece(tokens, merges)
  const heap: number[] = []
  const propose = (left: number): void => {
    const merged = piece.mergeAt(left)
    if (merged !== undefined) pushHeap(heap, merged * MAX_POSITIONS + left)
  }
  for (let left = 0; left < tokens.length; left++) propose(left)
  for (let candidate = popHeap(heap); candidate !== undefined; candidate = popHeap(heap)) {
    const left = candidate % MAX_POSITIONS
    const merged = Math.floor(candidate / MAX_POSITIONS)
    if (piece.mergeAt(left) === merged) piece.join(left, merged).forEach(propose) // else a neighbour has merged since
  }
  return tokens.filter((token) => token !== ABSORBED)
}

/** The tokens of a piece, where each position knows its neighbours that are left. */
class Piece {
  readonly #tokens: number[]
  readonly #merges: Merges
  readonly #next: number[]
  readonly #previous: number[]

  constructor(tokens: number[], merges: Merges) {
    this.#tokens = tokens
    this.#merges = merges
    this.#next = tokens.map((_, position) => position + 1) // the length is no position: the end
    this.#previous = tokens.map((_, position) => position - 1) // -1 is none either: the start
  }

  /** What the token at `left` and its right neighbour become, if they merge. An absorbed token never does. */
  mergeAt(left: number): number | undefined {
    const right = this.#next[left]
    if (right >= this.#tokens.length) return undefined
    return this.#merges.get(pairKey(this.#tokens[left], this.#tokens[right]))
  }

  /** Puts `merged` in the place of the pair at `left`; returns the positions whose pair is new. */
  join(left: number, merged: number): number[] {
    const right = this.#next[left]
    const after = this.#next[right]
    const before = this.#previous[left]
    this.#tokens[left] = merged
    this.#tokens[right] = ABSORBED
    this.#next[left] = after
    if (after < this.#tokens.length) this.#previous[after] = left
    return before < 0 ? [left] : [before, left]
  }
}

/** Adds to a binary heap whose smallest number is at 0. */
function pushHeap(heap: number[], value: number): void {
  let at = heap.length
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (heap[parent] <= value) break
    heap[at] = heap[parent]
    at = parent
  }
  heap[at] = value
}

/** Takes the smallest number out; undefined when the heap is empty. */
function popHeap(heap: number[]): number | undefined {
  const smallest = heap[0]
  const value = heap.pop()
  if (value === undefined || heap.length === 0) return smallest
  let at = 0
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++
    if (value <= heap[child]) break
    heap[at] = heap[child]
    at = child
  }
  heap[at] = value
  return smallest
}

import { describe, expect, test } from 'vitest'
import { seedKey } from '../../src/base/threefry.ts'
import {
  consecutiveWindows,
  evaluationBatches,
  randomWindows,
  trainingBatch,
  type Windows,
} from '../../src/text/batches.ts'
import { arraySource, splitSource, type TokenSource } from '../../src/text/tokenSource.ts'

/** The ids 0 to length - 1: each tells its own place. */
function countingSource(length: number): TokenSource {
  return arraySource(Int32Array.from({ length }, (_, index) => index))
}

/** Where the windows of a counting source start; checks the shape and that both rows count up from there. */
function startsOf({ inputs, targets, batchSize }: Windows, blockSize: number): number[] {
  expect(inputs).toHaveLength(batchSize * blockSize)
  const starts = Array.from({ length: batchSize }, (_, row) => inputs[row * blockSize])
  expect([...inputs]).toEqual(starts.flatMap((start) => Array.from({ length: blockSize }, (_, at) => start + at)))
  expect(targets).toEqual(inputs.map((id) => id + 1))
  return starts
}

describe('randomWindows', () => {
  test('every valid start is reached, about equally often, and no other', () => {
    const starts = startsOf(randomWindows(countingSource(11), 5000, 4, seedKey(1)), 4)
    for (let start = 0; start < 7; start++) {
      const count = starts.filter((other) => other === start).length
      expect(Math.abs(count - 5000 / 7), `start ${start}`).toBeLessThan(125) // five standard deviations
    }
    expect(starts.every((start) => start >= 0 && start < 7)).toBe(true)
  })

  test('one block and one target are just enough', () => {
    expect(startsOf(randomWindows(countingSource(5), 3, 4, seedKey(1)), 4)).toEqual([0, 0, 0])
  })

  test.each([0, 3, 4])('%d tokens are too few for a block of 4', (length) => {
    expect(() => randomWindows(countingSource(length), 1, 4, seedKey(1))).toThrow(RangeError)
  })

  test('a row does not depend on how many there are', () => {
    const few = startsOf(randomWindows(countingSource(1000), 3, 4, seedKey(5)), 4)
    const many = startsOf(randomWindows(countingSource(1000), 8, 4, seedKey(5)), 4)
    expect(many.slice(0, 3)).toEqual(few)
  })

  test('the training part never shows a token of the validation part', () => {
    const { train } = splitSource(countingSource(40), 0.25)
    const { targets } = randomWindows(train, 500, 5, seedKey(2))
    expect(Math.max(...targets)).toBe(29)
  })
})

describe('trainingBatch', () => {
  const source = countingSource(100_000)
  const at = { seed: 1337, step: 10, microStep: 0, batchSize: 16, blockSize: 8 }

  test('repeats itself', () => {
    expect(trainingBatch(source, at)).toEqual(trainingBatch(source, { ...at }))
  })

  test.each([{ seed: 1338 }, { step: 11 }, { microStep: 1 }, { step: 0 }])('is another with %j', (change) => {
    const [starts, others] = [at, { ...at, ...change }].map((place) => startsOf(trainingBatch(source, place), 8))
    expect(others.filter((start) => starts.includes(start))).toEqual([])
  })

  test('neighbours in step and micro-step share no windows', () => {
    const places = Array.from({ length: 64 }, (_, index) => ({ ...at, step: index >> 3, microStep: index & 7 }))
    const keys = places.map((place) => startsOf(trainingBatch(source, place), 8).join())
    expect(new Set(keys).size).toBe(64)
  })
})

describe('evaluationBatches', () => {
  const source = countingSource(100_000)
  const at = { seed: 1337, iterations: 5, batchSize: 4, blockSize: 8 }

  test('are the same at each call, and each of them another', () => {
    const batches = [...evaluationBatches(source, at)]
    expect(batches).toHaveLength(5)
    expect([...evaluationBatches(source, at)]).toEqual(batches)
    expect(new Set(batches.map((batch) => startsOf(batch, 8).join())).size).toBe(5)
  })

  test('a longer evaluation begins with the shorter one', () => {
    const longer = [...evaluationBatches(source, { ...at, iterations: 9 })]
    expect(longer.slice(0, 5)).toEqual([...evaluationBatches(source, at)])
  })

  test('are other windows than those trained on, and change with the seed', () => {
    const [first] = evaluationBatches(source, at)
    const [other] = evaluationBatches(source, { ...at, seed: 1 })
    expect(startsOf(other, 8)).not.toEqual(startsOf(first, 8))
    const trained = trainingBatch(source, { ...at, step: 0, microStep: 0 })
    expect(startsOf(trained, 8)).not.toEqual(startsOf(first, 8))
  })
})

describe('consecutiveWindows', () => {
  test('worked example: 12 tokens, blocks of 3, two at a time', () => {
    const windows = [...consecutiveWindows(countingSource(12), 2, 3)]
    expect(windows.map(({ inputs, batchSize }) => [batchSize, ...inputs])).toEqual([
      [2, 0, 1, 2, 3, 4, 5],
      [1, 6, 7, 8],
      [1, 9, 10],
    ])
  })

  test.each([0, 1])('%d tokens give nothing', (length) => {
    expect([...consecutiveWindows(countingSource(length), 2, 3)]).toEqual([])
  })

  test('every token but the first is a target once, in order, whatever the sizes', () => {
    for (let length = 2; length <= 40; length++) {
      for (const blockSize of [1, 2, 3, 7, 39, 40, 64]) {
        for (const batchSize of [1, 2, 5, 100]) {
          const windows = [...consecutiveWindows(countingSource(length), batchSize, blockSize)]
          const targets = windows.flatMap((batch) => [...batch.targets])
          expect(targets).toEqual(Array.from({ length: length - 1 }, (_, index) => index + 1))
          expect(windows.flatMap((batch) => [...batch.inputs])).toEqual(targets.map((target) => target - 1))
        }
      }
    }
  })

  test('only the last batch is short, and only the last full group small', () => {
    const shapes = [...consecutiveWindows(countingSource(60), 3, 8)].map(({ inputs, batchSize }) => ({
      batchSize,
      blockSize: inputs.length / batchSize,
    }))
    expect(shapes).toEqual([
      { batchSize: 3, blockSize: 8 },
      { batchSize: 3, blockSize: 8 },
      { batchSize: 1, blockSize: 8 },
      { batchSize: 1, blockSize: 3 },
    ])
  })
})

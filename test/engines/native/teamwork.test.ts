import { describe, expect, it } from 'vitest'
import { Teamwork } from '../../../src/engines/native/teamwork.ts'

/** The threads of so many tokens in a row, each of which takes so long together and alone. */
function threadsOf(tokens: number, milliseconds: { together: number; alone: number }): number[] {
  let now = 0
  const team = new Teamwork(3, () => now)
  return Array.from({ length: tokens }, () => {
    const { threads, done } = team.begin(1)
    now += threads === 1 ? milliseconds.alone : milliseconds.together
    done()
    return threads
  })
}

describe('threads for single tokens', () => {
  it('are tried both ways, and then as was faster', () => {
    const trial = [...Array<number>(8).fill(3), ...Array<number>(8).fill(1)]
    expect(threadsOf(18, { together: 1, alone: 2 })).toEqual([...trial, 3, 3])
    expect(threadsOf(18, { together: 2, alone: 1 })).toEqual([...trial, 1, 1])
  })

  it('are tried again after a while: another program may have come or gone', () => {
    let now = 0
    let pace = { together: 1, alone: 2 }
    const team = new Teamwork(2, () => now)
    const token = () => {
      const { threads, done } = team.begin(1)
      now += threads === 1 ? pace.alone : pace.together
      done()
      return threads
    }
    for (let i = 0; i < 100; i++) token()
    expect(token()).toBe(2)
    pace = { together: 9, alone: 2 }
    for (let i = 0; i < 1024; i++) token()
    expect(token()).toBe(1)
  })

  it('are tried anew for another number of sequences', () => {
    const team = new Teamwork(2, () => 0)
    const threads = (sequences: number) => team.begin(sequences).threads
    expect([1, 1, 1, 1, 1, 1, 1, 1, 1, 4].map(threads)).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 1, 2])
  })

  it('are one where there is one', () => {
    expect(new Set(Array.from({ length: 20 }, () => new Teamwork(1, () => 0).begin(1).threads))).toEqual(new Set([1]))
  })
})

import { describe, expect, it } from 'vitest'
import { Teamwork } from '../../../src/engines/native/teamwork.ts'

interface Pace {
  together: number
  alone: number
}

/** A team of three, and a function that computes a token at this pace: how many threads it was given. */
function tokens(pace: Pace, { parameters = 1000, sequences = (): number => 1 } = {}): () => number {
  let now = 0
  const team = new Teamwork(3, parameters, () => now)
  return () => {
    const { threads, done } = team.begin(sequences())
    now += threads === 1 ? pace.alone : pace.together
    done()
    return threads
  }
}

const times = (count: number, token: () => number): number[] => Array.from({ length: count }, token)

/** The threads of a warm-up and a trial of each way. */
const TRIAL = [...Array<number>(25).fill(3), ...Array<number>(9).fill(1)]

describe('threads for single tokens', () => {
  it('are tried both ways, and then as was faster', () => {
    expect(times(36, tokens({ together: 1, alone: 2 }))).toEqual([...TRIAL, 3, 3])
    expect(times(36, tokens({ together: 2, alone: 1 }))).toEqual([...TRIAL, 1, 1])
  })

  it('are tried again after a while: another program may have come or gone', () => {
    const pace = { together: 1, alone: 2 }
    const token = tokens(pace)
    expect(times(100, token).at(-1)).toBe(3)
    pace.together = 9
    expect(times(1024, token).at(-1)).toBe(1)
  })

  it('are tried anew for another number of sequences', () => {
    let sequences = 1
    const token = tokens({ together: 2, alone: 1 }, { sequences: () => sequences })
    expect(times(40, token).at(-1)).toBe(1)
    sequences = 4
    expect(times(34, token)).toEqual(TRIAL)
  })

  it('are all for a model that is large, or has many sequences', () => {
    expect(new Set(times(50, tokens({ together: 2, alone: 1 }, { parameters: 5e6 })))).toEqual(new Set([3]))
    const eight = { parameters: 1e6, sequences: () => 8 }
    expect(new Set(times(50, tokens({ together: 2, alone: 1 }, eight)))).toEqual(new Set([3]))
  })

  it('are one where there is one', () => {
    const team = new Teamwork(1, 1000, () => 0)
    expect(team.begin(1).threads).toBe(1)
  })
})

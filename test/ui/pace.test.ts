import { expect, it } from 'vitest'
import { remainingSeconds } from '../../src/ui/pace.ts'

it('is that of this session, and unknown before its first step', () => {
  const origin = { step: 100, elapsedSeconds: 50 }
  expect(remainingSeconds(origin, { step: 120, elapsedSeconds: 60 }, 200)).toBe(40) // half a second a step, 80 to go
  expect(remainingSeconds(origin, { step: 200, elapsedSeconds: 90 }, 200)).toBe(0)
  expect(remainingSeconds(origin, origin, 200)).toBeUndefined()
  expect(remainingSeconds(origin, { step: 220, elapsedSeconds: 99 }, 200)).toBe(0) // a log may go on for longer
})

// The dashboard on a terminal: when it draws, what its keys do, and how it leaves. The terminal is a fake one; a real
// one is in test/cli/terminal.test.ts.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunControls } from '../../../src/gpt/controls.ts'
import { openDashboard } from '../../../src/ui/dashboard/open.tsx'
import { cells } from '../../../src/ui/style.ts'
import { STARTED, story } from './story.ts'
import { FakeTerminal } from './terminal.ts'

vi.hoisted(() => {
  for (const name of ['CI', 'CONTINUOUS_INTEGRATION']) delete process.env[name] // there, Ink draws the last frame alone
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const broken = { ...STARTED, corpus: undefined } as unknown as typeof STARTED

function opened(
  terminal = new FakeTerminal({ columns: 80, rows: 24 }),
  isWatched = false,
  told: Partial<RunControls> = {},
) {
  const calls: string[] = []
  const shell = { hasTerminal: false }
  const call = (name: string) => () => void calls.push(name)
  const controls: RunControls = {
    step: 0,
    paused: false,
    wishes: new Set(),
    activity: undefined,
    share: undefined,
    elapsedSeconds: undefined,
    closed: false,
    already: undefined,
    pauseOrResume: call('pause'),
    ask: (wish) => calls.push(wish),
    onChange: () => () => {},
  }
  Object.defineProperties(controls, Object.getOwnPropertyDescriptors(told))
  const dashboard = openDashboard({
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    depth: 0,
    controls: isWatched ? undefined : controls,
    quit: call('quit'),
    interrupt: call('interrupt'),
    suspend: call('suspend'),
    isInForeground: () => !shell.hasTerminal,
    onDrawn: () => {},
    onCrash: (error) => calls.push(`crash: ${String(error)}`),
  })
  return { terminal, dashboard, calls, shell }
}

describe('frames', () => {
  it('are drawn four times a second at most, and at once after a rest', async () => {
    const { terminal, dashboard } = opened()
    await vi.advanceTimersByTimeAsync(1000)
    terminal.written = []
    const events = [...story(2000)]
    dashboard.show(events[0])
    expect(terminal.frames).toHaveLength(1)
    for (const event of events.slice(1, 101)) {
      dashboard.show(event)
      await vi.advanceTimersByTimeAsync(50) // 5 seconds in all
    }
    const sent = Math.min(100, events.length - 1)
    const seconds = (sent * 50) / 1000
    expect(terminal.frames.length).toBeGreaterThan(seconds * 2)
    expect(terminal.frames.length).toBeLessThanOrEqual(seconds * 4 + 2)
    await dashboard.close()
  })

  it('come once a second where the training only goes on, and sooner where anything else changes', async () => {
    let tell: Parameters<RunControls['onChange']>[0] = () => {}
    const told: Partial<RunControls> = {
      onChange: (listener) => {
        tell = listener
        return () => {}
      },
      get step() {
        return Math.floor(performance.now() / 20) // so that no frame is as the one before
      },
    }
    const { terminal, dashboard } = opened(undefined, false, told)
    dashboard.show(STARTED)
    const framesOf = async (change: 'progress' | 'other') => {
      await vi.advanceTimersByTimeAsync(2000)
      terminal.written = []
      for (let time = 0; time < 4000; time += 20) {
        tell(change)
        await vi.advanceTimersByTimeAsync(20)
      }
      return terminal.frames.length
    }
    expect(await framesOf('progress')).toBeOneOf([4, 5])
    expect(await framesOf('other')).toBeOneOf([16, 17])
    await dashboard.close()
  })

  it('show all that happened before they are drawn, and nothing is drawn while nothing happens', async () => {
    const { terminal, dashboard } = opened()
    for (const event of story(1000)) dashboard.show(event)
    await vi.advanceTimersByTimeAsync(300)
    expect(terminal.lastFrame[1]).toMatch(/^step 1,000\/2,000 /)
    terminal.written = []
    await vi.advanceTimersByTimeAsync(5000)
    expect(terminal.written).toEqual([])
    await dashboard.close()
  })

  it('fit a terminal that changes its size, and take the place of the last one', async () => {
    const { terminal, dashboard } = opened()
    for (const event of story(1000)) dashboard.show(event)
    await vi.advanceTimersByTimeAsync(300)
    const [top, up] = ['\x1b[H\x1b[J', '\x1b[1A']
    for (const [columns, rows, begin] of [
      [50, 12, top], // where it is narrower, all is erased: the last frame was wrapped
      [132, 43, '\x1b[2K' + up],
      [132, 20, '\x1b[2K' + up],
      [40, 43, `\x1b[43H${'\n'.repeat(43)}${top}`], // what it shows again of before goes back to its history
    ] as const) {
      terminal.written = []
      terminal.resize(columns, rows)
      await vi.advanceTimersByTimeAsync(300)
      const written = terminal.written.join('')
      expect(written.slice(0, begin.length)).toBe(begin)
      expect(written.includes(top)).toBe(begin.includes(top))
      expect(written).not.toContain('\x1b[3J') // that would wipe what was there before tgpt
      expect(terminal.lastFrame).toHaveLength(rows - 1)
      expect(Math.max(...terminal.lastFrame.map(cells))).toBeLessThanOrEqual(columns)
    }
    await dashboard.close()
  })

  it('take the place of the last one also where the window soon has its size again', async () => {
    const { terminal, dashboard } = opened()
    for (const event of story(1000)) dashboard.show(event)
    await vi.advanceTimersByTimeAsync(1000)
    terminal.resize(100, 24) // drawn at once, and the next ones later
    terminal.written = []
    terminal.resize(50, 24)
    terminal.resize(100, 24)
    await vi.advanceTimersByTimeAsync(300)
    expect(terminal.written[0]).toBe('\x1b[H\x1b[J') // it was wrapped meanwhile
    expect(terminal.lastFrame).toHaveLength(23)
    await dashboard.close()
  })

  it('are drawn below what else was written while the program was stopped', async () => {
    const { terminal, dashboard } = opened()
    for (const event of story(1000)) dashboard.show(event)
    await vi.advanceTimersByTimeAsync(1000)
    terminal.written = []
    terminal.resize(80, 24) // the size that it has: so it is told
    await vi.advanceTimersByTimeAsync(300)
    const written = terminal.written.join('')
    expect(written).toContain('step 1,000')
    for (const move of ['\x1b[1A', '\x1b[H', '\x1b[J', '\x1b[2K']) expect(written).not.toContain(move) // nothing is erased
    await dashboard.close()
  })

  it('are four a second at most also while a window is drawn larger', async () => {
    const { terminal, dashboard } = opened()
    for (const event of story(1000)) dashboard.show(event)
    await vi.advanceTimersByTimeAsync(1000)
    terminal.written = []
    for (let columns = 81; columns <= 120; columns++) {
      terminal.resize(columns, 24)
      await vi.advanceTimersByTimeAsync(25) // one second in all
    }
    await vi.advanceTimersByTimeAsync(300)
    const drawn = terminal.frames.filter((frame) => frame.includes('step 1,000'))
    expect(drawn.length).toBeGreaterThan(2)
    expect(drawn.length).toBeLessThanOrEqual(5)
    expect(Math.max(...terminal.lastFrame.map(cells))).toBeGreaterThan(110)
    await dashboard.close()
  })

  it('tell how long a watched run has rested, without an ETA, until it goes on', async () => {
    const { terminal, dashboard } = opened(undefined, true)
    for (const event of story(1000)) dashboard.show(event)
    dashboard.rest(183.7)
    await vi.advanceTimersByTimeAsync(300)
    expect(terminal.lastFrame[1]).toMatch(/^step 1,000\/2,000 .* elapsed 50 s$/)
    expect(terminal.lastFrame.at(-2)).toBe('the log has rested for 3 min 3 s: the run may be paused, or have stopped')
    terminal.written = []
    dashboard.rest(183.9) // nothing that is seen
    await vi.advanceTimersByTimeAsync(300)
    expect(terminal.written).toEqual([])
    for (const event of story(1050)) dashboard.show(event)
    await vi.advanceTimersByTimeAsync(300)
    expect(terminal.lastFrame[1]).toMatch(/ ETA /)
    expect(terminal.lastFrame.join('\n')).not.toContain('rested')
    await dashboard.close()
  })

  it('show the time about once a second while something is under way, until the end', async () => {
    let seconds = 0
    const told: Partial<RunControls> = {
      activity: 'evaluating',
      get elapsedSeconds() {
        return seconds++
      },
    }
    const { terminal, dashboard } = opened(undefined, false, told)
    dashboard.show(STARTED)
    await vi.advanceTimersByTimeAsync(500)
    terminal.written = []
    await vi.advanceTimersByTimeAsync(10_000)
    expect(terminal.frames).toHaveLength(10)
    expect(terminal.lastFrame[1]).toMatch(/elapsed 1\d s {2}evaluating$/)
    await dashboard.close()
    terminal.written = []
    await vi.advanceTimersByTimeAsync(10_000)
    expect(terminal.written).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are made for the usual size where a terminal has none', async () => {
    const { terminal, dashboard } = opened(new FakeTerminal({ columns: 0, rows: 0 }))
    dashboard.show(STARTED)
    await dashboard.close()
    expect(terminal.lastFrame[0]).toMatch(/^checkpoints\/novel/)
  })
})

describe('keys', () => {
  it('ask the training for something, quit and interrupt; with Ctrl or Alt they do not', async () => {
    const { terminal, dashboard, calls } = opened()
    await terminal.press('p')
    await terminal.press('secS')
    await terminal.press('q')
    await terminal.press('\x03')
    const expected = ['pause', 'sample', 'evaluate', 'save', 'sample', 'quit', 'interrupt']
    expect(calls).toEqual(expected)
    for (const other of ['\x10', '\x11', '\x1bq', '\x1b[A', 'x', '\r', '水']) await terminal.press(other)
    expect(calls).toEqual(expected)
    await dashboard.close()
  })

  it('hand the terminal to the shell on Ctrl-Z, and take it again afterwards', async () => {
    const { terminal, dashboard, calls } = opened()
    for (const event of story(1000)) dashboard.show(event)
    await vi.advanceTimersByTimeAsync(300)
    const before = terminal.lastFrame
    await terminal.press('\x1a')
    await vi.advanceTimersByTimeAsync(1)
    expect([...calls, terminal.isRaw, terminal.cursorIsVisible]).toEqual(['suspend', false, true])
    terminal.written = []
    await vi.advanceTimersByTimeAsync(300)
    expect([terminal.isRaw, terminal.cursorIsVisible]).toEqual([true, false])
    expect(terminal.lastFrame).toEqual(before) // drawn once more, though nothing has changed
    await terminal.press('q')
    expect(calls).toEqual(['suspend', 'quit'])
    await dashboard.close()
  })

  it('leave the terminal alone while the shell has it, and the program goes on', async () => {
    const { terminal, dashboard, shell } = opened()
    await terminal.press('\x1a')
    shell.hasTerminal = true
    await vi.advanceTimersByTimeAsync(1000)
    terminal.written = []
    for (const event of story(1000)) dashboard.show(event)
    terminal.resize(60, 20)
    await vi.advanceTimersByTimeAsync(1000)
    expect([terminal.isRaw, dashboard.isHidden, ...terminal.written]).toEqual([false, true])
    shell.hasTerminal = false
    await vi.advanceTimersByTimeAsync(1000)
    expect([terminal.isRaw, dashboard.isHidden]).toEqual([true, false])
    expect(terminal.lastFrame[1]).toMatch(/^step 1,000\/2,000 /)
    await dashboard.close()
  })

  it('are not touched at the end of a run behind the shell', async () => {
    const { terminal, dashboard, shell } = opened()
    shell.hasTerminal = true
    await terminal.press('\x1a')
    await vi.advanceTimersByTimeAsync(1000)
    terminal.written = []
    const modes: boolean[] = []
    Object.assign(terminal.stdin, { setRawMode: (mode: boolean) => modes.push(mode) })
    await dashboard.close()
    expect([...terminal.written, ...modes]).toEqual([])
  })

  it('switch the curves', async () => {
    const { terminal, dashboard } = opened()
    for (const event of story(1000)) dashboard.show(event)
    await terminal.press('lz')
    await vi.advanceTimersByTimeAsync(600)
    expect(terminal.lastFrame.join('\n')).toMatch(/^log zoom {2}/m)
    await terminal.press('lz')
    await vi.advanceTimersByTimeAsync(600)
    expect(terminal.lastFrame.join('\n')).toMatch(/^loss {2}/m)
    await dashboard.close()
  })

  it('of a run that is only watched can ask it for nothing', async () => {
    const { terminal, dashboard, calls } = opened(undefined, true)
    await terminal.press('pseclzq')
    expect(calls).toEqual(['quit'])
    await dashboard.close()
  })

  it('are none where nobody can press them', async () => {
    const { terminal, dashboard } = opened(new FakeTerminal({ columns: 80, rows: 24 }, false))
    dashboard.show(STARTED)
    await vi.advanceTimersByTimeAsync(300)
    expect(terminal.isRaw).toBe(false)
    expect(terminal.lastFrame.join('\n')).not.toContain('quit')
    await dashboard.close()
  })
})

describe('the end', () => {
  it('leaves the terminal as it was, the last frame on it', async () => {
    const { terminal, dashboard } = opened()
    expect([terminal.isRaw, terminal.cursorIsVisible]).toEqual([true, false])
    for (const event of story(1000)) dashboard.show(event)
    dashboard.ending()
    await dashboard.close()
    expect([terminal.isRaw, terminal.cursorIsVisible]).toEqual([false, true])
    expect(terminal.lastFrame).toHaveLength(22) // no keys
    expect(terminal.lastFrame[1]).toMatch(/^step 1,000\/2,000 /)
    expect(terminal.lastFrame.at(-1)).toBe('step 1,000  saved, the best so far')
    terminal.written = []
    dashboard.show(STARTED)
    terminal.resize(50, 12)
    await vi.advanceTimersByTimeAsync(1000)
    await dashboard.close()
    expect(terminal.written).toEqual([])
  })

  it('comes at once, and is told, when something cannot be drawn', async () => {
    const { terminal, dashboard, calls } = opened()
    await vi.advanceTimersByTimeAsync(1000)
    dashboard.show(broken)
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls).toEqual([expect.stringMatching(/^crash: TypeError/)])
    expect([terminal.isRaw, terminal.cursorIsVisible]).toEqual([false, true])
    terminal.written = []
    dashboard.show(STARTED)
    await dashboard.close()
    expect(terminal.written).toEqual([])
  })

  it('is told when the last event cannot be drawn, and there is no other frame', async () => {
    const { terminal, dashboard, calls } = opened()
    dashboard.show(STARTED)
    dashboard.show(broken) // too soon after the frame before
    expect(calls).toEqual([])
    await dashboard.close()
    expect(calls).toEqual([expect.stringMatching(/^crash: TypeError/)])
    expect([terminal.isRaw, terminal.cursorIsVisible]).toEqual([false, true])
  })

  it('comes when a frame cannot be written, at whatever time Ink does that', async () => {
    const { terminal, dashboard, calls } = opened()
    dashboard.show(STARTED)
    terminal.failNextWrite()
    for (const event of story(1000)) dashboard.show(event)
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls).toEqual(['crash: Error: cannot be written'])
    expect([terminal.isRaw, terminal.cursorIsVisible]).toEqual([false, true])
    await dashboard.close()
  })

  it('of one that cannot be opened leaves nothing behind: no raw mode, no listener, no timer', async () => {
    const terminal = new FakeTerminal({ columns: 80, rows: 24 })
    terminal.failNextWrite()
    expect(() => opened(terminal)).toThrow('cannot be written')
    await vi.advanceTimersByTimeAsync(1000)
    expect([terminal.isRaw, terminal.cursorIsVisible]).toEqual([false, true])
    expect(terminal.stdout.listenerCount('resize')).toBe(0)
    expect(terminal.stdin.listenerCount('readable')).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

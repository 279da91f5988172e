// A dashboard that fails takes nothing with it: what it would have shown comes as plain lines.

import { describe, expect, it, vi } from 'vitest'
import type { Context } from '../../src/cli/context.ts'
import { dashboardListener } from '../../src/cli/listeners.ts'
import type { TrainEvent } from '../../src/gpt/events.ts'
import { Requests } from '../../src/run/requests.ts'
import { STARTED, story } from '../ui/dashboard/story.ts'
import { FakeTerminal } from '../ui/dashboard/terminal.ts'

vi.hoisted(() => {
  for (const name of ['CI', 'CONTINUOUS_INTEGRATION']) delete process.env[name] // there, Ink draws the last frame alone
})

async function listening(terminal = new FakeTerminal({ columns: 80, rows: 24 }), past: TrainEvent[] = []) {
  const output = { stdout: '', stderr: '' }
  const nothing = () => {}
  const context: Partial<Context> = {
    stdout: (text) => (output.stdout += text),
    stderr: (text) => (output.stderr += text),
    colours: 0,
    quit: nothing,
    interrupt: nothing,
    onStop: () => nothing,
  }
  const size = { columns: () => 80, rows: () => 24 }
  const { stdin, stdout } = terminal
  return {
    listener: await dashboardListener(
      context as Context,
      { ...size, stdin, stdout, suspend: nothing, isInForeground: () => true },
      { requests: new Requests(), past },
    ),
    output,
    terminal,
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 300)) // more than a frame takes to come

describe('a dashboard', () => {
  it('that works shows all there is, and nothing else is printed', async () => {
    const { listener, output, terminal } = await listening()
    for (const event of story(250)) listener.show(event)
    await listener.close()
    expect(output).toEqual({ stdout: '', stderr: '' })
    expect(terminal.lastFrame[1]).toMatch(/^step 250\/2,000/)
  })

  it('of a run that goes on shows its curves from the start, and lines alone what is new', async () => {
    const { listener, output, terminal } = await listening(undefined, [...story(500)])
    listener.show({ ...STARTED, event: 'resumed', step: 500, elapsedSeconds: 25 })
    await listener.close()
    expect(terminal.lastFrame[3]).toMatch(/val(idation)? 2\.2000/) // of step 500
    expect(output.stdout).toBe('')
  })

  it('whose picture fails is followed by plain lines, from the event on that could not be shown', async () => {
    const { listener, output, terminal } = await listening()
    listener.show(STARTED)
    listener.requests?.pauseOrResume()
    const broken = {
      event: 'sampled',
      step: 5,
      elapsedSeconds: 1,
      get text(): string {
        if (new Error('').stack?.includes('Words')) throw new Error('no such picture')
        return 'words'
      },
    } as const
    await settled()
    listener.show(broken)
    await settled()
    expect(output.stderr).toBe('the dashboard has failed (no such picture): plain lines go on\n')
    expect(listener.requests?.paused).toBe(false)
    listener.show({
      event: 'step',
      step: 50,
      elapsedSeconds: 2,
      loss: 2,
      learningRate: 1e-3,
      gradientNorm: 1,
      tokensPerSecond: 9,
    })
    await listener.close()
    expect(output.stdout).toBe(
      'step    5/2000  sample words\nstep   50/2000  loss 2.0000  lr 1.00e-3  grad 1.00  9 tok/s\n',
    )
    expect([terminal.isRaw, terminal.cursorIsVisible]).toEqual([false, true])
  })

  it('whose first frame cannot be written is replaced by plain lines, and what is asked of the run goes on', async () => {
    const terminal = new FakeTerminal({ columns: 80, rows: 24 })
    terminal.failNextWrite()
    const { listener, output } = await listening(terminal)
    terminal.written = []
    await listener.requests?.next(1, new AbortController().signal)
    listener.requests?.ask('save')
    terminal.resize(60, 20)
    listener.show(STARTED)
    await listener.close()
    expect(output.stderr).toBe('the dashboard has failed (cannot be written): plain lines go on\n')
    expect(output.stdout).toMatch(/^run +checkpoints\/novel\nengine /)
    expect(terminal.written).toEqual([])
  })

  it('whose last event cannot be drawn is followed by plain lines of all that was not drawn yet', async () => {
    const { listener, output } = await listening()
    listener.show(STARTED)
    const event = { event: 'finished', step: 2000, elapsedSeconds: 3, reason: 'completed' } as const
    const broken = new Proxy(event, {
      get(target, name) {
        if (new Error('').stack?.includes('Heading')) throw new Error('no such picture')
        return Reflect.get(target, name) as unknown
      },
    })
    listener.show({ event: 'saved', step: 2000, elapsedSeconds: 3, folder: 'novel/step-002000', best: false })
    listener.show(broken)
    await listener.close()
    expect(output.stderr).toBe('the dashboard has failed (no such picture): plain lines go on\n')
    expect(output.stdout).toBe('saved novel/step-002000\ndone: 2,000 steps in 3 s\n') // neither was drawn
  })

  it('that cannot even be opened is replaced by plain lines', async () => {
    const terminal = new FakeTerminal({ columns: 80, rows: 24 })
    terminal.stdin.setRawMode = () => {
      throw new Error('no raw mode here')
    }
    const { listener, output } = await listening(terminal)
    listener.show(STARTED)
    listener.ending()
    await listener.close()
    expect(output.stderr).toMatch(/^the dashboard has failed \(no raw mode here\).*\nstopping: /)
    expect(output.stdout).toMatch(/^run +checkpoints\/novel\nengine /)
  })
})

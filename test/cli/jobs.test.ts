// The shell's part in a dashboard: Ctrl-Z, fg, bg and &, in a real terminal.

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { eventsOf } from './spawn.ts'
import { ENDLESS, expectOrderlyEnd, HAS_TMUX, KEYS, SMALL_MODEL, terminal, type Tmux } from './tmux.ts'

/** On an empty screen, so that what is seen afterwards is new. */
async function clearAnd(tmux: Tmux, command: string): Promise<void> {
  tmux.type('clear')
  await tmux.shows(/^\$\s*$/)
  tmux.type(command)
}

describe.skipIf(!HAS_TMUX)('the dashboard as a job of a shell', () => {
  it('leaves the terminal to the shell on Ctrl-Z, and comes back', async () => {
    const { tmux } = terminal()
    tmux.start(ENDLESS)
    await tmux.shows(/^step [1-9][\d,]*\/1,000,000 /m)
    tmux.press('C-z')
    await tmux.shows(/Stopped/)
    expect(tmux.cursorIsVisible()).toBe(true)
    await clearAnd(tmux, 'fg')
    await tmux.shows(KEYS)
    tmux.press('p')
    await tmux.shows(/ paused$/m)
    tmux.press('C-z') // nothing changes while it is paused: the frame that comes back is the one that was there
    await tmux.shows(/Stopped/)
    await clearAnd(tmux, 'fg')
    await tmux.shows(/^p resume /m)
    expect(await tmux.shows(/ paused$/m)).toMatch(/^sample after step 0$/m)
    tmux.press('q')
    await tmux.shows(/^Next:$[^$]+\n\$\s*$/m) // the shell waits for a command
    tmux.type("echo usa''ble again")
    await tmux.shows(/^(\$ )?usable again$/m)
  })

  it('leaves the terminal when somebody else stops it', async () => {
    const { tmux } = terminal()
    tmux.start(ENDLESS)
    await tmux.shows(KEYS)
    tmux.signal('SIGTSTP')
    await tmux.shows(/Stopped/)
    expect(tmux.cursorIsVisible()).toBe(true)
    await clearAnd(tmux, "echo in the mean''time")
    await tmux.shows(/^in the meantime$/m)
    tmux.type('fg')
    await tmux.shows(KEYS)
    expect(tmux.cursorIsVisible()).toBe(false)
    tmux.press('q')
    await tmux.shows(/^Next:$/m)
    expect(tmux.history()).toMatch(/^in the meantime$/m)
  })

  it('trains on behind the shell after Ctrl-Z and bg, in plain lines, and is drawn again after fg', async () => {
    const { tmux, run } = terminal()
    tmux.start(ENDLESS.replace('--log-interval 20', '--log-interval 4000')) // lines leave time to read them
    await tmux.shows(/^step [1-9][\d,]*\/1,000,000 /m)
    tmux.press('C-z')
    await tmux.shows(/Stopped/)
    const { step } = eventsOf(run).at(-1)!
    await clearAnd(tmux, 'bg')
    await tmux.shows(/^step +\d+\/1000000 {2}loss /m)
    tmux.type("echo still my she''ll")
    await tmux.shows(/still my shell/)
    await tmux.shows(() => eventsOf(run).at(-1)!.step > step + 12_000)
    tmux.type('clear; fg')
    await tmux.shows(KEYS)
    tmux.press('q')
    await tmux.shows(/^Next:$/m)
  })

  it('is not there for a job behind the shell, which trains to its end', async () => {
    const { tmux, run } = terminal(120, 50)
    tmux.startBehind(`train tales.txt ${SMALL_MODEL} --steps 40 --log-interval 20`)
    tmux.type('wait %1; echo exit=$?')
    const end = await expectOrderlyEnd(tmux, 0)
    expect(end).toMatch(/^done: 40 steps in /m)
    expect(eventsOf(run).at(-1)).toMatchObject({ event: 'finished', reason: 'completed' })
  })

  it.each([
    ['the dashboard', ''],
    ['plain lines', '--plain'],
  ])('does not count a stop as training, with %s', async (_, flag) => {
    const { tmux, run } = terminal()
    const stopSeconds = 3
    tmux.start(`${ENDLESS} ${flag}`)
    await tmux.shows(/^step +[1-9][\d,]*\/1,?000,?000 /m)
    tmux.press('C-z')
    await tmux.shows(/Stopped/)
    const before = eventsOf(run)
    await sleep(stopSeconds * 1000)
    await clearAnd(tmux, 'fg')
    await tmux.shows(() => eventsOf(run).length > before.length + 2)
    const after = eventsOf(run)[before.length]
    expect(Number(after.elapsedSeconds) - Number(before.at(-1)?.elapsedSeconds)).toBeLessThan(stopSeconds)
    tmux.press('C-c')
    await tmux.shows(/^Next:$/m)
  })
})

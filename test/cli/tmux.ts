// A real terminal for a command: a shell in tmux, on a socket in its folder, whose screen can be read at any time.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect } from 'vitest'
import { BIN, folderWithTales } from './spawn.ts'

export const HAS_TMUX = spawnSync('tmux', ['-V']).status === 0
if (!HAS_TMUX) console.warn('tmux is not installed: the tests of the dashboard in a real terminal are skipped')

const PATIENCE_MILLISECONDS = 50_000
const LOOK_MILLISECONDS = 50

export class Tmux {
  /** @param environment as `env` takes it: `NAME=value` or `-u NAME`. */
  constructor(
    private readonly folder: string,
    size: { columns: number; rows: number },
    environment: readonly string[] = [],
  ) {
    const unset = ['CI', 'CONTINUOUS_INTEGRATION', 'NO_COLOR', 'FORCE_COLOR', 'TGPT_ENGINE', 'npm_command']
    const shell = ['env', ...unset.flatMap((name) => ['-u', name]), "PS1='$ '", ...environment, 'sh', '-i'].join(' ')
    this.tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      `${size.columns}`,
      '-y',
      `${size.rows}`,
      '-c',
      folder,
      shell,
    )
    this.tmux('set-option', '-g', 'history-limit', '5000')
    this.tmux('set-option', '-gw', 'scroll-on-clear', 'off') // as in other terminals: what is erased is lost
  }

  /** Types a line to the shell. */
  type(line: string): void {
    this.tmux('send-keys', '-l', line)
    this.press('Enter')
  }

  /** Starts tgpt, whose exit code the shell tells after it: `exit=0`. Its process id is in a file. */
  start(args: string): void {
    this.type(`${command(args)}; echo exit=$?`)
  }

  /** Starts tgpt as a job behind the shell. */
  startBehind(args: string): void {
    this.type(`${command(args)} &`)
  }

  /** Closes the window while it is in use. */
  hangUp(): void {
    this.tmux('kill-session')
  }

  press(...keys: string[]): void {
    this.tmux('send-keys', ...keys)
  }

  signal(name: NodeJS.Signals): void {
    process.kill(Number(readFileSync(join(this.folder, 'pid'), 'utf8')), name)
  }

  resize(columns: number, rows: number): void {
    this.tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`)
  }

  /** The lines that are seen now. */
  screen(): string {
    return this.tmux('capture-pane', '-p')
  }

  /** The same with all that was scrolled away. */
  history(): string {
    return this.tmux('capture-pane', '-p', '-S', '-')
  }

  /** The screen with its escape codes. */
  painted(): string {
    return this.tmux('capture-pane', '-p', '-e')
  }

  cursorIsVisible(): boolean {
    return this.tmux('display-message', '-p', '#{cursor_flag}').trim() === '1'
  }

  /** Waits until the screen shows this, and gives the screen. */
  async shows(words: RegExp | ((screen: string) => boolean)): Promise<string> {
    const isThere = words instanceof RegExp ? (screen: string) => words.test(screen) : words
    for (const end = Date.now() + PATIENCE_MILLISECONDS; Date.now() < end; await sleep(LOOK_MILLISECONDS)) {
      const screen = this.screen()
      if (isThere(screen)) return screen
    }
    throw new Error(`the screen does not show ${String(words)}:\n${this.screen()}`)
  }

  end(): void {
    const pid = join(this.folder, 'pid')
    spawnSync('tmux', ['-S', this.socket(), 'kill-server'])
    if (!existsSync(pid)) return
    try {
      process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL') // it is there only after a test that failed
    } catch {
      // It has ended, as it should.
    }
  }

  private socket(): string {
    return join(this.folder, 'tmux')
  }

  private tmux(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-u', '-S', this.socket(), ...args], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`)
    return stdout
  }
}

function command(args: string): string {
  return `sh -c 'echo $$ >pid; exec "${process.execPath}" "${BIN}" ${args}'`
}

export const SMALL_MODEL = '--n-layer 1 --n-head 1 --n-embd 16 --block-size 16 --batch-size 4 --eval-iters 1'
export const ENDLESS = `train tales.txt ${SMALL_MODEL} --steps 1000000 --eval-interval 1000000 --log-interval 20`
export const KEYS = /^p pause .* q quit$/m

const running: Tmux[] = []
afterEach(() => {
  for (const tmux of running.splice(0)) tmux.end()
})

/** A window on a fresh folder that has tales.txt; it goes away after the test. */
export function terminal(columns = 80, rows = 24, environment: string[] = []) {
  const folder = folderWithTales()
  const tmux = new Tmux(folder, { columns, rows }, environment)
  running.push(tmux)
  return { tmux, folder, run: join(folder, 'checkpoints', 'tales') }
}

/** The command has ended with this code, its last frame and what to type next are there, and the shell can be used. */
export async function expectOrderlyEnd(tmux: Tmux, exitCode: number): Promise<string> {
  const end = await tmux.shows(new RegExp(`^exit=${exitCode}$`, 'm'))
  expect(tmux.cursorIsVisible()).toBe(true)
  tmux.type("echo ali''ve") // what is typed does not look like what is answered
  await tmux.shows(/^(\$ )?alive$/m)
  return end
}

// The dashboard on a terminal: from events and keys to frames, a few each second. The only file of this room that
// waits for something. It takes the terminal when it opens, and leaves it as it was when it closes, whatever happens.

import { type Instance, render } from 'ink'
import type { ReactNode } from 'react'
import type { RunControls, Wish } from '../../gpt/controls.ts'
import type { TrainEvent } from '../../gpt/events.ts'
import type { ColourDepth } from '../style.ts'
import { Dashboard } from './Dashboard.tsx'
import { Guard } from './Guard.tsx'
import { CTRL_C, CTRL_Z, Keyboard } from './Keyboard.tsx'
import type { Size } from './layout.ts'
import type { CurveView } from './Losses.tsx'
import { Depth } from './Picture.tsx'
import { NOTHING_YET, reduce } from './state.ts'
import type { Asked } from './Words.tsx'

export interface DashboardOptions {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly depth: ColourDepth
  /** What can be asked of the run; undefined for a run that is only watched. */
  readonly controls: RunControls | undefined
  /** What becomes of q, Ctrl-C and Ctrl-Z. */
  readonly quit: () => void
  readonly interrupt: () => void
  readonly suspend: () => void
  /** It could not be drawn. It is closed; nothing more is shown. */
  readonly onCrash: (error: unknown) => void
}

export interface OpenDashboard {
  show(event: TrainEvent): void
  /** Nothing came for so many seconds: until the next event that is said, and no time to come. */
  rest(seconds: number): void
  /** The run was asked to end. */
  ending(): void
  /** The last frame stays on the terminal. */
  close(): Promise<void>
}

/** No more than four frames a second. */
const FRAME_MILLISECONDS = 250

/** Time is shown as it goes on, also where nothing else happens. */
const BEAT_MILLISECONDS = 1000

/** A screen of no size (some have none) is taken for the usual one. */
const USUAL_SIZE: Size = { columns: 80, rows: 24 }

const SHOW_CURSOR = '\x1b[?25h'

/** Hides the cursor, moves it to the top left and erases all below. */
const WIPE = '\x1b[?25l\x1b[H\x1b[J'

/** @throws if the terminal cannot be taken or drawn on. */
export function openDashboard(options: DashboardOptions): OpenDashboard {
  return new LiveDashboard(options)
}

class LiveDashboard implements OpenDashboard {
  private state = NOTHING_YET
  private view: CurveView = { scale: 'linear', isZoomed: false }
  private rested: number | undefined
  private isEnding = false
  private isLast = false
  private isOpen = true
  private readonly frames = new Frames(() => this.guarded(() => this.app.rerender(this.frame())))
  private beat: ReturnType<typeof setTimeout> | undefined
  private readonly app: Instance
  /** Settles when all that was drawn has been written. */
  private readonly written: Promise<void>

  constructor(private readonly options: DashboardOptions) {
    const { stdin, stdout, controls } = options
    stdout.on('resize', this.resized) // before Ink, which then finds the new frame
    controls?.onChange(() => this.frames.wanted())
    this.app = render(this.frame(), {
      stdin,
      stdout: highScreen(stdout),
      exitOnCtrlC: false,
      patchConsole: false,
    })
    this.written = settled(this.app.waitUntilExit())
    this.waitForBeat()
  }

  show(event: TrainEvent): void {
    this.guarded(() => {
      this.state = reduce(this.state, event)
      this.rested = undefined
      this.frames.wanted()
    })
  }

  rest(seconds: number): void {
    const rested = Math.floor(seconds)
    if (rested !== this.rested) this.frames.wanted()
    this.rested = rested
  }

  ending(): void {
    this.isEnding = true
    this.frames.wanted()
  }

  async close(): Promise<void> {
    this.isLast = true
    this.guarded(() => this.app.rerender(this.frame()))
    if (this.isOpen) await this.leave()
  }

  private frame(): ReactNode {
    const { depth, stdin, stdout, controls } = this.options
    const hasKeys = stdin.isTTY && !this.isLast
    const size = { columns: stdout.columns || USUAL_SIZE.columns, rows: stdout.rows || USUAL_SIZE.rows }
    const asked = this.isLast ? NOTHING_ASKED : { controls, isEnding: this.isEnding }
    return (
      <Guard onError={(error) => queueMicrotask(() => this.crash(error))}>
        <Depth value={depth}>
          <Dashboard
            state={this.state}
            view={this.view}
            size={size}
            asked={asked}
            rested={this.rested}
            hasKeys={hasKeys}
          />
        </Depth>
        {hasKeys && <Keyboard onKey={(key) => this.guarded(() => this.press(key))} />}
      </Guard>
    )
  }

  /** Something under way is drawn about once a second. */
  private waitForBeat(): void {
    this.beat = setTimeout(() => {
      if (this.options.controls?.activity !== undefined) this.frames.wanted()
      this.waitForBeat()
    }, BEAT_MILLISECONDS)
  }

  private press(key: string): void {
    const { controls, quit, interrupt } = this.options
    if (key === CTRL_C) return interrupt()
    if (key === CTRL_Z) return this.suspend()
    if (key === 'q') return quit()
    if (key === 'p') controls?.pauseOrResume()
    const wish = WISHES[key]
    if (wish) controls?.ask(wish)
    this.view = switched(this.view, key)
    this.frames.wanted()
  }

  /** Terminals wrap the lines of a frame in ways of their own when they become narrower: begin anew. */
  private readonly resized = (): void => {
    this.options.stdout.write(WIPE)
    this.frames.now()
  }

  /** Leaves the terminal to the shell, and takes it again when that has continued this program. */
  private suspend(): void {
    const { stdin, stdout, suspend } = this.options
    stdin.setRawMode(false)
    stdout.write(SHOW_CURSOR)
    suspend()
    setTimeout(() => {
      if (!this.isOpen) return
      stdin.setRawMode(true)
      this.resized()
    }, FRAME_MILLISECONDS) // until then it is stopped
  }

  /** What goes wrong here must not reach the training. */
  private guarded(work: () => void): void {
    if (!this.isOpen) return
    try {
      work()
    } catch (error) {
      this.crash(error)
    }
  }

  private crash(error: unknown): void {
    if (!this.isOpen) return
    void this.leave()
    this.options.onCrash(error)
  }

  private leave(): Promise<void> {
    this.isOpen = false
    clearTimeout(this.beat)
    this.frames.stop()
    this.options.stdout.off('resize', this.resized)
    this.app.unmount()
    return this.written
  }
}

const NOTHING_ASKED: Asked = { controls: undefined, isEnding: false }

const WISHES: Readonly<Record<string, Wish>> = { s: 'sample', c: 'save', e: 'evaluate' }

function switched(view: CurveView, key: string): CurveView {
  if (key === 'l') return { ...view, scale: view.scale === 'log' ? 'linear' : 'log' }
  return key === 'z' ? { ...view, isZoomed: !view.isZoomed } : view
}

async function settled(promise: Promise<unknown>): Promise<void> {
  await promise.catch(() => {})
}

/** Draws at once what comes after a rest, and after a while what comes too soon. */
class Frames {
  private rest: ReturnType<typeof setTimeout> | undefined
  private isDue = false

  constructor(private readonly draw: () => void) {}

  wanted(): void {
    if (this.rest === undefined) this.now()
    else this.isDue = true
  }

  now(): void {
    this.stop()
    this.isDue = false
    this.rest = setTimeout(() => {
      this.rest = undefined
      if (this.isDue) this.now()
    }, FRAME_MILLISECONDS)
    this.draw()
  }

  stop(): void {
    clearTimeout(this.rest)
    this.rest = undefined
  }
}

/** Ink wipes the whole history of a terminal where a frame was once as high as the screen, as after a resize. */
function highScreen(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  return new Proxy(stdout, {
    get(target, name) {
      if (name === 'rows') return Infinity
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

// The dashboard on a terminal: from events and keys to frames, at the times that frameTimes.ts tells. It takes the
// terminal when it opens, and leaves it as it was when it closes, whatever happens.

import type { ReactNode } from 'react'
import type { RunControls, Wish } from '../../gpt/controls.ts'
import type { TrainEvent } from '../../gpt/events.ts'
import type { ColourDepth } from '../style.ts'
import { Dashboard } from './Dashboard.tsx'
import { FrameTimes } from './frameTimes.ts'
import { Guard } from './Guard.tsx'
import { CTRL_C, CTRL_Z, Keyboard } from './Keyboard.tsx'
import { type Size, USUAL_SIZE } from './layout.ts'
import type { CurveView } from './Losses.tsx'
import { Depth } from './Picture.tsx'
import { Screen } from './screen.ts'
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
  /** Whether the terminal is ours: not while a shell keeps the program running behind it. */
  readonly isInForeground: () => boolean
  /** All that was shown until now has been drawn. */
  readonly onDrawn: () => void
  /** It could not be drawn. It is closed; nothing more is shown. */
  readonly onCrash: (error: unknown) => void
}

export interface OpenDashboard {
  show(event: TrainEvent): void
  /** Nothing came for so many seconds: until the next event that is said, and no time to come. */
  rest(seconds: number): void
  /** The run was asked to end. */
  ending(): void
  /** Leaves the terminal to the shell, calls `stop`, and takes it again when it is ours again. */
  suspend(stop: () => void): void
  /** The program goes on behind a shell: nothing is drawn until it has the terminal again. */
  readonly isHidden: boolean
  /** The last frame stays on the terminal. */
  close(): Promise<void>
}

/** After Ctrl-Z; by then the program is stopped, or goes on because it is in the foreground again. */
const STOP_MILLISECONDS = 250

/** How often it is looked whether the terminal is ours again: not every system can tell at no cost. */
const LOOK_MILLISECONDS = 1000

/** Time is shown as it goes on, also where nothing else happens. */
const BEAT_MILLISECONDS = 1000

/** Moves the cursor to the top left and erases all below. */
const WIPE = '\x1b[H\x1b[J'

/** @throws if the terminal cannot be taken or drawn on; then it is as it was. */
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
  private isBehind = false
  private failure: { readonly error: unknown } | undefined
  private beat: ReturnType<typeof setTimeout> | undefined
  private readonly frames = new FrameTimes(() => this.guarded(() => this.draw()))
  /** Undefined while the terminal is left to the shell. */
  private screen: Screen | undefined
  /** Of the frame that is on it. */
  private drawnSize = USUAL_SIZE
  /** The last size that was told, and the fewest columns since that frame. */
  private toldSize = USUAL_SIZE
  private leastColumns = USUAL_SIZE.columns
  /** Whether something else may have been written below that frame. */
  private isCovered = false
  private written = Promise.resolve()
  private returning: ReturnType<typeof setTimeout> | undefined
  private forgetControls: (() => void) | undefined

  constructor(private readonly options: DashboardOptions) {
    try {
      this.takeTerminal()
    } catch (error) {
      this.leave()
      throw error
    }
    options.stdout.on('resize', this.resized)
    this.forgetControls = options.controls?.onChange((change) => {
      if (change === 'progress') this.frames.wantedSometime()
      else this.frames.wanted()
    })
    this.waitForBeat()
  }

  get isHidden(): boolean {
    return this.isBehind
  }

  show(event: TrainEvent): void {
    this.guarded(() => {
      this.state = reduce(this.state, event)
      this.rested = undefined
      if (event.event === 'step') this.frames.wantedSometime()
      else this.frames.wanted()
    })
  }

  rest(seconds: number): void {
    const before = this.rested
    this.rested = Math.floor(seconds)
    if (this.rested !== before) this.frames.wanted()
  }

  ending(): void {
    this.isEnding = true
    this.frames.wanted()
  }

  async close(): Promise<void> {
    this.isLast = true
    this.guarded(() => {
      if (!this.screen && this.options.isInForeground()) this.takeTerminal()
      this.draw()
    })
    if (this.isOpen) this.leave()
    await this.written
  }

  private frame(): ReactNode {
    const { depth, stdin, controls } = this.options
    const hasKeys = stdin.isTTY && !this.isLast
    const size = (this.drawnSize = this.toldSize = this.size())
    this.leastColumns = size.columns
    const asked = this.isLast ? NOTHING_ASKED : { controls, isEnding: this.isEnding }
    return (
      <Guard onError={this.failed}>
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

  /** Something under way is drawn about once a second, where that costs little. */
  private waitForBeat(): void {
    this.beat = setTimeout(() => {
      if (this.options.controls?.activity !== undefined) this.frames.wantedSometime()
      this.waitForBeat()
    }, BEAT_MILLISECONDS)
  }

  private press(key: string): void {
    const { controls, quit, interrupt, suspend } = this.options
    if (key === CTRL_C) return interrupt()
    if (key === CTRL_Z) return this.suspend(suspend)
    if (key === 'q') return quit()
    if (key === 'p') controls?.pauseOrResume()
    const wish = WISHES[key]
    if (wish) controls?.ask(wish)
    this.view = switched(this.view, key)
    this.frames.wanted()
  }

  suspend(stop: () => void): void {
    if (!this.isOpen) return stop()
    this.guarded(() => this.leaveTerminal())
    clearTimeout(this.returning)
    this.returning = setTimeout(() => {
      this.options.stdin.pause() // what is typed is the shell's; to read it would stop a program behind the shell
      this.returning = setTimeout(this.comeBack, STOP_MILLISECONDS)
      stop()
    }, 0) // when Ink has ceased to read
  }

  /** As soon as the terminal is ours: to take it before would stop the program once more. */
  private readonly comeBack = (): void => {
    if (!this.isOpen) return
    this.isBehind = !this.options.isInForeground()
    if (this.isBehind) this.returning = setTimeout(this.comeBack, LOOK_MILLISECONDS)
    else this.guarded(() => this.takeTerminal())
  }

  private size(): Size {
    const { columns, rows } = this.options.stdout
    return { columns: columns || USUAL_SIZE.columns, rows: rows || USUAL_SIZE.rows }
  }

  /** Also told, with the same size, when the program goes on after it was stopped. */
  private readonly resized = (): void => {
    const size = this.size()
    if (isSame(size, this.toldSize)) this.isCovered = true
    this.toldSize = size
    this.leastColumns = Math.min(this.leastColumns, size.columns)
    this.frames.wanted()
  }

  private draw(): void {
    if (!this.screen) return
    const isIntact = isSame(this.size(), this.drawnSize) && this.leastColumns === this.drawnSize.columns
    if (this.isCovered || !isIntact) this.drawAnew(this.screen)
    else this.screen.draw(this.frame())
    if (this.screen && !this.failure) this.options.onDrawn()
  }

  /** Below what covers the last frame, or in its place. Ink would not draw a frame again that is as the last one was. */
  private drawAnew(screen: Screen): void {
    if (!this.isCovered) this.erase(screen)
    screen.discard()
    this.screen = undefined
    this.takeTerminal()
  }

  /**
   * Takes the last frame away after a change of size. A narrower screen has wrapped it in ways of its own, so that all of
   * it goes; a higher one may show again what was there before, which stays, or goes back to the terminal's history.
   */
  private erase(screen: Screen): void {
    const { rows } = this.size()
    if (this.leastColumns >= this.drawnSize.columns) return screen.erase()
    if (rows > this.drawnSize.rows) this.options.stdout.write(`\x1b[${rows}H${'\n'.repeat(rows)}`)
    this.options.stdout.write(WIPE)
  }

  private takeTerminal(): void {
    const { stdin, stdout } = this.options
    this.isCovered = false
    this.screen = new Screen(this.frame(), { stdin, stdout, onError: this.failed })
    if (this.failure) throw this.failure.error
  }

  private leaveTerminal(): void {
    if (this.screen) this.written = this.screen.leave()
    this.screen = undefined
  }

  /** What goes wrong here must not reach the training. */
  private guarded(work: () => void): void {
    if (!this.isOpen) return
    try {
      work()
    } catch (error) {
      this.failure ??= { error }
    }
    this.crashIfFailed()
  }

  /** Told by Ink in the middle of its work: it can be closed only after that. */
  private readonly failed = (error: unknown): void => {
    this.failure ??= { error }
    queueMicrotask(() => this.crashIfFailed())
  }

  private crashIfFailed(): void {
    if (!this.isOpen || !this.failure) return
    this.leave()
    this.options.onCrash(this.failure.error)
  }

  private leave(): void {
    this.isOpen = false
    clearTimeout(this.beat)
    this.frames.stop()
    clearTimeout(this.returning)
    this.forgetControls?.()
    this.options.stdout.off('resize', this.resized)
    this.leaveTerminal()
  }
}

function isSame(size: Size, other: Size): boolean {
  return size.columns === other.columns && size.rows === other.rows
}

const NOTHING_ASKED: Asked = { controls: undefined, isEnding: false }

const WISHES: Readonly<Record<string, Wish>> = { s: 'sample', c: 'save', e: 'evaluate' }

function switched(view: CurveView, key: string): CurveView {
  if (key === 'l') return { ...view, scale: view.scale === 'log' ? 'linear' : 'log' }
  return key === 'z' ? { ...view, isZoomed: !view.isZoomed } : view
}

// The dashboard on a terminal: from events and keys to frames, a few each second. The only file of this room that
// waits for something. It takes the terminal when it opens, and leaves it as it was when it closes, whatever happens.

import { render } from 'ink'
import type { RunControls } from '../../gpt/controls.ts'
import type { TrainEvent } from '../../gpt/events.ts'
import type { ColourDepth } from '../style.ts'
import { Dashboard } from './Dashboard.tsx'
import { Guard } from './Guard.tsx'
import { CTRL_C, CTRL_Z, Keyboard } from './Keyboard.tsx'
import type { Size } from './layout.ts'
import type { CurveView } from './Losses.tsx'
import { Depth } from './Picture.tsx'
import { NOTHING_YET, reduce } from './state.ts'

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
  /** The run was asked to end. */
  ending(): void
  /** The last frame stays on the terminal. */
  close(): Promise<void>
}

/** No more than four frames a second. */
const FRAME_MILLISECONDS = 250

/** A screen of no size (some have none) is taken for the usual one. */
const USUAL_SIZE: Size = { columns: 80, rows: 24 }

const SHOW_CURSOR = '\x1b[?25h'

/** Hides the cursor, moves it to the top left and erases all below. */
const WIPE = '\x1b[?25l\x1b[H\x1b[J'

export function openDashboard(options: DashboardOptions): OpenDashboard {
  const { stdin, stdout, controls } = options
  let state = NOTHING_YET
  let view: CurveView = { scale: 'linear', isZoomed: false }
  let isEnding = false
  let isLast = false
  let isOpen = true
  const frames = new Frames(() => guarded(() => app.rerender(frame())))

  const hasKeys = () => stdin.isTTY && !isLast
  const frame = () => (
    <Guard onError={(error) => queueMicrotask(() => crash(error))}>
      <Depth value={options.depth}>
        <Dashboard
          state={state}
          view={view}
          size={{ columns: stdout.columns || USUAL_SIZE.columns, rows: stdout.rows || USUAL_SIZE.rows }}
          asked={isLast ? { controls: undefined, isEnding: false } : { controls, isEnding }}
          hasKeys={hasKeys()}
        />
      </Depth>
      {hasKeys() && <Keyboard onKey={(key) => guarded(() => press(key))} />}
    </Guard>
  )

  /** What goes wrong here must not reach the training. */
  function guarded(work: () => void): void {
    if (!isOpen) return
    try {
      work()
    } catch (error) {
      crash(error)
    }
  }

  function press(key: string): void {
    if (key === CTRL_C) return options.interrupt()
    if (key === CTRL_Z) return suspended()
    if (key === 'q') return options.quit()
    if (key === 'l') view = { ...view, scale: view.scale === 'log' ? 'linear' : 'log' }
    if (key === 'z') view = { ...view, isZoomed: !view.isZoomed }
    if (key === 'p') controls?.pauseOrResume()
    if (key === 's') controls?.ask('sample')
    if (key === 'c') controls?.ask('save')
    if (key === 'e') controls?.ask('evaluate')
    frames.wanted()
  }

  /** Terminals wrap the lines of a frame in ways of their own when they become narrower: begin anew. */
  const resized = () => {
    stdout.write(WIPE)
    frames.now()
  }

  /** Leaves the terminal to the shell, and takes it again when that has continued this program. */
  function suspended(): void {
    stdin.setRawMode(false)
    stdout.write(SHOW_CURSOR)
    options.suspend()
    setTimeout(() => {
      if (!isOpen) return
      stdin.setRawMode(true)
      resized()
    }, FRAME_MILLISECONDS) // until then it is stopped
  }

  function crash(error: unknown): void {
    if (!isOpen) return
    void leave()
    options.onCrash(error)
  }

  function leave(): Promise<void> {
    isOpen = false
    frames.stop()
    stdout.off('resize', resized)
    app.unmount()
    return ended
  }

  stdout.on('resize', resized) // before Ink, which then finds the new frame
  controls?.onChange(() => frames.wanted())
  const app = render(frame(), { stdin, stdout: highScreen(stdout), exitOnCtrlC: false, patchConsole: false })
  const ended = settled(app.waitUntilExit())

  return {
    show: (event) =>
      guarded(() => {
        state = reduce(state, event)
        frames.wanted()
      }),
    ending: () => {
      isEnding = true
      frames.wanted()
    },
    close: async () => {
      isLast = true
      guarded(() => app.rerender(frame()))
      if (isOpen) await leave()
    },
  }
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

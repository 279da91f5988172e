// A terminal in Ink's hands, from the first frame until it is left. Which frames come when is decided in open.tsx.

import { type Instance, render } from 'ink'
import type { ReactNode } from 'react'

export interface ScreenOptions {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  /** Something could not be written: it is lost. Ink writes at any time, where nobody would catch it. */
  readonly onError: (error: unknown) => void
}

export class Screen {
  private readonly app: Instance
  private readonly written: Promise<void>
  private isSilent = false

  /** @throws if the terminal cannot be taken; then it is as it was. */
  constructor(
    picture: ReactNode,
    private readonly options: ScreenOptions,
  ) {
    const { stdin, stdout } = options
    const inkOptions = { stdin, stdout: this.guarded(stdout), exitOnCtrlC: false, patchConsole: false }
    try {
      this.app = render(picture, inkOptions)
    } catch (error) {
      this.isSilent = true
      render(null, inkOptions).unmount()
      throw error
    }
    this.written = settled(this.app.waitUntilExit())
  }

  draw(picture: ReactNode): void {
    this.app.rerender(picture)
  }

  /** Takes the last frame away, wherever it begins. */
  erase(): void {
    this.app.clear()
  }

  /** The last frame stays. @returns what settles when all that was drawn has been written. */
  leave(): Promise<void> {
    this.app.unmount()
    return this.written
  }

  /** Leaves without another word. */
  discard(): void {
    this.isSilent = true
    this.app.unmount()
  }

  /**
   * Without a height: Ink wipes the whole history of a terminal where a frame was once as high as the screen. Without
   * news of its size: who draws must know it first.
   */
  private guarded(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
    const own: Readonly<Record<string | symbol, unknown>> = {
      rows: Infinity,
      on: () => {},
      off: () => {},
      write: (text: string, done?: () => void) => this.write(text, done),
    }
    return new Proxy(stdout, {
      get(target, name) {
        if (Object.hasOwn(own, name)) return own[name]
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  }

  private write(text: string, done = () => {}): boolean {
    if (!this.isSilent) {
      try {
        return this.options.stdout.write(text, done)
      } catch (error) {
        this.options.onError(error)
      }
    }
    done()
    return true
  }
}

async function settled(promise: Promise<unknown>): Promise<void> {
  await promise.catch(() => {})
}

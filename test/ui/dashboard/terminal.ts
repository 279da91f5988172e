// A terminal that is none: it keeps what is written to it, and its keys are pressed by tests.

import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'

export class FakeTerminal {
  readonly stdout: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
  isRaw = false
  written: string[] = []
  private fails = false
  private readonly screen = new EventEmitter()
  private readonly keys = new PassThrough()

  constructor(size: { columns: number; rows: number }, isTTY = true) {
    const write = (text: string, done?: () => void): boolean => {
      if (this.fails) {
        this.fails = false
        throw new Error('cannot be written')
      }
      this.written.push(text)
      done?.()
      return true
    }
    this.stdout = Object.assign(this.screen, { ...size, isTTY: true, write }) as unknown as NodeJS.WriteStream
    const setRawMode = (mode: boolean) => (this.isRaw = mode)
    this.stdin = Object.assign(this.keys, { isTTY, setRawMode, ref() {}, unref() {} }) as unknown as NodeJS.ReadStream
  }

  /** What Ink wrote as one piece each: frames, without what only moves the cursor. */
  get frames(): string[] {
    return this.written.filter((text) => text.includes('\n'))
  }

  /** The lines of the last frame, without what erases the one before. */
  get lastFrame(): string[] {
    const frame = this.frames.at(-1) ?? ''
    const [picture] = frame.split('\x1b[G').slice(-1)
    return picture.trimEnd().split('\n')
  }

  get cursorIsVisible(): boolean {
    const all = this.written.join('')
    return all.lastIndexOf('\x1b[?25h') >= all.lastIndexOf('\x1b[?25l')
  }

  /** Hands over keys as they come from a keyboard, and waits until they are read. */
  async press(keys: string): Promise<void> {
    this.keys.write(keys)
    await new Promise((resolve) => setImmediate(resolve))
  }

  failNextWrite(): void {
    this.fails = true
  }

  resize(columns: number, rows: number): void {
    Object.assign(this.stdout, { columns, rows })
    this.screen.emit('resize')
  }
}

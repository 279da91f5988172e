// Being stopped (Ctrl-Z, SIGTSTP) until a shell continues this program. The clock leaves the time between out.

/** Leaves the terminal, and calls `stop`, which returns when the program was continued. */
export type BeforeStop = (stop: () => void) => void

/** The whole process group: this program, and those that were started with it. */
const GROUP = 0

export class Suspension {
  private stoppedSeconds = 0
  private before: BeforeStop | undefined

  constructor(private readonly program: NodeJS.Process) {}

  /** Seconds, without those for which the program was stopped by what is heard here. A SIGSTOP cannot be heard. */
  readonly clock = (): number => performance.now() / 1000 - this.stoppedSeconds

  /** Stops all that a Ctrl-Z would have stopped where the terminal does not hand it over as a key. */
  readonly stopGroup = (): void => this.stop(GROUP)

  /** Calls `before` when somebody asks this program to stop. @returns what ends that. */
  readonly onStop = (before: BeforeStop): (() => void) => {
    this.before = before
    this.listen()
    this.program.on('SIGCONT', this.listen)
    return () => {
      this.program.off('SIGTSTP', this.heard).off('SIGCONT', this.listen)
    }
  }

  private readonly listen = (): void => {
    this.program.off('SIGTSTP', this.heard).on('SIGTSTP', this.heard)
  }

  /** Others have got the signal too, if the terminal sent it. */
  private readonly heard = (): void => this.before?.(() => this.stop(this.program.pid))

  private stop(whom: number): void {
    if (this.program.platform === 'win32') return
    this.program.off('SIGTSTP', this.heard) // a signal that is heard does not stop
    const before = performance.now()
    this.program.kill(whom, 'SIGTSTP') // returns when we are continued
    this.stoppedSeconds += (performance.now() - before) / 1000
  }
}

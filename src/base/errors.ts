// The one kind of error that a person can mend. Everything else that is thrown is a bug of ours and keeps its stack.

/** 2: wrong arguments, configuration, corpus or prompt. 1: a checkpoint, the disk, the numbers. */
export type UserExitCode = 1 | 2

/** An error in what the person gave or has: shown as `message` and, on a second line, `hint`; never with a stack. */
export class UserError extends Error {
  override readonly name = 'UserError'

  constructor(
    message: string,
    readonly hint = '',
    readonly exitCode: UserExitCode = 2,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** A UserError about something on disk or in the numbers (exit code 1). */
export function failure(message: string, hint = '', options?: ErrorOptions): UserError {
  return new UserError(message, hint, 1, options)
}

/** What a caught value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

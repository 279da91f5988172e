// tgpt inspect: what is in a checkpoint.

import type { Argv, CommandModule, Options } from 'yargs'
import { inspect } from '../run/inspect.ts'
import { locateCheckpoint } from '../store/locate.ts'
import { inspectionLines } from '../ui/inspectionLines.ts'
import type { Context } from './context.ts'
import { type Arguments, flag, switchedOn, text } from './options.ts'

export const INSPECT_OPTIONS: Record<string, Options> = { json: flag('all of it as JSON') }

export function inspectCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'inspect [checkpoint]',
    describe: 'Show what is inside a checkpoint',
    builder: (yargs: Argv<object>) =>
      yargs
        .positional('checkpoint', {
          type: 'string',
          describe: 'a run, its name, or a step folder (default: the newest run)',
        })
        .options(INSPECT_OPTIONS)
        .example('$0 inspect novel', 'configuration, parameters, memory, loss history')
        .example('$0 inspect novel --json', 'for programs'),
    handler: async (args) => {
      const location = locateCheckpoint(text(args, 'checkpoint'), { prefer: 'latest', root: context.root })
      const inspection = await inspect(location)
      const shown = switchedOn(args, 'json')
        ? JSON.stringify(inspection, null, 2)
        : inspectionLines(inspection).join('\n')
      context.stdout(`${shown.trimEnd()}\n`)
    },
  }
}

// tgpt inspect: what is in a checkpoint.

import type { Argv, CommandModule, Options } from 'yargs'
import { UserError } from '../base/errors.ts'
import { inspect } from '../run/inspect.ts'
import { locateCheckpoint } from '../store/locate.ts'
import { inspectionLines } from '../ui/inspectionLines.ts'
import { paintedText } from '../ui/style.ts'
import { harmlessJson } from '../ui/visible.ts'
import type { Context } from './context.ts'
import type { LookName } from './look.ts'
import { type Arguments, flag, switchedOn, text, valued } from './options.ts'
import { sheetSize } from './sheetSize.ts'

export const INSPECT_OPTIONS: Record<string, Options> = {
  trace: valued('the way of a text through the model: shape and figures of each tensor'),
  attention: valued('heat maps of how much each token of a text takes from those before it'),
  layer: valued('of --attention: a layer, counted from 0, or all (default: the last)'),
  head: valued('of --attention: a head of the layer, counted from 0 (default: all)'),
  predict: valued('a text coloured by how it surprises the model, and what the model expected'),
  neighbours: valued('the tokens whose embeddings are nearest to that of this token'),
  layers: valued('what each layer would already predict for a text (logit lens)'),
  json: flag('all of it as JSON'),
}

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
        .example('$0 inspect novel --attention "The sea" --layer 0', 'what the heads of a layer look at')
        .example('$0 inspect novel --predict "The sea is wide"', 'what the model expected at each place')
        .example('$0 inspect novel --json', 'for programs'),
    handler: async (args) => {
      const wanted = wantedLook(args)
      const location = locateCheckpoint(text(args, 'checkpoint'), { prefer: 'latest', root: context.root })
      if (wanted) return (await import('./look.ts')).showLook(wanted, location, args, context)
      const inspection = await inspect(location)
      if (switchedOn(args, 'json')) return context.stdout(`${harmlessJson(inspection, 2)}\n`)
      const lines = inspectionLines(inspection, context.terminal && sheetSize(context).columns)
      context.stdout(`${paintedText(lines, context.colours).trimEnd()}\n`)
    },
  }
}

const LOOKS: readonly LookName[] = ['trace', 'attention', 'predict', 'neighbours', 'layers']

/** The look inside that is asked for, if one is. @throws UserError for several, and for --layer or --head without maps. */
function wantedLook(args: Arguments): LookName | undefined {
  const given = LOOKS.filter((name) => text(args, name) !== undefined)
  if (given.length > 1) {
    throw new UserError(
      `${given.map((name) => `--${name}`).join(' and ')} cannot go together`,
      'Ask for one at a time.',
    )
  }
  const lost = ['layer', 'head'].find((name) => text(args, name) !== undefined)
  if (lost !== undefined && given[0] !== 'attention')
    throw new UserError(`--${lost} belongs to --attention`, 'Add --attention and a text.')
  return given[0]
}

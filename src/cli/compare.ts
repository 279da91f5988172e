// tgpt compare: several runs side by side.

import type { Argv, CommandModule, Options } from 'yargs'
import { UserError } from '../base/errors.ts'
import type { Comparison } from '../gpt/comparison.ts'
import { compareRuns } from '../run/compare.ts'
import { locateRun } from '../store/locate.ts'
import { compareLines, MOST_RUNS } from '../ui/compareLines.ts'
import { paintedText } from '../ui/style.ts'
import { harmlessJson } from '../ui/visible.ts'
import type { Context } from './context.ts'
import { type Arguments, flag, switchedOn, text } from './options.ts'
import { shortPath } from './paths.ts'
import { sheetSize } from './sheetSize.ts'

export const COMPARE_OPTIONS: Record<string, Options> = { json: flag('all of it as JSON') }

export function compareCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'compare <run..>',
    describe: 'Compare the curves and the settings of runs',
    builder: (yargs: Argv<object>) =>
      yargs
        .positional('run', { type: 'string', array: true, describe: `folders or names of two to ${MOST_RUNS} runs` })
        .options(COMPARE_OPTIONS)
        .example('$0 compare novel novel-2', 'losses in one chart, and the settings that differ')
        .example('$0 compare novel novel-2 --json', 'for programs'),
    handler: (args) => {
      const comparison = compareRuns(foldersOf(args.run as unknown[], context.root))
      const shown = switchedOn(args, 'json') ? harmlessJson(comparison, 2) : picture(comparison, context)
      context.stdout(`${shown}\n`)
    },
  }
}

function foldersOf(names: readonly unknown[], root: string): string[] {
  if (names.length < 2) throw new UserError('one run cannot be compared', 'Give two or more: tgpt compare RUN RUN')
  if (names.length > MOST_RUNS) {
    throw new UserError(`${names.length} runs are too many for one chart`, `Give ${MOST_RUNS} at most.`)
  }
  const folders = names.map((run) => shortPath(locateRun(text({ run }, 'run'), root)))
  const again = folders.find((folder, index) => folders.indexOf(folder) < index)
  if (again !== undefined) throw new UserError(`the run ${again} is given twice`)
  return folders
}

function picture(comparison: Comparison, context: Context): string {
  const { columns: width, rows: height } = sheetSize(context)
  const lines = compareLines(comparison, { width, height, coloured: context.colours > 0 })
  return paintedText(lines, context.colours)
}

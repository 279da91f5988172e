// tgpt report: a page about a run, as one HTML file.

import { basename, resolve } from 'node:path'
import type { Argv, CommandModule, Options } from 'yargs'
import { report } from '../run/report.ts'
import { locateCheckpoint, type Location } from '../store/locate.ts'
import { checkReportFile, type ReportFile, writeReportFile } from '../store/reportFile.ts'
import { REPORT_MARK, reportPage } from '../ui/report/page.ts'
import { harmless } from '../ui/visible.ts'
import type { Context } from './context.ts'
import { type Arguments, flag, switchedOn, text, valued } from './options.ts'
import { shortPath } from './paths.ts'

export const REPORT_OPTIONS: Record<string, Options> = {
  output: {
    ...valued('the file to write; - is standard output (default: the name of the run, with .html)'),
    alias: 'o',
  },
  text: valued('show attention for this text (default: the beginning of the last sample)'),
  overwrite: flag('replace a file that is no report of tgpt'),
}

export function reportCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'report [checkpoint]',
    describe: 'Write a page about a run, as one HTML file',
    builder: (yargs: Argv<object>) =>
      yargs
        .positional('checkpoint', {
          type: 'string',
          describe: 'a run, its name, or a step folder (default: the newest run)',
        })
        .options(REPORT_OPTIONS)
        .example('$0 report novel', 'curves, samples, attention and configuration in novel.html')
        .example('$0 report novel -o page.html --text "The sea"', 'another file, and attention for another text'),
    handler: async (args) => runReport(args, context),
  }
}

const STANDARD_OUTPUT = '-'

async function runReport(args: Arguments, context: Context): Promise<void> {
  const [output, attended] = [text(args, 'output'), text(args, 'text')]
  const location = locateCheckpoint(text(args, 'checkpoint'), { prefer: 'latest', root: context.root })
  const file = output === STANDARD_OUTPUT ? undefined : reportFile(output ?? defaultName(location), args)
  if (file) checkReportFile(file)
  const page = reportPage(await report(location, { text: attended, version: context.versions.tgpt }))
  if (context.signal.aborted) return
  if (file) writeReportFile(file, page)
  context.stdout(file ? `${shownPath(file.path, context)}\n` : page)
}

/** Programs need the path as it is. */
function shownPath(path: string, { isShown }: Context): string {
  return isShown ? harmless(shortPath(path)) : shortPath(path)
}

function reportFile(path: string, args: Arguments): ReportFile {
  return { path: resolve(path), mark: REPORT_MARK, overwrite: switchedOn(args, 'overwrite') }
}

/** In the current folder: runs are not mixed with what is made from them. */
function defaultName({ stepFolder, runFolder }: Location): string {
  return `${basename(runFolder ?? stepFolder) || 'report'}.html`
}

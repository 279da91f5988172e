// tgpt train: from a corpus to a trained run, or on from where a run stopped.

import type { Argv, CommandModule, Options } from 'yargs'
import { UserError } from '../base/errors.ts'
import type { FinishedEvent } from '../gpt/events.ts'
import { EMBEDDED_CORPUS } from '../store/packageFiles.ts'
import { type FinishedRun, resumeRun } from '../run/resume.ts'
import { startRun } from '../run/start.ts'
import { train } from '../run/train.ts'
import type { Training } from '../run/training.ts'
import { pastEvents } from '../run/watch.ts'
import { harmless } from '../ui/visible.ts'
import { readConfigFile } from './configFile.ts'
import type { Context } from './context.ts'
import { type Listener, listenerFor } from './listeners.ts'
import {
  type Arguments,
  ENGINE_OPTIONS,
  engineOption,
  flag,
  givenSettings,
  PRECISION_OPTION,
  precisionOption,
  PRESET_DESCRIPTION,
  presetOption,
  settingOptions,
  switchedOn,
  text,
  threadsOption,
  valued,
} from './options.ts'
import { shellWord, shortPath } from './paths.ts'

export const TRAIN_OPTIONS: Record<string, Options> = {
  preset: valued(PRESET_DESCRIPTION),
  config: valued('a JSON file of settings; flags overrule it'),
  out: valued("the run's folder (default: a new one below checkpoints/)"),
  resume: { ...valued('go on with a run: its folder or name (default: --out, or the newest)'), requiresArg: false },
  overwrite: flag('replace the run that is there'),
  force: flag('resume although the corpus has changed'),
  plain: flag('plain lines of progress, also in a terminal'),
  json: flag('the events themselves, one a line'),
  ...ENGINE_OPTIONS,
  ...PRECISION_OPTION,
  ...settingOptions(),
}

export function trainCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'train [corpus]',
    describe: 'Train a GPT on a text file',
    builder: (yargs: Argv<object>) =>
      yargs
        .positional('corpus', {
          type: 'string',
          describe: 'a UTF-8 text file (default: the embedded tales of Saltmarrow)',
        })
        .options(TRAIN_OPTIONS)
        .example('$0 train', 'learn from the embedded corpus')
        .example('$0 train novel.txt --preset nano', "nanoGPT's configuration for a CPU, on your own text")
        .example('$0 train novel.txt --n_layer=4 --max_iters=500', "nanoGPT's spelling works too")
        .example('$0 train --resume novel --steps 4000', 'go on with a run, for longer'),
    handler: async (flags) => {
      const training = await prepare(withConfigFile(flags), context)
      if (!training) return
      const past = () => (training.resumed ? pastEvents(training.runFolder) : [])
      await follow(training, await listenerFor(flags, context, past), context)
    },
  }
}

function withConfigFile(flags: Arguments): Arguments {
  const path = text(flags, 'config')
  if (path === undefined) return flags
  const given = Object.entries(flags).filter(([, value]) => value !== undefined)
  return { ...readConfigFile(path), ...Object.fromEntries(given) }
}

/** A run that is ready to train; undefined if there is nothing left to do. */
async function prepare(args: Arguments, context: Context): Promise<Training | undefined> {
  const resume = text(args, 'resume')
  if (resume !== undefined && switchedOn(args, 'overwrite'))
    throw new UserError('--resume and --overwrite exclude each other')
  if (resume !== undefined) return prepareResumption(resume, args, context)
  return startRun({
    corpusPath: text(args, 'corpus') ?? EMBEDDED_CORPUS,
    preset: presetOption(args),
    given: givenSettings(args),
    engine: engineOption(args, context) ?? 'auto',
    threads: threadsOption(args),
    precision: precisionOption(args),
    out: text(args, 'out'),
    overwrite: switchedOn(args, 'overwrite'),
    root: context.root,
    versions: context.versions,
    availableBytes: context.availableBytes,
  })
}

async function prepareResumption(run: string, args: Arguments, context: Context): Promise<Training | undefined> {
  const preset = presetOption(args)
  if (preset)
    throw new UserError(`--preset ${preset} cannot be chosen for a run that is resumed`, 'A run keeps its settings.')
  const out = text(args, 'out')
  if (run !== '' && out !== undefined)
    throw new UserError(`--resume names ${run} and --out ${out}`, 'A run goes on in its own folder.')
  const resumed = await resumeRun({
    run: run === '' ? out : run,
    corpusPath: text(args, 'corpus'),
    given: givenSettings(args),
    engine: engineOption(args, context),
    threads: threadsOption(args),
    precision: precisionOption(args),
    force: switchedOn(args, 'force'),
    root: context.root,
    versions: context.versions,
    availableBytes: context.availableBytes,
  })
  // What is logged and shown is a path as a new run has it.
  if (!('finished' in resumed)) return { ...resumed, runFolder: shortPath(resumed.runFolder) }
  sayFinished(resumed, switchedOn(args, 'json') ? context.stderr : context.stdout)
  return undefined
}

function sayFinished({ runFolder, steps }: FinishedRun, say: (words: string) => void): void {
  const words = `${shortPath(runFolder)} is finished: all ${steps} steps are done. Give a larger --steps to go on.\n`
  say(harmless(words))
}

/** Shows the run's events until it ends, and says what to type next. */
async function follow(training: Training, listener: Listener, context: Context): Promise<void> {
  const { clock, signal } = context
  const ending = () => listener.ending()
  // while a run is prepared nobody listens: the signal may have come already
  if (signal.aborted) ending()
  else signal.addEventListener('abort', ending, { once: true })
  let ended: FinishedEvent | undefined
  try {
    for await (const event of train(training, { clock, signal, requests: listener.requests })) {
      listener.show(event)
      if (event.event === 'finished') ended = event
    }
  } finally {
    await listener.close()
    training.engine.dispose()
  }
  if (ended) listener.say(whatNext(training, ended.reason, context.command))
}

function whatNext({ runFolder }: Training, reason: 'completed' | 'interrupted', command: string): string {
  const run = shellWord(shortPath(runFolder))
  const resume = `  ${command} train --resume ${run}\n`
  const look = ['sample', 'inspect', 'report'].map((name) => `  ${command} ${name} ${run}\n`).join('')
  return `\nNext:\n${reason === 'interrupted' ? resume : ''}${look}`
}

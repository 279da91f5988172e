// tgpt eval: how well a model predicts texts.

import type { Argv, CommandModule, Options } from 'yargs'
import { evaluateFiles, type TextEvaluation } from '../run/evaluate.ts'
import { locateCheckpoint } from '../store/locate.ts'
import { bytes, count, loss, table } from '../ui/format.ts'
import { harmlessJson } from '../ui/visible.ts'
import type { Context } from './context.ts'
import { type Arguments, ENGINE_OPTIONS, engineOption, flag, switchedOn, text, threadsOption } from './options.ts'

export const EVAL_OPTIONS: Record<string, Options> = { json: flag('the figures as JSON'), ...ENGINE_OPTIONS }

export function evalCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'eval <checkpoint> <file..>',
    describe: "Measure a model's loss on text files",
    builder: (yargs: Argv<object>) =>
      yargs
        .positional('checkpoint', { type: 'string', describe: 'a run, its name, or a step folder' })
        .positional('file', { type: 'string', array: true, describe: 'UTF-8 text files' })
        .options(EVAL_OPTIONS)
        .example('$0 eval novel other.txt', 'loss, perplexity and bits per byte on another text'),
    handler: async (args) => runEval(args, context),
  }
}

async function runEval(args: Arguments, context: Context): Promise<void> {
  const { stepFolder } = locateCheckpoint(text(args, 'checkpoint'), { prefer: 'best', root: context.root })
  const evaluation = await evaluateFiles({
    stepFolder,
    files: (args.file as unknown[]).map(String),
    engine: engineOption(args, context) ?? 'auto',
    threads: threadsOption(args),
    signal: context.signal,
  })
  if (evaluation === undefined) return
  const shown = switchedOn(args, 'json') ? harmlessJson(evaluation, 2) : lines(evaluation).join('\n')
  context.stdout(`${shown}\n`)
}

function lines({ loss: nats, perplexity, bitsPerByte, tokens, bytes: size }: TextEvaluation): string[] {
  return table([
    ['loss', `${loss(nats)} nats per token`],
    ['perplexity', perplexity.toFixed(3)],
    ['bits per byte', bitsPerByte.toFixed(4)],
    ['tokens', `${count(tokens)} predicted`],
    ['text', bytes(size)],
  ])
}

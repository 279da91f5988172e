// tgpt bench: how fast this machine trains and decodes a model.

import type { Argv, CommandModule, Options } from 'yargs'
import { bench, BENCH_SETTINGS } from '../run/bench.ts'
import { MODEL_LIMITS } from '../gpt/model.ts'
import { benchmarkLines } from '../ui/benchmarkLines.ts'
import { harmless, harmlessJson } from '../ui/visible.ts'
import type { Context } from './context.ts'
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
  threadsOption,
  valued,
  wholeNumber,
} from './options.ts'

const MAX_STEPS = 1_000_000

export const BENCH_OPTIONS: Record<string, Options> = {
  preset: valued(PRESET_DESCRIPTION),
  'vocab-size': valued('tokens in the vocabulary (default: 65, or 50257 with the gpt2 tokenizer)'),
  steps: valued('steps to time (default: as many as ten seconds hold, five at least)'),
  json: flag('the figures as JSON'),
  ...ENGINE_OPTIONS,
  ...PRECISION_OPTION,
  ...settingOptions(BENCH_SETTINGS),
}

export function benchCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'bench',
    describe: 'Measure how fast this machine trains and decodes',
    builder: (yargs: Argv<object>) =>
      yargs
        .options(BENCH_OPTIONS)
        .example('$0 bench --preset nano', "nanoGPT's configuration for a CPU")
        .example('$0 bench --preset baby --batch-size 16 --dropout 0 --threads 1', 'a larger model, on one thread')
        .example('$0 bench --preset gpt2 --batch-size 4 --block-size 64 --json', 'for programs'),
    handler: async (args) => runBench(args, context),
  }
}

async function runBench(args: Arguments, context: Context): Promise<void> {
  const request = {
    preset: presetOption(args),
    given: givenSettings(args, BENCH_SETTINGS),
    vocabSize: wholeNumber(args, 'vocab-size', 1, MODEL_LIMITS.vocabSize),
    engine: engineOption(args, context) ?? 'auto',
    threads: threadsOption(args),
    precision: precisionOption(args),
    steps: wholeNumber(args, 'steps', 1, MAX_STEPS),
    availableBytes: context.availableBytes,
  }
  const benchmark = await bench(request, context)
  if (benchmark === undefined) return
  const json = switchedOn(args, 'json')
  const shown = json ? harmlessJson(benchmark.figures, 2) : harmless(benchmarkLines(benchmark).join('\n'))
  context.stdout(`${shown}\n`)
}

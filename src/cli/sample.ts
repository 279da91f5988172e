// tgpt sample: text from a trained model, on standard output as it is produced. All else goes to standard error.

import type { Argv, CommandModule, Options } from 'yargs'
import { checkNumber } from '../gpt/settings.ts'
import { sample } from '../run/sample.ts'
import { decodeUtf8 } from '../store/corpus.ts'
import { locateCheckpoint } from '../store/locate.ts'
import { harmless } from '../ui/visible.ts'
import type { Context } from './context.ts'
import {
  type Arguments,
  ENGINE_OPTIONS,
  engineOption,
  flag,
  text,
  threadsOption,
  valued,
  wholeNumber,
} from './options.ts'
import { shortPath } from './paths.ts'

const MAX_TOKENS = 1_000_000_000
const MAX_TEMPERATURE = 1000
const DEFAULT_TEMPERATURE = 0.8

export const SAMPLE_OPTIONS: Record<string, Options> = {
  prompt: valued('text to go on from; - reads standard input; a prompt that begins with a dash is written --prompt=-x'),
  'max-tokens': valued('tokens to produce (default: 500)'),
  temperature: valued('0 always takes the most probable token; 1 samples as the model believes (default: 0.8)'),
  'top-k': valued('sample among the k most probable tokens; 0 is all (default: 40)'),
  seed: valued('the same seed gives the same text (default: another each time)'),
  'num-samples': valued('how many texts to write (default: 1)'),
  echo: { ...flag('write the prompt first; --no-echo leaves it out'), defaultDescription: 'true' },
  ...ENGINE_OPTIONS,
}

export function sampleCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'sample [checkpoint]',
    describe: 'Write new text with a trained model',
    builder: (yargs: Argv<object>) =>
      yargs
        .positional('checkpoint', {
          type: 'string',
          describe: 'a run, its name, or a step folder (default: the newest run)',
        })
        .options(SAMPLE_OPTIONS)
        .example('$0 sample --prompt "The sea"', 'go on from a prompt, with the newest run')
        .example('$0 sample novel --temperature 0.5 --top-k 10 --seed 1', 'more careful, and repeatable')
        .example('echo "Once" | $0 sample --prompt -', 'the prompt from standard input'),
    handler: async (args) => runSample(args, context),
  }
}

async function runSample(args: Arguments, context: Context): Promise<void> {
  const options = readOptions(args, context)
  const { stepFolder } = locateCheckpoint(text(args, 'checkpoint'), { prefer: 'best', root: context.root })
  const prompt = await readPrompt(args, context)
  if (context.signal.aborted) return
  const head = text(args, 'echo') === 'false' ? '' : prompt
  const write = context.isShown ? harmlessWriter(context.stdout) : context.stdout
  for await (const event of sample({ ...options, stepFolder, prompt, signal: context.signal })) {
    if (event.kind === 'text') write(event.text)
    else if (event.kind === 'notice') context.stderr(`note: ${event.text}\n`)
    else if (event.sample > 0) write(`\n---\n${head}`)
    else {
      context.stderr(`${shortPath(stepFolder)}, seed ${options.seed}\n`) // only now is it known that nothing is wrong
      write(head)
    }
  }
  write('\n')
}

/**
 * Writes text as it comes to a terminal, which obeys no control character in it. The two characters that end a line on
 * Windows may come in two pieces: the first waits for the second.
 */
export function harmlessWriter(write: (text: string) => void): (piece: string) => void {
  let waiting = ''
  return (piece) => {
    const all = `${waiting}${piece}`.replaceAll('\r\n', '\n')
    waiting = all.endsWith('\r') ? '\r' : ''
    write(harmless(all.slice(0, all.length - waiting.length)))
  }
}

function readOptions(args: Arguments, context: Context) {
  return {
    maxTokens: wholeNumber(args, 'max-tokens', 1, MAX_TOKENS) ?? 500,
    temperature: temperatureOption(args),
    topK: wholeNumber(args, 'top-k', 0, Number.MAX_SAFE_INTEGER) ?? 40,
    seed: wholeNumber(args, 'seed', 0, Number.MAX_SAFE_INTEGER) ?? context.freshSeed(),
    numSamples: wholeNumber(args, 'num-samples', 1, MAX_TOKENS) ?? 1,
    engine: engineOption(args, context) ?? 'auto',
    threads: threadsOption(args),
  } as const
}

function temperatureOption(args: Arguments): number {
  const value = text(args, 'temperature') ?? DEFAULT_TEMPERATURE
  return checkNumber(value, { kind: 'number', min: 0, max: MAX_TEMPERATURE }, '--temperature')
}

async function readPrompt(args: Arguments, context: Context): Promise<string> {
  const prompt = text(args, 'prompt') ?? ''
  return prompt === '-' ? decodeUtf8(await context.stdin(), 'the prompt') : prompt
}

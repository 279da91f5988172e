// tgpt build-native: compiles the fast engine for this machine.

import type { CommandModule } from 'yargs'
import { failure } from '../base/errors.ts'
import { buildNative } from '../engines/open.ts'
import { duration } from '../ui/format.ts'
import { harmless } from '../ui/visible.ts'
import type { Context } from './context.ts'
import type { Arguments } from './options.ts'
import { shortPath } from './paths.ts'

export function buildNativeCommand(context: Context): CommandModule<object, Arguments> {
  return {
    command: 'build-native',
    describe: 'Compile the fast engine for this machine',
    builder: (yargs) =>
      yargs.example('$0 build-native', 'with the C++ compiler that is there, or the one that CXX names'),
    handler: () => runBuild(context),
  }
}

async function runBuild({ stdout, environment }: Context): Promise<void> {
  stdout('compiling the native engine, once for each instruction set\n')
  const outcome = await buildNative(environment)
  if (!outcome.built) {
    throw failure(
      `the native engine was not built: ${outcome.reason}`,
      'Without it, WebAssembly computes: --engine wasm.',
    )
  }
  stdout(`built ${harmless(shortPath(outcome.path))} in ${duration(outcome.seconds)}; tgpt takes it from now on\n`)
}

// nanoGPT's spelling of arguments, turned into ours: --n_layer=4, --max_iters 2000, --bias=False.

import { UserError } from '../base/errors.ts'
import { kebabCase } from '../gpt/settings.ts'

/** nanoGPT's names that differ from ours by more than underscores. */
const NANOGPT_NAMES: ReadonlyMap<string, string> = new Map([
  ['max-iters', 'steps'],
  ['min-lr', 'min-learning-rate'],
  ['warmup-iters', 'warmup-steps'],
  ['lr-decay-iters', 'decay-steps'],
  ['gradient-accumulation-steps', 'gradient-accumulation'],
  ['out-dir', 'out'],
])

/** Our name for an option, from nanoGPT's (n_layer), a configuration file's (nLayer) or our own (n-layer). */
export function optionName(name: string): string {
  const kebab = kebabCase(name.replaceAll('_', '-'))
  return NANOGPT_NAMES.get(kebab) ?? kebab
}

/** The setting's key for an option's name: n-layer to nLayer. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

const OPTION = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s

/**
 * Arguments as the parser wants them. A switch of `booleans` may be followed by True or False, as Python writes them,
 * and is joined with it: the parser would take the word for a corpus, or any word but "true" for false.
 */
export function canonicalArguments(args: readonly string[], booleans: ReadonlySet<string>): string[] {
  const canonical: string[] = []
  for (let index = 0; index < args.length; index++) {
    if (args[index] === '--') return [...canonical, ...args.slice(index)]
    const [, written, joined] = OPTION.exec(args[index]) ?? []
    if (written === undefined) {
      canonical.push(args[index])
      continue
    }
    const name = optionName(written)
    const takesNext = joined === undefined && booleans.has(name) && /^(true|false)$/i.test(args[index + 1] ?? '')
    const value = takesNext ? args[++index] : joined
    canonical.push(value === undefined ? `--${name}` : `--${name}=${booleans.has(name) ? truth(name, value) : value}`)
  }
  return canonical
}

function truth(name: string, value: string): string {
  const lower = value.toLowerCase()
  if (lower !== 'true' && lower !== 'false') throw new UserError(`--${name} is "${value}"; it must be true or false`)
  return lower
}

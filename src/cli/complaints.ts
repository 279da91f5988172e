// What the parser of arguments complains of, in our words, and what the person may have meant.

import { UserError } from '../base/errors.ts'
import { optionName } from './spelling.ts'

/** Options of nanoGPT's train.py for what tgpt does not have: devices, compilers, data sets by name, tracking. */
const NANOGPT_ONLY: ReadonlySet<string> = new Set([
  'device',
  'compile',
  'dtype',
  'dataset',
  'backend',
  'init-from',
  'eval-only',
  'always-save-checkpoint',
  'decay-lr',
  'wandb-log',
  'wandb-project',
  'wandb-run-name',
])

const HELP = 'See tgpt --help, or the --help of a command.'

/**
 * The parser's message as an error of ours: one line of what is wrong, one of what to do.
 * @param args the arguments as they were typed.
 * @param options the names of all options there are.
 */
export function complaint(message: string, args: readonly string[], options: readonly string[]): UserError {
  const [line] = message.split('\n')
  const [, unvalued] = /^Not enough arguments following: (.*)$/.exec(line) ?? []
  if (unvalued !== undefined) return new UserError(`${dashed(unvalued)} needs a value`, HELP)
  const [, unknown] = /^Unknown (?:arguments?|commands?): (.*)$/.exec(line) ?? []
  if (unknown !== undefined) return unknownArguments(unknown.split(', '), args, options)
  if (line.startsWith('Not enough non-option arguments')) {
    return new UserError(`tgpt ${args[0]} needs more than that`, `See tgpt ${args[0]} --help.`)
  }
  return new UserError(line.charAt(0).toLowerCase() + line.slice(1), HELP)
}

function unknownArguments(names: readonly string[], args: readonly string[], options: readonly string[]): UserError {
  const shown = names.map((name) => asTyped(name, args)).join(', ')
  return new UserError(`unknown argument${names.length > 1 ? 's' : ''}: ${shown}`, hintFor(names, options))
}

/** An option's name with its dashes; the parser leaves them out. */
function asTyped(name: string, args: readonly string[]): string {
  const typed = args.map((arg) => arg.split('=')[0])
  return typed.find((arg) => arg.startsWith('-') && optionName(arg.replace(/^--?/, '')) === name) ?? name
}

function hintFor(names: readonly string[], options: readonly string[]): string {
  if (names.every((name) => NANOGPT_ONLY.has(optionName(name)))) return 'nanoGPT has this option; leave it out here.'
  const nearest = names.length === 1 ? nearestOption(optionName(names[0]), options) : undefined
  return nearest === undefined ? HELP : `Did you mean --${nearest}?`
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}

/** Farther than this, an option is another word and no slip of the fingers. */
const MAX_SLIPS = 2

/** Another option than the one that was typed: that one belongs to another command. */
function nearestOption(name: string, options: readonly string[]): string | undefined {
  const [nearest] = options
    .map((option) => ({ option, distance: editDistance(name, option) }))
    .filter(({ distance }) => distance > 0 && distance <= MAX_SLIPS && distance < name.length / 2)
    .toSorted((a, b) => a.distance - b.distance)
  return nearest?.option
}

/** How many letters must be added, removed or changed to turn one word into the other (Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const letter of a) {
    const next = [row[0] + 1]
    for (let column = 1; column <= b.length; column++) {
      const changed = row[column - 1] + (letter === b[column - 1] ? 0 : 1)
      next.push(Math.min(changed, row[column] + 1, next[column - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}

// Options of the command line: how they are declared to yargs, and how their values are read back, checked.
// Values stay text until they are read here: yargs would turn what is no number into NaN, and round what is too long.

import type { Options } from 'yargs'
import { UserError } from '../base/errors.ts'
import { type EngineName, engineName, ENGINES } from '../engines/open.ts'
import { type Precision, PRECISIONS } from '../gpt/engine.ts'
import { type PresetName, presetName, PRESETS } from '../gpt/presets.ts'
import {
  checkNumber,
  checkSetting,
  kebabCase,
  SETTING_KEYS,
  type SettingKey,
  SETTINGS,
  type Settings,
  type SettingSpec,
} from '../gpt/settings.ts'
import type { Context } from './context.ts'

/** What yargs hands over: by option name, undefined where it was not given. */
export type Arguments = Readonly<Record<string, unknown>>

/** The title of the first group in help: what no other group claims. */
const GENERAL = 'Options:'

/** An option with a value. No defaults are declared: they would overrule presets and configuration files. */
export function valued(describe: string): Options {
  return { type: 'string', requiresArg: true, describe, group: GENERAL }
}

export function flag(describe: string): Options {
  return { type: 'boolean', describe, group: GENERAL }
}

export const ENGINE_OPTIONS: Record<string, Options> = {
  engine: valued(`what computes: ${ENGINES.join(', ')} (default: the variable TGPT_ENGINE, or auto)`),
  threads: valued('threads to compute with (default: as many as there are processors)'),
}

export const PRECISION_OPTION: Record<string, Options> = {
  precision: valued(`of products, where the processor has it: ${PRECISIONS.join(', ')} (default: fp32)`),
}

/** One option for each of these settings of a run. */
export function settingOptions(keys: readonly SettingKey[] = SETTING_KEYS): Record<string, Options> {
  return Object.fromEntries(keys.map((key) => [kebabCase(key), settingOption(SETTINGS[key])]))
}

function settingOption(spec: SettingSpec): Options {
  const option = spec.kind === 'boolean' ? flag(spec.describe) : valued(spec.describe)
  return { ...option, group: 'Settings (each preset has its own):' }
}

/** The names of the switches among options: those that may be followed by True or False. */
export function switches(options: Readonly<Record<string, Options>>): string[] {
  return Object.keys(options).filter((name) => options[name].type === 'boolean')
}

/** Where an empty text means something; elsewhere it comes from a variable of the shell that is not set. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set([
  'attention',
  'layers',
  'neighbours',
  'predict',
  'prompt',
  'resume',
  'trace',
])

/** The text of an option or of a positional. @throws UserError if it was given more than once, or is empty. */
export function text(args: Arguments, name: string): string | undefined {
  const value = args[name]
  if (Array.isArray(value)) throw new UserError(`--${name} is given more than once`)
  if (value === '' && !MAY_BE_EMPTY.has(name)) throw new UserError(`the ${name} that was given is an empty text`)
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value) // a number or truth value of a configuration file
}

export function switchedOn(args: Arguments, name: string): boolean {
  return text(args, name) === 'true'
}

/** A whole number in a range, if it is given. */
export function wholeNumber(args: Arguments, name: string, min: number, max: number): number | undefined {
  const value = text(args, name)
  return value === undefined ? undefined : checkNumber(value, { kind: 'integer', min, max }, `--${name}`)
}

/** The engine that is asked for, by a flag or else by the environment. */
export function engineOption(args: Arguments, { engine }: Context): EngineName | undefined {
  const name = text(args, 'engine')
  if (name !== undefined) return engineName(name)
  return engine === undefined ? undefined : engineName(engine, ' (the variable TGPT_ENGINE)')
}

export function precisionOption(args: Arguments): Precision | undefined {
  const name = text(args, 'precision')
  const known = PRECISIONS.find((precision) => precision === name)
  if (name !== undefined && !known) {
    throw new UserError(`--precision is "${name}"; it must be one of: ${PRECISIONS.join(', ')}`)
  }
  return known
}

const MAX_THREADS = 64

export function threadsOption(args: Arguments): number | undefined {
  return wholeNumber(args, 'threads', 1, MAX_THREADS)
}

export function presetOption(args: Arguments): PresetName | undefined {
  const name = text(args, 'preset')
  return name === undefined ? undefined : presetName(name)
}

export const PRESET_DESCRIPTION = `sizes and settings to start from: ${PRESETS.join(', ')}`

/** Those of these settings that are among the arguments, checked. */
export function givenSettings(args: Arguments, keys: readonly SettingKey[] = SETTING_KEYS): Partial<Settings> {
  const label = (key: SettingKey) => `--${kebabCase(key)}`
  const given = keys.flatMap((key) => {
    const value = text(args, kebabCase(key))
    return value === undefined ? [] : [[key, checkSetting(key, value, label(key))] as const]
  })
  return Object.fromEntries(given)
}

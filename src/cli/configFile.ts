// Configuration files: JSON with the same names as the flags, in any of their spellings.

import { UserError } from '../base/errors.ts'
import { checkSetting, isSettingKey } from '../gpt/settings.ts'
import { readJsonFile } from '../store/files.ts'
import type { Arguments } from './options.ts'
import { camelCase, optionName } from './spelling.ts'

/** Options that are no settings of the run, but that a file may hold as well. */
const OTHER_OPTIONS: ReadonlySet<string> = new Set(['preset', 'engine', 'threads', 'precision', 'out'])

/**
 * The file's options, as if they had been given as flags.
 * @throws UserError (exit 2) that names the file and the key.
 */
export function readConfigFile(path: string): Arguments {
  const options = parse(path)
  const entries = Object.entries(options).map(([key, value]): [string, unknown] => [
    checkedName(key, value, path),
    value,
  ])
  const names = entries.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice) throw new UserError(`"${twice}" stands more than once in ${path}, in different spellings`)
  return Object.fromEntries(entries)
}

function parse(path: string): object {
  let json: unknown
  try {
    json = readJsonFile(path)
  } catch (error) {
    throw error instanceof UserError ? new UserError(error.message, error.hint, 2, { cause: error }) : error
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new UserError(`${path} holds no JSON object`)
  return json
}

function checkedName(key: string, value: unknown, path: string): string {
  const name = optionName(key)
  const setting = camelCase(name)
  if (isSettingKey(setting)) checkSetting(setting, value, `"${key}" in ${path}`)
  else if (!OTHER_OPTIONS.has(name)) throw new UserError(`"${key}" in ${path} is no setting`)
  return name
}

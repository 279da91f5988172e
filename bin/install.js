// Compiles the native engine when npm installs the package, where there is a compiler. It says in one line what it did,
// and never fails an install: WebAssembly does the same work, more slowly.

import { existsSync } from 'node:fs'

const engines = new URL('../dist/engines/open.js', import.meta.url)
if (existsSync(engines)) await build().catch((error) => say(`the native engine was not built: ${error.message}`))
// Else this is a checkout that npm is about to build; `prepare` comes here again.

async function build() {
  const { buildNative, selectEngine } = await import(engines)
  if (await isThere(selectEngine)) return
  const { built, seconds, reason } = await buildNative(process.env)
  say(built ? `built the native engine in ${Math.ceil(seconds)} s` : `${reason}; until then WebAssembly computes`)
}

function isThere(selectEngine) {
  return selectEngine('native').then(
    () => true,
    () => false,
  )
}

function say(line) {
  console.log(`tgpt: ${line}`)
}

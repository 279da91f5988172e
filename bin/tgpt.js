#!/usr/bin/env node
// Checks that this Node can run tgpt, in syntax that older ones can read, and hands over to the command line.

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`tgpt needs Node 20.19 or newer; this is ${process.versions.node}.`)
  process.exit(1)
}
import('../dist/cli/main.js').catch((error) => {
  const built = error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes('dist')
  console.error(built ? error : 'tgpt is not built yet: run npm run build in its folder.')
  process.exit(1)
})

// Prints the instruction sets of the addon that this processor has: a line for each, its name and its compiler flags.

import { readFileSync } from 'node:fs'
import { units } from '../dist/engines/native/host/sources.js'

const [, listed = ''] = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? []
const features = new Set(listed.replaceAll('_', '').split(' '))
const isHere = (flag) => !flag.startsWith('-m') || features.has(flag.slice('-m'.length))

for (const { file, flags } of units('')) {
  const name = flags.find((flag) => flag.startsWith('-DTGPT_SET='))?.split('=')[1]
  if (file === 'kernels.cc' && flags.every(isHere)) console.log(name, ...flags)
}

import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { EMBEDDED_CORPUS } from '../../src/store/packageFiles.ts'

const bytes = readFileSync(EMBEDDED_CORPUS)
const text = bytes.toString('utf8')

it('is a text and not a template: over 100 kB, 3000 distinct words, and gzip -9 keeps 30% of it', () => {
  expect(bytes.length).toBeGreaterThan(100_000)
  expect(new Set(text.toLowerCase().match(/[a-z']+/g)).size).toBeGreaterThan(3000)
  expect(gzipSync(bytes, { level: 9 }).length / bytes.length).toBeGreaterThan(0.3)
})

it('has the unigram entropy that the README states', () => {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  const shares = Array.from(counts.values(), (count) => count / text.length)
  const entropy = -shares.reduce((sum, share) => sum + share * Math.log(share), 0)
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect(readme).toContain(`${entropy.toFixed(3)} nats`)
})

it('is plain: printable ASCII in lines of at most 76 columns', () => {
  expect(text).toMatch(/^[\n\x20-\x7e]+$/)
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(76)
})

// tgpt bench: the figures that are asked for, for people and for programs.

import { describe, expect, it } from 'vitest'
import { everythingIn, expectRefusal, freshFolder, succeeds, tgpt } from './spawn.ts'

const SMALL = '--n-layer 1 --n-head 2 --n-embd 16 --block-size 8 --batch-size 2 --steps 3'
const KEYS = [
  'engine',
  'detail',
  'millisecondsPerStep',
  'tokensPerSecond',
  'gflops',
  'peakGflops',
  'shareOfPeak',
  'decodeTokensPerSecond',
  'peakMemoryBytes',
]

describe.concurrent('tgpt bench', () => {
  it.each(['wasm', 'tfjs', 'auto'])('--json has all figures, and they agree: %s', async (engine) => {
    const folder = freshFolder()
    const { stdout, stderr } = await succeeds(tgpt(folder, `bench ${SMALL} --engine ${engine} --json`))
    expect(stderr).toBe('')
    const figures = JSON.parse(stdout) as Record<string, number | string | null>
    expect(Object.keys(figures)).toEqual(KEYS)
    const { peakGflops, shareOfPeak, ...measured } = figures as Record<string, number>
    expect(Object.values(measured).every((value) => typeof value === 'string' || value > 0)).toBe(true)
    expect(measured.tokensPerSecond).toBeCloseTo((16 * 1000) / measured.millisecondsPerStep, 6)
    const parameters = 65 * 16 + 12 * 16 * 16 + 3 * 16
    const flopsPerToken = 6 * parameters + 6 * 16 * 8
    expect(measured.gflops).toBeCloseTo((flopsPerToken * measured.tokensPerSecond) / 1e9, 9)
    if (engine === 'tfjs') expect([peakGflops, shareOfPeak]).toEqual([null, null])
    else expect(shareOfPeak).toBeCloseTo(measured.gflops / peakGflops, 9)
    expect(measured.peakMemoryBytes).toBeGreaterThan(2 ** 24)
    expect(everythingIn(folder)).toEqual([])
  })

  it('shows them to people, with the model and the engine', async () => {
    const { stdout } = await succeeds(tgpt(freshFolder(), `bench ${SMALL} --vocab-size 300 --threads 2 --engine wasm`))
    expect(stdout).toMatch(/^engine +wasm: WebAssembly, .*, 2 threads, fp32 \(.+\)$/m)
    expect(stdout).toMatch(/^model +1 layer, 2 heads, 16 wide, block 8, a vocabulary of 300: [\d,]+ parameters$/m)
    expect(stdout).toMatch(/^step +[\d.]+ ms for 16 tokens, the median of 3$/m)
    expect(stdout).toMatch(/^training +[\d,]+ tok\/s, .* GFLOP\/s, \d+% of the [\d.,]+ /m)
    expect(stdout).toMatch(/^decoding +[\d,]+ tok\/s/m)
    expect(stdout).toMatch(/^memory +.* [MG]B/m)
  })

  it('starts from a preset, and takes all settings that decide the work of a step, in both spellings', async () => {
    const flags =
      '--preset gpt2 --n_layer=1 --n_head=1 --n_embd=8 --block_size=4 --batch_size=1 --dropout 0.1 --bias False'
    const { stdout } = await succeeds(tgpt(freshFolder(), `bench ${flags} --activation gelu --steps 1`))
    expect(stdout).toContain('a vocabulary of 50,257')
    expect(stdout).toMatch(/ms for 4 tokens, the median of 1\n/) // one micro-batch, not the preset's forty
    const two = await succeeds(tgpt(freshFolder(), `bench ${SMALL} --gradient-accumulation 2`))
    expect(two.stdout).toMatch(/ms for 32 tokens/)
  })

  it.each([
    ['--steps 0', /--steps is "0"; it must be a whole number from 1 to /],
    ['--vocab-size 0', /--vocab-size is "0"; it must be a whole number from 1 to /],
    ['--preset huge', /there is no preset "huge"/],
    ['--engine steam', /there is no engine "steam"/],
    ['--n-embd 10 --n-head 4', /n-embd/],
    ['--learning-rate 1', /unknown argument: --learning-rate/],
  ])('%s is refused', async (flags, words) => {
    expectRefusal(await tgpt(freshFolder(), `bench ${flags}`), 2, words)
  })
})

// What is compared: the sizes of each row, the engines that are measured on it, and the flags that ask for it.

/** What tgpt is compared with. */
export const PEER = 'PyTorch'

/**
 * (a) is nanoGPT's configuration for a CPU; (b) its character model without dropout; the third the GPT-2 of 2019.
 * `steps` are timed of both programs; PyTorch decodes `decode` tokens, at contexts evenly spread over the block.
 */
export const ROWS = {
  a: {
    title: '(a)',
    sizes: { nLayer: 4, nHead: 4, nEmbd: 128, blockSize: 64, batchSize: 12, vocabSize: 65, bias: false },
    variants: ['native', 'wasm'],
    steps: 60,
    decode: 64,
  },
  b: {
    title: '(b)',
    sizes: { nLayer: 6, nHead: 6, nEmbd: 384, blockSize: 256, batchSize: 16, vocabSize: 65, bias: false },
    variants: ['native', 'native-bf16', 'wasm'],
    steps: 4,
    decode: 32,
  },
  gpt2: {
    title: 'GPT-2 124M',
    sizes: { nLayer: 12, nHead: 12, nEmbd: 768, blockSize: 64, batchSize: 4, vocabSize: 50_257, bias: true },
    variants: ['native'],
    steps: 4,
    decode: 16,
  },
}

/** The flags of tgpt that make a variant. */
export const VARIANTS = {
  native: { engine: 'native', precision: 'fp32' },
  'native-bf16': { engine: 'native', precision: 'bf16' },
  wasm: { engine: 'wasm', precision: 'fp32' },
}

export function describeSizes({ nLayer, nHead, nEmbd, blockSize, batchSize, vocabSize, bias }) {
  const biases = bias ? ', biases' : ''
  return `${nLayer} layers, ${nHead} heads, ${nEmbd} wide, block ${blockSize}, batch ${batchSize}, vocabulary ${vocabSize}${biases}`
}

export function tgptFlags({ sizes, steps }, variant, threads) {
  const { bias, ...counts } = sizes
  const model = [...flags({ ...counts, steps, threads }), `--bias=${bias}`, '--activation=gelu', '--dropout=0']
  return [...model, ...flags(VARIANTS[variant])]
}

export function peerFlags({ sizes, steps, decode }, threads) {
  const { bias, ...counts } = sizes
  return [...flags({ ...counts, steps, decode, threads }), ...(bias ? ['--bias'] : [])]
}

function flags(values) {
  return Object.entries(values).flatMap(([name, value]) => [`--${dashed(name)}`, String(value)])
}

/** nLayer: n-layer. */
function dashed(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

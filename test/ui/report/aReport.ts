// A report with something of everything, for tests.

import type { Report } from '../../../src/gpt/report.ts'

const tensors = [
  { name: 'wte.weight', shape: [60, 10], parameters: 600, decayed: true },
  { name: 'h.0.attn.c_attn.weight', shape: [10, 30], parameters: 300, decayed: true },
  { name: 'ln_f.weight', shape: [100], parameters: 100, decayed: false },
]

/** Losses fall to step 200 and rise again; the batch's loss at step n is 4 - n / 100. */
export function aReport(): Report {
  return {
    name: 'novel',
    version: '0.1.0',
    inspection: {
      folder: '/home/someone/checkpoints/novel/step-000300',
      step: 300,
      model: { nLayer: 1, nHead: 2, nEmbd: 10, blockSize: 8, vocabSize: 60, bias: false, activation: 'gelu' },
      dropout: 0,
      tokenizer: { kind: 'char', vocabSize: 60 },
      parameters: {
        total: 1000,
        withoutPositions: 1000,
        embeddings: 600,
        decayed: { tensors: 2, parameters: 900 },
        notDecayed: { tensors: 1, parameters: 100 },
        parts: [
          { part: 'token embedding', tensors: 1, parameters: 600 },
          { part: 'attention', tensors: 1, parameters: 300 },
          { part: 'layer norms', tensors: 1, parameters: 100 },
        ],
        tensors,
      },
      flopsPerToken: 6000,
      memory: { trainingBytes: 100_000, samplingBytes: 10_000 },
      run: {
        folder: '/home/someone/checkpoints/novel',
        settings: { batchSize: 12, gradClip: 1, steps: 300 },
        corpus: { name: 'novel.txt', path: '/home/someone/novel.txt', sha256: 'abc', bytes: 12_345 },
        engine: { name: 'native', detail: 'AVX2', reason: 'the addon is built' },
        versions: { tgpt: '0.1.0', node: '20.0.0' },
        history: [],
      },
      warnings: [],
    },
    course: {
      steps: Array.from({ length: 31 }, (_, index) => ({
        step: 10 * index,
        loss: 4 - index / 10,
        learningRate: 1e-3,
        gradientNorm: index === 20 ? 2.5 : 1,
      })),
      evaluations: [
        { step: 0, trainLoss: 4, validationLoss: 4 },
        { step: 100, trainLoss: 2.2, validationLoss: 2.5 },
        { step: 200, trainLoss: 1.6, validationLoss: 1.9 },
        { step: 300, trainLoss: 1.2, validationLoss: 2.1 },
      ],
      best: { step: 200, trainLoss: 1.6, validationLoss: 1.9 },
      step: 300,
      elapsedSeconds: 65,
      tokensPerSecond: 1000,
      ending: { completed: true, validation: { loss: 1.95, tokens: 50, ofTokens: 100 } },
    },
    samples: [
      { step: 100, text: 'xq zz\n\tk' },
      { step: 300, text: 'The sea is wide.' },
    ],
    attention: {
      folder: '/home/someone/checkpoints/novel/step-000300',
      tokens: ['s', 'e', ' '].map((text, id) => ({ id, text })),
      notices: [],
      heads: [0, 1].map((head) => ({
        layer: 0,
        head,
        weights: [
          [1, 0, 0],
          [0.25, 0.75, 0],
          [0.125, 0.375, 0.5],
        ],
      })),
    },
    notices: [],
  }
}

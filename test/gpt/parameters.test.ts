import { describe, expect, it } from 'vitest'
import { elementCount } from '../../src/base/namedTensors.ts'
import { countByPart, countParameters, flopsPerToken, samplingBytes, trainingBytes } from '../../src/gpt/counts.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { initialParameters, paramSpecs } from '../../src/gpt/parameters.ts'
import { modelOf, REFERENCE_CASES, referenceFile, referenceTensors } from '../reference/load.ts'

const GPT2: ModelConfig = {
  vocabSize: 50257,
  blockSize: 1024,
  nLayer: 12,
  nHead: 12,
  nEmbd: 768,
  bias: true,
  activation: 'gelu_new',
}
const NANO: ModelConfig = {
  vocabSize: 65,
  blockSize: 64,
  nLayer: 4,
  nHead: 4,
  nEmbd: 128,
  bias: false,
  activation: 'gelu',
}

describe('the table of parameters', () => {
  it.each(REFERENCE_CASES)('has the tensors, shapes, counts and decay groups of PyTorch: %s', (name) => {
    const reference = referenceFile(name)
    const model = modelOf(reference)
    const shapes = paramSpecs(model).map((spec) => [spec.name, spec.shape])
    expect(shapes).toEqual(Array.from(referenceTensors(name, 'initial'), ([tensor, { shape }]) => [tensor, shape]))
    const { total, decayed, notDecayed } = countParameters(model)
    expect({
      total,
      decayed_tensors: decayed.tensors,
      decayed_parameters: decayed.parameters,
      undecayed_tensors: notDecayed.tensors,
      undecayed_parameters: notDecayed.parameters,
    }).toEqual(reference.parameters)
  })

  it('counts the published sizes of GPT-2', () => {
    expect(countParameters(GPT2).total).toBe(124_439_808)
    expect(countParameters({ ...GPT2, nLayer: 24, nHead: 16, nEmbd: 1024 }).total).toBe(354_823_168)
    expect(countParameters({ ...GPT2, nLayer: 36, nHead: 20, nEmbd: 1280 }).total).toBe(774_030_080)
    expect(countParameters({ ...GPT2, nLayer: 48, nHead: 25, nEmbd: 1600 }).total).toBe(1_557_611_200)
  })

  it('counts each parameter in one part: GPT-2 by its published sizes', () => {
    const width = 768
    const biased = (rows: number, columns: number) => rows * columns + columns
    expect(countByPart(GPT2)).toEqual([
      { part: 'token embedding', tensors: 1, parameters: 50_257 * width },
      { part: 'position embedding', tensors: 1, parameters: 1024 * width },
      { part: 'attention', tensors: 48, parameters: 12 * (biased(width, 3 * width) + biased(width, width)) },
      { part: 'MLP', tensors: 48, parameters: 12 * (biased(width, 4 * width) + biased(4 * width, width)) },
      { part: 'layer norms', tensors: 50, parameters: 25 * 2 * width },
    ])
    const sum = countByPart(GPT2).reduce((total, { parameters }) => total + parameters, 0)
    expect(sum).toBe(countParameters(GPT2).total)
  })

  it('counts without positions as nanoGPT does: 0.80M for its CPU configuration', () => {
    const block = 128 * (3 * 128 + 128 + 2 * 512) + 2 * 128 // four projections and two LayerNorms
    expect(countParameters(NANO).withoutPositions).toBe(65 * 128 + 4 * block + 128)
    expect(countParameters(NANO).withoutPositions / 1e6).toBeCloseTo(0.8, 2)
  })
})

describe('initial parameters', () => {
  const deviation = (data: Float32Array) => Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length)
  const parameters = initialParameters({ ...NANO, bias: true }, 1)

  it('are N(0, 0.02), smaller by 1 / sqrt(2 layers) where they feed the residual stream', () => {
    for (const [name, { data, shape }] of parameters) {
      if (shape.length < 2) continue
      const expected = name.endsWith('c_proj.weight') ? 0.02 / Math.sqrt(8) : 0.02
      expect(deviation(data) / expected, name).toBeCloseTo(1, 1)
    }
  })

  it('start LayerNorms at 1 and biases at 0', () => {
    for (const [name, { data, shape }] of parameters) {
      if (shape.length < 2) expect(new Set(data), name).toEqual(new Set([name.endsWith('bias') ? 0 : 1]))
    }
  })

  it('are a function of the seed, and no two tensors are alike', () => {
    expect(initialParameters(NANO, 1)).toEqual(initialParameters(NANO, 1))
    expect(initialParameters(NANO, 2).get('wte.weight')).not.toEqual(initialParameters(NANO, 1).get('wte.weight'))
    const random = Array.from(parameters.values()).filter(({ shape }) => shape.length >= 2)
    expect(new Set(random.map(({ data }) => data[0])).size).toBe(random.length)
  })
})

describe('figures of a model', () => {
  it("FLOPs a token by nanoGPT's formula", () => {
    const n = countParameters(GPT2).total - 1024 * 768
    expect(flopsPerToken(GPT2)).toBe(6 * n + 12 * 12 * 12 * 64 * 1024)
  })

  it('memory holds at least weights, gradients and two moments, and grows with the batch', () => {
    expect(trainingBytes(NANO, 1)).toBeGreaterThan(16 * countParameters(NANO).total)
    expect(trainingBytes(NANO, 12)).toBeGreaterThan(trainingBytes(NANO, 1))
    expect(samplingBytes(NANO)).toBeLessThan(trainingBytes(NANO, 1))
  })

  it('a scalar has one element', () => {
    expect([elementCount([]), elementCount([3, 0]), elementCount([2, 5])]).toEqual([1, 0, 10])
  })
})

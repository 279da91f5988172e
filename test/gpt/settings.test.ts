import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { PRESETS, presetName, resolveSettings } from '../../src/gpt/presets.ts'
import { checkSetting, modelConfig, SETTING_KEYS } from '../../src/gpt/settings.ts'

describe('a setting from a person', () => {
  it.each([
    ['steps', '2000', 2000],
    ['steps', '1e3', 1000],
    ['steps', 7, 7],
    ['learningRate', '6e-4', 6e-4],
    ['learningRate', '.5', 0.5],
    ['dropout', '0', 0],
    ['seed', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['bias', 'True', true],
    ['bias', false, false],
    ['activation', 'gelu', 'gelu'],
  ] as const)('%s from %j', (key, value, expected) => {
    expect(checkSetting(key, value, '--x')).toBe(expected)
  })

  it.each([
    ['steps', 'abc', 'a whole number'],
    ['steps', '', 'a whole number'],
    ['steps', '0x10', 'a whole number'],
    ['steps', '1.5', 'a whole number'],
    ['steps', '0', 'from 1'],
    ['steps', '-3', 'from 1'],
    ['steps', 'Infinity', 'a whole number'],
    ['steps', null, 'a whole number'],
    ['seed', '9007199254740993', 'from 0 to 9007199254740991'],
    ['learningRate', '0', 'above 0'],
    ['dropout', '1', 'to below 1'],
    ['beta2', '1', 'to below 1'],
    ['bias', 'maybe', 'true or false'],
    ['activation', 'relu', 'gelu, gelu_new'],
    ['tokenizer', 7, 'char, gpt2'],
  ] as const)('%s refuses %j and says what it takes', (key, value, wanted) => {
    expect(() => checkSetting(key, value, '--some-flag')).toThrow(UserError)
    expect(() => checkSetting(key, value, '--some-flag')).toThrow('--some-flag is ')
    expect(() => checkSetting(key, value, '--some-flag')).toThrow(wanted)
  })
})

describe('presets', () => {
  it.each(PRESETS)('%s resolves to settings that pass their own checks and make a model', (preset) => {
    const settings = resolveSettings(preset, {})
    for (const key of SETTING_KEYS) expect(checkSetting(key, settings[key], key)).toBe(settings[key])
    expect(modelConfig(settings, 65).nEmbd % settings.nHead).toBe(0)
  })

  it("nano is nanoGPT's configuration for a CPU", () => {
    expect(resolveSettings('nano', {})).toMatchObject({
      nLayer: 4,
      nHead: 4,
      nEmbd: 128,
      blockSize: 64,
      batchSize: 12,
      steps: 2000,
      learningRate: 1e-3,
      minLearningRate: 1e-4,
      warmupSteps: 100,
      decaySteps: 2000,
      beta2: 0.99,
      dropout: 0,
      bias: false,
      activation: 'gelu',
      weightDecay: 0.1,
      gradClip: 1,
    })
  })

  it('gpt2 implies its tokenizer and biases', () => {
    expect(resolveSettings('gpt2-xl', {})).toMatchObject({
      tokenizer: 'gpt2',
      bias: true,
      nLayer: 48,
      nHead: 25,
      nEmbd: 1600,
      blockSize: 1024,
    })
  })

  it('lets what is derived follow what is given, unless it is given too', () => {
    expect(resolveSettings('nano', { steps: 200, learningRate: 0.01, evalInterval: 20 })).toMatchObject({
      decaySteps: 200,
      warmupSteps: 20,
      minLearningRate: 0.001,
      saveInterval: 20,
    })
    expect(resolveSettings('nano', { steps: 200, decaySteps: 100, warmupSteps: 50 })).toMatchObject({
      decaySteps: 100,
      warmupSteps: 50,
    })
  })

  it('refuse a lowest learning rate above the highest, and unknown names', () => {
    expect(() => resolveSettings('nano', { learningRate: 1e-5, minLearningRate: 1e-4 })).toThrow('above the highest')
    expect(() => presetName('gpt5')).toThrow('there is no preset "gpt5"')
    expect(() => presetName('__proto__')).toThrow(UserError)
  })
})

describe('a model configuration', () => {
  const settings = resolveSettings('nano', {})

  it('names a width that its heads cannot share, and offers one that they can', () => {
    expect(() => modelConfig({ ...settings, nEmbd: 100, nHead: 3 }, 65)).toThrow(
      '100 (n-embd) cannot be shared among 3 heads',
    )
  })
})

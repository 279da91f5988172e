// The fast engine: the C++ core behind the Engine interface, on the addon or on WebAssembly.

import { UserError } from '../../base/errors.ts'
import { elementCount, type NamedTensor, type NamedTensors } from '../../base/namedTensors.ts'
import { dropoutStepKey } from '../../gpt/dropout.ts'
import {
  type Batch,
  checkBatch,
  checkSequence,
  type Decoder,
  type Engine,
  type EngineOptions,
  type OptimizerState,
  type StepHyper,
  type StepResult,
} from '../../gpt/engine.ts'
import { ACTIVATIONS, type ModelConfig } from '../../gpt/model.ts'
import { countParameters } from '../../gpt/counts.ts'
import { paramSpecs, type ParamSpec } from '../../gpt/parameters.ts'
import { checkTensors } from '../checkTensors.ts'
import { NativeDecoder } from './decoder.ts'
import type { Core } from './host/core.ts'
import { Session } from './session.ts'
import { outOfMemory } from './staging.ts'
import { Teamwork } from './teamwork.ts'

/** What the core keeps of each tensor, by the numbers that `import` and `export` know. */
const PART = { parameters: 0, firstMoments: 1, secondMoments: 2, gradients: 3 } as const
type Part = (typeof PART)[keyof typeof PART]

/** What an engine runs on. */
export interface Place {
  /** The engine's name. */
  readonly name: string
  readonly core: Core
  readonly threads: number
}

export class NativeEngine implements Engine {
  private readonly specs: readonly ParamSpec[]
  private readonly parameters: number
  private readonly teamwork: Teamwork
  /** Rises with each change of the weights: decoders of older weights refuse to go on. None are loaded at 0. */
  private version = 0

  private constructor(
    readonly name: string,
    readonly detail: string,
    private readonly model: ModelConfig,
    private readonly seed: number,
    private readonly session: Session,
    threads: number,
  ) {
    this.specs = paramSpecs(model)
    this.parameters = countParameters(model).total
    this.teamwork = new Teamwork(threads, this.parameters)
  }

  /** @throws UserError for a precision that the machine does not have (exit 2), or too little memory (exit 1). */
  static async open({ name, core, threads }: Place, options: EngineOptions): Promise<NativeEngine> {
    const { model, seed, precision = 'fp32' } = options
    const { vocabSize, blockSize, nLayer, nHead, nEmbd, bias, activation } = model
    if (precision === 'bf16' && core.call('hasBf16') === 0) {
      throw new UserError(`${core.instructionSet} cannot compute in bf16 here`, 'Leave out --precision.')
    }
    const sizes = [vocabSize, blockSize, nLayer, nHead, nEmbd]
    const choices = [Number(bias), ACTIVATIONS.indexOf(activation), threads]
    const session = await Session.open(core, [...sizes, ...choices], threads)
    const detail = `${core.instructionSet}, ${threads} thread${threads === 1 ? '' : 's'}, ${precision}`
    return new NativeEngine(name, detail, model, seed, session, threads)
  }

  async load(parameters: NamedTensors, optimizer?: OptimizerState): Promise<void> {
    checkTensors(this.specs, parameters, optimizer)
    await this.session.exclusive(async () => {
      this.version++
      await this.importPart(PART.parameters, parameters)
      if (!optimizer) return void this.session.call('clearMoments')
      await this.importPart(PART.firstMoments, optimizer.firstMoments)
      await this.importPart(PART.secondMoments, optimizer.secondMoments)
    })
  }

  async trainStep(microBatches: readonly Batch[], hyper: StepHyper): Promise<StepResult> {
    if (microBatches.length === 0) throw new RangeError('a step without a batch')
    for (const batch of microBatches) checkBatch(batch, this.model)
    return this.session.job(() => {
      this.addBatches(microBatches)
      this.version++
      this.prepared(this.session.call('prepareStep', ...this.stepOperands(hyper)))
      return () => ({ loss: this.session.call('loss'), gradientNorm: this.session.call('gradientNorm') })
    })
  }

  async losses(batch: Batch): Promise<Float32Array> {
    checkBatch(batch, this.model)
    return this.session.job(() => {
      const results = this.addBatches([batch], batch.targets.length)
      this.prepared(this.session.call('prepareLosses', results))
      return () => this.session.staging.read(results, batch.targets.length)
    })
  }

  async logits(ids: Int32Array): Promise<Float32Array> {
    checkSequence(ids, this.model)
    const floats = ids.length * this.model.vocabSize
    return this.session.job(() => {
      this.checkLoaded()
      const [inputs, results] = this.session.staging.place([ids], floats)
      this.session.call('clearBatches')
      this.session.call('addBatch', inputs, 0, 1, ids.length)
      this.prepared(this.session.call('prepareLogits', results))
      return () => this.session.staging.read(results, floats)
    })
  }

  async gradients(batch: Batch): Promise<NamedTensors> {
    checkBatch(batch, this.model)
    return this.session.job(() => {
      this.addBatches([batch])
      this.prepared(this.session.call('prepareGradients'))
      return () => new Map(this.specs.map((spec, index) => [spec.name, this.exportTensor(PART.gradients, spec, index)]))
    })
  }

  decoder(): Decoder {
    const { version, session, model, parameters, teamwork } = this
    this.checkLoaded()
    const checkWeights = () => {
      if (version !== this.version) throw new Error('the weights have changed since this decoder was made')
    }
    return new NativeDecoder({ session, model, parameters, teamwork, checkWeights })
  }

  async save(): Promise<{ parameters: NamedTensors; optimizer: OptimizerState }> {
    return this.session.exclusive(async () => {
      this.checkLoaded()
      const parameters = await this.exportPart(PART.parameters)
      const firstMoments = await this.exportPart(PART.firstMoments)
      return { parameters, optimizer: { firstMoments, secondMoments: await this.exportPart(PART.secondMoments) } }
    })
  }

  async multiplyAndAdd(): Promise<number> {
    return this.session.job(() => {
      this.session.call('prepareMeasurePeak')
      return () => this.session.call('flops')
    })
  }

  dispose(): void {
    this.session.close()
  }

  private stepOperands(hyper: StepHyper): number[] {
    const { step, learningRate, beta1, beta2, epsilon, weightDecay, gradientClip, dropout } = hyper
    const corrections = [1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)]
    const adamW = [learningRate, beta1, beta2, epsilon, weightDecay]
    return [...dropoutStepKey(this.seed, step), dropout, ...adamW, gradientClip, ...corrections]
  }

  /** Hands batches to the core for the next job; the address of so many floats for its results. */
  private addBatches(batches: readonly Batch[], results = 0): number {
    this.checkLoaded()
    const arrays = batches.flatMap(({ inputs, targets }) => [inputs, targets])
    const addresses = this.session.staging.place(arrays, results)
    this.session.call('clearBatches')
    for (const [index, { inputs, batchSize }] of batches.entries()) {
      const [inputsAddress, targetsAddress] = addresses.slice(2 * index)
      this.session.call('addBatch', inputsAddress, targetsAddress, batchSize, inputs.length / batchSize)
    }
    return addresses[arrays.length]
  }

  /** @throws UserError for a job that the core had no memory to prepare. */
  private prepared(done: number): void {
    if (done === 0) throw outOfMemory('this batch', 'Choose a smaller --batch-size, --block-size or model.')
  }

  private checkLoaded(): void {
    if (this.version === 0) throw new Error('no weights are loaded')
  }

  private async importPart(part: Part, tensors: NamedTensors): Promise<void> {
    for (const [index, { name }] of this.specs.entries()) {
      const [address] = this.session.staging.place([tensors.get(name)!.data])
      const done = this.session.call('import', part, index, address)
      if (done === 0) throw outOfMemory('a model of this size', 'Choose a smaller one.')
      await this.session.giveTurn()
    }
  }

  private async exportPart(part: Part): Promise<NamedTensors> {
    const tensors = new Map<string, NamedTensor>()
    for (const [index, spec] of this.specs.entries()) {
      tensors.set(spec.name, this.exportTensor(part, spec, index))
      await this.session.giveTurn()
    }
    return tensors
  }

  private exportTensor(part: Part, { shape }: ParamSpec, index: number): NamedTensor {
    const floats = elementCount(shape)
    const [address] = this.session.staging.place([], floats)
    this.session.call('export', part, index, address)
    return { shape, data: this.session.staging.read(address, floats) }
  }
}

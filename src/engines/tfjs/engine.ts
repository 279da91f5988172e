// The reference engine: gpt.ts behind the Engine interface, with TensorFlow.js's automatic differentiation.
// It is written to be read and to judge other engines by; it is not fast.

import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { UserError } from '../../base/errors.ts'
import type { NamedTensors } from '../../base/namedTensors.ts'
import { fillDropoutMask } from '../../base/threefry.ts'
import { dropoutKey } from '../../gpt/dropout.ts'
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
import { paramSpecs, type ParamSpec } from '../../gpt/parameters.ts'
import { checkTensors } from '../checkTensors.ts'
import { letOthersRun } from '../eventLoop.ts'
import { adamW, clipFactor, globalNorm, type Moments } from './adamw.ts'
import type { Backend } from './backend.ts'
import { TfjsDecoder } from './decoder.ts'
import { type Dropout, Gpt, noDropout, type Parameters } from './gpt.ts'

type LossAndGradients = {
  readonly loss: Tensor
  /** In the order of `paramSpecs`. */
  readonly gradients: Tensor[]
}

export class TfjsEngine implements Engine {
  readonly name = 'tfjs'
  readonly detail: string
  private readonly tf
  private readonly gpt: Gpt
  private readonly specs: readonly ParamSpec[]
  /** Weights and moments by name; empty until `load`. */
  private state = new Map<string, Moments>()
  /** Rises with each change of the weights: decoders of older weights refuse to go on. */
  private version = 0

  constructor(
    backend: Backend,
    private readonly options: EngineOptions,
  ) {
    refuseOtherPrecisions(options)
    this.tf = backend.tf
    this.detail =
      options.threads === undefined ? backend.detail : `${backend.detail}; it cannot be given ${options.threads}`
    this.gpt = new Gpt(backend.tf, options.model)
    this.specs = paramSpecs(options.model)
  }

  async load(parameters: NamedTensors, optimizer?: OptimizerState): Promise<void> {
    const { tf, specs } = this
    checkTensors(specs, parameters, optimizer)
    const tensor = (tensors: NamedTensors | undefined, { name, shape }: ParamSpec): Tensor => {
      const data = tensors?.get(name)?.data
      return data ? tf.tensor(data.slice(), [...shape]) : tf.zeros([...shape])
    }
    const loaded = specs.map((spec): [string, Moments] => {
      const first = tensor(optimizer?.firstMoments, spec)
      return [spec.name, { parameter: tensor(parameters, spec), first, second: tensor(optimizer?.secondMoments, spec) }]
    })
    this.replaceState(new Map(loaded))
  }

  async trainStep(microBatches: readonly Batch[], hyper: StepHyper): Promise<StepResult> {
    const { tf } = this
    for (const batch of microBatches) checkBatch(batch, this.options.model)
    const { gradients, loss } = await this.meanOverMicroBatches(microBatches, hyper)
    const norm = tf.tidy(() => globalNorm(tf, gradients))
    const [[lossValue], [gradientNorm]] = await Promise.all([loss.data(), norm.data()])
    const factor = clipFactor(gradientNorm, hyper.gradientClip)
    const updated = tf.tidy(() =>
      this.specs.map(({ name, decayed }, index): Moments => {
        const clipped = factor === 1 ? gradients[index] : tf.mul(gradients[index], factor)
        return adamW(tf, this.state.get(name)!, clipped, decayed, hyper)
      }),
    )
    tf.dispose([...gradients, loss, norm])
    this.replaceState(new Map(this.specs.map(({ name }, index) => [name, updated[index]])))
    return { loss: lossValue, gradientNorm }
  }

  async losses(batch: Batch): Promise<Float32Array> {
    checkBatch(batch, this.options.model)
    await letOthersRun()
    return this.read(() => {
      const { logits } = this.gpt.forward(this.parameters(), batch.inputs, batch.batchSize)
      return this.gpt.tokenLosses(logits, batch.targets)
    })
  }

  async logits(ids: Int32Array): Promise<Float32Array> {
    checkSequence(ids, this.options.model)
    await letOthersRun()
    return this.read(() => this.gpt.forward(this.parameters(), ids, 1).logits)
  }

  async gradients(batch: Batch): Promise<NamedTensors> {
    checkBatch(batch, this.options.model)
    const { gradients, loss } = this.tf.tidy(() => this.lossAndGradients(batch, 1, noDropout))
    loss.dispose()
    const read = this.specs.map(
      async ({ name, shape }, index) => [name, { shape, data: await this.take(gradients[index]) }] as const,
    )
    return new Map(await Promise.all(read))
  }

  decoder(): Decoder {
    const { version } = this
    return new TfjsDecoder({
      tf: this.tf,
      gpt: this.gpt,
      model: this.options.model,
      parameters: () => {
        if (version !== this.version) throw new Error('the weights have changed since this decoder was made')
        return this.parameters()
      },
    })
  }

  async save(): Promise<{ parameters: NamedTensors; optimizer: OptimizerState }> {
    const collect = async (part: keyof Moments): Promise<NamedTensors> => {
      const read = this.specs.map(async ({ name, shape }) => {
        const data = (await this.state.get(name)![part].data()) as Float32Array
        return [name, { shape, data: data.slice() }] as const // the JavaScript backend hands out its own memory
      })
      return new Map(await Promise.all(read))
    }
    return {
      parameters: await collect('parameter'),
      optimizer: { firstMoments: await collect('first'), secondMoments: await collect('second') },
    }
  }

  dispose(): void {
    this.replaceState(new Map())
  }

  /** Loss and gradients of the mean over the micro-batches, which are worked off one by one to hold one at a time. */
  private async meanOverMicroBatches(microBatches: readonly Batch[], hyper: StepHyper): Promise<LossAndGradients> {
    const { tf } = this
    let sum: LossAndGradients | undefined
    for (const [microStep, batch] of microBatches.entries()) {
      await letOthersRun()
      const before = sum
      sum = tf.tidy(() => {
        const part = this.lossAndGradients(batch, 1 / microBatches.length, this.dropout(hyper, microStep))
        return before ? this.added(before, part) : part
      })
      if (before) tf.dispose(before)
    }
    if (!sum) throw new RangeError('a step without a batch')
    return sum
  }

  private added(a: LossAndGradients, b: LossAndGradients): LossAndGradients {
    const gradients = a.gradients.map((gradient, index) => this.tf.add(gradient, b.gradients[index]))
    return { loss: this.tf.add(a.loss, b.loss), gradients }
  }

  /** `share` times the mean loss over the scored targets, and its gradients, ordered as `specs`. In `tf.tidy`. */
  private lossAndGradients(batch: Batch, share: number, dropout: Dropout): LossAndGradients {
    const { tf } = this
    const scored = batch.targets.reduce((count, target) => count + (target < 0 ? 0 : 1), 0)
    const loss = (...tensors: Tensor[]): Scalar => {
      const parameters: Parameters = new Map(this.specs.map(({ name }, index) => [name, tensors[index]]))
      const { logits } = this.gpt.forward(parameters, batch.inputs, batch.batchSize, { dropout })
      return tf.mul(tf.sum(this.gpt.tokenLosses(logits, batch.targets)), share / Math.max(scored, 1))
    }
    const { value, grads } = tf.valueAndGrads(loss)([...this.parameters().values()])
    return { loss: value, gradients: grads }
  }

  private dropout({ step, dropout: rate }: StepHyper, microStep: number): Dropout {
    if (rate === 0) return noDropout
    return (x, site) => {
      const mask = new Float32Array(x.size)
      fillDropoutMask(dropoutKey(this.options.seed, step, site, microStep), rate, mask)
      return this.tf.mul(x, this.tf.tensor(mask, x.shape))
    }
  }

  private parameters(): Parameters {
    return new Map(Array.from(this.state, ([name, { parameter }]) => [name, parameter]))
  }

  private replaceState(state: Map<string, Moments>): void {
    for (const { parameter, first, second } of this.state.values()) this.tf.dispose([parameter, first, second])
    this.state = state
    this.version++
  }

  private async read(compute: () => Tensor): Promise<Float32Array> {
    return this.take(this.tf.tidy(compute))
  }

  /** The tensor's elements; the tensor is gone after. */
  private async take(tensor: Tensor): Promise<Float32Array> {
    const data = (await tensor.data()) as Float32Array
    tensor.dispose()
    return data
  }
}

/** @throws UserError */
function refuseOtherPrecisions({ precision = 'fp32' }: EngineOptions): void {
  if (precision === 'fp32') return
  throw new UserError(
    `TensorFlow.js computes in fp32, not in ${precision}`,
    'Leave out --precision, or choose another --engine.',
  )
}

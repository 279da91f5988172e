// Looks inside one pass of the model over one text: the reference engine's forward pass, observed. It trains nothing.

import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import type { NamedTensors } from '../../base/namedTensors.ts'
import { checkSequence } from '../../gpt/engine.ts'
import type { Looker, SeenTensor } from '../../gpt/look.ts'
import type { ModelConfig } from '../../gpt/model.ts'
import { paramSpecs } from '../../gpt/parameters.ts'
import { checkTensors } from '../checkTensors.ts'
import { letOthersRun } from '../eventLoop.ts'
import { Gpt, type Parameters } from './gpt.ts'
import type { Tf } from './tf.ts'

type Observed = { readonly name: string; readonly x: Tensor }

export class TfjsLooker implements Looker {
  private readonly gpt: Gpt
  private readonly parameters: Parameters

  constructor(
    private readonly tf: Tf,
    private readonly model: ModelConfig,
    parameters: NamedTensors,
  ) {
    const specs = paramSpecs(model)
    checkTensors(specs, parameters, undefined)
    this.gpt = new Gpt(tf, model)
    this.parameters = new Map(
      specs.map(({ name, shape }) => [name, tf.tensor(parameters.get(name)!.data.slice(), [...shape])]),
    )
  }

  async *tensors(ids: Int32Array, wanted: (name: string) => boolean): AsyncGenerator<SeenTensor> {
    const observed = await this.observed(ids, wanted)
    try {
      for (const { name, x } of observed) yield await this.taken(name, x)
    } finally {
      for (const { x } of observed) x.dispose()
    }
  }

  async *lens(ids: Int32Array): AsyncGenerator<SeenTensor> {
    const observed = await this.observed(ids, (name) => name === 'embedding' || name.endsWith('.resid_post'))
    try {
      for (const { name, x } of observed) {
        await letOthersRun()
        yield await this.taken(
          name,
          this.tf.tidy(() => this.gpt.logitsOf(this.parameters, x as Tensor2D)),
        )
      }
    } finally {
      for (const { x } of observed) x.dispose()
    }
  }

  dispose(): void {
    for (const tensor of this.parameters.values()) tensor.dispose()
  }

  /** One pass; of all tensors only those that are wanted stay. */
  private async observed(ids: Int32Array, wanted: (name: string) => boolean): Promise<Observed[]> {
    checkSequence(ids, this.model)
    await letOthersRun()
    return this.tf.tidy(() => {
      const kept: Observed[] = []
      const observer = (name: string, x: Tensor) => void (wanted(name) && kept.push({ name, x }))
      this.gpt.forward(this.parameters, ids, 1, { observer })
      return kept
    })
  }

  /** The tensor's elements, without the dimension of a batch of one; the tensor is gone after. */
  private async taken(name: string, x: Tensor): Promise<SeenTensor> {
    const data = (await x.data()) as Float32Array
    const shape = x.rank === 4 ? x.shape.slice(1) : x.shape // [1, H, T, ...] or [T, ...]
    x.dispose()
    return { name, shape, data }
  }
}

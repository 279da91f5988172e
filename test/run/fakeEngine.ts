// An engine that computes nothing: it records what it is asked, and answers with figures that tell what was asked.

import type { NamedTensors } from '../../src/base/namedTensors.ts'
import type { Batch, Decoder, Engine, OptimizerState, StepHyper, StepResult } from '../../src/gpt/engine.ts'
import type { ModelConfig } from '../../src/gpt/model.ts'
import { initialParameters } from '../../src/gpt/parameters.ts'

export interface RecordedStep {
  readonly microBatches: readonly Batch[]
  readonly hyper: StepHyper
}

export class FakeEngine implements Engine {
  readonly name = 'fake'
  readonly detail = 'records'
  readonly steps: RecordedStep[] = []
  readonly decoders: FakeDecoder[] = []
  private scored: Batch[] = []
  private state: { parameters: NamedTensors; optimizer: OptimizerState }

  /** @param lossAt every loss after so many updates; without it, the loss of a target is its own id. */
  constructor(
    private readonly model: ModelConfig,
    private readonly lossAt?: (step: number) => number,
    private step = 0,
  ) {
    const [parameters, firstMoments, secondMoments] = [1, 2, 3].map((seed) => initialParameters(model, seed))
    this.state = { parameters, optimizer: { firstMoments, secondMoments } }
  }

  /** The batches of `losses` since the last call of this. */
  takeScored(): Batch[] {
    const taken = this.scored
    this.scored = []
    return taken
  }

  async load(parameters: NamedTensors, optimizer?: OptimizerState): Promise<void> {
    this.state = { parameters, optimizer: optimizer ?? this.state.optimizer }
  }

  async trainStep(microBatches: Iterable<Batch>, hyper: StepHyper): Promise<StepResult> {
    this.steps.push({ microBatches: Array.from(microBatches, copied), hyper: { ...hyper } })
    this.step = hyper.step + 1
    return { loss: hyper.step + 0.5, gradientNorm: hyper.step + 0.25 }
  }

  async losses(batch: Batch): Promise<Float32Array> {
    this.scored.push(copied(batch))
    return Float32Array.from(batch.targets, (target) => this.lossAt?.(this.step) ?? target)
  }

  async logits(ids: Int32Array): Promise<Float32Array> {
    return new Float32Array(ids.length * this.model.vocabSize)
  }

  async gradients(): Promise<NamedTensors> {
    return this.state.parameters
  }

  decoder(): Decoder {
    const decoder = new FakeDecoder(this.model.vocabSize)
    this.decoders.push(decoder)
    return decoder
  }

  async save(): Promise<{ parameters: NamedTensors; optimizer: OptimizerState }> {
    return this.state
  }

  dispose(): void {
    // It holds nothing.
  }
}

/** Finds every id equally probable after any other, unless `after` says otherwise. */
export class FakeDecoder implements Decoder {
  readonly prompts: number[][] = []
  readonly ids: number[] = []
  disposed = false

  constructor(
    private readonly vocabSize: number,
    private readonly after: (id: number, vocabSize: number) => Float32Array = (_, length) => new Float32Array(length),
  ) {}

  async prefill(ids: Int32Array): Promise<Float32Array> {
    this.prompts.push([...ids])
    return this.after(ids[ids.length - 1], this.vocabSize)
  }

  async next(ids: Int32Array): Promise<Float32Array> {
    this.ids.push(...ids)
    return Float32Array.from(Array.from(ids, (id) => [...this.after(id, this.vocabSize)]).flat())
  }

  fork(): Decoder {
    return new FakeDecoder(this.vocabSize, this.after)
  }

  dispose(): void {
    this.disposed = true
  }
}

function copied({ inputs, targets, batchSize }: Batch): Batch {
  return { inputs: inputs.slice(), targets: targets.slice(), batchSize }
}

// AdamW with decoupled weight decay (Loshchilov and Hutter, 2019), in PyTorch's form; and global-norm clipping.

import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { StepHyper } from '../../gpt/engine.ts'
import type { Tf } from './tf.ts'

/** Square root of the sum of the squares of all elements of all gradients. */
export function globalNorm(tf: Tf, gradients: Iterable<Tensor>): Scalar {
  const squares = Array.from(gradients, (gradient) => tf.sum(tf.square(gradient)))
  return tf.sqrt(tf.sum(tf.stack(squares)))
}

/** The factor that brings a gradient of this norm within the clip; PyTorch's 1e-6 keeps it finite. 0 is no clipping. */
export function clipFactor(norm: number, clip: number): number {
  return clip === 0 ? 1 : Math.min(1, clip / (norm + 1e-6))
}

/** One parameter with its running means of the gradient and of its square. */
export type Moments = {
  readonly parameter: Tensor
  readonly first: Tensor
  readonly second: Tensor
}

/** One update of one tensor. `hyper.step` counts updates before this one. Call inside `tf.tidy`. */
export function adamW(
  tf: Tf,
  { parameter, first, second }: Moments,
  gradient: Tensor,
  decayed: boolean,
  hyper: StepHyper,
): Moments {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = hyper
  const m = tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1))
  const v = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2))
  const firstCorrection = 1 - beta1 ** (step + 1)
  const secondCorrection = 1 - beta2 ** (step + 1)
  const deviation = tf.add(tf.mul(tf.sqrt(v), 1 / Math.sqrt(secondCorrection)), epsilon)
  const kept = decayed ? tf.mul(parameter, 1 - learningRate * weightDecay) : parameter
  return { parameter: tf.sub(kept, tf.mul(tf.div(m, deviation), learningRate / firstCorrection)), first: m, second: v }
}

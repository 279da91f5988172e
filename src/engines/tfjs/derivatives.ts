// The derivative of each TensorFlow.js kernel that the model uses, for tfjs-core's automatic differentiation.
//
// tfjs-core's CommonJS build, the only one that Node loads, comes without any. And tfjs's own derivative of `gather`
// visits every token once for each row of the vocabulary; the one here visits each token once.

import type { GradConfig, NamedAttrMap, Rank, Tensor } from '@tensorflow/tfjs-core'
import type { Tf } from './tf.ts'

/** Makes the derivatives known, in place of any that a package brought along: one definition for every backend. */
export function registerDerivatives(tf: Tf): void {
  const all = [...arithmetic(tf), ...functions(tf), ...rearrangements(tf), ...lookups(tf)]
  for (const derivative of all) tf.registerGradient(derivative)
}

type Derivative<Saved> = (dy: Tensor, saved: Saved, attributes: NamedAttrMap) => ReturnType<GradConfig['gradFunc']>

/** A derivative in terms of the kernel's inputs. */
function ofInputs(kernelName: string, inputs: string[], derivative: Derivative<Tensor[]>): GradConfig {
  return {
    kernelName,
    inputsToSave: inputs,
    gradFunc: (dy, saved, attributes) => derivative(dy as Tensor, saved, attributes),
  }
}

/** A derivative in terms of the kernel's output. */
function ofOutput(kernelName: string, derivative: Derivative<Tensor>): GradConfig {
  return {
    kernelName,
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => derivative(dy as Tensor, saved[0], attributes),
  }
}

/** Elementwise operations of two tensors, one of which may be broadcast: its gradient is summed over its copies. */
function arithmetic(tf: Tf): GradConfig[] {
  const sumTo = (operand: Tensor, gradient: Tensor): Tensor => {
    const copies = tf.broadcast_util.getReductionAxes(operand.shape, gradient.shape)
    return tf.reshape(copies.length > 0 ? tf.sum(gradient, copies) : gradient, operand.shape)
  }
  return [
    ofInputs('Add', ['a', 'b'], (dy, [a, b]) => ({ a: () => sumTo(a, dy), b: () => sumTo(b, dy) })),
    ofInputs('Sub', ['a', 'b'], (dy, [a, b]) => ({ a: () => sumTo(a, dy), b: () => sumTo(b, tf.neg(dy)) })),
    ofInputs('Multiply', ['a', 'b'], (dy, [a, b]) => ({
      a: () => sumTo(a, tf.mul(dy, b)),
      b: () => sumTo(b, tf.mul(dy, a)),
    })),
  ]
}

function functions(tf: Tf): GradConfig[] {
  return [
    ofInputs('Neg', [], (dy) => ({ x: () => tf.neg(dy) })),
    ofInputs('Square', ['x'], (dy, [x]) => ({ x: () => tf.mul(dy, tf.mul(x, 2)) })),
    // d/dx x^(-1/2) = -1/2 x^(-3/2)
    ofInputs('Rsqrt', ['x'], (dy, [x]) => ({ x: () => tf.div(tf.mul(dy, tf.rsqrt(x)), tf.mul(x, -2)) })),
    ofInputs('Erf', ['x'], (dy, [x]) => ({
      x: () => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI))),
    })),
    ofOutput('Tanh', (dy, y) => ({ x: () => tf.mul(dy, tf.sub(1, tf.square(y))) })),
    ofOutput('Softmax', (dy, y) => ({ logits: () => tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true))) })),
  ]
}

function rearrangements(tf: Tf): GradConfig[] {
  return [
    ofInputs('Sum', ['x'], (dy, [x], { axis }) => {
      const summed = tf.util.parseAxisParam(axis as number[], x.shape)
      const kept = x.shape.map((size, dimension) => (summed.includes(dimension) ? 1 : size))
      return { x: () => tf.mul(tf.reshape(dy, kept), tf.onesLike(x)) }
    }),
    ofInputs('Reshape', ['x'], (dy, [x]) => ({ x: () => tf.reshape(dy, x.shape) })),
    ofInputs('Transpose', [], (dy, _, { perm }) => ({
      x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm as number[])),
    })),
    {
      kernelName: 'SplitV',
      gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat(dy as Tensor[], axis as number) }),
    },
    ofInputs('BatchMatMul', ['a', 'b'], (dy, [a, b], { transposeA, transposeB }) => {
      const broadcast = a.shape.slice(0, -2).join() !== b.shape.slice(0, -2).join()
      if (transposeA || broadcast) throw new Error('the model transposes second factors only, and broadcasts none')
      return {
        a: () => tf.matMul(dy, b, false, !transposeB),
        b: () => (transposeB ? tf.matMul(dy, a, true, false) : tf.matMul(a, dy, true, false)),
      }
    }),
  ]
}

/** Lookups scatter their gradients back; an element that was read twice receives the sum. */
function lookups(tf: Tf): GradConfig[] {
  return [
    ofInputs('GatherV2', ['x', 'indices'], (dy, [x, indices], { axis, batchDims }) => {
      if (axis !== 0 || batchDims !== 0) throw new Error('the model gathers rows only')
      return {
        x: () => tf.scatterND(tf.reshape<Rank>(indices, [-1, 1]), dy, x.shape),
        indices: () => tf.zerosLike(indices),
      }
    }),
    ofInputs('GatherNd', ['params', 'indices'], (dy, [params, indices]) => ({
      params: () => tf.scatterND(indices, dy, params.shape),
      indices: () => tf.zerosLike(indices),
    })),
  ]
}

// The backward pass over a slice: gradients of all activations, in place of those activations, and of the LayerNorms.
// The gradients of the other weights follow from what this leaves (weight_gradients.h).
#pragma once

#include "forward.h"

namespace TGPT_SET {

/** A slice's own sums for the norms' weights and biases: [2 * layers + 1][weight, bias][stride of C]. */
struct NormGradients {
  float* at;
  size_t stride;

  float* weight(int norm) const { return at + 2 * norm * stride; }
  float* bias(int norm) const { return weight(norm) + stride; }
};
INLINE int norm_count(const Config& c) { return 2 * c.layers + 1; }

/** dx = dy W^T into a sink: [rows, out] to [rows, in]. */
template <class Sink>
static void linear_backward(const Pass& pass, const Linear& layer, Rows dy, const Sink& sink) {
  const Tensor& w = *layer.weight;
  multiply_weights(pass.slice.rows(), dy, w.transposed, w.columns, w.rows, pass.scratch.left, sink);
}

/** From the gradient of the MLP half's output to that of its input, x2. */
static void mlp_half_backward(const Pass& pass, int l, const NormGradients& norms) {
  const Model& model = pass.model;
  const Layer& layer = model.layers[l];
  const Activations& all = pass.activations;
  const LayerActivations& a = all.layers[l];
  const Strides& s = pass.strides;
  int rows = pass.slice.rows(), row = pass.slice.row, layers = model.config.layers;
  const float* carried = (l + 1 < layers ? all.layers[l + 1].x1 : all.x) + row * s.c;
  float *branch = all.mlp_gradient(l, layers) + row * s.c, *slope = a.slope + row * s.c4, *dnorm = pass.scratch.branch;
  drop(pass, mlp_output_site(l), carried, branch);
  linear_backward(pass, layer.mlp_output, {branch, s.c}, MultiplyInto{slope, s.c4});
  linear_backward(pass, layer.inner, {slope, s.c4}, Assign{dnorm, s.c, nullptr});
  layer_norm_backward(rows, model.config.width, s.c, a.x2 + row * s.c, a.statistics2 + row, model.of(layer.norm2.weight),
                      dnorm, carried, norms.weight(2 * l + 1), norms.bias(2 * l + 1));
}

/** From the gradient of the attention half's output, which is in x2, to that of its input, x1. */
static void attention_half_backward(const Pass& pass, int l, const NormGradients& norms) {
  const Model& model = pass.model;
  const Layer& layer = model.layers[l];
  const LayerActivations& a = pass.activations.layers[l];
  const Strides& s = pass.strides;
  int rows = pass.slice.rows(), row = pass.slice.row;
  const float* carried = a.x2 + row * s.c;
  float *branch = pass.activations.attention_gradient(l) + row * s.c, *scratch = pass.scratch.branch;
  drop(pass, attention_output_site(l), carried, branch);
  linear_backward(pass, layer.attention_output, {branch, s.c}, Assign{scratch, s.c, nullptr});
  each_head(pass, a, scratch, [&](const Head& head, const float* probabilities, size_t) {
    attention_backward(head, probabilities, s.p, pass.dropout, pass.scratch.attention);
  });
  linear_backward(pass, layer.qkv, {a.qkv + row * s.c3, s.c3}, Assign{scratch, s.c, nullptr});
  layer_norm_backward(rows, model.config.width, s.c, a.x1 + row * s.c, a.statistics1 + row, model.of(layer.norm1.weight),
                      scratch, carried, norms.weight(2 * l), norms.bias(2 * l));
}

/** From the gradient of the logits to that of the embeddings, which is left in the first layer's x1. */
static void backward(const Pass& pass, const NormGradients& norms) {
  const Model& model = pass.model;
  const Activations& a = pass.activations;
  const Strides& s = pass.strides;
  int rows = pass.slice.rows(), row = pass.slice.row, layers = model.config.layers;
  const Tensor& tokens = *model.tokens;
  float* dnorm = pass.scratch.branch;
  multiply_weights(rows, {a.logits + row * s.v, s.v}, tokens.factor, tokens.rows, tokens.columns, pass.scratch.left,
                   Assign{dnorm, s.c, nullptr});
  layer_norm_backward(rows, model.config.width, s.c, a.x + row * s.c, a.statistics + row, model.of(model.norm.weight),
                      dnorm, nullptr, norms.weight(2 * layers), norms.bias(2 * layers));
  for (int l = layers - 1; l >= 0; l--) {
    mlp_half_backward(pass, l, norms);
    attention_half_backward(pass, l, norms);
  }
  float* dx = a.layers[0].x1 + row * s.c;
  drop(pass, kEmbeddingSite, dx, dx);
}

}  // namespace TGPT_SET

// The forward pass over a slice of a batch: GPT-2's blocks, from ids to logits and losses.
#pragma once

#include "activations.h"
#include "cross_entropy.h"

namespace TGPT_SET {

/** Everything that the passes over one slice share. */
struct Pass {
  const Model& model;
  const Strides& strides;
  const Activations& activations;
  const Scratch& scratch;
  Dropout dropout;
  Slice slice;
};

/** y = x W + b into a sink: [rows, in] to [rows, out]. */
template <class Sink>
static void linear(const Pass& pass, const Linear& layer, Rows x, const Sink& sink) {
  const Tensor& w = *layer.weight;
  multiply_weights(pass.slice.rows(), x, w.factor, w.rows, w.columns, pass.scratch.left, sink);
}

/** Token and position embeddings, added: ids [sequences, length], which begin at a position, to [rows, C]. */
static void embed(const Model& model, const int32_t* ids, int sequences, int length, int begin, size_t stride, float* x) {
  const Tensor &tokens = *model.tokens, &positions = *model.positions;
  int width = model.config.width;
  for (int row = 0; row < sequences * length; row++, x += stride) {
    const float* token = model.value + tokens.at + (size_t)ids[row] * kPanel;
    const float* position = model.value + positions.at + (size_t)(begin + row % length) * kPanel;
    for (int panel = 0; panel < panels(width); panel++) {
      for (int v = 0; v < kPanelVectors && panel * kPanel + v * kLanes < width; v++) {
        store(x + panel * kPanel + v * kLanes, load(token + v * kLanes) + load(position + v * kLanes));
      }
      token += (size_t)tokens.rows * kPanel;
      position += (size_t)positions.rows * kPanel;
    }
  }
}

/** Drops elements of rows of C at a site; the rows are those of the slice. */
static void drop(const Pass& pass, int site, const float* from, float* to) {
  if (!pass.dropout.on()) return;
  int width = pass.model.config.width;
  size_t begin = (size_t)pass.slice.begin * pass.slice.length * width;
  drop_rows(pass.dropout.site(site), pass.dropout.rate, begin, pass.slice.rows(), width, pass.strides.c, from, to,
            pass.scratch.attention.mask);
}

/** Calls `work(head, probabilities, first element's number)` for each head of each sequence of the slice. */
template <class Work>
static void each_head(const Pass& pass, const LayerActivations& layer, float* output, const Work& work) {
  const Config& c = pass.model.config;
  const Strides& s = pass.strides;
  const Slice& slice = pass.slice;
  int size = c.head_size(), length = slice.length;
  size_t kept = layer.slope ? length * s.p : 0;  // from one head's probabilities to the next
  for (int sequence = 0; sequence < slice.sequences; sequence++) {
    size_t row = (size_t)slice.row + sequence * length;
    for (int h = 0; h < c.heads; h++) {
      float* q = layer.qkv + row * s.c3 + h * size;
      float* to = output + (size_t)sequence * length * s.c + h * size;
      Head head{q, q + c.width, q + 2 * c.width, s.c3, to, s.c, length, size};
      float* probabilities = layer.probabilities + (row / length * c.heads + h) * kept;
      size_t number = ((size_t)(slice.begin + sequence) * c.heads + h) * length * length;
      work(head, probabilities, number);
    }
  }
}

/** x2 = x1 + attention(norm(x1)). */
static void attention_half(const Pass& pass, int l, const LayerActivations& a) {
  const Model& model = pass.model;
  const Layer& layer = model.layers[l];
  const Strides& s = pass.strides;
  int rows = pass.slice.rows(), row = pass.slice.row, width = model.config.width;
  const float *x1 = a.x1 + row * s.c, *bias = model.of(layer.norm1.bias);
  float *norm1 = a.norm1 + row * s.c, *mixed = a.mixed + row * s.c, *branch = pass.scratch.branch;
  layer_norm(rows, width, s.c, x1, model.of(layer.norm1.weight), bias, norm1, a.statistics1 + row);
  linear(pass, layer.qkv, {norm1, s.c}, Assign{a.qkv + row * s.c3, s.c3, model.of(layer.qkv.bias)});
  Key key = pass.dropout.site(attention_site(l));
  each_head(pass, a, mixed, [&](const Head& head, float* probabilities, size_t number) {
    attention_forward(head, probabilities, s.p, pass.dropout, key, number, pass.scratch.attention);
  });
  linear(pass, layer.attention_output, {mixed, s.c}, Assign{branch, s.c, model.of(layer.attention_output.bias)});
  drop(pass, attention_output_site(l), branch, branch);
  add_rows(rows, width, s.c, x1, branch, a.x2 + row * s.c);
}

/** to = x2 + mlp(norm(x2)). */
static void mlp_half(const Pass& pass, int l, const LayerActivations& a, float* to) {
  const Model& model = pass.model;
  const Layer& layer = model.layers[l];
  const Strides& s = pass.strides;
  int rows = pass.slice.rows(), row = pass.slice.row, width = model.config.width;
  const float *x2 = a.x2 + row * s.c, *bias = model.of(layer.inner.bias);
  float *norm2 = a.norm2 + row * s.c, *inner = a.inner + row * s.c4, *branch = pass.scratch.branch;
  float* slope = a.slope ? a.slope + row * s.c4 : nullptr;
  layer_norm(rows, width, s.c, x2, model.of(layer.norm2.weight), model.of(layer.norm2.bias), norm2,
             a.statistics2 + row);
  if (model.config.exact_gelu) linear(pass, layer.inner, {norm2, s.c}, Gelu<true>{inner, slope, s.c4, bias});
  else linear(pass, layer.inner, {norm2, s.c}, Gelu<false>{inner, slope, s.c4, bias});
  linear(pass, layer.mlp_output, {inner, s.c4}, Assign{branch, s.c, model.of(layer.mlp_output.bias)});
  drop(pass, mlp_output_site(l), branch, branch);
  add_rows(rows, width, s.c, x2, branch, to + row * s.c);
}

/** From the ids of the slice to the norm after the last layer, [rows, C]. */
static void forward(const Pass& pass, const Batch& batch) {
  const Model& model = pass.model;
  const Activations& a = pass.activations;
  const Strides& s = pass.strides;
  int layers = model.config.layers, row = pass.slice.row;
  float* x = a.layers[0].x1 + row * s.c;
  const int32_t* ids = batch.inputs + (size_t)pass.slice.begin * batch.length;
  embed(model, ids, pass.slice.sequences, batch.length, 0, s.c, x);
  drop(pass, kEmbeddingSite, x, x);
  for (int l = 0; l < layers; l++) {
    attention_half(pass, l, a.layers[l]);
    mlp_half(pass, l, a.layers[l], l + 1 < layers ? a.layers[l + 1].x1 : a.x);
  }
  layer_norm(pass.slice.rows(), model.config.width, s.c, a.x + row * s.c, model.of(model.norm.weight),
             model.of(model.norm.bias), a.norm + row * s.c, a.statistics + row);
}

/** Logits of `rows` rows from row `row` of the norm on: the head is tied to wte. */
static void logits_of(const Pass& pass, int row, int rows, float* to) {
  const Model& model = pass.model;
  const Tensor& tokens = *model.tokens;
  multiply_weights(rows, {pass.activations.norm + row * pass.strides.c, pass.strides.c}, tokens.transposed,
                   tokens.columns, tokens.rows, pass.scratch.left, Assign{to, pass.strides.v, nullptr});
}

/**
 * Logits of the slice, some rows at a time while they are in the cache: `use(first row, rows, logits)`. They are kept
 * one after the other for a backward pass, else each part takes the place of the one before.
 */
template <class Use>
static void each_logits(const Pass& pass, bool kept, const Use& use) {
  for (int done = 0; done < pass.slice.rows(); done += kLogitRows) {
    int rows = min(kLogitRows, pass.slice.rows() - done), row = pass.slice.row + done;
    float* logits = pass.activations.logits + (kept ? row * pass.strides.v : 0);
    logits_of(pass, row, rows, logits);
    use(done, rows, logits);
  }
}

}  // namespace TGPT_SET

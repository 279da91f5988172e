// The model's sizes and the table of its parameters, in the order of paramSpecs (src/gpt/parameters.ts).
// Dimensions: C width, V vocabulary, T tokens. A linear layer's weight is [in, out].
#pragma once

#include "layout.h"
#include "memory.h"
#include "number.h"

namespace TGPT_SET {

struct Config {
  int vocabulary, block, layers, heads, width;
  bool bias, exact_gelu;

  int head_size() const { return width / heads; }
};

struct Tensor {
  int rows, columns;
  size_t at;          // where it begins in each of the stores below, in floats
  bool decayed;
  Factor *factor, *transposed;  // as right-hand factors: itself, and [columns, rows]; null where no product needs them

  uint64_t floats() const { return panel_floats(rows, columns); }
};

struct Linear {
  Tensor* weight;
  Tensor* bias;  // or null
};

using Norm = Linear;  // a weight and a bias of [C]

struct Layer {
  Norm norm1;
  Linear qkv, attention_output;
  Norm norm2;
  Linear inner, mlp_output;
};

/** Everything that is learned, each store in panels. */
struct Model {
  Config config;
  int tensor_count;
  Tensor* tensors;
  Tensor *tokens, *positions;  // wte [V, C], wpe [block, C]
  Layer* layers;
  Norm norm;

  uint64_t floats;  // of each store
  float* value;
  float *gradient, *first_moment, *second_moment;  // null until training begins

  const float* of(const Tensor* tensor) const { return tensor ? value + tensor->at : nullptr; }
};

/** Numbers the tensors and lays them out one after the other. Called by `lay_out`, which counts or fills. */
struct TensorTable {
  Model& model;
  int count = 0;
  uint64_t floats = 0;

  Tensor* add(int rows, int columns, bool decayed) {
    size_t at = (size_t)floats;
    floats += panel_floats(rows, columns);
    Tensor* tensor = model.tensors ? &model.tensors[count] : nullptr;
    if (tensor) *tensor = {rows, columns, at, decayed, nullptr, nullptr};
    count++;
    return tensor;
  }
  Tensor* vector(int columns, bool exists = true) { return exists ? add(1, columns, false) : nullptr; }
  Linear linear(int in, int out) {
    Tensor* weight = add(in, out, true);
    return {weight, vector(out, model.config.bias)};
  }
  Norm norm() {
    Tensor* weight = vector(model.config.width);
    return {weight, vector(model.config.width, model.config.bias)};
  }
};

/** Fills the table of tensors; with null arrays it only counts `tensor_count` and `floats`. */
static void lay_out(Model& model) {
  const Config& c = model.config;
  TensorTable table{model};
  model.tokens = table.add(c.vocabulary, c.width, true);
  model.positions = table.add(c.block, c.width, true);
  for (int l = 0; l < c.layers; l++) {
    Layer layer;
    layer.norm1 = table.norm();
    layer.qkv = table.linear(c.width, 3 * c.width);
    layer.attention_output = table.linear(c.width, c.width);
    layer.norm2 = table.norm();
    layer.inner = table.linear(c.width, 4 * c.width);
    layer.mlp_output = table.linear(4 * c.width, c.width);
    if (model.layers) model.layers[l] = layer;
  }
  model.norm = table.norm();
  model.tensor_count = table.count;
  model.floats = table.floats;
}

}  // namespace TGPT_SET

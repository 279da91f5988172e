// The gradients of the weights, once all activations of a chunk have theirs: dW = X^T dY, summed over the chunk's rows
// slice by slice. The work is cut by panels of dW, so no two threads add to the same number, and every sum has one order.
#pragma once

#include "backward.h"

namespace TGPT_SET {

/** A product whose result is the gradient of a layer's weight: X [N, in], dY [N, out]. */
struct WeightProduct {
  Linear layer;
  Rows x, dy;
};

/** One unit of work: rows `begin` to `end` of a weight, in panels `panel` to `last_panel`. */
struct WeightUnit {
  int product, panel, last_panel, begin, end;
};

/** What a chunk leaves, as seen by the gradients of the weights. */
struct ChunkResult {
  const Model& model;
  const Strides& strides;
  const Activations& activations;
  const int32_t* inputs;  // [N] ids of the chunk
  int rows, length, slice_rows;
  bool accumulate;  // whether the gradients hold an earlier chunk's sums already
};

enum Product { kInner, kMlpOutput, kQkv, kAttentionOutput, kProductsOfLayer };
INLINE int product_count(const Config& c) { return 1 + kProductsOfLayer * c.layers; }

/** What product `number` is the gradient of: first comes the head, which is tied to wte, then each layer's. */
INLINE Linear product_layer(const Model& model, int number) {
  if (number == 0) return {model.tokens, nullptr};
  const Layer& layer = model.layers[(number - 1) / kProductsOfLayer];
  const Linear linears[] = {layer.inner, layer.mlp_output, layer.qkv, layer.attention_output};
  return linears[(number - 1) % kProductsOfLayer];
}

INLINE WeightProduct weight_product(const Model& model, const Strides& s, const Activations& a, int number) {
  Linear linear = product_layer(model, number);
  if (number == 0) return {linear, {a.logits, s.v}, {a.norm, s.c}};
  int l = (number - 1) / kProductsOfLayer;
  const LayerActivations& layer = a.layers[l];
  switch ((number - 1) % kProductsOfLayer) {
    case kInner:
      return {linear, {layer.norm2, s.c}, {layer.slope, s.c4}};
    case kMlpOutput:
      return {linear, {layer.inner, s.c4}, {a.mlp_gradient(l, model.config.layers), s.c}};
    case kQkv:
      return {linear, {layer.norm1, s.c}, {layer.qkv, s.c3}};
    default:
      return {linear, {layer.mixed, s.c}, {a.attention_gradient(l), s.c}};
  }
}

/** Part of a row of dY, up to a vector. */
INLINE Vec load_part(const float* row, int count) {
  return count >= kLanes ? load(row) : count > 0 ? load_first(row, count) : Vec{};
}

/** A panel of dY as a right-hand factor; the sums of its columns are added to `bias` unless it is null. */
static void pack_panel(const float* dy, size_t stride, int rows, int count, Factor* packed, float* bias) {
  constexpr int kAhead = 16;  // rows lie too far apart for the processor to guess the next
  for (int row = 0; row < rows; row += Weights::kTerms, dy += Weights::kTerms * stride, packed += kPanel) {
    __builtin_prefetch(dy + kAhead * stride);
    for (int v = 0; v < kPanelVectors; v++) {
      Vec d = load_part(dy + v * kLanes, count - v * kLanes), sum = d;
#if defined(__AVX512BF16__)
      Vec later = row + 1 < rows ? load_part(dy + stride + v * kLanes, count - v * kLanes) : Vec{};
      *(WordVec*)(packed + v * kLanes) = pair(d, later);
      sum += later;
#else
      store(packed + v * kLanes, d);
#endif
      if (bias) store(bias + v * kLanes, load(bias + v * kLanes) + sum);
    }
  }
}

/** Packs some rows of dY, all panels of the unit, and adds them to the bias's gradient. */
static void pack_unit(const ChunkResult& chunk, const WeightProduct& product, const WeightUnit& unit, int from,
                      int depth, Factor* packed) {
  bool first_rows = unit.begin == 0;  // of the weight: the bias is summed once
  for (int panel = unit.panel; panel < unit.last_panel; panel++, packed += (size_t)elements(kPackedRows) * kPanel) {
    int column = panel * kPanel, count = min(product.layer.weight->columns - column, kPanel);
    float* bias = product.layer.bias && first_rows ? chunk.model.gradient + product.layer.bias->at + column : nullptr;
    if (bias && from == 0 && !chunk.accumulate) clear(bias, kPanel);
    pack_panel(product.dy.at + from * product.dy.stride + column, product.dy.stride, depth, count, packed, bias);
  }
}

/** Some rows of X, whose transpose is the left-hand factor: [elements(depth), columns]. */
INLINE RowsOf<Factor> transposed_factor(Rows x, int depth, int columns, [[maybe_unused]] Factor* room) {
#if defined(__AVX512BF16__)
  size_t stride = row_stride(kUnitRows);
  for (int row = 0; row < depth; row += 2) {
    const float* earlier = x.at + row * x.stride;
    pair_rows(earlier, row + 1 < depth ? earlier + x.stride : nullptr, columns, room + row / 2 * stride);
  }
  return {room, stride};
#else
  (void)depth, (void)columns;
  return x;
#endif
}

/** C's panels lie as far apart as a weight's: a sink for a tile of several of them. */
template <bool kAdd>
struct IntoPanels {
  float* to;
  size_t panel_size;

  INLINE_MEMBER void put(int row, int column, Vec v, int) const {
    float* at = to + (size_t)(column / kPanel) * panel_size + (size_t)row * kPanel + column % kPanel;
    store(at, kAdd ? load(at) + v : v);
  }
};

/** Adds the gradients of the embedded rows to those ids of wte that lie in the unit, in the order of the tokens. */
static void token_gradient(const ChunkResult& chunk, const WeightUnit& unit, int from, int rows) {
  const Tensor& tokens = *chunk.model.tokens;
  float* gradient = chunk.model.gradient + tokens.at;
  int end = min(unit.last_panel * kPanel, tokens.columns);
  for (int row = from; row < from + rows; row++) {
    const float* dx = chunk.activations.layers[0].x1 + row * chunk.strides.c;
    int id = chunk.inputs[row];
    if (id < unit.begin || id >= unit.end) continue;
    for (int i = unit.panel * kPanel; i < end; i++) {
      gradient[((size_t)(i / kPanel) * tokens.rows + id) * kPanel + i % kPanel] += dx[i];
    }
  }
}

/** Adds what some rows of the chunk contribute to a unit; the first rows of a batch begin its sums. */
static void add_rows_to_gradient(const ChunkResult& chunk, const WeightUnit& unit, const Scratch& scratch, int from,
                                 int depth) {
  WeightProduct product = weight_product(chunk.model, chunk.strides, chunk.activations, unit.product);
  const Tensor& w = *product.layer.weight;
  int rows = unit.end - unit.begin, count = unit.last_panel - unit.panel;
  size_t panel_size = (size_t)w.rows * kPanel;
  float* to = chunk.model.gradient + w.at + unit.panel * panel_size + (size_t)unit.begin * kPanel;
  pack_unit(chunk, product, unit, from, depth, scratch.packed);
  Rows x{product.x.at + from * product.x.stride + unit.begin, product.x.stride};
  RowsOf<Factor> left = transposed_factor(x, depth, rows, scratch.left);
  auto add_product = [&](auto sink) {
    multiply<Weights, Order::transposed>(rows, left, scratch.packed, (size_t)elements(kPackedRows) * kPanel, 0, count,
                                         Whole{elements(depth), count * kPanel}, sink);
  };
  if (from == 0 && !chunk.accumulate) add_product(IntoPanels<false>{to, panel_size});
  else add_product(IntoPanels<true>{to, panel_size});
  if (unit.product == 0) token_gradient(chunk, unit, from, depth);  // the head's tensor is the tokens'
}

/** A unit's sums over the rows of each slice in turn, in parts of nearly equal size. */
static void weight_gradient(const ChunkResult& chunk, const WeightUnit& unit, const Scratch& scratch) {
  for (int slice = 0; slice < chunk.rows; slice += chunk.slice_rows) {
    int end = min(slice + chunk.slice_rows, chunk.rows), parts = ceil_div(end - slice, kPackedRows);
    int part = ceil_div(ceil_div(end - slice, parts), Weights::kTerms) * Weights::kTerms;
    for (int from = slice; from < end; from += part) {
      add_rows_to_gradient(chunk, unit, scratch, from, min(part, end - from));
    }
  }
}

/** The gradient of wpe: of each position, the sum over the sequences. Positions that no window reaches get 0. */
static void position_gradient(const ChunkResult& chunk) {
  const Tensor& positions = *chunk.model.positions;
  float* gradient = chunk.model.gradient + positions.at;
  if (!chunk.accumulate) clear(gradient, positions.floats());
  const float* dx = chunk.activations.layers[0].x1;
  for (int row = 0; row < chunk.rows; row++, dx += chunk.strides.c) {
    float* to = gradient + (size_t)(row % chunk.length) * kPanel;
    for (int i = 0; i < positions.columns; i++) {
      to[(size_t)(i / kPanel) * positions.rows * kPanel + i % kPanel] += dx[i];
    }
  }
}

/** The gradients of one norm: the slices' sums, added up in order. */
static void norm_gradient(const ChunkResult& chunk, int norm, const float* slices, size_t slice_floats, int count) {
  const Model& model = chunk.model;
  const Norm& tensors = norm == 2 * model.config.layers ? model.norm
                        : norm % 2 == 0                 ? model.layers[norm / 2].norm1
                                                        : model.layers[norm / 2].norm2;
  const Tensor* parts[2] = {tensors.weight, tensors.bias};
  for (int part = 0; part < 2; part++) {
    if (!parts[part]) continue;
    float* to = model.gradient + parts[part]->at;
    const float* from = slices + (2 * norm + part) * chunk.strides.c;
    if (!chunk.accumulate) clear(to, parts[part]->floats());
    for (int slice = 0; slice < count; slice++, from += slice_floats) {
      for (int i = 0; i < model.config.width; i++) to[i] += from[i];
    }
  }
}

}  // namespace TGPT_SET

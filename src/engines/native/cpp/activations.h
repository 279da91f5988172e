// What the forward pass leaves for the backward pass, and how much of a batch is worked on at once.
// Shapes: N rows (tokens) of a chunk, B' sequences of it, T tokens, H heads, C width, V vocabulary.
#pragma once

#include "attention.h"
#include "factors.h"
#include "layer_norm.h"
#include "model.h"

namespace TGPT_SET {

/** Windows of T tokens: ids [B, T], and the ids that follow them or -1. */
struct Batch {
  const int32_t *inputs, *targets;
  int sequences, length;
};

/** Neighbouring sequences that one thread works on: `begin` counts within the batch, `row` within the buffers. */
struct Slice {
  int begin, sequences, length, row;

  int rows() const { return sequences * length; }
};

struct Strides {
  size_t c, c3, c4, v, p;

  Strides(const Config& config, int length)
      : c(row_stride(config.width)),
        c3(row_stride(3 * config.width)),
        c4(row_stride(4 * config.width)),
        v(row_stride(config.vocabulary)),
        p(row_stride(length)) {}
};

/**
 * The activations of a layer. In the backward pass gradients take the place of what is no longer needed: `x1` and `x2`
 * become the gradients of the residual stream where it enters each half, `qkv` and `slope` those of qkv and of the
 * MLP's input to GELU.
 */
struct LayerActivations {
  float *x1, *norm1, *qkv, *probabilities, *mixed;  // [N, C] [N, C] [N, 3C] [B', H, T, T] [N, C]
  float *x2, *norm2, *slope, *inner;                // [N, C] [N, C] [N, 4C] [N, 4C]
  float *attention_gradient, *mlp_gradient;         // [N, C] each, of the branches' outputs; only with dropout
  RowStatistics *statistics1, *statistics2;         // [N] each
};

struct Activations {
  LayerActivations* layers;
  float *x, *norm;  // [N, C] each: what leaves the last layer, and its norm
  RowStatistics* statistics;
  float* logits;  // [N, V], then their gradient

  /** The gradient of the output of a layer's branches: that of the residual stream, unless dropout made another. */
  float* mlp_gradient(int layer, int layer_count) const {
    float* own = layers[layer].mlp_gradient;
    return own ? own : layer + 1 < layer_count ? layers[layer + 1].x1 : x;
  }
  float* attention_gradient(int layer) const {
    float* own = layers[layer].attention_gradient;
    return own ? own : layers[layer].x2;
  }
};

/** All layers' activations, kept apart for a backward pass. */
static void cut_for_training(Cutter& cutter, const Config& c, const Strides& s, int sequences, int length, bool dropout,
                             Activations& a) {
  uint64_t rows = (uint64_t)sequences * length;
  LayerActivations* layers = a.layers = cutter.cut<LayerActivations>(c.layers);
  for (int l = 0; l < c.layers; l++) {
    LayerActivations layer;
    layer.x1 = cutter.cut(rows * s.c);
    layer.norm1 = cutter.cut(rows * s.c);
    layer.qkv = cutter.cut(rows * s.c3);
    layer.probabilities = cutter.cut(rows * c.heads * s.p);
    layer.mixed = cutter.cut(rows * s.c);
    layer.x2 = cutter.cut(rows * s.c);
    layer.norm2 = cutter.cut(rows * s.c);
    layer.slope = cutter.cut(rows * s.c4);
    layer.inner = cutter.cut(rows * s.c4);
    layer.attention_gradient = dropout ? cutter.cut(rows * s.c) : nullptr;
    layer.mlp_gradient = dropout ? cutter.cut(rows * s.c) : nullptr;
    layer.statistics1 = cutter.cut<RowStatistics>(rows);
    layer.statistics2 = cutter.cut<RowStatistics>(rows);
    if (layers) layers[l] = layer;
  }
  a.x = cutter.cut(rows * s.c);
  a.norm = cutter.cut(rows * s.c);
  a.statistics = cutter.cut<RowStatistics>(rows);
  a.logits = cutter.cut(rows * s.v);
}

/** Rows whose logits are held at once where they are not kept. */
constexpr int kLogitRows = 64;

/** One set of buffers for all layers: nothing is kept. */
static void cut_for_inference(Cutter& cutter, const Config& c, const Strides& s, int sequences, int length,
                              Activations& a) {
  uint64_t rows = (uint64_t)sequences * length;
  LayerActivations* layers = a.layers = cutter.cut<LayerActivations>(c.layers);
  LayerActivations shared{};
  shared.x1 = cutter.cut(rows * s.c);
  shared.norm1 = shared.norm2 = shared.mixed = cutter.cut(rows * s.c);
  shared.qkv = cutter.cut(rows * s.c3);
  shared.probabilities = cutter.cut((uint64_t)length * s.p);
  shared.x2 = cutter.cut(rows * s.c);
  shared.inner = cutter.cut(rows * s.c4);
  shared.statistics1 = shared.statistics2 = a.statistics = cutter.cut<RowStatistics>(rows);
  for (int l = 0; layers && l < c.layers; l++) layers[l] = shared;
  a.x = shared.x1;
  a.norm = shared.norm1;
  a.logits = cutter.cut((uint64_t)kLogitRows * s.v);
}

/** The buffers of one thread that last for a part of a layer. */
struct Scratch {
  float* branch;  // [rows of a slice, C]
  AttentionScratch attention;
  Factor* left;    // room for left-hand factors: [rows of a slice, V or 4C], or X^T of weight_gradients.h
  Factor* packed;  // weight_gradients.h: some rows of a unit's panels
};

/** The most rows that are packed at once for a weight's gradient: a panel of them fits the first-level cache. */
constexpr int kPackedRows = 192;
/** A unit of a weight's gradient has this many panels: X is read once for all of them. */
constexpr int kUnitPanels = 128 * Weights::kTerms / kPanel;
/** And this many rows: few enough to share the work evenly. */
constexpr int kUnitRows = 512;

static void cut_scratch(Cutter& cutter, const Config& c, const Strides& s, int sequences, int length, Scratch& scratch) {
  int size = c.head_size(), longest_row = max(c.width, length);
  scratch.branch = cutter.cut((uint64_t)sequences * length * s.c);
  scratch.attention.keys = cutter.cut(attention_panel_floats(length, size));
  scratch.attention.values = cutter.cut(attention_panel_floats(length, size));
  scratch.attention.scores = cutter.cut((uint64_t)length * s.p);
  scratch.attention.mask = cutter.cut(mask_floats(longest_row));
  uint64_t room = room_elements(sequences * length, max(4 * c.width, c.vocabulary));
  uint64_t room_of_unit = room_elements(elements(kPackedRows), Weights::kTerms * kUnitRows);
  scratch.left = cutter.cut<Factor>(room > room_of_unit ? room : room_of_unit);
  scratch.packed = cutter.cut<Factor>((uint64_t)kUnitPanels * elements(kPackedRows) * kPanel);
}

/** How a batch is cut: into chunks, one after the other, whose slices the threads share. Slices depend on the sizes
 * alone, and every sum is taken slice by slice in their order: how many make a chunk changes no result. */
struct Division {
  int chunk, slice;  // sequences
};

/**
 * A chunk has a slice for each thread if that fits near the processor (kCacheBytes): what a slice leaves is soon read
 * again. Else memory and the gradients of large weights decide: as many sequences as fit there, or kWishedChunk if they
 * fit into kChunkBytes, or kLeastChunk. src/engines/native/memory.ts knows these figures too.
 */
constexpr uint64_t kCacheBytes = 16u << 20, kChunkBytes = 400u << 20;
constexpr int kWishedChunk = 8, kLeastChunk = 4;

/** Rows of a slice: each slice reads all weights, so it has more of them where the weights lie in main memory. */
constexpr int kSliceRows = 64, kSliceRowsOfLargeModel = 128;
constexpr uint64_t kLargeModelFloats = 4u << 20;

INLINE int slice_of(const Model& model, int length) {
  return max(1, (model.floats < kLargeModelFloats ? kSliceRows : kSliceRowsOfLargeModel) / length);
}

static Division divide(const Model& model, const Batch& batch, int threads) {
  const Config& c = model.config;
  uint64_t layer = 16 * (uint64_t)c.width + (uint64_t)c.heads * batch.length;
  uint64_t token = c.layers * layer + 3 * (uint64_t)c.width + c.vocabulary;
  uint64_t sequence = sizeof(float) * token * batch.length;
  auto fitting = [&](uint64_t bytes) { return min((int)(bytes / sequence), batch.sequences); };
  int slice = slice_of(model, batch.length), near = fitting(kCacheBytes);
  int most = threads * slice <= near ? threads * slice
                                     : max(near, max(min(kWishedChunk, fitting(kChunkBytes)), kLeastChunk));
  int slices = ceil_div(min(most, batch.sequences), slice), chunks = ceil_div(ceil_div(batch.sequences, slice), slices);
  return {ceil_div(ceil_div(batch.sequences, slice), chunks) * slice, slice};
}

}  // namespace TGPT_SET

// Generation with cached keys and values. New tokens of all sequences go through the model together: a product reads
// its weights once for all of them. Here the threads share each product, panel by panel, because a single token has no
// rows to share. R rows: sequences x new tokens; S positions in the cache.
#pragma once

#include "forward.h"
#include "team.h"

namespace TGPT_SET {

/** Keys, transposed, and values of each head, both as panels: right-hand sides of attention's two products. */
struct Decoder {
  Block block;
  float *keys, *values;  // [layer][sequence][head][D, block] and [layer][sequence][head][block, D]
  int sequences, length;  // all sequences are equally long
};

INLINE uint64_t head_keys(const Config& c) { return panel_floats(c.head_size(), c.block); }
INLINE uint64_t head_values(const Config& c) { return panel_floats(c.block, c.head_size()); }

/** An empty decoder; false if there is no memory for it. */
static bool open_decoder(const Config& c, int sequences, Decoder& decoder) {
  uint64_t heads = (uint64_t)c.layers * sequences * c.heads;
  decoder.sequences = sequences;
  decoder.length = 0;
  return cut_block(decoder.block, [&](Cutter& cutter) {
    decoder.keys = cutter.cut(heads * head_keys(c));
    decoder.values = cutter.cut(heads * head_values(c));
  });
}

/** Copies the single sequence of `from` into every sequence of `to`. */
static void copy_sequence(const Config& c, const Decoder& from, Decoder& to) {
  size_t keys = c.heads * head_keys(c), values = c.heads * head_values(c);
  for (int l = 0; l < c.layers; l++) {
    for (int s = 0; s < to.sequences; s++) {
      copy(to.keys + ((size_t)l * to.sequences + s) * keys, from.keys + l * keys, keys);
      copy(to.values + ((size_t)l * to.sequences + s) * values, from.values + l * values, values);
    }
  }
  to.length = from.length;
}

/** Activations: those that all threads write parts of, and each thread's own. */
struct DecoderBuffers {
  float *qkv, *mixed, *branch, *inner;  // [R, 3C] [R, C] [R, C] [R, 4C]
  float *x, *norm, *scores;             // [R, C] [R, C] [new tokens, S]
  Factor* left;                         // [R, 4C]
  RowStatistics* statistics;            // [R]
};

static void cut_decoder_buffers(Cutter& cutter, const Config& c, int sequences, int tokens, int threads,
                                DecoderBuffers* of_threads) {
  Strides s(c, c.block);
  uint64_t rows = (uint64_t)sequences * tokens;
  DecoderBuffers b;
  b.qkv = cutter.cut(rows * s.c3);
  b.mixed = cutter.cut(rows * s.c);
  b.branch = cutter.cut(rows * s.c);
  b.inner = cutter.cut(rows * s.c4);
  for (int thread = 0; thread < threads; thread++) {
    b.x = cutter.cut(rows * s.c);
    b.norm = cutter.cut(rows * s.c);
    b.scores = cutter.cut((uint64_t)tokens * s.p);
    b.left = cutter.cut<Factor>(room_elements((int)rows, 4 * c.width));
    b.statistics = cutter.cut<RowStatistics>(rows);
    if (of_threads) of_threads[thread] = b;
  }
}

/** What one thread does for `tokens` new tokens of each sequence. */
struct Advance {
  const Model& model;
  Decoder& decoder;
  const int32_t* ids;  // [sequences, tokens]
  int tokens;
  float* logits;  // [sequences, V]: those that follow the last token
  Team& team;
  int thread;
  DecoderBuffers buffers;
  Strides strides;

  int rows() const { return decoder.sequences * tokens; }
  int width() const { return model.config.width; }

  /** This thread's columns of x W + b. */
  template <class Sink>
  void share(const Linear& layer, int row_count, Rows x, const Sink& sink) const {
    const Tensor& w = *layer.weight;
    share(w.rows, w.columns, w.factor, row_count, x, sink);
  }
  template <class Sink>
  void share(int depth, int columns, const Factor* w, int row_count, Rows x, const Sink& sink) const {
    Share mine = share_of(panels(columns), thread, team);
    int terms = elements(depth);
    multiply<Weights, Order::rows>(row_count, left_factor(row_count, depth, x, buffers.left), w, (size_t)terms * kPanel,
                                   mine.begin, mine.end, Whole{terms, columns}, sink);
  }

  void normalise(const Norm& norm, const float* x, int row_count) const {
    layer_norm(row_count, width(), strides.c, x, model.of(norm.weight), model.of(norm.bias), buffers.norm,
               buffers.statistics);
  }

  /** One head of one sequence: its new keys and values join the cache, then its queries look back at all of them. */
  void attend(int layer, int sequence, int h) const {
    const Config& c = model.config;
    int size = c.head_size(), past = decoder.length;
    size_t number = ((size_t)layer * decoder.sequences + sequence) * c.heads + h, row = (size_t)sequence * tokens;
    float *keys = decoder.keys + number * head_keys(c), *values = decoder.values + number * head_values(c);
    const float* q = buffers.qkv + row * strides.c3 + h * size;
    for (int t = 0; t < tokens; t++) {
      const float *k = q + t * strides.c3 + c.width, *v = k + c.width;
      int position = past + t;
      float* key = keys + (size_t)(position / kPanel) * size * kPanel + position % kPanel;
      for (int d = 0; d < size; d++) {
        key[(size_t)d * kPanel] = k[d];
        values[((size_t)(d / kPanel) * c.block + position) * kPanel + d % kPanel] = v[d];
      }
    }
    multiply<Single, Order::rows>(tokens, {q, strides.c3}, keys, (size_t)size * kPanel, 0, panels(past + tokens),
                          CausalScores{size, past}, Assign{buffers.scores, strides.p, nullptr});
    float scale = 1.0f / __builtin_sqrtf((float)size);
    for (int t = 0; t < tokens; t++) softmax_row(buffers.scores + t * strides.p, past + t + 1, strides.p, scale);
    multiply<Single, Order::rows>(tokens, {buffers.scores, strides.p}, values, (size_t)c.block * kPanel, 0, panels(size),
                          CausalMixture{past, size},
                          Assign{buffers.mixed + row * strides.c + h * size, strides.c, nullptr});
  }

  void attention_half(int l) const {
    const Layer& layer = model.layers[l];
    const Config& c = model.config;
    normalise(layer.norm1, buffers.x, rows());
    share(layer.qkv, rows(), {buffers.norm, strides.c}, Assign{buffers.qkv, strides.c3, model.of(layer.qkv.bias)});
    barrier(team);
    Share heads = share_of(decoder.sequences * c.heads, thread, team);
    for (int i = heads.begin; i < heads.end; i++) attend(l, i / c.heads, i % c.heads);
    barrier(team);
    share(layer.attention_output, rows(), {buffers.mixed, strides.c},
          Assign{buffers.branch, strides.c, model.of(layer.attention_output.bias)});
    barrier(team);
    add_rows(rows(), width(), strides.c, buffers.x, buffers.branch, buffers.x);
  }

  void mlp_half(int l) const {
    const Layer& layer = model.layers[l];
    const float* bias = model.of(layer.inner.bias);
    Rows norm{buffers.norm, strides.c};
    normalise(layer.norm2, buffers.x, rows());
    if (model.config.exact_gelu) share(layer.inner, rows(), norm, Gelu<true>{buffers.inner, nullptr, strides.c4, bias});
    else share(layer.inner, rows(), norm, Gelu<false>{buffers.inner, nullptr, strides.c4, bias});
    barrier(team);
    share(layer.mlp_output, rows(), {buffers.inner, strides.c4},
          Assign{buffers.branch, strides.c, model.of(layer.mlp_output.bias)});
    barrier(team);
    add_rows(rows(), width(), strides.c, buffers.x, buffers.branch, buffers.x);
  }

  /** All threads call it. The decoder's length is as before; who called them all sets it. */
  void run() const {
    embed(model, ids, decoder.sequences, tokens, decoder.length, strides.c, buffers.x);
    for (int l = 0; l < model.config.layers; l++) {
      attention_half(l);
      mlp_half(l);
    }
    for (int s = 0; s < decoder.sequences; s++) {  // only the last token of each sequence has a successor to predict
      copy(buffers.x + s * strides.c, buffers.x + ((size_t)(s + 1) * tokens - 1) * strides.c, width());
    }
    normalise(model.norm, buffers.x, decoder.sequences);
    const Tensor& w = *model.tokens;
    share(w.columns, w.rows, w.transposed, decoder.sequences, {buffers.norm, strides.c},
          Assign{logits, (size_t)w.rows, nullptr});
  }
};

}  // namespace TGPT_SET

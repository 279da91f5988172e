// Causal attention of one head over one sequence: scores Q K^T / sqrt(head size), softmax, mixture of values; and its
// backward pass. T queries, S = past + T keys, D a head's size. Work above the diagonal is skipped, tile by tile.
#pragma once

#include "dropout.h"
#include "gemm.h"

namespace TGPT_SET {

/** Scores: query `row` stands at position `past + row` and sees the keys up to its own. */
struct CausalScores {
  int depth, past;
  Extent operator()(int row, int count) const { return {0, depth, past + row + count}; }
};

/** Rows of probabilities times values: beyond the diagonal there is nothing to add. */
struct CausalMixture {
  int past, columns;
  Extent operator()(int row, int count) const { return {0, past + row + count, columns}; }
};

/** Columns of probabilities: position `row` is seen by the queries from its own on. */
struct CausalColumns {
  int queries, columns;
  Extent operator()(int row, int) const { return {row, queries, columns}; }
};

/** Where a row's zeros beyond the diagonal must reach, because tiles read so far. */
INLINE int zeros_end(int seen, size_t stride) {
  return min((int)stride, ceil_div(seen + kTileRows, kLanes) * kLanes);
}

/** Softmax of scale * scores over the first `seen` elements; zeros after them. */
static void softmax_row(float* scores, int seen, size_t stride, float scale) {
  const Vec none = splat(-__builtin_inff());
  Vec most = none;
  for (int i = 0; i < seen; i += kLanes) most = max(most, first(load(scores + i), seen - i, none));
  Vec shift = splat(largest(most) * scale), total{};
  for (int i = 0; i < seen; i += kLanes) {
    Vec e = first(exp(fma(load(scores + i), splat(scale), -shift)), seen - i);
    store(scores + i, e);
    total += e;
  }
  Vec inverse = splat(1.0f / sum(total));
  int i = 0;
  for (; i < seen; i += kLanes) store(scores + i, load(scores + i) * inverse);
  for (int end = zeros_end(seen, stride); i < end; i += kLanes) store(scores + i, Vec{});
}

/** The buffers of one thread for one head. */
struct AttentionScratch {
  float* keys;    // [D, S] in panels: K^T
  float* values;  // [S, D] in panels
  float* scores;  // [T, stride of S]
  float* mask;    // mask_floats(S)
};

/**
 * Dropout of probabilities, which are never negative: a dropped one gets its sign bit set in `probabilities`, where the
 * backward pass finds it, and is 0 in `dropped`; all others are scaled there by 1 / (1 - rate).
 */
static void drop_probabilities(Key key, double rate, size_t begin, int seen, size_t stride, float* probabilities,
                               float* dropped, float* scratch) {
  const float* mask = mask_row(key, rate, begin, seen, scratch);
  int i = 0;
  for (; i < seen; i += kLanes) {
    Vec p = load(probabilities + i), m = first(load(mask + i), seen - i);
    store(dropped + i, p * m);
    store(probabilities + i, m == 0.0f ? -p : p);
  }
  for (int end = zeros_end(seen, stride); i < end; i += kLanes) store(dropped + i, Vec{});
}

/** The mask that `drop_probabilities` left in the sign bits, as factors. */
INLINE Vec mask_of(Vec signed_probabilities, Vec kept) {
  return (IntVec)signed_probabilities < 0 ? Vec{} : kept;
}

INLINE Vec magnitude(Vec v) { return (Vec)((IntVec)v & 0x7fffffff); }

/** One head's place in the rows of [Q K V], and in the rows of its output. */
struct Head {
  float *q, *k, *v;
  size_t stride;  // of q, k and v
  float* output;
  size_t output_stride;
  int length, size;  // T, D

  float scale() const { return 1.0f / __builtin_sqrtf((float)size); }
  Rows queries() const { return {q, stride}; }
};

/**
 * Forward. `probabilities` [T, p_stride] are kept for the backward pass; `begin` is the number of their first element
 * in the tensor [B, H, T, T], where the masks of dropout are drawn.
 */
static void attention_forward(const Head& head, float* probabilities, size_t p_stride, const Dropout& dropout, Key key,
                              size_t begin, const AttentionScratch& scratch) {
  int T = head.length, D = head.size;
  to_transposed_panels(head.k, head.stride, T, D, scratch.keys);
  to_panels(head.v, head.stride, T, D, scratch.values);
  multiply<Single, Order::rows>(T, head.queries(), scratch.keys, (size_t)D * kPanel, 0, panels(T), CausalScores{D, 0},
                        Assign{probabilities, p_stride, nullptr});
  const float* mixed = dropout.on() ? scratch.scores : probabilities;
  for (int t = 0; t < T; t++) {
    float* row = probabilities + t * p_stride;
    softmax_row(row, t + 1, p_stride, head.scale());
    if (dropout.on()) {
      drop_probabilities(key, dropout.rate, begin + (size_t)t * T, t + 1, p_stride, row, scratch.scores + t * p_stride,
                         scratch.mask);
    }
  }
  multiply<Single, Order::rows>(T, {mixed, p_stride}, scratch.values, (size_t)T * kPanel, 0, panels(D), CausalMixture{0, D},
                        Assign{head.output, head.output_stride, nullptr});
}

/** dropped = probabilities * mask, from the sign bits. */
static void mask_probabilities(int T, const float* probabilities, size_t p_stride, Vec kept, float* dropped) {
  for (int t = 0; t < T; t++, probabilities += p_stride, dropped += p_stride) {
    for (int i = 0, end = zeros_end(t + 1, p_stride); i < end; i += kLanes) {
      Vec p = load(probabilities + i);
      store(dropped + i, magnitude(p) * mask_of(p, kept));
    }
  }
}

/**
 * The backward pass of softmax, row by row: with p the probabilities, m the mask and d the gradient of m * p,
 * dscores = p * (m * d - sum(p * m * d)), here times the scale of the scores. In place: d becomes dscores.
 */
static void softmax_backward(int T, const float* probabilities, size_t p_stride, Vec kept, float scale, float* d) {
  for (int t = 0; t < T; t++, probabilities += p_stride, d += p_stride) {
    int seen = t + 1;
    Vec total{};
    for (int i = 0; i < seen; i += kLanes) {
      Vec p = load(probabilities + i), passed = first(load(d + i) * mask_of(p, kept), seen - i);
      store(d + i, passed);
      total = fma(magnitude(p), passed, total);
    }
    Vec shift = splat(sum(total));
    int i = 0;
    for (; i < seen; i += kLanes) {
      Vec ds = magnitude(load(probabilities + i)) * (load(d + i) - shift) * splat(scale);
      store(d + i, first(ds, seen - i));
    }
    for (int end = zeros_end(seen, p_stride); i < end; i += kLanes) store(d + i, Vec{});
  }
}

/**
 * Backward. `head.output` holds the gradient of the output, dO. In place: q, k and v become dQ, dK and dV.
 *   dV = P^T dO;  dP = dO V^T;  dS = softmax'(dP) / sqrt D;  dQ = dS K;  dK = dS^T Q.
 */
static void attention_backward(const Head& head, const float* probabilities, size_t p_stride, const Dropout& dropout,
                               const AttentionScratch& scratch) {
  int T = head.length, D = head.size;
  size_t right_size = (size_t)T * kPanel;
  Vec kept = splat(dropout.on() ? (float)(1.0 / (1.0 - dropout.rate)) : 1.0f);
  Rows doutput{head.output, head.output_stride};
  auto into = [&](float* to) { return Assign{to, head.stride, nullptr}; };
  CausalColumns seen_by{T, D};
  CausalMixture sees{0, D};

  to_transposed_panels(head.v, head.stride, T, D, scratch.keys);  // V^T, before dV takes its place
  to_panels(head.output, head.output_stride, T, D, scratch.values);
  const float* dropped = probabilities;
  if (dropout.on()) {
    mask_probabilities(T, probabilities, p_stride, kept, scratch.scores);
    dropped = scratch.scores;
  }
  multiply<Single, Order::transposed>(T, {dropped, p_stride}, scratch.values, right_size, 0, panels(D), seen_by, into(head.v));

  Rows dscores{scratch.scores, p_stride};
  multiply<Single, Order::rows>(T, doutput, scratch.keys, (size_t)D * kPanel, 0, panels(T), CausalScores{D, 0},
                        Assign{scratch.scores, p_stride, nullptr});
  softmax_backward(T, probabilities, p_stride, kept, head.scale(), scratch.scores);

  to_panels(head.k, head.stride, T, D, scratch.values);
  to_panels(head.q, head.stride, T, D, scratch.keys);  // as large as K^T in panels, or larger: see attention_panel_floats
  multiply<Single, Order::rows>(T, dscores, scratch.values, right_size, 0, panels(D), sees, into(head.q));
  multiply<Single, Order::transposed>(T, dscores, scratch.keys, right_size, 0, panels(D), seen_by, into(head.k));
}

/** Floats of each of an AttentionScratch's two panels: they serve both as [D, T] and as [T, D]. */
INLINE size_t attention_panel_floats(int length, int size) {
  size_t a = panel_floats(size, length), b = panel_floats(length, size);
  return a > b ? a : b;
}

}  // namespace TGPT_SET

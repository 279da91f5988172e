// LayerNorm (Ba, Kiros and Hinton, 2016) over rows of C elements, and the residual stream around it.
#pragma once

#include "layout.h"

namespace TGPT_SET {

constexpr float kLayerNormEpsilon = 1e-5f;

/** Of one row: xhat = (x - mean) * scale has mean 0 and variance 1. */
struct RowStatistics {
  float mean, scale;
};

INLINE RowStatistics row_statistics(const float* x, int columns) {
  Vec total{};
  for (int i = 0; i < columns; i += kLanes) total += first(load(x + i), columns - i);
  float mean = sum(total) / columns;
  Vec squares{};
  for (int i = 0; i < columns; i += kLanes) {
    Vec centred = first(load(x + i) - splat(mean), columns - i);
    squares = fma(centred, centred, squares);
  }
  return {mean, 1.0f / __builtin_sqrtf(sum(squares) / columns + kLayerNormEpsilon)};
}

/** to = xhat * weight + bias: [rows, C] to [rows, C]. `bias` may be null. `statistics` of each row are kept. */
static void layer_norm(int rows, int columns, size_t stride, const float* x, const float* weight, const float* bias,
                       float* to, RowStatistics* statistics) {
  for (int row = 0; row < rows; row++, x += stride, to += stride) {
    RowStatistics s = statistics[row] = row_statistics(x, columns);
    for (int i = 0; i < columns; i += kLanes) {
      Vec y = (load(x + i) - splat(s.mean)) * splat(s.scale) * load(weight + i);
      store(to + i, bias ? y + load(bias + i) : y);
    }
  }
}

/**
 * The backward pass. With g = dy * weight and n = C, mean and variance both depend on every x, which gives
 *   dx = scale * (g - sum(g) / n - xhat * sum(g * xhat) / n);  dweight = sum of dy * xhat;  dbias = sum of dy.
 * In place: x becomes dx + carried, where `carried` is the gradient that the residual stream brings past the norm
 * (null: none). dweight and dbias are added to.
 */
static void layer_norm_backward(int rows, int columns, size_t stride, float* x, const RowStatistics* statistics,
                                const float* weight, const float* dy, const float* carried, float* dweight,
                                float* dbias) {
  for (int row = 0; row < rows; row++, x += stride, dy += stride) {
    Vec mean = splat(statistics[row].mean), scale = splat(statistics[row].scale);
    Vec sum_g{}, sum_gx{};
    for (int i = 0; i < columns; i += kLanes) {
      Vec xhat = (load(x + i) - mean) * scale, d = load(dy + i), g = d * load(weight + i);
      sum_g += first(g, columns - i);
      sum_gx += first(g * xhat, columns - i);
      store(dweight + i, fma(d, xhat, load(dweight + i)));
      store(dbias + i, load(dbias + i) + d);
    }
    Vec mean_g = splat(sum(sum_g) / columns), mean_gx = splat(sum(sum_gx) / columns);
    for (int i = 0; i < columns; i += kLanes) {
      Vec xhat = (load(x + i) - mean) * scale, g = load(dy + i) * load(weight + i);
      Vec dx = scale * (g - mean_g - xhat * mean_gx);
      store(x + i, carried ? dx + load(carried + i) : dx);
    }
    if (carried) carried += stride;
  }
}

/** to = x + branch, rows of C. */
static void add_rows(int rows, int columns, size_t stride, const float* x, const float* branch, float* to) {
  for (int row = 0; row < rows; row++, x += stride, branch += stride, to += stride) {
    for (int i = 0; i < columns; i += kLanes) store(to + i, load(x + i) + load(branch + i));
  }
}

}  // namespace TGPT_SET

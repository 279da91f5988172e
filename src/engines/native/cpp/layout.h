// How numbers lie in memory: matrices of parameters in panels, activations in rows.
//
// A parameter matrix [rows, columns] is kept in panels of kPanel columns: [ceil(columns / kPanel)][rows][kPanel], with
// zeros after the last column. A panel is what the inner loop of a product reads from start to end, so that nothing has
// to be packed in a step: gradients are born in this layout, and AdamW works on it element by element. A vector is a
// matrix of one row. Only loading and saving know row-major order.
//
// Activations are rows of a whole, odd number of cache lines: rows that follow each other fall into different sets of
// the cache. What lies between a row's end and its stride has no meaning.
#pragma once

#include "simd.h"

namespace TGPT_SET {

#if defined(__AVX512F__)
constexpr int kTileRows = 12;  // with 2 vectors a row: 24 accumulators of 32 registers
#elif defined(__AVX2__)
constexpr int kTileRows = 6;  // 12 of 16
#elif defined(__aarch64__)
constexpr int kTileRows = 12;  // 24 of 32
#else
constexpr int kTileRows = 4;  // 8 of 16; WebAssembly's compilers spill with more
#endif

constexpr int kPanelVectors = 2;
constexpr int kPanel = kPanelVectors * kLanes;

INLINE int panels(int columns) { return ceil_div(columns, kPanel); }

/** Floats of a matrix in panels. */
INLINE uint64_t panel_floats(int rows, int columns) { return (uint64_t)panels(columns) * rows * kPanel; }

/** Floats from one row of `columns` activations to the next. */
INLINE size_t row_stride(int columns) { return (size_t)(ceil_div(columns, 16) | 1) * 16; }

/** Row-major [rows, columns] with the given stride into panels. */
static void to_panels(const float* from, size_t stride, int rows, int columns, float* to) {
  for (int column = 0; column < columns; column += kPanel) {
    int count = min(columns - column, kPanel);
    for (int row = 0; row < rows; row++, to += kPanel) {
      const float* source = from + row * stride + column;
      if (count == kPanel) {
        for (int v = 0; v < kPanelVectors; v++) store(to + v * kLanes, load(source + v * kLanes));
      } else {
        for (int i = 0; i < kPanel; i++) to[i] = i < count ? source[i] : 0.0f;
      }
    }
  }
}

static void from_panels(const float* from, int rows, int columns, float* to) {
  for (int column = 0; column < columns; column += kPanel) {
    int count = min(columns - column, kPanel);
    for (int row = 0; row < rows; row++, from += kPanel) copy(to + (size_t)row * columns + column, from, count);
  }
}

typedef float Quad __attribute__((vector_size(16)));
typedef float UnalignedQuad __attribute__((vector_size(16), aligned(4), may_alias));

/** to[j][i] = from[i][j] for 4 by 4 floats. */
INLINE void transpose_quad(const float* from, size_t from_stride, float* to, size_t to_stride) {
  Quad a = *(const UnalignedQuad*)from, b = *(const UnalignedQuad*)(from + from_stride);
  Quad c = *(const UnalignedQuad*)(from + 2 * from_stride), d = *(const UnalignedQuad*)(from + 3 * from_stride);
  Quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  Quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(UnalignedQuad*)to = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  *(UnalignedQuad*)(to + to_stride) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  *(UnalignedQuad*)(to + 2 * to_stride) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  *(UnalignedQuad*)(to + 3 * to_stride) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/** to[j][i] = from[i][j] for `rows` by `columns` floats. */
static void transpose(const float* from, size_t from_stride, int rows, int columns, float* to, size_t to_stride) {
  int row = 0;
  for (; row + 4 <= rows; row += 4) {
    const float* source = from + row * from_stride;
    int column = 0;
    for (; column + 4 <= columns; column += 4) {
      transpose_quad(source + column, from_stride, to + column * to_stride + row, to_stride);
    }
    for (; column < columns; column++) {
      for (int i = 0; i < 4; i++) to[column * to_stride + row + i] = source[i * from_stride + column];
    }
  }
  for (; row < rows; row++) {
    for (int column = 0; column < columns; column++) to[column * to_stride + row] = from[row * from_stride + column];
  }
}

/** The transpose of row-major [rows, columns] into panels: a matrix [columns, rows]. */
static void to_transposed_panels(const float* from, size_t stride, int rows, int columns, float* to) {
  for (int row = 0; row < rows; row += kPanel, to += (size_t)columns * kPanel) {
    int count = min(rows - row, kPanel);
    if (count < kPanel) clear(to, (size_t)columns * kPanel);
    transpose(from + row * stride, stride, count, columns, to, kPanel);
  }
}

}  // namespace TGPT_SET

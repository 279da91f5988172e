// Products with weights: activations become left-hand factors, weights are kept as right-hand factors, in the numbers
// that this build multiplies (number.h). With floats all of them are what lies in memory already.
#pragma once

#include "gemm.h"
#include "model.h"

namespace TGPT_SET {

/** Elements of a matrix as a right-hand factor: panels of elements(rows) rows. */
INLINE uint64_t factor_elements(int rows, int columns) { return panel_floats(elements(rows), columns); }

#if defined(__AVX512BF16__)

/** Two rows become a row of pairs; `later` may be null, and counts as zeros. */
INLINE void pair_rows(const float* earlier, const float* later, int columns, Factor* to) {
  for (int i = 0; i < columns; i += kLanes) {
    *(WordVec*)(to + i) = pair(load(earlier + i), later ? load(later + i) : Vec{});
  }
}

/** Row-major [rows, columns] as left-hand factors: neighbours in a row become pairs. */
static void pair_columns(int rows, int columns, Rows x, Factor* to, size_t stride) {
  const IntVec even = lane_numbers() * 2;
  for (int row = 0; row < rows; row++, to += stride) {
    const float* from = x.at + row * x.stride;
    for (int i = 0; i < columns; i += 2 * kLanes) {
      Vec low = first(load(from + i), columns - i);
      Vec high = columns - i > kLanes ? first(load(from + i + kLanes), columns - i - kLanes) : Vec{};
      auto pick = [&](IntVec lanes) { return (Vec)_mm512_permutex2var_ps((__m512)low, (__m512i)lanes, (__m512)high); };
      *(WordVec*)(to + i / 2) = pair(pick(even), pick(even + 1));
    }
  }
}

#endif

/** Activations [rows, depth] as left-hand factors, converted in `room` where they must be. */
INLINE RowsOf<Factor> left_factor(int rows, int depth, Rows x, [[maybe_unused]] Factor* room) {
#if defined(__AVX512BF16__)
  size_t stride = row_stride(elements(depth));
  pair_columns(rows, depth, x, room, stride);
  return {room, stride};
#else
  (void)rows, (void)depth;
  return x;
#endif
}

/** C = X W for rows of X [rows, depth] and a right-hand factor [depth, columns]. */
template <class Sink>
static void multiply_weights(int rows, Rows x, const Factor* w, int depth, int columns, Factor* room, const Sink& sink) {
  int terms = elements(depth);
  multiply<Weights, Order::rows>(rows, left_factor(rows, depth, x, room), w, (size_t)terms * kPanel, 0, panels(columns),
                                 Whole{terms, columns}, sink);
}

/** Elements of room for the left-hand factors of products with all weights. */
INLINE uint64_t room_elements(int rows, int deepest) {
  return kFactorsAreFloats ? 0 : (uint64_t)rows * row_stride(elements(deepest));
}

/** The part of W as a right-hand factor that follows from rows `begin` (even) to `end` of one panel. */
INLINE void refresh_factor([[maybe_unused]] const float* panel_rows, [[maybe_unused]] int begin,
                           [[maybe_unused]] int end, [[maybe_unused]] Factor* to) {
#if defined(__AVX512BF16__)
  for (int row = begin; row < end; row += 2) {
    const float* earlier = panel_rows + (size_t)row * kPanel;
    pair_rows(earlier, row + 1 < end ? earlier + kPanel : nullptr, kPanel, to + (size_t)row / 2 * kPanel);
  }
#endif
}

/**
 * The part of W^T as a right-hand factor that follows from rows `begin` to `end` of panel `panel` of W [rows, columns].
 * Both sides are blocks of kPanel by kPanel floats (or as many elements) that lie together. `begin` is a multiple of
 * kPanel.
 */
static void refresh_transposed_factor(const float* panel_rows, int panel, int begin, int end, int columns, Factor* to) {
  int first_column = panel * kPanel, count = min(columns - first_column, kPanel);
  for (int row = begin; row < end; row += kPanel) {
    Factor* block = to + ((size_t)(row / kPanel) * elements(columns) + first_column / Weights::kTerms) * kPanel;
    int rows = min(end - row, kPanel);
#if defined(__AVX512BF16__)
    float turned[kPanel * kPanel] = {};
    transpose(panel_rows + (size_t)row * kPanel, kPanel, rows, count, turned, kPanel);
    for (int i = 0; i < count; i += 2) pair_rows(turned + i * kPanel, turned + (i + 1) * kPanel, kPanel, block + i / 2 * kPanel);
#else
    if (rows < kPanel) clear(block, (size_t)count * kPanel);
    transpose(panel_rows + (size_t)row * kPanel, kPanel, rows, count, block, kPanel);
#endif
  }
}

}  // namespace TGPT_SET

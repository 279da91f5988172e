// Matrix products, C = A B, where most of the time goes. A is read in place, row by row or transposed; B is in panels
// (layout.h); what becomes of a tile of C is decided by a sink: stored, added, or passed through GELU.
#pragma once

#include "layout.h"
#include "number.h"
#include "vector_math.h"

namespace TGPT_SET {

/** A, [M, K] row-major with a stride; or its transpose in memory: [K, M], element (i, k) at at[k * stride + i]. */
template <class Element>
struct RowsOf {
  const Element* at;
  size_t stride;
};
using Rows = RowsOf<float>;

enum class Order { rows, transposed };

// ---- Sinks. `put` takes `count` lanes (kLanes when full) of row `row` from column `column` on.

struct Assign {
  float* to;
  size_t stride;
  const float* bias;  // of at least as many floats as B has columns in panels, or null

  INLINE_MEMBER void put(int row, int column, Vec v, int count) const {
    if (bias) v += load(bias + column);
    float* at = to + row * stride + column;
    count >= kLanes ? store(at, v) : store_first(at, v, count);
  }
};

/** to = to * C: the chain rule through a function whose slope lies in `to`. */
struct MultiplyInto {
  float* to;
  size_t stride;

  INLINE_MEMBER void put(int row, int column, Vec v, int count) const {
    float* at = to + row * stride + column;
    count >= kLanes ? store(at, load(at) * v) : store_first(at, load_first(at, count) * v, count);
  }
};

/** GELU of C + bias; its slope is kept for the backward pass if there is room for it. */
template <bool kExact>
struct Gelu {
  float* to;
  float* slope;  // or null
  size_t stride;
  const float* bias;  // or null

  INLINE_MEMBER void put(int row, int column, Vec v, int count) const {
    if (bias) v += load(bias + column);
    Dual gelu = kExact ? gelu_exact(v) : gelu_tanh(v);
    size_t at = row * stride + column;
    count >= kLanes ? store(to + at, gelu.value) : store_first(to + at, gelu.value, count);
    if (slope) count >= kLanes ? store(slope + at, gelu.slope) : store_first(slope + at, gelu.slope, count);
  }
};

// ---- The tile: kRows rows of C by one panel.

/**
 * The inner loop of everything: for each k, one panel row of B times kRows elements of A. With one or two rows the
 * products would wait for each other, so they are spread over four sums.
 */
template <class Number, int kRows, Order kOrder, class Sink>
INLINE void tile(int depth, RowsOf<typename Number::Element> a, const typename Number::Element* b, int row, int column,
                 int columns, const Sink& sink) {
  constexpr int kSums = kRows <= 2 ? 4 : 1;
  Vec c[kSums][kRows][kPanelVectors] = {};
  auto step = [&](int k, Vec(&into)[kRows][kPanelVectors]) __attribute__((always_inline)) {
    typename Number::Vector right[kPanelVectors];
    if constexpr (kOrder == Order::transposed) __builtin_prefetch(a.at + k * a.stride + 16);  // the next tiles' columns
#pragma GCC unroll 2
    for (int v = 0; v < kPanelVectors; v++) right[v] = Number::row(b + (size_t)k * kPanel + v * kLanes);
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
      auto left = Number::all(kOrder == Order::rows ? a.at[i * a.stride + k] : a.at[k * a.stride + i]);
#pragma GCC unroll 2
      for (int v = 0; v < kPanelVectors; v++) into[i][v] = Number::multiply_add(left, right[v], into[i][v]);
    }
  };
  int k = 0;
  if constexpr (kSums > 1) {
    for (; k + kSums <= depth; k += kSums) {
#pragma GCC unroll 4
      for (int s = 0; s < kSums; s++) step(k + s, c[s]);
    }
    for (; k < depth; k++) step(k, c[0]);
#pragma GCC unroll 12
    for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
      for (int v = 0; v < kPanelVectors; v++) c[0][i][v] = (c[0][i][v] + c[1][i][v]) + (c[2][i][v] + c[3][i][v]);
    }
  } else {
    for (; k < depth; k++) step(k, c[0]);
  }
  int count = columns - column;
#pragma GCC unroll 12
  for (int i = 0; i < kRows; i++) {
#pragma GCC unroll 2
    for (int v = 0; v < kPanelVectors; v++) {
      if (count >= kPanel) sink.put(row + i, column + v * kLanes, c[0][i][v], kLanes);
      else if (count > v * kLanes) sink.put(row + i, column + v * kLanes, c[0][i][v], count - v * kLanes);
    }
  }
}

/** A tile in a function of its own, which the compiler gives all registers. */
template <class Number, int kRows, Order kOrder, class Sink>
static __attribute__((noinline)) void lone_tile(int depth, RowsOf<typename Number::Element> a,
                                                const typename Number::Element* b, int row, int column, int columns,
                                                const Sink& sink) {
  tile<Number, kRows, kOrder>(depth, a, b, row, column, columns, sink);
}

/** `tile` for 1 to kTileRows rows. */
template <class Number, Order kOrder, class Sink, int kRows = kTileRows>
INLINE void tile_of(int rows, int depth, RowsOf<typename Number::Element> a, const typename Number::Element* b, int row,
                    int column, int columns, const Sink& sink) {
  if (rows == kRows) lone_tile<Number, kRows, kOrder>(depth, a, b, row, column, columns, sink);
  else if constexpr (kRows > 1) tile_of<Number, kOrder, Sink, kRows - 1>(rows, depth, a, b, row, column, columns, sink);
}

// ---- Products.

/** Cuts `rows` into tiles of nearly equal height: the last tile of a fixed height might be a single row. */
struct TileRows {
  int tiles, height, higher;  // the first `higher` tiles have a row more

  explicit TileRows(int rows) : tiles(ceil_div(rows, kTileRows)) {
    height = rows / max(tiles, 1);
    higher = rows - height * tiles;
  }
  int begin(int t) const { return t * height + min(t, higher); }
};

/** What of a product a tile of rows takes part in: terms k from `begin` to `end`, and columns below `columns`. */
struct Extent {
  int begin, end, columns;
};

/** All of it. */
struct Whole {
  int depth, columns;
  Extent operator()(int, int) const { return {0, depth, columns}; }
};

/** A block of A's rows that stays in the second-level cache while all panels of B pass it. */
constexpr int kBlockElements = 256 * 1024;

/**
 * Rows [0, rows) of C = A B, for panels [first_panel, last_panel) of B, whose panels are `panel_size` elements apart.
 * `extent(row, count)` tells what tiles of those rows need. Each element is a sum over k in ascending order.
 */
template <class Number, Order kOrder, class Range, class Sink>
static void multiply(int rows, RowsOf<typename Number::Element> a, const typename Number::Element* b, size_t panel_size,
                     int first_panel, int last_panel, const Range& extent, const Sink& sink) {
  TileRows cut(rows);
  int depth = extent(0, rows).end;
  int tiles_at_once = kOrder == Order::rows ? max(1, kBlockElements / max(1, depth) / kTileRows) : 1;
  for (int from = 0; from < cut.tiles; from += tiles_at_once) {
    int until = min(from + tiles_at_once, cut.tiles);
    for (int panel = first_panel; panel < last_panel; panel++) {
      for (int t = from; t < until; t++) {
        int row = cut.begin(t), count = cut.begin(t + 1) - row, column = panel * kPanel;
        Extent e = extent(row, count);
        if (column >= e.columns || e.begin >= e.end) continue;
        size_t at = kOrder == Order::rows ? row * a.stride + e.begin : e.begin * a.stride + row;
        const auto* right = b + panel * panel_size + (size_t)e.begin * kPanel;
        tile_of<Number, kOrder>(count, e.end - e.begin, {a.at + at, a.stride}, right, row, column, e.columns, sink);
      }
    }
  }
}

}  // namespace TGPT_SET

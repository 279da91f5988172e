// Dropout masks, the same as src/base/threefry.ts draws: Threefry-2x32 with 20 rounds (Salmon et al., 2011), as a
// function of a key and an element's number in its tensor, so that no mask has to be kept.
#pragma once

#include "simd.h"

namespace TGPT_SET {

struct Key {
  uint32_t low, high;
};

INLINE WordVec rotate_left(WordVec x, int bits) { return (x << bits) | (x >> (32 - bits)); }

/** Two words for each lane's counter. */
INLINE void threefry(Key key, WordVec& x0, WordVec& x1) {
  constexpr int kRotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  const uint32_t schedule[3] = {key.low, key.high, key.low ^ key.high ^ 0x1bd11bda};
  x0 += schedule[0];
  x1 += schedule[1];
#pragma GCC unroll 20
  for (int round = 0; round < 20; round++) {
    x0 += x1;
    x1 = rotate_left(x1, kRotations[round % 8]) ^ x0;
    if (round % 4 == 3) {
      uint32_t injection = (round + 1) / 4;
      x0 += schedule[injection % 3];
      x1 += schedule[(injection + 1) % 3] + injection;
    }
  }
}

/** `foldIn` of threefry.ts: the key of a pair of words. */
INLINE Key fold_in(Key key, uint32_t word0, uint32_t word1) {
  WordVec x0 = splat_word(word0), x1 = splat_word(word1);
  threefry(key, x0, x1);
  return {x0[0], x1[0]};
}

/** Dropout in one micro-batch: none where the rate is 0. */
struct Dropout {
  double rate;
  Key step;  // of the training step
  int micro_step;

  bool on() const { return rate > 0; }
  /** The key of a site, numbered as in src/gpt/dropout.ts. */
  Key site(int number) const { return fold_in(step, number, micro_step); }
};

enum { kEmbeddingSite = 0 };
INLINE int attention_site(int layer) { return 1 + 3 * layer; }
INLINE int attention_output_site(int layer) { return 2 + 3 * layer; }
INLINE int mlp_output_site(int layer) { return 3 + 3 * layer; }

/** Floats of scratch that `mask_row` needs for a row of `count` elements. */
INLINE size_t mask_floats(int count) { return (size_t)count + 2 + 2 * kLanes; }

/**
 * The factors of elements `begin` to `begin + count` of a tensor: 0 with probability `rate`, else 1 / (1 - rate).
 * Two neighbours share a block of the generator. The pointer is into `scratch`.
 */
static const float* mask_row(Key key, double rate, size_t begin, int count, float* scratch) {
  const WordVec threshold = splat_word((uint32_t)(rate * 16777216.0 + 0.5));
  const Vec kept = splat((float)(1.0 / (1.0 - rate)));
  const WordVec lanes = (WordVec)lane_numbers();
  size_t block = begin / 2;
  for (int i = 0; i < count + 1; i += 2 * kLanes, block += kLanes) {
    WordVec x0 = lanes + (uint32_t)block, x1 = {};
    threefry(key, x0, x1);
    Vec even = (x0 >> 8) < threshold ? Vec{} : kept;
    Vec odd = (x1 >> 8) < threshold ? Vec{} : kept;
    float* to = scratch + i;
    for (int lane = 0; lane < kLanes; lane++) {
      to[2 * lane] = even[lane];
      to[2 * lane + 1] = odd[lane];
    }
  }
  return scratch + begin % 2;
}

/** to = from * mask for `rows` rows of `columns` elements, the first of which is element `begin` of its tensor. */
static void drop_rows(Key key, double rate, size_t begin, int rows, int columns, size_t stride, const float* from,
                      float* to, float* scratch) {
  for (int row = 0; row < rows; row++, from += stride, to += stride, begin += columns) {
    const float* mask = mask_row(key, rate, begin, columns, scratch);
    for (int i = 0; i < columns; i += kLanes) store(to + i, load(from + i) * load(mask + i));
  }
}

}  // namespace TGPT_SET

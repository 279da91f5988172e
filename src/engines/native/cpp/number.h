// The numbers that products with weights are made of. Single: floats. Brain: pairs of bfloat16, the upper halves of
// floats, of which some processors multiply two at once and add both to a float ("bf16 products with fp32 sums").
// Weights, gradients and activations are floats either way; factors are rounded on their way into a product.
#pragma once

#include "simd.h"

namespace TGPT_SET {

/** An element is one term of a sum. */
struct Single {
  using Element = float;
  using Vector = Vec;
  static constexpr int kTerms = 1;

  static INLINE_MEMBER Vector all(Element x) { return splat(x); }
  static INLINE_MEMBER Vector row(const Element* from) { return load(from); }
  static INLINE_MEMBER Vec multiply_add(Vector a, Vector b, Vec c) { return fma(a, b, c); }
};

#if defined(__AVX512BF16__)

/** An element is two neighbouring terms of a sum: the earlier in the low half. */
struct Brain {
  using Element = uint32_t;
  using Vector = __m512bh;
  static constexpr int kTerms = 2;

  static INLINE_MEMBER Vector all(Element x) { return (Vector)_mm512_set1_epi32((int)x); }
  static INLINE_MEMBER Vector row(const Element* from) { return (Vector)_mm512_loadu_si512(from); }
  static INLINE_MEMBER Vec multiply_add(Vector a, Vector b, Vec c) { return (Vec)_mm512_dpbf16_ps((__m512)c, a, b); }
};

using Weights = Brain;

/** Rounded to bfloat16, to nearest and ties to even, in the upper half; what is left of a NaN is a NaN. */
INLINE WordVec round_to_brain(Vec v) {
  WordVec bits = (WordVec)v;
  WordVec rounded = bits + 0x7fff + ((bits >> 16) & 1);
  return v == v ? rounded : bits | 0x400000;
}

/** Pairs of an earlier and a later term, lane by lane. */
INLINE WordVec pair(Vec earlier, Vec later) {
  return (round_to_brain(earlier) >> 16) | (round_to_brain(later) & 0xffff0000u);
}

#else

using Weights = Single;

#endif

/** Whether factors are floats as they lie in memory, so that nothing has to be converted. */
constexpr bool kFactorsAreFloats = Weights::kTerms == 1;
using Factor = Weights::Element;

/** Elements for `terms` terms. */
INLINE int elements(int terms) { return ceil_div(terms, Weights::kTerms); }

}  // namespace TGPT_SET

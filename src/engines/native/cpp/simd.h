// One vector type in three widths, in the compilers' portable vector extension. Each instruction set includes the core
// in a namespace of its own, TGPT_SET, so that one program can hold them all.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define INLINE_MEMBER inline __attribute__((always_inline))

namespace TGPT_SET {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;  // SSE2, NEON, WebAssembly
#endif

typedef float Vec __attribute__((vector_size(4 * kLanes)));
typedef int32_t IntVec __attribute__((vector_size(4 * kLanes)));
typedef uint32_t WordVec __attribute__((vector_size(4 * kLanes)));
typedef float UnalignedVec __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

INLINE Vec load(const float* from) { return *(const UnalignedVec*)from; }
INLINE void store(float* to, Vec v) { *(UnalignedVec*)to = v; }

/** All lanes alike. Written out because compilers make broadcasts of it, and not always of `v - v + x`. */
INLINE Vec splat(float x) {
#if defined(__AVX512F__)
  return (Vec)_mm512_set1_ps(x);
#elif defined(__AVX2__)
  return (Vec)_mm256_set1_ps(x);
#elif defined(__wasm_simd128__)
  return (Vec)wasm_f32x4_splat(x);
#else
  return Vec{x, x, x, x};
#endif
}

INLINE IntVec splat_int(int32_t x) { return IntVec{} + x; }
INLINE WordVec splat_word(uint32_t x) { return WordVec{} + x; }

/** a * b + c: fused where the machine can (the compiler contracts it), rounded twice where it cannot. */
INLINE Vec fma(Vec a, Vec b, Vec c) {
#if defined(__wasm_relaxed_simd__)
  return (Vec)__builtin_wasm_relaxed_madd_f32x4((__f32x4)a, (__f32x4)b, (__f32x4)c);
#else
  return a * b + c;
#endif
}

/** Both give a where a is not a number, so that a loss that is none is seen. */
INLINE Vec max(Vec a, Vec b) { return b > a ? b : a; }
INLINE Vec min(Vec a, Vec b) { return b < a ? b : a; }

INLINE Vec square_root(Vec v) {
#if defined(__AVX512F__)
  return (Vec)_mm512_sqrt_ps((__m512)v);
#elif defined(__AVX2__)
  return (Vec)_mm256_sqrt_ps((__m256)v);
#elif defined(__wasm_simd128__)
  return (Vec)wasm_f32x4_sqrt((v128_t)v);
#else
  for (int i = 0; i < kLanes; i++) v[i] = __builtin_sqrtf(v[i]);
  return v;
#endif
}

/** 0, 1, 2, ... */
INLINE IntVec lane_numbers() {
  IntVec lanes{};
  for (int i = 0; i < kLanes; i++) lanes[i] = i;
  return lanes;
}

/** The first `count` lanes of v; `otherwise` in the rest. For the end of a row: a sum must not see what lies beyond. */
INLINE Vec first(Vec v, int count, Vec otherwise = Vec{}) {
  return count >= kLanes ? v : lane_numbers() < splat_int(count) ? v : otherwise;
}

/** Stores the first `count` lanes, 1 to kLanes. */
INLINE void store_first(float* to, Vec v, int count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), (__m512)v);
#else
  for (int i = 0; i < count; i++) to[i] = v[i];
#endif
}

INLINE Vec load_first(const float* from, int count) {
#if defined(__AVX512F__)
  return (Vec)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
#else
  Vec v{};
  for (int i = 0; i < count; i++) v[i] = from[i];
  return v;
#endif
}

/** Sums neighbours in pairs, so that rounding errors stay small and the order is always the same. */
INLINE float sum(Vec v) {
  float part[kLanes];
  store(part, v);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) part[i] += part[i + width];
  }
  return part[0];
}

INLINE float largest(Vec v) {
  float most = v[0];
  for (int i = 1; i < kLanes; i++) most = v[i] > most ? v[i] : most;
  return most;
}

INLINE void clear(float* values, size_t count) { __builtin_memset(values, 0, count * sizeof(float)); }
INLINE void copy(float* to, const float* from, size_t count) { __builtin_memcpy(to, from, count * sizeof(float)); }

INLINE int min(int a, int b) { return a < b ? a : b; }
INLINE int max(int a, int b) { return a > b ? a : b; }
INLINE int ceil_div(int a, int b) { return (a + b - 1) / b; }

}  // namespace TGPT_SET

// Exponential, logarithm and the functions around GELU, to about the precision of single floats.
#pragma once

#include "simd.h"

namespace TGPT_SET {

/**
 * e^x, within 2 units in the last place. x = n ln 2 + r with |r| <= ln 2 / 2, where a polynomial of degree 6 gives e^r
 * (Cephes' coefficients) and n goes into the exponent. Arguments are clamped to where the result is a normal number.
 */
INLINE Vec exp(Vec x) {
  x = min(max(x, splat(-87.3f)), splat(88.0f));
  const Vec shifter = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to a whole number, in the low bits
  Vec shifted = fma(x, splat(1.44269504f), shifter);
  Vec n = shifted - shifter;
  Vec r = fma(n, splat(-0.693359375f), x);  // ln 2 in two parts, the first of which is exact times n
  r = fma(n, splat(2.12194440e-4f), r);
  Vec p = splat(1.9875691500e-4f);
  p = fma(p, r, splat(1.3981999507e-3f));
  p = fma(p, r, splat(8.3334519073e-3f));
  p = fma(p, r, splat(4.1665795894e-2f));
  p = fma(p, r, splat(1.6666665459e-1f));
  p = fma(p, r, splat(5.0000001201e-1f));
  p = fma(p, r * r, r) + splat(1.0f);
  WordVec exponent = (WordVec)shifted << 23;  // n, from the low bits
  return (Vec)((WordVec)p + exponent);
}

/** ln x for a positive normal x, in double precision: for losses, one a token. */
INLINE double log(double x) {
  union {
    double value;
    uint64_t bits;
  } u = {x};
  int exponent = (int)(u.bits >> 52) - 1023;
  u.bits = (u.bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
  double m = u.value;  // in [1, 2)
  if (m > 1.4142135623730951) m *= 0.5, exponent++;
  double s = (m - 1) / (m + 1), z = s * s;  // ln m = 2 artanh s, |s| < 0.172
  double series = 1.0 / 17;
  for (int odd = 15; odd > 0; odd -= 2) series = series * z + 1.0 / odd;
  return 2 * s * series + exponent * 0.6931471805599453;
}

/** 1 / (1 + e^-x) */
INLINE Vec sigmoid(Vec x) { return splat(1.0f) / (splat(1.0f) + exp(-x)); }

/** A value and its derivative. */
struct Dual {
  Vec value, slope;
};

/**
 * GELU exactly (Hendrycks and Gimpel, 2016): x Phi(x), with slope Phi(x) + x phi(x). Phi and phi share one exponential:
 * for z = |x| / sqrt 2, erfc(z) = e^(-z^2) Q(1 / (1 + 0.35 z)), where Q is fitted so that erfc is within 8e-9.
 */
INLINE Dual gelu_exact(Vec x) {
  Vec z = max(x, -x) * splat(0.70710678f);
  Vec gauss = exp(-z * z);
  Vec t = splat(1.0f) / fma(splat(0.35f), z, splat(1.0f));
  Vec q = splat(-0.205401774f);
  q = fma(q, t, splat(0.810679881f));
  q = fma(q, t, splat(-0.763939698f));
  q = fma(q, t, splat(0.783134906f));
  q = fma(q, t, splat(-0.0767740036f));
  q = fma(q, t, splat(0.263373043f));
  q = fma(q, t, splat(0.188406241f));
  q = fma(q, t, splat(0.000521396792f));
  Vec tail = splat(0.5f) * gauss * q;  // Phi(-|x|)
  Vec phi = x > 0.0f ? splat(1.0f) - tail : tail;
  return {x * phi, fma(x * splat(0.39894228f), gauss, phi)};
}

/**
 * The same paper's approximation, as GPT-2 computes it: x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3).
 * (1 + tanh u) / 2 = sigmoid(2 u) = s, so the slope is s + x s (1 - s) (2 u)'.
 */
INLINE Dual gelu_tanh(Vec x) {
  Vec square = x * x;
  Vec twice_u = x * fma(square, splat(0.07135481f), splat(1.59576912f));
  Vec s = sigmoid(twice_u);
  Vec inner_slope = fma(square, splat(0.21406444f), splat(1.59576912f));
  return {x * s, fma(x * s * (splat(1.0f) - s), inner_slope, s)};
}

}  // namespace TGPT_SET

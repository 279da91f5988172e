// Cross-entropy of softmax over rows of V logits, in nats.
#pragma once

#include "vector_math.h"

namespace TGPT_SET {

/**
 * The loss of one row: ln(sum of e^z) - z[target]. With `scale` not 0, z becomes the gradient of scale * loss:
 * scale * (softmax(z) - onehot(target)). A target of -1 has no loss and no gradient.
 */
static double cross_entropy_row(float* z, int columns, int target, float scale) {
  if (target < 0) {
    if (scale != 0) clear(z, columns);
    return 0;
  }
  const Vec none = splat(-__builtin_inff());
  Vec most = none;
  for (int i = 0; i < columns; i += kLanes) most = max(most, first(load(z + i), columns - i, none));
  float shift = largest(most), wanted = z[target];
  Vec total{};
  for (int i = 0; i < columns; i += kLanes) {
    Vec e = first(exp(load(z + i) - splat(shift)), columns - i);
    if (scale != 0) store(z + i, e);
    total += e;
  }
  float whole = sum(total);
  if (scale != 0) {
    Vec factor = splat(scale / whole);
    for (int i = 0; i < columns; i += kLanes) store(z + i, load(z + i) * factor);
    z[target] -= scale;
  }
  return log((double)whole) + (double)shift - (double)wanted;
}

}  // namespace TGPT_SET

// Clipping by the global norm, and AdamW (Loshchilov and Hutter, 2019) in PyTorch's form, over the gradients in panels.
#pragma once

#include "factors.h"

namespace TGPT_SET {

/** One unit of work: rows `begin` to `end` of one panel of a tensor. */
struct UpdateUnit {
  int tensor, panel, begin, end;
};

constexpr int kUpdateRows = 512;  // a multiple of kPanel, so that transposed blocks are whole
static_assert(kUpdateRows % kPanel == 0);

struct AdamW {
  double learning_rate, beta1, beta2, epsilon, weight_decay, clip;
  double first_correction, second_correction;  // 1 - beta^(updates)
};

INLINE size_t unit_at(const Tensor& tensor, const UpdateUnit& unit) {
  return tensor.at + ((size_t)unit.panel * tensor.rows + unit.begin) * kPanel;
}

static double sum_of_squares(const Model& model, const UpdateUnit& unit) {
  const float* g = model.gradient + unit_at(model.tensors[unit.tensor], unit);
  double total = 0;
  for (int row = unit.begin; row < unit.end;) {
    int until = min(row + 64, unit.end);  // short sums in single precision, long ones in double
    Vec squares{};
    for (; row < until; row++) {
      for (int v = 0; v < kPanelVectors; v++, g += kLanes) squares = fma(load(g), load(g), squares);
    }
    total += sum(squares);
  }
  return total;
}

/** The factor that brings a gradient of this norm within the clip; PyTorch's 1e-6 keeps it finite. 0 is no clipping. */
INLINE double clip_factor(double norm, double clip) {
  if (clip == 0) return 1;
  double factor = clip / (norm + 1e-6);
  return factor < 1 ? factor : 1;
}

/**
 * One update of the unit's weights, and of the factors made of them:
 *   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
 *   w = w (1 - rate * decay) - rate / correction1 * m / (sqrt(v / correction2) + epsilon)
 */
static void update(const Model& model, const UpdateUnit& unit, const AdamW& adam, double factor) {
  const Tensor& tensor = model.tensors[unit.tensor];
  size_t at = unit_at(tensor, unit), count = (size_t)(unit.end - unit.begin) * kPanel;
  float *w = model.value + at, *m = model.first_moment + at, *v = model.second_moment + at;
  const float* g = model.gradient + at;
  auto all = [](double x) { return splat((float)x); };
  Vec clip = all(factor), beta1 = all(adam.beta1), rest1 = all(1 - adam.beta1);
  Vec beta2 = all(adam.beta2), rest2 = all(1 - adam.beta2);
  Vec step = all(adam.learning_rate / adam.first_correction), epsilon = all(adam.epsilon);
  Vec unbiased = all(1 / __builtin_sqrt(adam.second_correction));
  Vec keep = all(tensor.decayed ? 1 - adam.learning_rate * adam.weight_decay : 1);
  for (size_t i = 0; i < count; i += kLanes) {
    Vec d = load(g + i) * clip;
    Vec first = fma(beta1, load(m + i), rest1 * d), second = fma(beta2, load(v + i), rest2 * d * d);
    Vec deviation = fma(square_root(second), unbiased, epsilon);
    store(m + i, first);
    store(v + i, second);
    store(w + i, load(w + i) * keep - step * first / deviation);
  }
}

/** The unit's part of the tensor's right-hand factors, where they are copies. */
static void refresh_factors(const Model& model, const UpdateUnit& unit) {
  const Tensor& tensor = model.tensors[unit.tensor];
  const float* panel = model.value + tensor.at + (size_t)unit.panel * tensor.rows * kPanel;
  if (tensor.factor) {
    Factor* to = tensor.factor + (size_t)unit.panel * elements(tensor.rows) * kPanel;
    refresh_factor(panel, unit.begin, unit.end, to);
  }
  if (tensor.transposed) {
    refresh_transposed_factor(panel, unit.panel, unit.begin, unit.end, tensor.columns, tensor.transposed);
  }
}

}  // namespace TGPT_SET

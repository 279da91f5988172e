// An engine: a model, its threads, and the memory of its jobs. What the jobs do is in training.h and inference.h.
#pragma once

#include "adamw.h"
#include "decoder.h"
#include "weight_gradients.h"

namespace TGPT_SET {

enum class Job { step, gradients, losses, logits, advance, measure_peak };

/** What training needs besides the model. */
struct TrainingWorkspace {
  Block block;
  Activations activations;  // of a chunk
  Scratch* scratch;         // [threads]
  float* norm_gradients;    // [slices of a chunk][norms][weight, bias][stride of C]
  double* losses;           // [slices of a chunk]
};

/** What each thread needs to score or to read a slice. */
struct InferenceWorkspace {
  Block block;
  Activations* activations;  // [threads]
  Scratch* scratch;          // [threads]
};

struct DecoderWorkspace {
  Block block;
  DecoderBuffers* buffers;  // [threads]
};

struct Engine {
  Model model;
  Team team;
  Block tables, values, training_values, training_factors;
  bool factors_stale;  // the factors that are copies are older than the weights

  Block units;
  WeightUnit* weight_units;
  UpdateUnit* update_units;
  double* squares;  // [update units]
  int weight_unit_count, update_unit_count;

  Job job;
  Block batch_list;
  int batch_count;
  TrainingWorkspace training;
  InferenceWorkspace inference;
  DecoderWorkspace decoding;

  // What the job in preparation was given.
  Key dropout_key;
  double dropout;
  AdamW adam;
  float* output;  // of losses, logits, advance
  Decoder* decoder;
  const int32_t* decoder_ids;
  int decoder_tokens;

  double loss, gradient_norm, flops;

  Batch* batches() const { return (Batch*)batch_list.memory; }
};

static int list_weight_units(const Model& model, WeightUnit* units) {
  int count = 0;
  for (int product = 0; product < product_count(model.config); product++) {
    const Tensor& w = *product_layer(model, product).weight;
    for (int begin = 0; begin < w.rows; begin += kUnitRows) {
      for (int panel = 0; panel < panels(w.columns); panel += kUnitPanels, count++) {
        int last_panel = min(panel + kUnitPanels, panels(w.columns));
        if (units) units[count] = {product, panel, last_panel, begin, min(begin + kUnitRows, w.rows)};
      }
    }
  }
  return count;
}

static int list_update_units(const Model& model, UpdateUnit* units) {
  int count = 0;
  for (int t = 0; t < model.tensor_count; t++) {
    const Tensor& tensor = model.tensors[t];
    for (int panel = 0; panel < panels(tensor.columns); panel++) {
      for (int begin = 0; begin < tensor.rows; begin += kUpdateRows, count++) {
        if (units) units[count] = {t, panel, begin, min(begin + kUpdateRows, tensor.rows)};
      }
    }
  }
  return count;
}

INLINE Factor* cut_factor(Cutter& cutter, int rows, int columns) {
  return cutter.cut<Factor>(factor_elements(rows, columns));
}

/** The weights' own values as a factor, where they need no conversion; else room for a copy. */
INLINE Factor* own_factor(Cutter& cutter, [[maybe_unused]] const Model& model, const Tensor& w) {
#if defined(__AVX512BF16__)
  return cut_factor(cutter, w.rows, w.columns);
#else
  return cutter.block ? model.value + w.at : nullptr;
#endif
}

/** Calls `use(weight)` for the weight of every linear layer. */
template <class Use>
INLINE void each_linear(const Model& model, const Use& use) {
  for (int l = 0; l < model.config.layers; l++) {
    const Layer& layer = model.layers[l];
    use(*layer.qkv.weight);
    use(*layer.attention_output.weight);
    use(*layer.inner.weight);
    use(*layer.mlp_output.weight);
  }
}

/** The values, and the factors of the forward pass: each linear layer's weight, and wte transposed for the head. */
static bool open_values(Engine& e) {
  Model& model = e.model;
  Tensor& tokens = *model.tokens;
  bool open = cut_block(e.values, [&](Cutter& cutter) {
    model.value = cutter.cut(model.floats);
    tokens.transposed = cut_factor(cutter, tokens.columns, tokens.rows);
    each_linear(model, [&](Tensor& w) { w.factor = own_factor(cutter, model, w); });
  });
  if (open) clear(model.value, model.floats);
  return open;
}

static bool open_engine(Engine& e, const Config& config, int threads) {
  Model& model = e.model;
  model.config = config;
  e.team.size = e.team.active = threads;
  e.factors_stale = true;
  lay_out(model);
  bool open = cut_block(e.tables, [&](Cutter& cutter) {
    model.tensors = cutter.cut<Tensor>(model.tensor_count);
    model.layers = cutter.cut<Layer>(config.layers);
  });
  if (!open) return false;
  lay_out(model);
  e.weight_unit_count = list_weight_units(model, nullptr);
  e.update_unit_count = list_update_units(model, nullptr);
  open = cut_block(e.units, [&](Cutter& cutter) {
    e.weight_units = cutter.cut<WeightUnit>(e.weight_unit_count);
    e.update_units = cutter.cut<UpdateUnit>(e.update_unit_count);
    e.squares = cutter.cut<double>(e.update_unit_count);
  });
  if (!open) return false;
  list_weight_units(model, e.weight_units);
  list_update_units(model, e.update_units);
  return open_values(e);
}

static void close_engine(Engine& e) {
  Block* blocks[] = {&e.tables,     &e.values,         &e.training_values, &e.training_factors, &e.units,
                     &e.batch_list, &e.training.block, &e.inference.block, &e.decoding.block};
  for (Block* block : blocks) block->release();
}

/** Gradients, moments, and the factors of the backward pass. */
static bool open_training(Engine& e) {
  Model& model = e.model;
  if (e.training_values.memory) return true;
  bool open = cut_block(e.training_values, [&](Cutter& cutter) {
    model.gradient = cutter.cut(model.floats);
    model.first_moment = cutter.cut(model.floats);
    model.second_moment = cutter.cut(model.floats);
  });
  open = open && cut_block(e.training_factors, [&](Cutter& cutter) {
    model.tokens->factor = own_factor(cutter, model, *model.tokens);
    each_linear(model, [&](Tensor& w) { w.transposed = cut_factor(cutter, w.columns, w.rows); });
  });
  if (!open) {
    e.training_values.release();
    model.gradient = model.first_moment = model.second_moment = nullptr;
    return false;
  }
  clear(model.gradient, model.floats);
  clear(model.first_moment, model.floats);
  clear(model.second_moment, model.floats);
  e.factors_stale = true;
  return true;
}

/** Brings the factors up to date, if weights were loaded. All threads call it. */
static void refresh(Engine& e) {
  if (!e.factors_stale) return;
  share_units(e.team, e.update_unit_count, [&](int unit) { refresh_factors(e.model, e.update_units[unit]); });
}

}  // namespace TGPT_SET

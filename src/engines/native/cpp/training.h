// The training job: forward, backward and update, as all threads go through it together.
#pragma once

#include "engine.h"

namespace TGPT_SET {

/** Cuts the workspace for the chunks of a batch. False if there is no memory for it. */
static bool fit_workspace(Engine& e, const Batch& batch) {
  const Config& c = e.model.config;
  TrainingWorkspace& w = e.training;
  Division division = divide(e.model, batch, e.team.size);
  Strides s(c, batch.length);
  uint64_t slices = ceil_div(division.chunk, division.slice);
  return cut_block(w.block, [&](Cutter& cutter) {
    cut_for_training(cutter, c, s, division.chunk, batch.length, e.dropout > 0, w.activations);
    w.scratch = cutter.cut<Scratch>(e.team.size);
    for (int thread = 0; thread < e.team.size; thread++) {
      Scratch scratch;
      cut_scratch(cutter, c, s, division.slice, batch.length, scratch);
      if (w.scratch) w.scratch[thread] = scratch;
    }
    w.norm_gradients = cutter.cut(slices * norm_count(c) * 2 * s.c);
    w.losses = cutter.cut<double>(slices);
  });
}

/** Memory for every batch of the job; it is cut for the first. */
static bool open_training_workspace(Engine& e) {
  bool open = true;
  for (int i = e.batch_count - 1; i >= 0 && open; i--) open = fit_workspace(e, e.batches()[i]);
  return open;
}

static int scored_targets(const Batch& batch) {
  int scored = 0;
  for (int i = 0; i < batch.sequences * batch.length; i++) scored += batch.targets[i] >= 0;
  return scored;
}

/** One chunk of a batch: sequences `begin` to `end`. */
struct Chunk {
  const Batch& batch;
  int begin, end, slice;
  float scale;  // of each target's loss
  bool accumulate;
  Dropout dropout;

  int slices() const { return ceil_div(end - begin, slice); }
  int rows() const { return (end - begin) * batch.length; }
};

/** Forward and backward through one slice; its losses are added up, and its norms' gradients kept apart. */
static void train_slice(Engine& e, const Chunk& chunk, const Strides& strides, int number, const Scratch& scratch) {
  int begin = chunk.begin + number * chunk.slice, length = chunk.batch.length;
  Slice slice{begin, min(chunk.slice, chunk.end - begin), length, (begin - chunk.begin) * length};
  Pass pass{e.model, strides, e.training.activations, scratch, chunk.dropout, slice};
  const int32_t* targets = chunk.batch.targets + (size_t)begin * length;
  forward(pass, chunk.batch);
  double loss = 0;
  each_logits(pass, true, [&](int row, int rows, float* logits) {
    for (int i = 0; i < rows; i++, logits += strides.v) {
      loss += cross_entropy_row(logits, e.model.config.vocabulary, targets[row + i], chunk.scale);
    }
  });
  e.training.losses[number] = loss * chunk.scale;
  size_t norms = norm_count(e.model.config) * 2 * strides.c;
  NormGradients gradients{e.training.norm_gradients + number * norms, strides.c};
  clear(gradients.at, norms);
  backward(pass, gradients);
}

/** All weights' gradients of a chunk, once its activations have theirs. */
static void chunk_gradients(Engine& e, const Chunk& chunk, const Strides& strides, int thread) {
  const Config& c = e.model.config;
  ChunkResult result{e.model, strides, e.training.activations,
                     chunk.batch.inputs + (size_t)chunk.begin * chunk.batch.length, chunk.rows(), chunk.batch.length,
                     chunk.slice * chunk.batch.length, chunk.accumulate};
  int weights = e.weight_unit_count, norms = norm_count(c);
  share_units(e.team, weights + 1 + norms, [&](int unit) {
    if (unit < weights) {
      weight_gradient(result, e.weight_units[unit], e.training.scratch[thread]);
    } else if (unit == weights) {
      position_gradient(result);
    } else {
      norm_gradient(result, unit - weights - 1, e.training.norm_gradients, norms * 2 * strides.c, chunk.slices());
    }
  });
}

/** Gradients of the mean loss over all batches: each counts alike, whatever the number of its targets. */
static void accumulate_gradients(Engine& e, int thread) {
  const Config& c = e.model.config;
  if (thread == 0) e.loss = 0;
  for (int i = 0; i < e.batch_count; i++) {
    const Batch& batch = e.batches()[i];
    if (i > 0) {
      if (thread == 0) fit_workspace(e, batch);
      barrier(e.team);
    }
    Strides strides(c, batch.length);
    Division division = divide(e.model, batch, e.team.size);
    float scale = (float)(1.0 / ((double)max(1, scored_targets(batch)) * e.batch_count));
    for (int begin = 0; begin < batch.sequences; begin += division.chunk) {
      Chunk chunk{batch, begin, min(begin + division.chunk, batch.sequences), division.slice, scale,
                  i > 0 || begin > 0, {e.dropout, e.dropout_key, i}};
      share_units(e.team, chunk.slices(), [&](int slice) {
        train_slice(e, chunk, strides, slice, e.training.scratch[thread]);
      });
      for (int slice = 0; thread == 0 && slice < chunk.slices(); slice++) e.loss += e.training.losses[slice];
      chunk_gradients(e, chunk, strides, thread);
    }
  }
}

/** The norm of all gradients, clipping, AdamW. Every thread adds up the same parts in the same order. */
static void update_weights(Engine& e, int thread) {
  share_units(e.team, e.update_unit_count, [&](int unit) {
    e.squares[unit] = sum_of_squares(e.model, e.update_units[unit]);
  });
  double total = 0;
  for (int unit = 0; unit < e.update_unit_count; unit++) total += e.squares[unit];
  double norm = __builtin_sqrt(total), factor = clip_factor(norm, e.adam.clip);
  if (thread == 0) e.gradient_norm = norm;
  share_units(e.team, e.update_unit_count, [&](int unit) {
    update(e.model, e.update_units[unit], e.adam, factor);
    refresh_factors(e.model, e.update_units[unit]);
  });
}

}  // namespace TGPT_SET

// The jobs that change nothing: losses and logits of whole windows, and the machine's own speed.
#pragma once

#include "engine.h"

namespace TGPT_SET {

static bool open_inference_workspace(Engine& e) {
  const Config& c = e.model.config;
  const Batch& batch = e.batches()[0];
  Strides s(c, batch.length);
  int sequences = slice_of(e.model, batch.length);
  InferenceWorkspace& w = e.inference;
  return cut_block(w.block, [&](Cutter& cutter) {
    w.activations = cutter.cut<Activations>(e.team.size);
    w.scratch = cutter.cut<Scratch>(e.team.size);
    for (int thread = 0; thread < e.team.size; thread++) {
      Activations activations;
      Scratch scratch;
      cut_for_inference(cutter, c, s, sequences, batch.length, activations);
      cut_scratch(cutter, c, s, sequences, batch.length, scratch);
      if (w.scratch) w.activations[thread] = activations, w.scratch[thread] = scratch;
    }
  });
}

/** Calls `use(row of the batch, logits of that row)` for every row, in slices that the threads share. */
template <class Use>
static void score(Engine& e, int thread, const Use& use) {
  const Batch& batch = e.batches()[0];
  Strides strides(e.model.config, batch.length);
  int at_once = slice_of(e.model, batch.length);
  share_units(e.team, ceil_div(batch.sequences, at_once), [&](int number) {
    int begin = number * at_once;
    Slice slice{begin, min(at_once, batch.sequences - begin), batch.length, 0};
    Pass pass{e.model, strides, e.inference.activations[thread], e.inference.scratch[thread], {}, slice};
    forward(pass, batch);
    each_logits(pass, false, [&](int row, int rows, float* logits) {
      for (int i = 0; i < rows; i++) use((size_t)begin * batch.length + row + i, logits + i * strides.v);
    });
  });
}

/** The loss of each target, [B * T]. */
static void losses(Engine& e, int thread) {
  score(e, thread, [&](size_t row, float* logits) {
    int target = e.batches()[0].targets[row];
    e.output[row] = (float)cross_entropy_row(logits, e.model.config.vocabulary, target, 0);
  });
}

/** All logits, [B * T, V]. */
static void logits(Engine& e, int thread) {
  size_t vocabulary = e.model.config.vocabulary;
  score(e, thread, [&](size_t row, const float* from) { copy(e.output + row * vocabulary, from, vocabulary); });
}

constexpr int kPeakRounds = 20'000'000, kPeakSums = 12;

/** Multiply-adds on registers alone, as many at once as the processor can keep in flight: what it could do at best. */
static void measure_peak() {
  // Numbers that the compiler knew would let it leave sums out: 1 * 0.999 + 0.001 stays 1.
  volatile float unknown[] = {0.999f, 0.001f};
  Vec factor = splat(unknown[0]), term = splat(unknown[1]), sums[kPeakSums];
  for (int i = 0; i < kPeakSums; i++) sums[i] = splat((float)i);
  for (int round = 0; round < kPeakRounds; round++) {
#pragma GCC unroll 12
    for (int i = 0; i < kPeakSums; i++) sums[i] = fma(sums[i], factor, term);
  }
  Vec total{};
  for (int i = 0; i < kPeakSums; i++) total += sums[i];
  [[maybe_unused]] volatile float kept = sum(total);  // or compilers would leave the loop out
}

}  // namespace TGPT_SET

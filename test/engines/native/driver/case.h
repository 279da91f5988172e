// What a seed stands for: a model, its parameters, and everything that is computed with it.
#pragma once

#include <stdint.h>
#include <stdio.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "core.h"

using Floats = std::vector<float>;
using Ids = std::vector<int32_t>;

struct Random {
  std::mt19937 generator;

  int between(int least, int most) { return least + static_cast<int>(generator() % (most - least + 1)); }
  bool one_in(int count) { return between(1, count) == 1; }
  /** Seldom more than usual: what is large takes long. */
  int size(int usual, int most) { return one_in(5) ? between(usual + 1, most) : between(1, usual); }
  float uniform(float least, float most) {
    return least + (most - least) * (static_cast<float>(generator() >> 8) / (1 << 24));
  }
  Floats floats(size_t count, float least, float most) {
    Floats values(count);
    for (float& value : values) value = uniform(least, most);
    return values;
  }
  Ids ids(int count, int vocabulary) {
    Ids values(count);
    for (int32_t& value : values) value = between(0, vocabulary - 1);
    return values;
  }
};

struct Batch {
  int sequences, length;
  Ids inputs, targets;  // [sequences, length]; some targets are -1: not scored

  Batch(Random& random, const Model& model, int most_sequences, int length)
      : sequences(random.between(1, most_sequences)),
        length(length),
        inputs(random.ids(sequences * length, model.vocabulary)),
        targets(random.ids(sequences * length, model.vocabulary)) {
    for (int32_t& target : targets) target = random.one_in(9) ? -1 : target;
  }
};

inline Model random_model(Random& random) {
  Model m;
  m.vocabulary = 1 + random.size(200, 1100);  // units of work have 512 rows
  m.block = random.size(32, 70);
  m.layers = random.between(1, 2);
  m.heads = random.between(1, 5);
  m.width = m.heads * random.size(14, 28);
  m.bias = random.one_in(2);
  m.exact_gelu = random.one_in(2);
  return m;
}

/** Everything that is computed with. */
struct Case {
  Model model;
  int threads;
  int shortage;     // the block of memory that is missed
  Floats parts[3];  // parameters and moments: all tensors, one after the other
  std::vector<Batch> batches;
  float dropout;
  int sequences, prompt;  // to decode, and how many ids they have in common
  Ids texts;              // [sequences, block]

  explicit Case(int seed) : Case(Random{std::mt19937(seed)}) {}

  explicit Case(Random random)
      : model(random_model(random)),
        threads(random.between(2, 3)),
        shortage(random.between(0, 20)),
        dropout(random.one_in(2) ? 0.25f : 0),
        sequences(random.between(1, 3)),
        prompt(random.between(1, model.block)) {
    const std::vector<size_t> tensors = model.tensors();
    const size_t count = std::accumulate(tensors.begin(), tensors.end(), size_t{0});
    parts[0] = random.floats(count, -0.5f, 0.5f);
    parts[1] = random.floats(count, -1e-3f, 1e-3f);
    parts[2] = random.floats(count, 0, 1e-3f);
    batches.emplace_back(random, model, 7, random.between(1, model.block));
    if (random.one_in(2)) batches.emplace_back(random, model, 3, model.block);
    texts = random.ids(sequences * model.block, model.vocabulary);
    for (int s = 1; s < sequences; s++) std::copy_n(texts.begin(), prompt, texts.begin() + s * model.block);
  }

  void print(int seed) const {
    printf("seed %d: vocabulary %d, block %d, layers %d, heads %d, width %d, bias %d, exact GELU %d;", seed,
           model.vocabulary, model.block, model.layers, model.heads, model.width, model.bias, model.exact_gelu);
    for (const Batch& batch : batches) printf(" batch %d x %d,", batch.sequences, batch.length);
    printf(" dropout %g, %d sequences from a prompt of %d; %d threads, out of memory at block %d\n", dropout, sequences,
           prompt, threads, shortage);
    fflush(stdout);
  }
};

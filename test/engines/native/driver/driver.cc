// Drives the core through random configurations, one for each seed: driver FIRST LAST. It checks what must hold without
// anything to compare with; the errors that nobody sees are for the sanitizers that it is compiled with (.ci/sanitize).

#include <math.h>

#include <algorithm>
#include <random>
#include <string>

#include "core.h"

namespace {

using Floats = std::vector<float>;
using Ids = std::vector<int32_t>;

// ---- What a seed stands for.

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

Model random_model(Random& random) {
  Model m;
  m.vocabulary = 1 + random.size(200, 1100);  // units of work have 512 rows
  m.block = random.size(32, 70);
  m.layers = random.between(1, 2);
  m.heads = random.between(1, 5);
  m.width = m.heads * random.size(14, 28);
  m.bias = random.one_in(2);
  m.exact_gelu = random.one_in(2);
  m.bf16 = random.one_in(3) && call("hasBf16") == 1;
  return m;
}

/** Everything that is computed with. */
struct Case {
  Random random;
  Model model;
  int threads;
  int shortage;             // the block of memory that is missed
  std::vector<Floats> parts[3];  // parameters and moments: each tensor
  std::vector<Batch> batches;
  float dropout;
  int sequences, prompt;  // to decode, and how many ids they have in common
  Ids texts;              // [sequences, block]

  explicit Case(int seed)
      : random{std::mt19937(seed)},
        model(random_model(random)),
        threads(random.between(2, 3)),
        shortage(random.between(0, 20)),
        dropout(random.one_in(2) ? 0.25f : 0),
        sequences(random.between(1, 3)),
        prompt(random.between(1, model.block)) {
    for (size_t count : model.tensors()) {
      parts[0].push_back(random.floats(count, -0.5f, 0.5f));
      parts[1].push_back(random.floats(count, -1e-3f, 1e-3f));
      parts[2].push_back(random.floats(count, 0, 1e-3f));
    }
    batches.emplace_back(random, model, 7, random.between(1, model.block));
    if (random.one_in(2)) batches.emplace_back(random, model, 3, model.block);
    texts = random.ids(sequences * model.block, model.vocabulary);
    for (int s = 1; s < sequences; s++) std::copy_n(texts.begin(), prompt, texts.begin() + s * model.block);
  }

  void print(int seed) const {
    printf("seed %d: vocabulary %d, block %d, layers %d, heads %d, width %d, bias %d, exact GELU %d, bf16 %d;", seed,
           model.vocabulary, model.block, model.layers, model.heads, model.width, model.bias, model.exact_gelu,
           model.bf16);
    for (const Batch& batch : batches) printf(" batch %d x %d,", batch.sequences, batch.length);
    printf(" dropout %g, %d sequences from a prompt of %d; %d threads, out of memory at block %d\n", dropout, sequences,
           prompt, threads, shortage);
    fflush(stdout);
  }

  /** How far two ways to the same logits may be apart. */
  float tolerance() const { return model.bf16 ? 5e-2f : 1e-4f; }
};

// ---- What is computed.

struct Result {
  std::string name;
  Floats values;
};

void check_near(const Case& given, const std::string& name, float actual, double expected) {
  if (fabs(actual - expected) <= given.tolerance()) return;
  fail("%s: %.7g, where it should be %.7g", name.c_str(), actual, expected);
}

/** An engine that works through a case. */
class Work {
 public:
  Work(const Case& given, int threads) : given_(given), model_(given.model), engine_(model_, threads) {}

  std::vector<Result> all() {
    load();
    first_losses_ = losses(given_.batches[0]);
    score("first");
    decode("first");
    keep("gradients", gradients(given_.batches.back()));
    for (int number = 1; number <= 2; number++) step(number);
    score("trained");
    decode("trained");
    for (int part = 0; part < 3; part++) keep("part " + std::to_string(part), export_part(part));
    start_again();
    return std::move(results_);
  }

 private:
  void keep(const std::string& name, const Floats& values) {
    for (float value : values) {
      if (!std::isfinite(value)) fail("%s: %f", name.c_str(), value);
    }
    results_.push_back({name, values});
  }

  void load() {
    check_moments_are_none();
    for (int part = 0; part < 3; part++) {
      Floats imported;
      for (size_t tensor = 0; tensor < engine_.tensors().size(); tensor++) {
        const Floats& values = given_.parts[part][tensor];
        engine_.call_until_done("import", part, tensor, values.data());
        imported.insert(imported.end(), values.begin(), values.end());
      }
      if (export_part(part) != imported) fail("part %d is exported otherwise than it was imported", part);
    }
  }

  void check_moments_are_none() {
    for (float value : export_part(1)) {
      if (value != 0) fail("a moment before the first step is %g", value);
    }
  }

  /** With the first parameters all is as it was at first. */
  void start_again() {
    engine_.call("clearMoments");
    load();
    if (losses(given_.batches[0]) != first_losses_) fail("the first parameters have other losses the second time");
  }

  /** All tensors of it, one after the other. */
  Floats export_part(int part) {
    Floats all;
    for (size_t tensor = 0; tensor < engine_.tensors().size(); tensor++) {
      Floats values(engine_.tensors()[tensor]);
      engine_.call("export", part, tensor, values.data());
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

  void add_batch(const Batch& batch) {
    engine_.call_until_done("addBatch", batch.inputs.data(), batch.targets.data(), batch.sequences, batch.length);
  }
  void set_batch(const Batch& batch) {
    engine_.call("clearBatches");
    add_batch(batch);
  }

  /** [sequences, length] */
  Floats losses(const Batch& batch) {
    Floats losses(batch.targets.size());
    set_batch(batch);
    engine_.call_until_done("prepareLosses", losses.data());
    engine_.run();
    return losses;
  }

  /** [length, vocabulary] */
  Floats logits(const int32_t* ids, int length) {
    Floats logits(static_cast<size_t>(length) * model_.vocabulary);
    engine_.call("clearBatches");
    engine_.call_until_done("addBatch", ids, 0, 1, length);
    engine_.call_until_done("prepareLogits", logits.data());
    engine_.run();
    return logits;
  }

  Floats gradients(const Batch& batch) {
    set_batch(batch);
    engine_.call_until_done("prepareGradients");
    engine_.run();
    return export_part(3);
  }

  void step(int number) {
    engine_.call("clearBatches");
    for (const Batch& batch : given_.batches) add_batch(batch);
    engine_.call_until_done("prepareStep", 4000000000 + number, 17, given_.dropout, 1e-3, 0.9, 0.99, 1e-8, 0.1, 1.0,
                            1 - pow(0.9, number), 1 - pow(0.99, number));
    engine_.run();
    auto measure = [&](const char* name) { return static_cast<float>(engine_.call(name)); };
    keep("step " + std::to_string(number), {measure("loss"), measure("gradientNorm")});
  }

  /** Losses, and those that follow from the logits of the first sequence. */
  void score(const std::string& when) {
    const Batch& batch = given_.batches[0];
    Floats scored = losses(batch), read = logits(batch.inputs.data(), batch.length);
    for (int t = 0; t < batch.length; t++) {
      check_near(given_, when + " loss", scored[t], cross_entropy(read.data() + t * model_.vocabulary, batch.targets[t]));
    }
    keep(when + " losses", scored);
    keep(when + " logits", read);
  }

  double cross_entropy(const float* logits, int target) const {
    double total = 0;
    for (int id = 0; id < model_.vocabulary; id++) total += exp(logits[id]);
    return target < 0 ? 0 : log(total) - logits[target];
  }

  /** The prompt in two parts, copies of it, each one's text up to the end of the block, and the last half of it anew. */
  void decode(const std::string& when) {
    const int block = model_.block, first = (given_.prompt + 1) / 2, half = (block + 1) / 2;
    std::vector<Floats> expected;
    for (int s = 0; s < given_.sequences; s++) expected.push_back(logits(given_.texts.data() + s * block, block));
    double single = engine_.call_until_done("createDecoder", 1);
    advance(when, single, 1, 0, first, true);
    if (first < given_.prompt) expect(advance(when, single, 1, first, given_.prompt, false), 1, given_.prompt, expected);
    double copies = engine_.call_until_done("forkDecoder", single, given_.sequences);
    engine_.call("destroyDecoder", single);
    for (int at = given_.prompt; at < block; at++) {
      expect(advance(when, copies, given_.sequences, at, at + 1, false), given_.sequences, at + 1, expected);
    }
    for (int s = 0; s < given_.sequences; s++) expected[s] = logits(given_.texts.data() + s * block + block - half, half);
    expect(advance(when, copies, given_.sequences, block - half, block, true), given_.sequences, half, expected);
    engine_.call("destroyDecoder", copies);
  }

  /** Appends ids `begin` to `end` of the first texts; the logits that follow them, [sequences, vocabulary]. */
  Floats advance(const std::string& when, double decoder, int sequences, int begin, int end, bool fresh) {
    Ids ids;
    for (int s = 0; s < sequences; s++) {
      auto text = given_.texts.begin() + s * model_.block;
      ids.insert(ids.end(), text + begin, text + end);
    }
    Floats logits(static_cast<size_t>(sequences) * model_.vocabulary);
    engine_.call_until_done("prepareAdvance", decoder, ids.data(), end - begin, fresh, logits.data());
    engine_.run();
    keep(when + " decoding", logits);
    return logits;
  }

  /** What was decoded after `length` ids is what `logits` gave for the last of them. */
  void expect(const Floats& decoded, int sequences, int length, const std::vector<Floats>& logits) const {
    for (int i = 0; i < sequences * model_.vocabulary; i++) {
      int sequence = i / model_.vocabulary, id = i % model_.vocabulary;
      check_near(given_, "decoded after " + std::to_string(length), decoded[i],
                 logits[sequence][static_cast<size_t>(length - 1) * model_.vocabulary + id]);
    }
  }

  const Case& given_;
  const Model& model_;
  Engine engine_;
  Floats first_losses_;
  std::vector<Result> results_;
};

void check_seed(int seed) {
  const Case given(seed);
  given.print(seed);
  const std::vector<Result> expected = Work(given, 1).all();
  begin_shortage(given.shortage);
  const std::vector<Result> results = Work(given, given.threads).all();
  end_shortage();
  for (size_t i = 0; i < expected.size(); i++) {
    if (results[i].values != expected[i].values) {
      fail("%s: not the same bits on %d threads", expected[i].name.c_str(), given.threads);
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) fail("usage: driver FIRST LAST");
  const int first = atoi(arguments[1]), last = atoi(arguments[2]);
  for (int seed = first; seed <= last; seed++) check_seed(seed);
  printf("%s: seeds %d to %d hold\n", TABLE_OF(TGPT_SET).instruction_set, first, last);
}

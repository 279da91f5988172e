// Drives the core through random configurations, one for each seed: driver FIRST LAST. It checks what must hold without
// anything to compare with; the errors that nobody sees are for the sanitizers that it is compiled with (.ci/sanitize).

#include <math.h>
#include <stdlib.h>

#include <string>

#include "case.h"
#include "core.h"

namespace {

struct Result {
  std::string name;
  Floats values;
};

/** For two ways to the same number. `at` is its position in a sequence. */
void check_near(const char* name, int at, double actual, double expected) {
  static const double tolerance = call("hasBf16") == 1 ? 3e-2 : 1e-4;
  if (fabs(actual - expected) <= tolerance) return;
  fail("%s, position %d: %.7g, where it should be %.7g", name, at, actual, expected);
}

/** An engine that works through a case. */
class Work {
 public:
  Work(const Case& given, int threads)
      : given_(given), model_(given.model), threads_(threads), engine_(model_, threads) {}

  std::vector<Result> all() {
    load();
    const Floats first_losses = score("first");
    decode("first");
    keep("gradients", gradients(given_.batches.back()));
    for (int number = 1; number <= 2; number++) step(number);
    const Floats trained_losses = score("trained");
    decode("trained");
    for (int part = 0; part < 3; part++) keep("part " + std::to_string(part), export_part(part));
    import_part(0, export_part(0));
    check_losses(trained_losses);
    engine_.call("clearMoments");
    load();
    check_losses(first_losses);
    return std::move(results_);
  }

 private:
  void keep(const std::string& name, const Floats& values) {
    for (float value : values) {
      if (!std::isfinite(value)) fail("%s: %f", name.c_str(), value);
    }
    results_.push_back({name, values});
  }

  /** The parameters and moments of the case, into an engine without moments. */
  void load() {
    for (int part : {1, 2}) {
      for (float value : export_part(part)) {
        if (value != 0) fail("part %d is %g before the first step", part, value);
      }
    }
    for (int part = 0; part < 3; part++) import_part(part, given_.parts[part]);
  }

  void import_part(int part, const Floats& values) {
    size_t begin = 0;
    for (size_t tensor = 0; tensor < engine_.tensors().size(); begin += engine_.tensors()[tensor++]) {
      const Floats own(values.begin() + begin, values.begin() + begin + engine_.tensors()[tensor]);
      engine_.call_until_done("import", part, tensor, own.data());
    }
    if (export_part(part) != values) fail("part %d is exported otherwise than it was imported", part);
  }

  /** All tensors of it, one after the other. */
  Floats export_part(int part) {
    Floats all;
    for (size_t tensor = 0; tensor < engine_.tensors().size(); tensor++) {
      Floats own(engine_.tensors()[tensor]);
      engine_.call("export", part, tensor, own.data());
      all.insert(all.end(), own.begin(), own.end());
    }
    return all;
  }

  /** The parameters are those that had these losses before. */
  void check_losses(const Floats& before) {
    if (losses(given_.batches[0]) != before) fail("parameters have other losses after they were imported");
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

  /** Losses, which must follow from the logits of the first sequence. */
  Floats score(const std::string& when) {
    const Batch& batch = given_.batches[0];
    const Floats scored = losses(batch), read = logits(batch.inputs.data(), batch.length);
    for (int t = 0; t < batch.length; t++) {
      check_near("loss", t, scored[t], cross_entropy(read.data() + t * model_.vocabulary, batch.targets[t]));
    }
    keep(when + " losses", scored);
    keep(when + " logits", read);
    return scored;
  }

  double cross_entropy(const float* logits, int target) const {
    double total = 0;
    for (int id = 0; id < model_.vocabulary; id++) total += exp(logits[id]);
    return target < 0 ? 0 : log(total) - logits[target];
  }

  /** The prompt in two parts, copies of it, each one's text up to the end of the block, and its last half anew. */
  void decode(const std::string& when) {
    const int block = model_.block, prompt = given_.prompt, part = (prompt + 1) / 2, half = (block + 1) / 2;
    const std::vector<Floats> whole = all_logits(0, block);
    const double single = engine_.call_until_done("createDecoder", 1);
    Floats decoded = advance(single, 1, 0, part, true);
    if (part < prompt) decoded = advance(single, 1, part, prompt, false);
    check_decoded(when, decoded, prompt, whole);
    const double copies = engine_.call_until_done("forkDecoder", single, given_.sequences);
    engine_.call("destroyDecoder", single);
    for (int end = prompt + 1; end <= block; end++) {
      check_decoded(when, advance(copies, given_.sequences, end - 1, end, false), end, whole);
    }
    decoded = advance(copies, given_.sequences, block - half, block, true);
    check_decoded(when, decoded, half, all_logits(block - half, block));
    engine_.call("destroyDecoder", copies);
  }

  /** Of ids `begin` to `end` of each text, [end - begin, vocabulary]. */
  std::vector<Floats> all_logits(int begin, int end) {
    std::vector<Floats> all;
    for (int s = 0; s < given_.sequences; s++) {
      all.push_back(logits(given_.texts.data() + s * model_.block + begin, end - begin));
    }
    return all;
  }

  /** Appends ids `begin` to `end` of the first texts; the logits that follow them, [sequences, vocabulary]. */
  Floats advance(double decoder, int sequences, int begin, int end, bool fresh) {
    Ids ids;
    for (int s = 0; s < sequences; s++) {
      auto text = given_.texts.begin() + s * model_.block;
      ids.insert(ids.end(), text + begin, text + end);
    }
    Floats logits(static_cast<size_t>(sequences) * model_.vocabulary);
    int threads = begin % 2 == 0 ? threads_ : 1;  // both ways must give the same
    engine_.call_until_done("prepareAdvance", decoder, ids.data(), end - begin, fresh, logits.data(), threads);
    engine_.run();
    return logits;
  }

  /** What was decoded after `length` ids must be the uncached logits of the last of them. */
  void check_decoded(const std::string& when, const Floats& decoded, int length, const std::vector<Floats>& uncached) {
    size_t vocabulary = model_.vocabulary, last = (length - 1) * vocabulary;
    for (size_t i = 0; i < decoded.size(); i++) {
      check_near("decoding", length, decoded[i], uncached[i / vocabulary][last + i % vocabulary]);
    }
    keep(when + " decoding", decoded);
  }

  const Case& given_;
  const Model& model_;
  int threads_;
  Engine engine_;
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

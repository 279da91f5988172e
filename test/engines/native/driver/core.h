// The core of one instruction set, TGPT_SET, as the driver uses it: commands by name, and an engine with its threads.
#pragma once

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <array>
#include <semaphore>
#include <type_traits>
#include <vector>

#include "commands.h"
#include "shortage.h"
#include "threads.h"

#define CONCATENATE(a, b) a##b
#define TABLE_OF(set) CONCATENATE(tgpt_commands_, set)
extern "C" const CommandTable TABLE_OF(TGPT_SET);

/** Says what does not hold, and ends the process. */
[[noreturn, gnu::format(printf, 1, 2)]] inline void fail(const char* format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  fputc('\n', stderr);
  _Exit(1);
}

inline const NamedCommand& command_named(const char* name) {
  const CommandTable& table = TABLE_OF(TGPT_SET);
  for (int i = 0; i < table.count; i++) {
    if (strcmp(table.commands[i].name, name) == 0) return table.commands[i];
  }
  fail("there is no command %s", name);
}

template <class T>
double operand(T value) {
  if constexpr (std::is_pointer_v<T>) return static_cast<double>(reinterpret_cast<uintptr_t>(value));
  else return static_cast<double>(value);
}

/** The operands lie in an array of just their number, so that a command that takes more of them is found out. */
template <class... Operands>
double call(const char* name, Operands... operands) {
  const NamedCommand& command = command_named(name);
  if (command.operands != sizeof...(operands)) fail("%s takes %d operands", name, command.operands);
  const std::array<double, sizeof...(operands)> values = {operand(operands)...};
  return command.command(values.data());
}

/** For a command that gives 0 where memory runs out: it must do its work once there is enough again. */
template <class AfterShortage, class... Operands>
double call_until_done(const AfterShortage& after_shortage, const char* name, Operands... operands) {
  double answer = call(name, operands...);
  if (answer == 0 && end_shortage()) {
    after_shortage();
    answer = call(name, operands...);
  }
  if (answer == 0) fail("%s gives 0 where there is memory", name);
  return answer;
}

struct Model {
  int vocabulary, block, layers, heads, width;
  bool bias, exact_gelu;

  /** The floats of each tensor, in the order of paramSpecs (src/gpt/parameters.ts). */
  std::vector<size_t> tensors() const {
    size_t c = width;
    std::vector<size_t> sizes = {vocabulary * c, block * c};
    auto add = [&](size_t in, size_t out) {
      sizes.push_back(in * out);
      if (bias) sizes.push_back(out);
    };
    for (int layer = 0; layer < layers; layer++) {
      add(1, c);
      add(c, 3 * c);
      add(c, c);
      add(1, c);
      add(c, 4 * c);
      add(4 * c, c);
    }
    add(1, c);
    return sizes;
  }
};

class Engine {
 public:
  Engine(const Model& model, int threads)
      : tensors_(model.tensors()),
        handle_(create(model, threads)),
        threads_({command_named("run").command, command_named("serve").command, command_named("quit").command}, handle_,
                 [](void* engine) { static_cast<Engine*>(engine)->done_.release(); }, this) {
    if (!threads_.start(threads)) fail("the system refuses %d threads", threads);
  }
  ~Engine() {
    threads_.stop();
    call("destroy");
  }

  template <class... Operands>
  double call(const char* name, Operands... operands) const {
    return ::call(name, handle_, operands...);
  }
  template <class... Operands>
  double call_until_done(const char* name, Operands... operands) const {
    return ::call_until_done([this] { look_at_all_parts(); }, name, handle_, operands...);
  }

  /** Carries out the prepared job: by turns on the leader's thread and on this one, as a session does. */
  void run() {
    if (jobs_++ % 2 == 1) return void(call("run"));
    threads_.begin_job();
    done_.acquire();
  }

  const std::vector<size_t>& tensors() const { return tensors_; }

 private:
  static double create(const Model& m, int threads) {
    return ::call_until_done([] {}, "create", m.vocabulary, m.block, m.layers, m.heads, m.width, m.bias, !m.exact_gelu,
                             threads);
  }

  /** What there was no memory for must not be half there. */
  void look_at_all_parts() const {
    std::vector<float> values(tensors_[0]);
    for (int part = 0; part < 4; part++) call("export", part, 0, values.data());
  }

  const std::vector<size_t> tensors_;
  const double handle_;
  std::binary_semaphore done_{0};
  Threads threads_;
  int jobs_ = 0;
};

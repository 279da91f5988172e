// What the functions of the addon share: the state of one environment, and the arguments of a call.
#pragma once

#include <math.h>
#include <node_api.h>

#include "commands.h"

constexpr int kMostSets = 4;
constexpr int kMostOperands = 16;
constexpr double kMostThreads = 1024;
constexpr double kLargestAddress = 9007199254740991;  // beyond, a double skips integers

struct InstructionSet {
  const char* name;
  const CommandTable* table;
};

struct Crew;

/** What one environment has. */
struct Instance {
  InstructionSet sets[kMostSets];  // those of this processor, best first
  int set_count = 0;
  Crew* crews = nullptr;  // the engines that have threads

  void add(const char* name, const CommandTable* table) { sets[set_count++] = {name, table}; }
};

inline napi_value refuse(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

/** The arguments of a call from JavaScript: `count` are there, the first of them in `values`. */
struct Arguments {
  Instance* instance;
  napi_value values[2 + kMostOperands];
  size_t count = 2 + kMostOperands;

  Arguments(napi_env env, napi_callback_info info) {
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, values, nullptr, &data);
    instance = static_cast<Instance*>(data);
  }

  /** A whole number from `least` to `most`; -1 for anything else. */
  double integer(napi_env env, size_t at, double least, double most) const {
    double value = -1;
    if (at >= count || napi_get_value_double(env, values[at], &value) != napi_ok) return -1;
    return value >= least && value <= most && value == floor(value) ? value : -1;
  }

  double address(napi_env env, size_t at) const { return integer(env, at, 1, kLargestAddress); }

  const CommandTable* table(napi_env env) const {
    double set = integer(env, 0, 0, instance->set_count - 1);
    return set < 0 ? nullptr : instance->sets[static_cast<int>(set)].table;
  }
};

// addon_threads.cc: start(set, engine, threads), run(engine): Promise, stop(engine)

napi_value start(napi_env env, napi_callback_info info);
napi_value run(napi_env env, napi_callback_info info);
napi_value stop(napi_env env, napi_callback_info info);

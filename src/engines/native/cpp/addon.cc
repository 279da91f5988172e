// The addon: the core's commands, memory and threads as functions of JavaScript, by plain Node-API. One process may load
// it in several environments (worker threads), so whatever changes belongs to an Instance.

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <new>

#include "addon.h"

extern "C" const CommandTable tgpt_commands_baseline;
#ifdef __x86_64__
extern "C" const CommandTable tgpt_commands_avx2;
extern "C" const CommandTable tgpt_commands_avx512;
extern "C" const CommandTable tgpt_commands_avx512bf16;
#endif

namespace {

void find_instruction_sets(Instance& instance) {
#ifdef __x86_64__
  __builtin_cpu_init();
  bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("fma");
  if (avx512) instance.add("avx512", &tgpt_commands_avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) instance.add("avx2", &tgpt_commands_avx2);
#endif
  instance.add("baseline", &tgpt_commands_baseline);
#ifdef __x86_64__
  if (avx512 && __builtin_cpu_supports("avx512bf16")) {
    instance.add("avx512bf16", &tgpt_commands_avx512bf16);  // last, because its numbers differ: it must be asked for
  }
#endif
}

// call(set, command, ...operands): number

napi_value call(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const CommandTable* table = arguments.table(env);
  if (!table) return refuse(env, "there is no such instruction set");
  double index = arguments.integer(env, 1, 0, table->count - 1);
  if (index < 0) return refuse(env, "there is no such command");
  const NamedCommand& command = table->commands[static_cast<int>(index)];
  if (arguments.count != 2 + static_cast<size_t>(command.operands)) {
    char message[64];
    snprintf(message, sizeof message, "%s takes %d operands", command.name, command.operands);
    return refuse(env, message);
  }
  double operands[kMostOperands];
  for (int i = 0; i < command.operands; i++) {
    if (napi_get_value_double(env, arguments.values[2 + i], &operands[i]) != napi_ok) {
      return refuse(env, "operands are numbers");
    }
  }
  napi_value result = nullptr;
  napi_create_double(env, command.command(operands), &result);
  return result;
}

// write(address, values), read(address, values)

/** Numbers of 32 bits in JavaScript's memory. */
struct Values {
  void* data = nullptr;
  size_t bytes = 0;
  bool are_floats = false;
};

bool typed_array(napi_env env, const Arguments& arguments, Values* values) {
  napi_typedarray_type type;
  size_t length = 0;
  if (arguments.count < 2) return false;
  if (napi_get_typedarray_info(env, arguments.values[1], &type, &length, &values->data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  values->bytes = 4 * length;
  values->are_floats = type == napi_float32_array;
  return values->are_floats || type == napi_int32_array;
}

napi_value write(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  double address = arguments.address(env, 0);
  Values values;
  if (address < 0 || !typed_array(env, arguments, &values)) {
    return refuse(env, "write takes an address and a Float32Array or Int32Array");
  }
  if (values.bytes > 0) memcpy(reinterpret_cast<void*>(static_cast<uintptr_t>(address)), values.data, values.bytes);
  return nullptr;
}

napi_value read(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  double address = arguments.address(env, 0);
  Values values;
  if (address < 0 || !typed_array(env, arguments, &values) || !values.are_floats) {
    return refuse(env, "read takes an address and a Float32Array");
  }
  if (values.bytes > 0) memcpy(values.data, reinterpret_cast<void*>(static_cast<uintptr_t>(address)), values.bytes);
  return nullptr;
}

// instructionSets(): { name, title, commands }[], best first; sourceHash(): string

napi_value string(napi_env env, const char* text) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

napi_value describe(napi_env env, const InstructionSet& set) {
  napi_value description = nullptr, commands = nullptr;
  napi_create_object(env, &description);
  napi_create_array_with_length(env, set.table->count, &commands);
  for (int i = 0; i < set.table->count; i++) {
    napi_set_element(env, commands, i, string(env, set.table->commands[i].name));
  }
  napi_set_named_property(env, description, "name", string(env, set.name));
  napi_set_named_property(env, description, "title", string(env, set.table->instruction_set));
  napi_set_named_property(env, description, "commands", commands);
  return description;
}

napi_value instruction_sets(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const Instance& instance = *arguments.instance;
  napi_value sets = nullptr;
  napi_create_array_with_length(env, instance.set_count, &sets);
  for (int i = 0; i < instance.set_count; i++) napi_set_element(env, sets, i, describe(env, instance.sets[i]));
  return sets;
}

#define TEXT_OF(macro) TEXT(macro)
#define TEXT(token) #token

napi_value source_hash(napi_env env, napi_callback_info) { return string(env, TEXT_OF(TGPT_SOURCE_HASH)); }

bool operands_fit(const Instance& instance) {
  for (int set = 0; set < instance.set_count; set++) {
    const CommandTable& table = *instance.sets[set].table;
    for (int i = 0; i < table.count; i++) {
      if (table.commands[i].operands > kMostOperands) return false;
    }
  }
  return true;
}

void delete_instance(napi_env, void* instance, void*) { delete static_cast<Instance*>(instance); }

}  // namespace

NAPI_MODULE_INIT() {
  Instance* instance = new (std::nothrow) Instance;
  if (!instance || napi_set_instance_data(env, instance, delete_instance, nullptr) != napi_ok) {
    delete instance;
    return refuse(env, "there is no memory for the addon");
  }
  find_instruction_sets(*instance);
  if (!operands_fit(*instance)) return refuse(env, "a command takes too many operands");
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {
      {"sourceHash", source_hash}, {"instructionSets", instruction_sets}, {"call", call}, {"start", start}, {"run", run},
      {"stop", stop},              {"write", write},                      {"read", read},
  };
  for (const auto& [name, function] : functions) {
    napi_value value = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, instance, &value);
    napi_set_named_property(env, exports, name, value);
  }
  return exports;
}

// The WebAssembly module's exports: the core's commands by number, and their names. Each thread calls with operands in
// a place of its own.

#include <stdint.h>

#include "commands.h"

extern "C" const CommandTable tgpt_commands_baseline;

namespace {

constexpr int kMostOperands = 16;
double main_operands[kMostOperands];

const CommandTable& table = tgpt_commands_baseline;

}  // namespace

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

/** `index` is below command_count(). */
EXPORT(call) double wasm_call(uint32_t index, const double* operands) { return table.commands[index].command(operands); }

/** Where the main thread puts its operands: at most 16 numbers. */
EXPORT(operands) double* wasm_operands() { return main_operands; }

EXPORT(commandCount) int wasm_command_count() { return table.count; }
EXPORT(commandName) const char* wasm_command_name(uint32_t index) { return table.commands[index].name; }
EXPORT(commandOperands) int wasm_command_operands(uint32_t index) { return table.commands[index].operands; }
EXPORT(instructionSet) const char* wasm_instruction_set() { return table.instruction_set; }

// The whole interface of the C++ core: commands that take numbers and give a number, by name.
#pragma once

using Command = double (*)(const double* operands);

struct NamedCommand {
  const char* name;
  int operands;  // how many numbers it takes
  Command command;
};

struct CommandTable {
  const char* instruction_set;  // for people: "AVX-512"
  const NamedCommand* commands;
  int count;
};

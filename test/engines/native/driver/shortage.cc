// The machine below the core as the addon has it (platform_native.cc), but for its memory, which can run out.

#define platform_allocate allocate_natively
#include "platform_native.cc"
#undef platform_allocate

#include <limits.h>

#include "shortage.h"

namespace {

int blocks_left = INT_MAX;

}  // namespace

void begin_shortage(int blocks) { blocks_left = blocks; }

bool end_shortage() {
  bool missed = blocks_left < 0;
  blocks_left = INT_MAX;
  return missed;
}

void* platform_allocate(size_t bytes) {
  if (blocks_left < INT_MAX) blocks_left = blocks_left > 0 ? blocks_left - 1 : -1;
  return blocks_left < 0 ? nullptr : allocate_natively(bytes);
}

// Blocks of memory, cut into arrays. Sizes are counted first, so that a block is asked for once or not at all.
#pragma once

#include "platform.h"
#include "simd.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

namespace TGPT_SET {

/**
 * Cuts arrays out of a block; without a block it only counts. Run the same cuts twice: to count, and to cut. It counts in
 * 64 bits, so that what does not fit into an address space of 32 is seen not to fit.
 */
struct Cutter {
  char* block;
  uint64_t used = 0;

  explicit Cutter(void* block = nullptr) : block((char*)block) {}

  template <class T = float>
  T* cut(uint64_t count) {
    uint64_t at = used;
    used += (count * sizeof(T) + 63) & ~(uint64_t)63;
    fence(at + count * sizeof(T));
    return block ? (T*)(block + at) : nullptr;
  }

  /** For the address sanitizer: what lies between the arrays belongs to none of them. */
  void fence([[maybe_unused]] uint64_t end) {
#ifdef __SANITIZE_ADDRESS__
    used += 64;
    if (block) ASAN_POISON_MEMORY_REGION(block + end, used - end);
#endif
  }
};

/** A block that belongs to its holder, who calls `release`. */
struct Block {
  void* memory = nullptr;
  uint64_t bytes = 0;

  /** At least `wanted` bytes, not cleared; what was there is lost. False, and nothing held, if there are none. */
  bool ensure(uint64_t wanted) {
    if (wanted <= bytes) return true;
    release();
    memory = wanted <= SIZE_MAX ? platform_allocate((size_t)wanted) : nullptr;
    bytes = memory ? wanted : 0;
    return memory != nullptr;
  }
  void release() {
    unfence();
    if (memory) platform_release(memory);
    memory = nullptr;
    bytes = 0;
  }
  /** All of it may be cut anew. */
  void unfence() {
#ifdef __SANITIZE_ADDRESS__
    if (memory) ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
#endif
  }
};

/** Counts what `cuts(cutter)` takes, gets a block of that size, and cuts it. False if there is no memory for it. */
template <class Cuts>
INLINE bool cut_block(Block& block, const Cuts& cuts) {
  Cutter counting;
  cuts(counting);
  if (!block.ensure(counting.used)) return false;
  block.unfence();
  Cutter cutting(block.memory);
  cuts(cutting);
  return true;
}

}  // namespace TGPT_SET

// The machine below the core when it runs as an addon: an operating system with threads. Compiled for every processor.

#include "platform.h"

#include <stdlib.h>

#include <atomic>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace {

constexpr size_t kCacheLine = 64;
constexpr size_t kHugePage = 2 << 20;
constexpr size_t kLargeBlock = 2 * kHugePage;

/** The core's words are plain, because it also runs where there is no <atomic>; libc++ has no atomic_ref before 19. */
const std::atomic<uint32_t>& atomic(const uint32_t* word) {
  static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t) && std::atomic<uint32_t>::is_always_lock_free);
  return *reinterpret_cast<const std::atomic<uint32_t>*>(word);
}

}  // namespace

void* platform_allocate(size_t bytes) {
  bool large = bytes >= kLargeBlock;
  void* memory = nullptr;
  if (posix_memalign(&memory, large ? kHugePage : kCacheLine, bytes) != 0) return nullptr;
#ifdef MADV_HUGEPAGE
  // A step sweeps over all of a model: with small pages it would wait for the table of pages. A refusal does no harm.
  if (large) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

void platform_release(void* memory) { free(memory); }

void platform_wait(const uint32_t* word, uint32_t value) { atomic(word).wait(value); }

void platform_wake_all(const uint32_t* word) { const_cast<std::atomic<uint32_t>&>(atomic(word)).notify_all(); }

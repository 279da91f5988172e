// The machine below the core when it runs as WebAssembly: a memory that can grow, shared by the threads of one engine.
//
// Memory is handed out in blocks of whole cache lines, each after a line for its header. Free blocks are in a list by
// address; neighbours are joined. Blocks are few and large, so a search from the start of the list takes no time.

#include "platform.h"

extern "C" char __heap_base;  // from the linker: the end of the program's data

namespace {

constexpr uint32_t kLine = 64;
constexpr uint32_t kPage = 65536;
constexpr uint32_t kLeastGrowth = 16;  // pages
constexpr size_t kMostBytes = (size_t)0 - 2 * kPage;

struct alignas(kLine) Block {
  uint32_t lines;  // with this header
  Block* next;     // the next free one
};

Block* free_blocks = nullptr;
bool begun = false;

/** Held for some hundred instructions, so it is waited for without sleeping. */
struct Lock {
  static inline uint32_t taken = 0;
  Lock() {
    while (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE) != 0) {
    }
  }
  ~Lock() { __atomic_store_n(&taken, 0, __ATOMIC_RELEASE); }
};

bool joined(Block* block, Block* after) {
  if (!after || block + block->lines != after) return false;
  block->lines += after->lines;
  block->next = after->next;
  return true;
}

void insert(Block* block) {
  Block* before = nullptr;
  for (Block* each = free_blocks; each && each < block; each = each->next) before = each;
  Block*& place = before ? before->next : free_blocks;
  block->next = place;
  place = block;
  joined(block, block->next);
  if (before) joined(before, block);
}

void insert_range(uintptr_t begin, uint64_t end) {
  Block* block = (Block*)begin;
  block->lines = (uint32_t)((end - begin) / kLine);
  insert(block);
}

uint64_t memory_end() { return (uint64_t)__builtin_wasm_memory_size(0) * kPage; }

void begin() {
  if (begun) return;
  begun = true;
  insert_range(((uintptr_t)&__heap_base + kLine - 1) & ~(uintptr_t)(kLine - 1), memory_end());
}

bool grow(uint32_t lines) {
  uint32_t pages = (uint32_t)(((uint64_t)lines * kLine + kPage - 1) / kPage);
  if (pages < kLeastGrowth) pages = kLeastGrowth;
  size_t page = __builtin_wasm_memory_grow(0, pages);
  if (page == (size_t)-1) return false;
  insert_range((uintptr_t)page * kPage, (uint64_t)(page + pages) * kPage);
  return true;
}

/** The first block that is large enough, cut to size; null if there is none. */
Block* take(uint32_t lines) {
  Block** place = &free_blocks;
  while (*place && (*place)->lines < lines) place = &(*place)->next;
  Block* block = *place;
  if (!block) return nullptr;
  *place = block->next;
  if (block->lines > lines) {
    Block* rest = block + lines;
    rest->lines = block->lines - lines;
    rest->next = block->next;
    *place = rest;
    block->lines = lines;
  }
  return block;
}

}  // namespace

void* platform_allocate(size_t bytes) {
  if (bytes > kMostBytes) return nullptr;
  uint32_t lines = (uint32_t)((bytes + kLine - 1) / kLine) + 1;
  Lock lock;
  begin();
  Block* block = take(lines);
  if (!block && grow(lines)) block = take(lines);
  return block ? block + 1 : nullptr;
}

void platform_release(void* memory) {
  if (!memory) return;
  Lock lock;
  insert((Block*)memory - 1);
}

void platform_wait(const uint32_t* word, uint32_t value) {
  __builtin_wasm_memory_atomic_wait32((int*)word, (int)value, -1);
}

void platform_wake_all(const uint32_t* word) { __builtin_wasm_memory_atomic_notify((int*)word, (unsigned)-1); }

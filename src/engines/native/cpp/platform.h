// What the core needs of the machine it runs on. The addon and WebAssembly each bring their own.
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Memory aligned to 64 bytes, not cleared; null when there is none left. */
void* platform_allocate(size_t bytes);
void platform_release(void* memory);

/** Sleeps until `wake_all` is called for `word`, unless `*word` is no longer `value`. May also return for no reason. */
void platform_wait(const uint32_t* word, uint32_t value);
void platform_wake_all(const uint32_t* word);

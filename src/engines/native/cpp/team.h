// The threads of one engine. All of them run the same code; units of work are handed out from a counter, and at a
// barrier they wait for each other. What is computed never depends on which thread computes it.
#pragma once

#include "platform.h"
#include "simd.h"

namespace TGPT_SET {

struct Team {
  int size;    // threads that there are
  int active;  // threads that take part in this job: 1, or all
  alignas(64) uint32_t next;     // the next unit of work
  alignas(64) uint32_t arrived;  // threads that wait at the barrier
  alignas(64) uint32_t phase;    // barriers passed
  alignas(64) uint32_t jobs;     // jobs begun: helpers wait for it to change
  uint32_t ended;
};

/** Looks at a word for a moment, then sleeps: a spinning thread would steal the core that it waits for. */
INLINE void wait_while(const uint32_t* word, uint32_t value) {
  constexpr int kGlances = 300;
  for (int i = 0; i < kGlances; i++) {
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value) platform_wait(word, value);
}

INLINE void advance_and_wake(uint32_t* word) {
  __atomic_add_fetch(word, 1, __ATOMIC_ACQ_REL);
  platform_wake_all(word);
}

/** All active threads have arrived, and see what the others wrote; units are counted from 0 again. */
static void barrier(Team& team) {
  uint32_t active = team.active;  // read now: once all have arrived, the next job may change it
  if (active == 1) {
    team.next = 0;
    return;
  }
  uint32_t phase = __atomic_load_n(&team.phase, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&team.arrived, 1, __ATOMIC_ACQ_REL) < active) {
    wait_while(&team.phase, phase);
    return;
  }
  __atomic_store_n(&team.arrived, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&team.next, 0, __ATOMIC_RELAXED);
  advance_and_wake(&team.phase);
}

/** Calls `work(unit)` for this thread's share of `units`: whoever is free takes the next. A barrier ends them. */
template <class Work>
INLINE void share_units(Team& team, int units, const Work& work) {
  for (;;) {
    uint32_t unit = __atomic_fetch_add(&team.next, 1, __ATOMIC_RELAXED);
    if (unit >= (uint32_t)units) break;
    work((int)unit);
  }
  barrier(team);
}

/** A thread's fixed share of `count` things, for work too short to hand out one by one. */
struct Share {
  int begin, end;
};
INLINE Share share_of(int count, int thread, const Team& team) {
  return {(int)((int64_t)count * thread / team.active), (int)((int64_t)count * (thread + 1) / team.active)};
}

}  // namespace TGPT_SET

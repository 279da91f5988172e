// The threads of one engine. By pthreads: std::thread throws where the system refuses a thread, and cannot ask for a
// stack of a certain size; musl's default would be 128 KiB.

#include "threads.h"

#include <new>

namespace {

constexpr size_t kStackBytes = 1 << 20;

bool start_thread(pthread_t* thread, void* (*main)(void*), void* context) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, kStackBytes);
  bool started = pthread_create(thread, &attributes, main, context) == 0;
  pthread_attr_destroy(&attributes);
  return started;
}

}  // namespace

Threads::Threads(const ThreadCommands& commands, double engine, void (*finished)(void*), void* context)
    : commands_(commands), engine_(engine), finished_(finished), context_(context) {}

Threads::~Threads() { stop(); }

bool Threads::start(int count) {
  start_helpers(count - 1);
  has_leader_ = helper_count_ == count - 1 && start_thread(&leader_, leader_main, this);
  if (!has_leader_) stop_helpers();
  return has_leader_;
}

void Threads::start_helpers(int count) {
  helpers_ = new (std::nothrow) Helper[count];
  if (!helpers_) return;
  for (helper_count_ = 0; helper_count_ < count; helper_count_++) {
    Helper& helper = helpers_[helper_count_];
    helper.team = this;
    helper.number = helper_count_ + 1;
    if (!start_thread(&helper.thread, helper_main, &helper)) return;
  }
}

void Threads::begin_job() {
  std::lock_guard lock(mutex_);
  task_ = Task::job;
  changed_.notify_all();
}

void Threads::stop() {
  if (!has_leader_) return;
  {
    std::unique_lock lock(mutex_);
    // A job that was given but not yet taken is in progress, too: whoever waits for it must hear of its end.
    changed_.wait(lock, [this] { return task_ == Task::none; });
    task_ = Task::end;
    changed_.notify_all();
  }
  pthread_join(leader_, nullptr);
  has_leader_ = false;
  stop_helpers();
}

void Threads::stop_helpers() {
  if (helper_count_ > 0) commands_.quit(&engine_);
  for (int i = 0; i < helper_count_; i++) pthread_join(helpers_[i].thread, nullptr);
  delete[] helpers_;
  helpers_ = nullptr;
  helper_count_ = 0;
}

void Threads::lead() {
  while (next_task() == Task::job) {
    commands_.run(&engine_);
    finished_(context_);
  }
}

Threads::Task Threads::next_task() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return task_ != Task::none; });
  Task task = task_;
  task_ = Task::none;
  changed_.notify_all();
  return task;
}

void* Threads::leader_main(void* threads) {
  static_cast<Threads*>(threads)->lead();
  return nullptr;
}

void* Threads::helper_main(void* helper) {
  const Helper& self = *static_cast<Helper*>(helper);
  const double operands[] = {self.team->engine_, static_cast<double>(self.number)};
  self.team->commands_.serve(operands);
  return nullptr;
}

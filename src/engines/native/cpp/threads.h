// The threads of one engine in the addon: helpers, which take part in every job, and a leader, which carries out one
// job after another, so that the thread that asks for a job can go on.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <mutex>

#include "commands.h"

/** The commands of the core that threads call. */
struct ThreadCommands {
  Command run;    // carries out the prepared job; takes an engine
  Command serve;  // the life of a helper; takes an engine and the helper's number, from 1
  Command quit;   // ends `serve`; takes an engine
};

class Threads {
 public:
  /** `finished(context)` is called on the leader's thread when a job is done. */
  Threads(const ThreadCommands& commands, double engine, void (*finished)(void*), void* context);
  ~Threads();

  /** Starts a leader and `count` - 1 helpers. False, and none is left, if the system refuses one. */
  bool start(int count);
  /** Gives the leader the prepared job. One at a time: the next may be given when `finished` has been called. */
  void begin_job();
  /** Ends all threads, after the job in progress, and returns when they have ended. */
  void stop();

 private:
  struct Helper {
    Threads* team;
    int number;
    pthread_t thread;
  };
  enum class Task { none, job, end };

  void start_helpers(int count);
  void stop_helpers();
  void lead();
  Task next_task();
  static void* leader_main(void* threads);
  static void* helper_main(void* helper);

  const ThreadCommands commands_;
  const double engine_;
  void (*const finished_)(void*);
  void* const context_;

  pthread_t leader_;
  bool has_leader_ = false;
  Helper* helpers_ = nullptr;
  int helper_count_ = 0;

  std::mutex mutex_;  // guards task_
  std::condition_variable changed_;
  Task task_ = Task::none;
};

// The threads of engines as JavaScript sees them: a job is a promise, and keeps the process alive while it is done.

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <new>

#include "addon.h"
#include "threads.h"

/** An engine's threads, and the promise of the job that they do. */
struct Crew {
  double engine;
  Threads threads;
  napi_threadsafe_function completion = nullptr;
  napi_deferred promise = nullptr;  // of the job in progress
  Crew* next = nullptr;

  Crew(const ThreadCommands& commands, double handle)
      : engine(handle), threads(commands, handle, announce, this) {}

  /** On the leader's thread. An environment that is coming to its end refuses: then nobody waits any more. */
  static void announce(void* crew) {
    napi_call_threadsafe_function(static_cast<Crew*>(crew)->completion, nullptr, napi_tsfn_nonblocking);
  }
};

namespace {

Command command_named(const CommandTable& table, const char* name) {
  for (int i = 0; i < table.count; i++) {
    if (strcmp(table.commands[i].name, name) == 0) return table.commands[i].command;
  }
  return nullptr;
}

/** Where the list of crews points at the crew of an engine; at its end if there is none. */
Crew** find_crew(Instance& instance, double engine) {
  Crew** place = &instance.crews;
  while (*place && (*place)->engine != engine) place = &(*place)->next;
  return place;
}

/** On the main thread, when the leader has announced the end of a job; without `env` if that is gone. */
void complete(napi_env env, napi_value, void* context, void*) {
  if (!env) return;
  Crew& crew = *static_cast<Crew*>(context);
  napi_unref_threadsafe_function(env, crew.completion);
  napi_deferred promise = crew.promise;
  crew.promise = nullptr;
  napi_value undefined = nullptr;
  napi_get_undefined(env, &undefined);
  napi_resolve_deferred(env, promise, undefined);
}

/** When the environment ends without `stop`: what the threads execute is about to be unloaded. */
void end_threads(void* crew) { static_cast<Crew*>(crew)->threads.stop(); }

void delete_crew(napi_env, void*, void* crew) { delete static_cast<Crew*>(crew); }

/** The crew lives until its completion is finalized: announcements may be on their way when its threads have ended. */
bool make_completion(napi_env env, Crew* crew) {
  napi_value name = nullptr;
  napi_create_string_utf8(env, "tgpt", NAPI_AUTO_LENGTH, &name);
  napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, delete_crew, crew,
                                                       complete, &crew->completion);
  if (status != napi_ok) return false;
  napi_unref_threadsafe_function(env, crew->completion);
  return true;
}

}  // namespace

napi_value start(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  const CommandTable* table = arguments.table(env);
  double engine = arguments.address(env, 1), threads = arguments.integer(env, 2, 1, kMostThreads);
  if (!table || engine < 0 || threads < 0) return refuse(env, "start takes a set, an engine and 1 to 1024 threads");
  Crew** place = find_crew(*arguments.instance, engine);
  if (*place) return refuse(env, "the engine has its threads already");
  ThreadCommands commands = {command_named(*table, "run"), command_named(*table, "serve"),
                             command_named(*table, "quit")};
  if (!commands.run || !commands.serve || !commands.quit) return refuse(env, "the core has no commands for threads");
  Crew* crew = new (std::nothrow) Crew(commands, engine);
  if (!crew || !make_completion(env, crew)) {
    delete crew;
    return refuse(env, "there is no memory for threads");
  }
  if (!crew->threads.start(static_cast<int>(threads))) {
    napi_release_threadsafe_function(crew->completion, napi_tsfn_release);
    char message[64];
    snprintf(message, sizeof message, "the system refuses %d threads", static_cast<int>(threads));
    napi_throw_error(env, nullptr, message);
    return nullptr;
  }
  napi_add_env_cleanup_hook(env, end_threads, crew);  // after its completion's own hook, so it is called before that
  *place = crew;
  return nullptr;
}

napi_value run(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  Crew* crew = *find_crew(*arguments.instance, arguments.address(env, 0));
  if (!crew) return refuse(env, "the engine has no threads");
  if (crew->promise) return refuse(env, "a job is in progress");
  napi_value promise = nullptr;
  if (napi_create_promise(env, &crew->promise, &promise) != napi_ok) return nullptr;
  napi_ref_threadsafe_function(env, crew->completion);  // the process goes on for the sake of the job
  crew->threads.begin_job();
  return promise;
}

napi_value stop(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  Crew** place = find_crew(*arguments.instance, arguments.address(env, 0));
  Crew* crew = *place;
  if (!crew) return refuse(env, "the engine has no threads");
  if (crew->promise) return refuse(env, "a job is in progress");
  *place = crew->next;
  napi_remove_env_cleanup_hook(env, end_threads, crew);
  crew->threads.stop();
  napi_release_threadsafe_function(crew->completion, napi_tsfn_release);
  return nullptr;
}

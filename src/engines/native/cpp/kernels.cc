// The core's commands for one instruction set. Compiled once for each, with TGPT_SET as its name; see commands.h.

#include "commands.h"

#include "inference.h"
#include "training.h"

namespace TGPT_SET {

template <class T>
INLINE T* pointer(double address) {
  return (T*)(uintptr_t)address;
}
INLINE double address(const void* pointer) { return (double)(uintptr_t)pointer; }
INLINE Engine& engine_of(const double* operands) { return *pointer<Engine>(operands[0]); }

template <class T>
static T* make() {
  void* memory = platform_allocate(sizeof(T));
  if (memory) __builtin_memset(memory, 0, sizeof(T));
  return (T*)memory;
}

// ---- An engine's life.

static double destroy(const double* o) {
  close_engine(engine_of(o));
  platform_release(pointer<void>(o[0]));
  return 0;
}

/** vocabSize, blockSize, nLayer, nHead, nEmbd, bias, activation (0: exact), threads. 0: no memory. */
static double create(const double* o) {
  Engine* engine = make<Engine>();
  if (!engine) return 0;
  Config config{(int)o[0], (int)o[1], (int)o[2], (int)o[3], (int)o[4], o[5] != 0, o[6] == 0};
  double handle = address(engine);
  if (open_engine(*engine, config, (int)o[7])) return handle;
  return destroy(&handle);
}

static double allocate(const double* o) {
  return o[0] < (double)SIZE_MAX ? address(platform_allocate((size_t)o[0])) : 0;
}

static double release(const double* o) {
  platform_release(pointer<void>(o[0]));
  return 0;
}

// ---- Parameters.

enum Part { kValue, kFirstMoment, kSecondMoment, kGradient };

INLINE float* part_of(const Model& model, int part) {
  float* parts[] = {model.value, model.first_moment, model.second_moment, model.gradient};
  return parts[part];
}

/** engine, part, tensor, address of row-major floats. 0: no memory. */
static double import_tensor(const double* o) {
  Engine& e = engine_of(o);
  if ((int)o[1] != kValue && !open_training(e)) return 0;
  const Tensor& tensor = e.model.tensors[(int)o[2]];
  to_panels(pointer<float>(o[3]), tensor.columns, tensor.rows, tensor.columns, part_of(e.model, (int)o[1]) + tensor.at);
  e.factors_stale = true;
  return 1;
}

static double export_tensor(const double* o) {
  Engine& e = engine_of(o);
  const Tensor& tensor = e.model.tensors[(int)o[2]];
  if (float* part = part_of(e.model, (int)o[1])) {
    from_panels(part + tensor.at, tensor.rows, tensor.columns, pointer<float>(o[3]));
  } else {
    clear(pointer<float>(o[3]), (size_t)tensor.rows * tensor.columns);  // moments before the first step
  }
  return 1;
}

static double clear_moments(const double* o) {
  const Model& model = engine_of(o).model;
  if (!model.first_moment) return 0;
  clear(model.first_moment, model.floats);
  clear(model.second_moment, model.floats);
  return 0;
}

// ---- Jobs.

static double clear_batches(const double* o) {
  engine_of(o).batch_count = 0;
  return 0;
}

/** engine, inputs, targets, batchSize, length. 0: no memory. */
static double add_batch(const double* o) {
  Engine& e = engine_of(o);
  size_t needed = sizeof(Batch) * (e.batch_count + 1);
  if (needed > e.batch_list.bytes) {
    Block larger;
    if (!larger.ensure(2 * needed)) return 0;
    if (e.batch_count > 0) __builtin_memcpy(larger.memory, e.batch_list.memory, sizeof(Batch) * e.batch_count);
    e.batch_list.release();
    e.batch_list = larger;
  }
  e.batches()[e.batch_count++] = {pointer<int32_t>(o[1]), pointer<int32_t>(o[2]), (int)o[3], (int)o[4]};
  return 1;
}

static double prepare(Engine& e, Job job, bool possible, int active) {
  e.job = job;
  e.team.active = active;
  return possible;
}

/** engine, key (low, high), dropout, learningRate, beta1, beta2, epsilon, weightDecay, gradientClip, corrections. */
static double prepare_step(const double* o) {
  Engine& e = engine_of(o);
  e.dropout_key = {(uint32_t)o[1], (uint32_t)o[2]};
  e.dropout = o[3];
  e.adam = {o[4], o[5], o[6], o[7], o[8], o[9], o[10], o[11]};
  return prepare(e, Job::step, open_training(e) && open_training_workspace(e), e.team.size);
}

static double prepare_gradients(const double* o) {
  Engine& e = engine_of(o);
  e.dropout = 0;
  return prepare(e, Job::gradients, open_training(e) && open_training_workspace(e), e.team.size);
}

static double prepare_inference(const double* o, Job job) {
  Engine& e = engine_of(o);
  e.output = pointer<float>(o[1]);
  return prepare(e, job, open_inference_workspace(e), e.team.size);
}
static double prepare_losses(const double* o) { return prepare_inference(o, Job::losses); }
static double prepare_logits(const double* o) { return prepare_inference(o, Job::logits); }

static double prepare_measure_peak(const double* o) {
  Engine& e = engine_of(o);
  e.flops = 2.0 * kPeakRounds * kPeakSums * kLanes * e.team.size;
  return prepare(e, Job::measure_peak, true, e.team.size);
}

// ---- Decoders.

static double destroy_decoder(const double* o) {
  pointer<Decoder>(o[1])->block.release();
  platform_release(pointer<void>(o[1]));
  return 0;
}

/** engine, sequences. 0: no memory. */
static double create_decoder(const double* o) {
  Decoder* decoder = make<Decoder>();
  if (!decoder) return 0;
  double handles[] = {o[0], address(decoder)};
  return open_decoder(engine_of(o).model.config, (int)o[1], *decoder) ? handles[1] : destroy_decoder(handles);
}

/** engine, decoder of one sequence, sequences. 0: no memory. */
static double fork_decoder(const double* o) {
  double operands[] = {o[0], o[2]};
  double forked = create_decoder(operands);
  if (forked != 0) copy_sequence(engine_of(o).model.config, *pointer<Decoder>(o[1]), *pointer<Decoder>(forked));
  return forked;
}

/** engine, decoder, ids [sequences, length], length, fresh, out [sequences, V], threads (1 or all). 0: no memory. */
static double prepare_advance(const double* o) {
  Engine& e = engine_of(o);
  const Config& c = e.model.config;
  Decoder& decoder = *pointer<Decoder>(o[1]);
  if (o[4] != 0) decoder.length = 0;
  e.decoder = &decoder;
  e.decoder_ids = pointer<int32_t>(o[2]);
  e.decoder_tokens = (int)o[3];
  e.output = pointer<float>(o[5]);
  bool open = cut_block(e.decoding.block, [&](Cutter& cutter) {
    e.decoding.buffers = cutter.cut<DecoderBuffers>(e.team.size);
    cut_decoder_buffers(cutter, c, decoder.sequences, e.decoder_tokens, e.team.size, e.decoding.buffers);
  });
  return prepare(e, Job::advance, open, (int)o[6]);
}

// ---- Running.

static void advance(Engine& e, int thread) {
  const Config& c = e.model.config;
  Advance{e.model,  *e.decoder, e.decoder_ids, e.decoder_tokens,           e.output,
          e.team,   thread,     e.decoding.buffers[thread], Strides(c, c.block)}
      .run();
}

/** One thread's part of the job. After the barrier at its end no thread reads anything of the job. */
static void work(Engine& e, int thread) {
  refresh(e);
  switch (e.job) {
    case Job::step:
      accumulate_gradients(e, thread);
      update_weights(e, thread);
      break;
    case Job::gradients:
      accumulate_gradients(e, thread);
      break;
    case Job::losses:
      losses(e, thread);
      break;
    case Job::logits:
      logits(e, thread);
      break;
    case Job::advance:
      advance(e, thread);
      break;
    case Job::measure_peak:
      measure_peak();
  }
  barrier(e.team);
}

/** The job, as thread 0. */
static double run(const double* o) {
  Engine& e = engine_of(o);
  if (e.team.active > 1) advance_and_wake(&e.team.jobs);
  work(e, 0);
  e.factors_stale = false;
  if (e.job == Job::advance) e.decoder->length += e.decoder_tokens;
  return 0;
}

/** engine, thread: a helper's life. */
static double serve(const double* o) {
  Engine& e = engine_of(o);
  for (uint32_t seen = 0;;) {
    wait_while(&e.team.jobs, seen);
    seen = __atomic_load_n(&e.team.jobs, __ATOMIC_ACQUIRE);
    if (__atomic_load_n(&e.team.ended, __ATOMIC_ACQUIRE)) return 0;
    work(e, (int)o[1]);
  }
}

static double quit(const double* o) {
  Team& team = engine_of(o).team;
  __atomic_store_n(&team.ended, 1, __ATOMIC_RELEASE);
  advance_and_wake(&team.jobs);
  return 0;
}

static double loss(const double* o) { return engine_of(o).loss; }
static double gradient_norm(const double* o) { return engine_of(o).gradient_norm; }
static double flops(const double* o) { return engine_of(o).flops; }
static double vector_width(const double*) { return kLanes; }
static double has_bf16(const double*) { return !kFactorsAreFloats; }

static const NamedCommand kCommands[] = {
    {"create", 8, create},
    {"destroy", 1, destroy},
    {"allocate", 1, allocate},
    {"release", 1, release},
    {"import", 4, import_tensor},
    {"export", 4, export_tensor},
    {"clearMoments", 1, clear_moments},
    {"clearBatches", 1, clear_batches},
    {"addBatch", 5, add_batch},
    {"prepareStep", 12, prepare_step},
    {"prepareGradients", 1, prepare_gradients},
    {"prepareLosses", 2, prepare_losses},
    {"prepareLogits", 2, prepare_logits},
    {"prepareMeasurePeak", 1, prepare_measure_peak},
    {"createDecoder", 2, create_decoder},
    {"forkDecoder", 3, fork_decoder},
    {"destroyDecoder", 2, destroy_decoder},
    {"prepareAdvance", 7, prepare_advance},
    {"run", 1, run},
    {"serve", 2, serve},
    {"quit", 1, quit},
    {"loss", 1, loss},
    {"gradientNorm", 1, gradient_norm},
    {"flops", 1, flops},
    {"vectorWidth", 0, vector_width},
    {"hasBf16", 0, has_bf16},
};

#if defined(__AVX512BF16__)
constexpr const char* kInstructionSet = "AVX-512 with bf16";
#elif defined(__AVX512F__)
constexpr const char* kInstructionSet = "AVX-512";
#elif defined(__AVX2__)
constexpr const char* kInstructionSet = "AVX2";
#elif defined(__x86_64__)
constexpr const char* kInstructionSet = "SSE2";
#elif defined(__aarch64__)
constexpr const char* kInstructionSet = "NEON";
#elif defined(__wasm_relaxed_simd__)
constexpr const char* kInstructionSet = "relaxed SIMD";
#else
constexpr const char* kInstructionSet = "SIMD";
#endif

}  // namespace TGPT_SET

#define CONCATENATE(a, b) a##b
#define SYMBOL(set) CONCATENATE(tgpt_commands_, set)
extern "C" const CommandTable SYMBOL(TGPT_SET);
extern "C" const CommandTable SYMBOL(TGPT_SET) = {TGPT_SET::kInstructionSet, TGPT_SET::kCommands,
                                                  sizeof(TGPT_SET::kCommands) / sizeof(NamedCommand)};

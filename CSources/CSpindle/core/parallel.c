/// The only file that knows of threads. OpenMP is entered through its runtime's own functions, as
/// the compiler would call them, so that the package needs no compiler flag.
#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "container.h"
#include "plan.h"

extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern int omp_get_num_procs(void);

/// Whether OMP_NUM_THREADS is what OpenMP asks for: numbers from 1 with commas between.
static bool are_numbers(const char *text) {
  for (;;) {
    char *end;
    long number = strtol(text, &end, 10);
    if (end == text || number < 1 || number > 1 << 16) return false;
    while (*end == ' ' || *end == '\t') end++;
    if (!*end) return true;
    if (*end != ',') return false;
    text = end + 1;
  }
}

/// The start of an OMP_NUM_THREADS that says something else than numbers.
static char ignored_threads[64];

/// Before any call of OpenMP's, and before there are threads: some of libomp's versions end the
/// process where OMP_NUM_THREADS is empty, and take gigabytes where it is a word. Such a one is as
/// none.
__attribute__((constructor)) static void check_environment(void) {
  const char *threads = getenv("OMP_NUM_THREADS");
  if (!threads || are_numbers(threads)) return;
  if (threads[strspn(threads, " \t")])
    strncpy(ignored_threads, threads, sizeof ignored_threads - 1);
  unsetenv("OMP_NUM_THREADS");
}

const char *spindle_ignored_threads(void) { return *ignored_threads ? ignored_threads : NULL; }

uint32_t spindle_useful_threads(void) {
  static atomic_uint known; // 0: not yet
  uint32_t count = atomic_load_explicit(&known, memory_order_relaxed);
  if (count > 0) return count;
  const char *forced = getenv("SPINDLE_FORCE_THREADS");
  if (forced && forced[0] == '1') {
    count = SPINDLE_MAXIMUM_THREADS;
  } else {
    int processors = omp_get_num_procs();
    count = processors < 1 ? 1 : (uint32_t)processors;
    count = MINIMUM(count, container_processors());
    count = MINIMUM(count, SPINDLE_MAXIMUM_THREADS);
  }
  atomic_store_explicit(&known, count, memory_order_relaxed);
  return count;
}

uint32_t spindle_default_threads(void) {
  int threads = omp_get_max_threads();
  return threads < 1 ? 1 : MINIMUM((uint32_t)threads, spindle_useful_threads());
}

const char *spindle_openmp_runtime(void) { return "libomp (LLVM), entered by GOMP_parallel"; }

/// Sets the processor to flush denormals to zero; returns the mode before. Gradients that decay by
/// beta every step become denormal, which slows some processors a hundredfold. x86-64 flushes what
/// is denormal when rounded, AArch64 what is so before: they part where the exact result lies less
/// than FLT_MIN 2^-25 below FLT_MIN (Tests/c/flush.c).
static uint64_t flush_denormals(void) {
#if defined(__x86_64__)
  uint32_t mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(mode | 0x8040); // flush to zero, denormals are zero
  return mode;
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" ::"r"(mode | (UINT64_C(1) << 24)));
  return mode;
#else
  return 0;
#endif
}

static void restore_denormals(uint64_t mode) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr((uint32_t)mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" ::"r"(mode));
#else
  (void)mode;
#endif
}

/// Tasks of a job that a thread has begun of those that are its own; alone on its cache line.
typedef struct queue {
  _Alignas(64) atomic_uint begun;
} queue;

/// Threads of one OpenMP region, which run the leader's jobs one after another. Entering a region
/// costs microseconds, handing a waiting thread its next job a tenth of one.
struct team {
  parallel_task task; ///< NULL: no more jobs
  void *context;
  uint32_t tasks, threads;
  queue left;             ///< In `begun`: tasks of the job that nobody has begun.
  atomic_uint generation; ///< Counts the jobs.
  atomic_uint finished;   ///< Threads, but for the leader, that are done with the job.
  void (*lead)(void *context);
  void *lead_context;
  queue queues[SPINDLE_MAXIMUM_THREADS]; ///< [threads]
};

uint32_t spindle_own_tasks(uint32_t tasks, uint32_t threads, uint32_t thread) {
  return (uint32_t)((uint64_t)tasks * thread / threads);
}

/// Each thread first takes its own tasks, neighbours in the data, which it had in earlier jobs too
/// and may still have in its cache; then it helps the others, as long as there is something to
/// begin: where all are done at a time, none looks through the queues of all.
static void run_tasks(team *team, uint32_t thread) {
  uint64_t mode = flush_denormals();
  for (uint32_t i = 0; i < team->threads; i++) {
    if (atomic_load_explicit(&team->left.begun, memory_order_relaxed) == 0) break;
    uint32_t owner = (thread + i) % team->threads;
    uint32_t first = spindle_own_tasks(team->tasks, team->threads, owner), index;
    uint32_t count = spindle_own_tasks(team->tasks, team->threads, owner + 1) - first;
    atomic_uint *begun = &team->queues[owner].begun;
    while (atomic_load_explicit(begun, memory_order_relaxed) < count &&
           (index = atomic_fetch_add_explicit(begun, 1, memory_order_relaxed)) < count) {
      atomic_fetch_sub_explicit(&team->left.begun, 1, memory_order_relaxed);
      team->task(team->context, (struct task){first + index, thread});
    }
  }
  restore_denormals(mode);
}

static void set_job(team *team, parallel_task task, void *context, uint32_t tasks) {
  team->task = task;
  team->context = context;
  team->tasks = tasks;
  atomic_store_explicit(&team->left.begun, tasks, memory_order_relaxed);
  for (uint32_t i = 0; i < team->threads; i++)
    atomic_store_explicit(&team->queues[i].begun, 0, memory_order_relaxed);
}

/// Waits for a moment; with more threads than processors, lets another run.
static void pause_thread(uint32_t *spins) {
  if (++*spins > 2000) sched_yield();
#if defined(__x86_64__)
  else __builtin_ia32_pause();
#elif defined(__aarch64__)
  else __asm__ volatile("yield");
#endif
}

/// Publishes a job, or the end where `task` is NULL, to the threads that wait.
static void publish(team *team, parallel_task task, void *context, uint32_t tasks) {
  set_job(team, task, context, tasks);
  atomic_store_explicit(&team->finished, 0, memory_order_relaxed);
  atomic_fetch_add_explicit(&team->generation, 1, memory_order_release);
}

static void follow(team *team, uint32_t thread) {
  for (uint32_t seen = 0;;) {
    uint32_t spins = 0, now;
    while ((now = atomic_load_explicit(&team->generation, memory_order_acquire)) == seen)
      pause_thread(&spins);
    seen = now;
    if (!team->task) return;
    run_tasks(team, thread);
    atomic_fetch_add_explicit(&team->finished, 1, memory_order_release);
  }
}

static void region(void *data) {
  team *team = data;
  uint32_t thread = (uint32_t)omp_get_thread_num();
  if (thread > 0) {
    follow(team, thread);
    return;
  }
  team->threads = (uint32_t)omp_get_num_threads();
  team->lead(team->lead_context);
  publish(team, NULL, NULL, 0);
}

void spindle_with_team(team **slot, uint32_t threads, void (*lead)(void *), void *context) {
  threads = MINIMUM(threads, spindle_useful_threads());
  if (threads <= 1) {
    lead(context);
    return;
  }
  team team;
  team.lead = lead;
  team.lead_context = context;
  atomic_init(&team.generation, 0);
  *slot = &team;
  GOMP_parallel(region, &team, threads, 0);
  *slot = NULL;
}

static void run_thread(void *data) { run_tasks(data, (uint32_t)omp_get_thread_num()); }

static void run_alone(parallel_task task, void *context, uint32_t tasks) {
  uint64_t mode = flush_denormals();
  for (uint32_t i = 0; i < tasks; i++) task(context, (struct task){i, 0});
  restore_denormals(mode);
}

void spindle_parallel(team *team, uint32_t threads, uint32_t tasks, parallel_task task,
                      void *context) {
  threads = MINIMUM(MINIMUM(threads, tasks), team ? threads : spindle_useful_threads());
  if (threads <= 1) {
    run_alone(task, context, tasks);
  } else if (!team) {
    // OpenMP may start fewer threads: those that run take the tasks of the others.
    struct team passing;
    passing.threads = threads;
    set_job(&passing, task, context, tasks);
    GOMP_parallel(run_thread, &passing, threads, 0);
  } else {
    publish(team, task, context, tasks);
    run_tasks(team, 0);
    uint32_t spins = 0;
    while (atomic_load_explicit(&team->finished, memory_order_acquire) != team->threads - 1)
      pause_thread(&spins);
  }
}

/// The only file that knows of threads. OpenMP is entered through its runtime's own functions, as
/// the compiler would call them, so that the package needs no compiler flag.
#include <sched.h>
#include <stdatomic.h>
#include "internal.h"

extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);

uint32_t spindle_default_threads(void) {
  int threads = omp_get_max_threads();
  return threads < 1 ? 1 : MINIMUM((uint32_t)threads, SPINDLE_MAXIMUM_THREADS);
}

const char *spindle_openmp_runtime(void) { return "libomp (LLVM), entered by GOMP_parallel"; }

/// Sets the processor to flush denormals to zero; returns the mode before. Gradients that decay by
/// beta every step become denormal, which slows some processors a hundredfold.
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

/// Threads of one OpenMP region, which run the leader's jobs one after another. Entering a region
/// costs microseconds, handing a waiting thread its next job a tenth of one.
struct team {
  parallel_task task; ///< NULL: no more jobs
  void *context;
  uint32_t tasks, threads;
  atomic_uint next;       ///< The next task of the job.
  atomic_uint generation; ///< Counts the jobs.
  atomic_uint finished;   ///< Threads, but for the leader, that are done with the job.
  void (*lead)(void *context);
  void *lead_context;
};

static void run_tasks(team *team, uint32_t thread) {
  uint64_t mode = flush_denormals();
  uint32_t task;
  while ((task = atomic_fetch_add_explicit(&team->next, 1, memory_order_relaxed)) < team->tasks)
    team->task(team->context, task, thread);
  restore_denormals(mode);
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
  team->task = task;
  team->context = context;
  team->tasks = tasks;
  atomic_store_explicit(&team->next, 0, memory_order_relaxed);
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
  team team = {.lead = lead, .lead_context = context};
  if (threads <= 1) {
    lead(context);
    return;
  }
  *slot = &team;
  GOMP_parallel(region, &team, threads, 0);
  *slot = NULL;
}

static void run_thread(void *data) { run_tasks(data, (uint32_t)omp_get_thread_num()); }

void spindle_parallel(team *team, uint32_t threads, uint32_t tasks, parallel_task task,
                      void *context) {
  struct team alone = {.task = task, .context = context, .tasks = tasks};
  if (threads > tasks) threads = tasks;
  if (threads <= 1) {
    run_tasks(&alone, 0);
  } else if (!team) {
    GOMP_parallel(run_thread, &alone, threads, 0);
  } else {
    publish(team, task, context, tasks);
    run_tasks(team, 0);
    uint32_t spins = 0;
    while (atomic_load_explicit(&team->finished, memory_order_acquire) != team->threads - 1)
      pause_thread(&spins);
  }
}

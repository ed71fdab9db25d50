/// The only file that knows of threads. OpenMP is entered through its runtime's own functions, as
/// the compiler would call them, so that the package needs no compiler flag.
#include <stdatomic.h>
#include <stdio.h>
#include "internal.h"

extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
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

typedef struct team {
  parallel_task task;
  void *context;
  uint32_t tasks;
  atomic_uint next;
} team;

static void run_tasks(team *team, uint32_t thread) {
  uint64_t mode = flush_denormals();
  uint32_t task;
  while ((task = atomic_fetch_add_explicit(&team->next, 1, memory_order_relaxed)) < team->tasks)
    team->task(team->context, task, thread);
  restore_denormals(mode);
}

static void run_thread(void *data) { run_tasks(data, (uint32_t)omp_get_thread_num()); }

void spindle_parallel(uint32_t threads, uint32_t tasks, parallel_task task, void *context) {
  team team = {.task = task, .context = context, .tasks = tasks};
  if (threads > tasks) threads = tasks;
  if (threads <= 1) run_tasks(&team, 0);
  else GOMP_parallel(run_thread, &team, threads, 0);
}

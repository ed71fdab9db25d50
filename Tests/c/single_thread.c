/// OpenMP's entry points for one thread: for a machine without libomp, as the emulated one of
/// Scripts/check_c.sh. The results are the same bits whatever the number of threads.
#include <stddef.h>

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_max_threads(void);
int omp_get_num_procs(void);
int omp_get_num_threads(void);

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags) {
  (void)threads;
  (void)flags;
  body(data);
}
int omp_get_thread_num(void) { return 0; }
int omp_get_max_threads(void) { return 1; }
int omp_get_num_procs(void) { return 1; }
int omp_get_num_threads(void) { return 1; }

#include "peak.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF

#define UNROLL _Pragma("clang loop unroll(full)")

/// As many sums at a time as hide the latency and fit the registers. Every sum nears 1, whatever
/// it began with, so that none overflows or becomes denormal.
#define PEAK(NAME, LANES, SUMS, MULTIPLY_ADD)                                                      \
  static uint64_t NAME(uint64_t rounds) {                                                          \
    typedef float vector __attribute__((vector_size(4 * LANES)));                                  \
    vector sum[SUMS], factor = 0.5f - (vector){0}, term = 0.5f - (vector){0};                      \
    UNROLL for (int i = 0; i < SUMS; i++) sum[i] = (float)i - (vector){0};                         \
    __asm__ volatile("" : "+m"(factor), "+m"(term));                                               \
    for (uint64_t r = 0; r < rounds; r++)                                                          \
      UNROLL for (int i = 0; i < SUMS; i++) sum[i] = MULTIPLY_ADD(sum[i], factor, term);           \
    UNROLL for (int i = 0; i < SUMS; i++) __asm__ volatile("" ::"m"(sum[i]));                      \
    return rounds * SUMS * LANES * 2;                                                              \
  }
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#define SEPARATE(a, b, c) ((a) * (b) + (c))

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
PEAK(peak_avx512, 16, 16, FUSED)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
PEAK(peak_avx2, 8, 12, FUSED)
#pragma clang attribute pop
PEAK(peak_baseline, 4, 12, SEPARATE)
#else
PEAK(peak_baseline, 4, 24, FUSED)
#endif

uint64_t peak_run(const char *isa, uint64_t rounds) {
#if defined(__x86_64__)
  if (isa && strcmp(isa, "avx512") == 0) return peak_avx512(rounds);
  if (isa && strcmp(isa, "avx2") == 0) return peak_avx2(rounds);
#else
  (void)isa;
#endif
  return peak_baseline(rounds);
}

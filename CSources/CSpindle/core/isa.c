/// Which ISA runs: chosen by name, by the environment, or as the best that the processor has.
#include <stdlib.h>
#include <string.h>
#include "plan.h"

static const char *const names[SPINDLE_ISA_COUNT] = {"automatic", "baseline", "avx2", "avx512",
                                                     "neon"};

const char *spindle_isa_name(spindle_isa isa) {
  return (unsigned)isa < SPINDLE_ISA_COUNT ? names[isa] : NULL;
}

bool spindle_isa_supported(spindle_isa isa) {
  switch (isa) {
  case SPINDLE_ISA_AUTOMATIC:
  case SPINDLE_ISA_BASELINE:
    return true;
#if defined(__x86_64__)
  case SPINDLE_ISA_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  case SPINDLE_ISA_AVX512:
    return spindle_isa_supported(SPINDLE_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#elif defined(__aarch64__)
  case SPINDLE_ISA_NEON:
    return true;
#endif
  default:
    return false;
  }
}

spindle_status spindle_isa_resolve(spindle_isa wanted, spindle_isa *chosen) {
  if (!chosen) return SPINDLE_NULL_POINTER;
  if (!spindle_isa_name(wanted)) return SPINDLE_INVALID_OPTION;
  const char *forced = getenv("SPINDLE_ISA");
  if (wanted == SPINDLE_ISA_AUTOMATIC && forced && *forced) {
    int isa = 0;
    while (isa < SPINDLE_ISA_COUNT && strcmp(forced, names[isa]) != 0) isa++;
    if (isa == SPINDLE_ISA_COUNT) return SPINDLE_UNSUPPORTED_ISA;
    wanted = (spindle_isa)isa;
  }
  static const spindle_isa best_first[] = {SPINDLE_ISA_AVX512, SPINDLE_ISA_AVX2, SPINDLE_ISA_NEON,
                                           SPINDLE_ISA_BASELINE};
  for (int i = 0; wanted == SPINDLE_ISA_AUTOMATIC; i++)
    if (spindle_isa_supported(best_first[i])) wanted = best_first[i];
  if (!spindle_isa_supported(wanted)) return SPINDLE_UNSUPPORTED_ISA;
  *chosen = wanted;
  return SPINDLE_OK;
}

const kernels *spindle_kernels_for(spindle_isa isa) {
  if (!spindle_isa_supported(isa)) return NULL;
  switch (isa) {
#if defined(__x86_64__)
  case SPINDLE_ISA_AVX2:
    return &spindle_kernels_avx2;
  case SPINDLE_ISA_AVX512:
    return &spindle_kernels_avx512;
#elif defined(__aarch64__)
  case SPINDLE_ISA_NEON:
    return &spindle_kernels_neon;
#endif
  default:
    return &spindle_kernels_baseline;
  }
}

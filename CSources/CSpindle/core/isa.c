/// Which ISA runs: chosen by name, by the environment, or as the best that the processor has.
#include <stdlib.h>
#include <string.h>
#include "plan.h"

/// Kernels are absent where the build has none.
static const struct {
  const char *name;
  const kernels *kernels;
} isas[SPINDLE_ISA_COUNT] = {
    [SPINDLE_ISA_AUTOMATIC] = {"automatic", &spindle_kernels_baseline},
    [SPINDLE_ISA_BASELINE] = {"baseline", &spindle_kernels_baseline},
#if defined(__x86_64__)
    [SPINDLE_ISA_AVX2] = {"avx2", &spindle_kernels_avx2},
    [SPINDLE_ISA_AVX512] = {"avx512", &spindle_kernels_avx512},
    [SPINDLE_ISA_NEON] = {"neon", NULL},
#else
    [SPINDLE_ISA_AVX2] = {"avx2", NULL},
    [SPINDLE_ISA_AVX512] = {"avx512", NULL},
    [SPINDLE_ISA_NEON] = {"neon", &spindle_kernels_neon},
#endif
};

const char *spindle_isa_name(spindle_isa isa) {
  return (unsigned)isa < SPINDLE_ISA_COUNT ? isas[isa].name : NULL;
}

bool spindle_isa_supported(spindle_isa isa) {
  bool supported = (unsigned)isa < SPINDLE_ISA_COUNT && isas[isa].kernels;
#if defined(__x86_64__)
  if (isa == SPINDLE_ISA_AVX2 || isa == SPINDLE_ISA_AVX512)
    supported = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  if (isa == SPINDLE_ISA_AVX512)
    supported &= __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
  return supported;
}

spindle_status spindle_isa_resolve(spindle_isa wanted, spindle_isa *chosen) {
  if (!chosen) return SPINDLE_NULL_POINTER;
  if (!spindle_isa_name(wanted)) return SPINDLE_INVALID_OPTION;
  const char *forced = getenv("SPINDLE_ISA");
  if (wanted == SPINDLE_ISA_AUTOMATIC && forced && *forced) {
    int isa = 0;
    while (isa < SPINDLE_ISA_COUNT && strcmp(forced, isas[isa].name) != 0) isa++;
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
  return spindle_isa_supported(isa) ? isas[isa].kernels : NULL;
}

/// The machine's peak of single-precision arithmetic, as a yardstick for kernels.
#ifndef PEAK_H
#define PEAK_H

#include <stdint.h>

/// Runs `rounds` rounds of independent multiply-adds in registers, with the instructions of `isa`
/// ("avx512", "avx2", "neon", else the baseline), which the processor must have. Returns the
/// floating-point operations done, two for each multiply-add of each lane.
///
/// The x86-64 baseline has no fused multiply-add: there it is a multiplication and an addition.
uint64_t peak_run(const char *isa, uint64_t rounds);

#endif

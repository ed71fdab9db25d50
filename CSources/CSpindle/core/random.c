/// Random numbers: the border in front of the kernels.
#include <math.h>
#include "plan.h"

/// The kernels for a stream, where it, the place for its numbers and what is asked of them are
/// right.
static spindle_status begin(const spindle_random *random, const void *values, bool valid,
                            const kernels **k) {
  if (!random || !values) return SPINDLE_NULL_POINTER;
  if (random->offset % 64) return SPINDLE_INVALID_PARAMETER;
  spindle_isa isa;
  TRY(spindle_isa_resolve(random->isa, &isa));
  *k = spindle_kernels_for(isa);
  return valid ? SPINDLE_OK : SPINDLE_INVALID_PARAMETER;
}

spindle_status spindle_random_bits(const spindle_random *random, size_t count, uint32_t *values) {
  const kernels *k;
  TRY(begin(random, values, true, &k));
  k->random_bits(random, count, values);
  return SPINDLE_OK;
}

spindle_status spindle_random_uniform(const spindle_random *random, float low, float high,
                                      size_t count, float *values) {
  const kernels *k;
  TRY(begin(random, values, isfinite(high - low) && low < high, &k));
  k->random_uniform(random, low, high, count, values);
  return SPINDLE_OK;
}

spindle_status spindle_random_normal(const spindle_random *random, float mean,
                                     float standard_deviation, size_t count, float *values) {
  const kernels *k;
  bool valid = isfinite(mean) && isfinite(standard_deviation) && standard_deviation >= 0;
  TRY(begin(random, values, valid, &k));
  k->random_normal(random, mean, standard_deviation, count, values);
  return SPINDLE_OK;
}

spindle_status spindle_random_spikes(const spindle_random *random, double probability, size_t rows,
                                     uint32_t units, uint32_t *spikes) {
  const kernels *k;
  TRY(begin(random, spikes, probability >= 0 && probability <= 1, &k));
  if (rows == 0 || units == 0 || units > SPINDLE_MAXIMUM_SIZE) return SPINDLE_INVALID_SIZE;
  k->random_spikes(random, (uint64_t)ldexp(probability, 32), rows, units, spikes);
  return SPINDLE_OK;
}

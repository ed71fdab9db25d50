/// The optimizer: parallel over the parameters.
#include <math.h>
#include "internal.h"

/// Parameters of one task.
#define PART 65536

typedef struct adam_call {
  const kernels *kernels;
  const spindle_adam_options *options;
  float correction1, correction2;
  size_t count;
  const float *gradients;
  float *mean, *variance, *parameters;
} adam_call;

static void adam_task(void *context, uint32_t part, uint32_t thread) {
  (void)thread;
  const adam_call *c = context;
  size_t first = (size_t)part * PART, count = MINIMUM(c->count - first, (size_t)PART);
  c->kernels->adam(c->options, c->correction1, c->correction2, count, c->gradients + first,
                   c->mean + first, c->variance + first, c->parameters + first);
}

static bool is_fraction(float x) { return x >= 0 && x < 1; }

spindle_status spindle_adam(const spindle_workspace *w, const spindle_adam_options *options,
                            uint64_t step, size_t count, const float *gradients, float *mean,
                            float *variance, float *parameters) {
  if (!w || !options || !gradients || !mean || !variance || !parameters)
    return SPINDLE_NULL_POINTER;
  if (!isfinite(options->learning_rate) || !is_fraction(options->beta1) ||
      !is_fraction(options->beta2) || !isfinite(options->epsilon) || options->epsilon <= 0 ||
      step == 0)
    return SPINDLE_INVALID_PARAMETER;
  adam_call call = {.kernels = w->kernels,
                    .options = options,
                    .correction1 = (float)(1 / (1 - pow(options->beta1, (double)step))),
                    .correction2 = (float)(1 / sqrt(1 - pow(options->beta2, (double)step))),
                    .count = count,
                    .gradients = gradients,
                    .mean = mean,
                    .variance = variance,
                    .parameters = parameters};
  spindle_parallel(w->team, w->threads, (uint32_t)CEILING_DIVIDE(count, (size_t)PART), adam_task,
                   &call);
  return SPINDLE_OK;
}

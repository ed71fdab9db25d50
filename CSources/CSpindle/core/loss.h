#ifndef SPINDLE_LOSS_H
#define SPINDLE_LOSS_H
/// The tasks of the losses. Each leaves terms in loss_terms, and the gradient of what it saw.
#include "internal.h"

typedef struct loss_call {
  spindle_workspace *workspace;
  const run_layer *layer; ///< The last one.
  const spindle_loss_target *target;
} loss_call;

/// Steps of one task of the mean rate's loss: some thousand numbers, so that a task is worth
/// handing to a thread.
static inline uint32_t rate_steps(const run_layer *layer) {
  return MAXIMUM(1, 4096 / layer->padded);
}

/// Samples of one task of a cross-entropy. Their outputs at a step lie side by side, so time is
/// walked once for all of them.
#define ENTROPY_SAMPLES 16

/// The first step whose membranes a cross-entropy of their mean reads.
static inline uint32_t first_step(const spindle_loss_target *target) {
  return target->kind == SPINDLE_RECALL_CROSS_ENTROPY ? target->first_step : 0;
}

// One of rate_steps steps, one of ENTROPY_SAMPLES samples, the others of a sample.
void spindle_mean_rate_task(void *context, uint32_t task, uint32_t thread);
void spindle_cross_entropy_task(void *context, uint32_t task, uint32_t thread);
void spindle_membrane_mse_task(void *context, uint32_t sample, uint32_t thread);
void spindle_count_mse_task(void *context, uint32_t sample, uint32_t thread);
void spindle_van_rossum_task(void *context, uint32_t sample, uint32_t thread);

#endif

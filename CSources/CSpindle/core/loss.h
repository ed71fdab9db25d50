#ifndef SPINDLE_LOSS_H
#define SPINDLE_LOSS_H
/// The tasks of losses. A task leaves terms in loss_terms, and the gradient of what it saw.
#include "plan.h"

typedef struct loss_call {
  spindle_workspace *workspace;
  const spindle_loss_target *target;
} loss_call;

/// Samples [first, end) of the batch, of one slice in which they begin at `local`. Outputs of a
/// step lie side by side, so time is walked once for all of them.
typedef struct loss_samples {
  spindle_workspace *workspace;
  const spindle_loss_target *target;
  run_layer layer; ///< The last.
  run_layer *held; ///< It as well, moved to the steps that the trace holds.
  uint32_t first, end, local;
} loss_samples;

/// v_t of sample b of the batch, to be read with t ascending in the outer loop: each time that t
/// enters another segment, the trace is made to hold it.
const float *spindle_loss_membrane(const loss_samples *samples, uint32_t b, uint32_t t);

static inline uint32_t last_layer(const spindle_workspace *w) { return w->layer_count - 1; }

/// The numbers of sample b in loss_gradient [B][P].
static inline float *sample_gradient(const spindle_workspace *w, uint32_t b) {
  return w->loss_gradient + b * (size_t)w->plans[last_layer(w)].padded;
}

/// Steps of one task of the mean rate's loss: some thousand numbers, so that a task is worth
/// handing to a thread.
static inline uint32_t rate_steps(const spindle_workspace *w) {
  return MAXIMUM(1, 4096 / w->plans[last_layer(w)].padded);
}

/// The first step whose membranes a cross-entropy of their mean reads.
static inline uint32_t first_step(const spindle_loss_target *target) {
  return target->kind == SPINDLE_RECALL_CROSS_ENTROPY ? target->first_step : 0;
}

/// Counts this rank's spikes at the steps of a task of the mean rate's loss: a task of its own
/// where there are several ranks.
void spindle_count_task(void *context, task task);
void spindle_mean_rate_task(void *context, task task);
void spindle_cross_entropy(const loss_samples *samples);
void spindle_membrane_mse(const loss_samples *samples);
void spindle_count_mse(const loss_samples *samples);
void spindle_van_rossum(const loss_samples *samples);

#endif

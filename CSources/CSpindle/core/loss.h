#ifndef SPINDLE_LOSS_H
#define SPINDLE_LOSS_H
/// The losses: a table of their rules, and their tasks. A task leaves terms in loss_terms, and the
/// gradient of what it saw.
#include "plan.h"

typedef struct loss_call {
  spindle_workspace *workspace;
  const spindle_loss_target *target;
} loss_call;

/// What a loss is to be told.
typedef enum loss_target { TARGET_NONE, TARGET_VALUES, TARGET_CLASSES } loss_target;

/// Where backward finds the gradient by the output (output_gradient).
typedef enum loss_reading {
  READ_STEPS,       ///< By s: loss_gradient [T][P], for all samples alike.
  READ_SAMPLES,     ///< By s: loss_gradient [B][P], at all steps alike.
  READ_OUTPUT,      ///< By s: output_gradient.
  READ_PEAKS,       ///< By v: loss_gradient [B][P] at loss_steps alone.
  READ_MEANS,       ///< By v: loss_gradient [B][P] from the first step on.
  READ_DIFFERENCES, ///< By v: scale (v - target).
  READ_CALLER,      ///< By s and v: the caller's.
} loss_reading;

/// One for each spindle_loss_kind.
typedef struct loss_rule {
  loss_target target;
  bool spikes;          ///< It is of spikes, which leaky integrators do not have.
  bool output_gradient; ///< It needs spindle_configuration.output_gradient.
  loss_reading reading;
  parallel_task task; ///< NULL where the caller gives the value.
  uint32_t samples;   ///< Samples of one task; 0: tasks of rate_steps steps.
} loss_rule;

/// NULL for an unknown kind.
const loss_rule *spindle_loss_rule(spindle_loss_kind kind);

static inline uint32_t last_layer(const spindle_workspace *w) { return w->layer_count - 1; }

/// Steps of one task of the mean rate's loss: some thousand numbers, so that a task is worth
/// handing to a thread.
static inline uint32_t rate_steps(const spindle_workspace *w) {
  return MAXIMUM(1, 4096 / w->plans[last_layer(w)].padded);
}

/// Samples of one task of a cross-entropy. Their outputs at a step lie side by side, so time is
/// walked once for all of them.
#define ENTROPY_SAMPLES 16

/// The first step whose membranes a cross-entropy of their mean reads.
static inline uint32_t first_step(const spindle_loss_target *target) {
  return target->kind == SPINDLE_RECALL_CROSS_ENTROPY ? target->first_step : 0;
}

void spindle_mean_rate_task(void *context, uint32_t task, uint32_t thread);
void spindle_cross_entropy_task(void *context, uint32_t task, uint32_t thread);
void spindle_membrane_mse_task(void *context, uint32_t sample, uint32_t thread);
void spindle_count_mse_task(void *context, uint32_t sample, uint32_t thread);
void spindle_van_rossum_task(void *context, uint32_t sample, uint32_t thread);

#endif

/// What each loss needs and does.
#include <math.h>
#include "loss.h"

static const loss_rule rules[] = {
#define RULE(kind, target, spikes, output_gradient, reading, samples, steps)                       \
  [kind] = {target, spikes, output_gradient, reading, samples, steps},
    RULE(SPINDLE_MEAN_RATE_MSE, TARGET_VALUES, true, false, READ_STEPS, NULL,
         spindle_mean_rate_task) RULE(SPINDLE_RATE_CROSS_ENTROPY, TARGET_CLASSES, true, false,
                                      READ_SAMPLES, spindle_cross_entropy, NULL)
        RULE(SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY, TARGET_CLASSES, false, false, READ_PEAKS,
             spindle_cross_entropy, NULL) RULE(SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY, TARGET_CLASSES,
                                               false, false, READ_MEANS, spindle_cross_entropy,
                                               NULL) RULE(SPINDLE_RECALL_CROSS_ENTROPY,
                                                          TARGET_CLASSES, false, false, READ_MEANS,
                                                          spindle_cross_entropy, NULL)
            RULE(SPINDLE_MEMBRANE_MSE, TARGET_VALUES, false, false, READ_DIFFERENCES,
                 spindle_membrane_mse, NULL) RULE(SPINDLE_SPIKE_COUNT_MSE, TARGET_VALUES, true,
                                                  false, READ_SAMPLES, spindle_count_mse, NULL)
                RULE(SPINDLE_FIRING_RATE_MSE, TARGET_VALUES, true, false, READ_SAMPLES,
                     spindle_count_mse, NULL) RULE(SPINDLE_VAN_ROSSUM, TARGET_VALUES, true, true,
                                                   READ_OUTPUT, spindle_van_rossum, NULL)
                    RULE(SPINDLE_CUSTOM_LOSS, TARGET_NONE, false, false, READ_CALLER, NULL, NULL)};

const loss_rule *spindle_loss_rule(spindle_loss_kind kind) {
  return (size_t)kind < sizeof rules / sizeof *rules ? &rules[kind] : NULL;
}

/// Numbers that some losses take besides.
static spindle_status check_numbers(const spindle_workspace *w, const spindle_loss_target *target) {
  if (target->kind == SPINDLE_VAN_ROSSUM && !(isfinite(target->tau) && target->tau > 0))
    return SPINDLE_INVALID_PARAMETER;
  if (target->kind == SPINDLE_RECALL_CROSS_ENTROPY &&
      (target->first_step >= w->steps || target->answer_steps == 0 ||
       target->answer_steps > w->steps))
    return SPINDLE_INVALID_SIZE;
  return SPINDLE_OK;
}

spindle_status spindle_check_target(const spindle_workspace *w, const spindle_loss_target *target) {
  const loss_rule *rule = spindle_loss_rule(target->kind);
  const spindle_layer *last = &w->plans[last_layer(w)].shape;
  if (!rule || !w->training || (rule->spikes && last->neuron == SPINDLE_LI) ||
      (rule->output_gradient && !w->output_gradient))
    return SPINDLE_INVALID_OPTION;
  TRY(check_numbers(w, target));
  if ((rule->target == TARGET_VALUES && !target->target) ||
      (rule->target == TARGET_CLASSES && !target->classes))
    return SPINDLE_NULL_POINTER;
  for (uint32_t b = 0; rule->target == TARGET_CLASSES && b < w->batch; b++)
    if (target->classes[b] < 0 || (uint32_t)target->classes[b] >= last->neurons)
      return SPINDLE_INVALID_PARAMETER;
  return SPINDLE_OK;
}

void spindle_set_output_gradient(spindle_workspace *w, const spindle_loss_target *target) {
  const layer_plan *plan = &w->plans[last_layer(w)];
  size_t N = plan->shape.neurons, T = w->steps;
  const output_gradient by_step = {.values = w->loss_gradient, .step_stride = plan->padded};
  output_gradient by_sample = {.values = w->loss_gradient, .batch_stride = plan->padded};
  output_gradient by_target = {.values = target->target, .batch_stride = T * N, .step_stride = N};
  output_gradient by_output = by_target, by_peak = by_sample, by_difference = by_target;
  output_gradient by_membrane = by_target, by_mean = by_sample;
  by_output.values = w->output_gradient;
  by_peak.only_step = w->loss_steps;
  by_mean.first_step = first_step(target);
  by_difference.scale = (float)(2 / ((double)w->batch * (double)T * (double)N));
  by_membrane.values = target->membrane_gradient;
  const output_gradients readings[] = {
      [READ_STEPS] = {.spike = by_step},       [READ_SAMPLES] = {.spike = by_sample},
      [READ_OUTPUT] = {.spike = by_output},    [READ_PEAKS] = {.membrane = by_peak},
      [READ_MEANS] = {.membrane = by_mean},    [READ_DIFFERENCES] = {.membrane = by_difference},
      [READ_CALLER] = {by_target, by_membrane}};
  w->by = readings[spindle_loss_rule(target->kind)->reading];
}

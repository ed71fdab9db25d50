/// The losses and their gradients with respect to the output. Each term is computed by one thread;
/// the terms are added in order.
#include <math.h>
#include <string.h>
#include "loss.h"

spindle_status spindle_check_target(const spindle_workspace *w, const spindle_loss_target *target) {
  const spindle_layer *last = &w->layers[w->layer_count - 1].shape;
  switch (target->kind) {
  case SPINDLE_VAN_ROSSUM:
    if (!w->output_gradient) return SPINDLE_INVALID_OPTION;
    if (!isfinite(target->tau) || target->tau <= 0) return SPINDLE_INVALID_PARAMETER;
    __attribute__((fallthrough));
  case SPINDLE_MEAN_RATE_MSE:
  case SPINDLE_SPIKE_COUNT_MSE:
  case SPINDLE_FIRING_RATE_MSE:
    if (last->neuron == SPINDLE_LI) return SPINDLE_INVALID_OPTION;
    return target->target ? SPINDLE_OK : SPINDLE_NULL_POINTER;
  case SPINDLE_MEMBRANE_MSE:
    return target->target ? SPINDLE_OK : SPINDLE_NULL_POINTER;
  case SPINDLE_RATE_CROSS_ENTROPY:
    if (last->neuron == SPINDLE_LI) return SPINDLE_INVALID_OPTION;
    break;
  case SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY:
  case SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY:
    break;
  case SPINDLE_RECALL_CROSS_ENTROPY:
    if (target->first_step >= w->steps || target->answer_steps == 0 ||
        target->answer_steps > w->steps)
      return SPINDLE_INVALID_SIZE;
    break;
  case SPINDLE_CUSTOM_LOSS:
    return SPINDLE_OK;
  default:
    return SPINDLE_INVALID_OPTION;
  }
  if (!target->classes) return SPINDLE_NULL_POINTER;
  for (uint32_t b = 0; b < w->batch; b++)
    if (target->classes[b] < 0 || (uint32_t)target->classes[b] >= last->neurons)
      return SPINDLE_INVALID_PARAMETER;
  return SPINDLE_OK;
}

/// Runs the tasks and adds the terms that they leave.
static double sum_terms(loss_call *call, uint32_t tasks, parallel_task task, uint32_t terms) {
  spindle_workspace *w = call->workspace;
  spindle_parallel(w->team, w->threads, tasks, task, call);
  double sum = 0;
  for (uint32_t i = 0; i < terms; i++) sum += w->loss_terms[i];
  return sum;
}

void spindle_set_output_gradient(spindle_workspace *w, const spindle_loss_target *target) {
  const run_layer *layer = &w->layers[w->layer_count - 1];
  size_t N = layer->shape.neurons, T = w->steps;
  output_gradient by_sample = {.values = w->loss_gradient, .batch_stride = layer->padded};
  output_gradient by_target = {.values = target->target, .batch_stride = T * N, .step_stride = N};
  w->by_spike = w->by_membrane = (output_gradient){0};
  switch (target->kind) {
  case SPINDLE_MEAN_RATE_MSE:
    w->by_spike = (output_gradient){.values = w->loss_gradient, .step_stride = layer->padded};
    break;
  case SPINDLE_RATE_CROSS_ENTROPY:
  case SPINDLE_SPIKE_COUNT_MSE:
  case SPINDLE_FIRING_RATE_MSE:
    w->by_spike = by_sample;
    break;
  case SPINDLE_VAN_ROSSUM:
    w->by_spike = by_target;
    w->by_spike.values = w->output_gradient;
    break;
  case SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY:
    w->by_membrane = by_sample;
    w->by_membrane.only_step = w->loss_steps;
    break;
  case SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY:
  case SPINDLE_RECALL_CROSS_ENTROPY:
    w->by_membrane = by_sample;
    w->by_membrane.first_step = first_step(target);
    break;
  case SPINDLE_MEMBRANE_MSE:
    w->by_membrane = by_target;
    w->by_membrane.scale = (float)(2 / ((double)w->batch * (double)T * (double)N));
    break;
  case SPINDLE_CUSTOM_LOSS:
    w->by_spike = w->by_membrane = by_target;
    w->by_membrane.values = target->membrane_gradient;
    break;
  }
}

static void count_correct(spindle_workspace *w, const int32_t *classes) {
  w->has_predictions = true;
  for (uint32_t b = 0; b < w->batch; b++) w->correct += w->predictions[b] == classes[b];
}

spindle_status spindle_loss(spindle_workspace *w, const spindle_loss_target *target,
                            double *value) {
  if (!w || !target || !value) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_FORWARD && w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  spindle_status status = spindle_check_target(w, target);
  if (status != SPINDLE_OK) return status;
  w->has_predictions = false;
  w->correct = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) w->layers[l].rate_gradient = NULL;
  loss_call call = {.workspace = w, .layer = &w->layers[w->layer_count - 1], .target = target};
  uint32_t B = w->batch, rates = CEILING_DIVIDE(w->steps, rate_steps(call.layer));
  switch (target->kind) {
  case SPINDLE_MEAN_RATE_MSE:
    *value = sum_terms(&call, rates, spindle_mean_rate_task, rates);
    break;
  case SPINDLE_MEMBRANE_MSE:
    *value = sum_terms(&call, B, spindle_membrane_mse_task, B);
    break;
  case SPINDLE_SPIKE_COUNT_MSE:
  case SPINDLE_FIRING_RATE_MSE:
    *value = sum_terms(&call, B, spindle_count_mse_task, B);
    break;
  case SPINDLE_VAN_ROSSUM:
    *value = sum_terms(&call, B, spindle_van_rossum_task, B);
    break;
  case SPINDLE_CUSTOM_LOSS:
    *value = target->value;
    break;
  default:
    *value = sum_terms(&call, CEILING_DIVIDE(B, ENTROPY_SAMPLES), spindle_cross_entropy_task, B);
    count_correct(w, target->classes);
    break;
  }
  w->stage = STAGE_LOSS;
  return SPINDLE_OK;
}

spindle_status spindle_predictions(const spindle_workspace *w, int32_t *classes) {
  if (!w || !classes) return SPINDLE_NULL_POINTER;
  if (!w->has_predictions) return SPINDLE_WRONG_ORDER;
  memcpy(classes, w->predictions, w->batch * sizeof *classes);
  return SPINDLE_OK;
}

uint32_t spindle_correct(const spindle_workspace *w) { return w ? w->correct : 0; }

/// The losses and their gradients with respect to the output. Each term is computed by one thread;
/// the terms are added in order.
#include <string.h>
#include "loss.h"

spindle_status spindle_loss(spindle_workspace *w, const spindle_loss_target *target,
                            double *value) {
  if (!w || !target || !value) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_FORWARD && w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  spindle_status status = spindle_check_target(w, target);
  if (status != SPINDLE_OK) return status;
  const loss_rule *rule = spindle_loss_rule(target->kind);
  w->has_predictions = rule->target == TARGET_CLASSES;
  w->correct = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) w->views[l].rate_gradient = NULL;
  loss_call call = {.workspace = w, .target = target};
  // One term a sample, or a task of steps.
  uint32_t steps = CEILING_DIVIDE(w->steps, rate_steps(w));
  uint32_t tasks = rule->samples ? CEILING_DIVIDE(w->batch, rule->samples) : steps;
  *value = target->value;
  if (rule->task) {
    spindle_parallel(w->team, w->threads, tasks, rule->task, &call);
    *value = 0;
    for (uint32_t i = 0; i < (rule->samples ? w->batch : steps); i++) *value += w->loss_terms[i];
  }
  for (uint32_t b = 0; w->has_predictions && b < w->batch; b++)
    w->correct += w->predictions[b] == target->classes[b];
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

/// The losses and their gradients with respect to the output. Each term is computed by one thread;
/// the terms are added in order.
#include <string.h>
#include "loss.h"

/// Samples of one task.
#define LOSS_SAMPLES 16

/// Takes a task's samples, slice by slice.
static void samples_task(void *context, task task) {
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  uint32_t end = MINIMUM(w->batch, (task.index + 1) * LOSS_SAMPLES);
  loss_samples s = {.workspace = w, .target = call->target, .end = task.index * LOSS_SAMPLES};
  while (s.end < end) {
    s.first = s.local = s.end;
    s.layer = spindle_layer_of(w, last_layer(w), &s.local);
    s.layer.scratch = &w->workers[task.thread];
    s.end = MINIMUM(end, s.layer.view.first + s.layer.view.batch);
    spindle_loss_rule(s.target->kind)->samples(&s);
  }
}

spindle_status spindle_loss(spindle_workspace *w, const spindle_loss_target *target,
                            double *value) {
  if (!w || !target || !value) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_FORWARD && w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  TRY(spindle_check_target(w, target));
  const loss_rule *rule = spindle_loss_rule(target->kind);
  w->has_predictions = rule->target == TARGET_CLASSES;
  w->correct = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) w->views[l].rate_gradient = NULL;
  loss_call call = {.workspace = w, .target = target};
  uint32_t steps = CEILING_DIVIDE(w->steps, rate_steps(w)), terms = rule->steps ? steps : w->batch;
  uint32_t tasks = rule->steps ? steps : CEILING_DIVIDE(w->batch, LOSS_SAMPLES);
  *value = target->value;
  if (rule->steps || rule->samples) {
    spindle_parallel(w->team, w->threads, tasks, rule->steps ? rule->steps : samples_task, &call);
    *value = 0;
    for (uint32_t i = 0; i < terms; i++) *value += w->loss_terms[i];
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

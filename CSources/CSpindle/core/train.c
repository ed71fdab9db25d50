/// A whole training step in one parallel region.
#include <math.h>
#include "internal.h"

typedef struct step_call {
  spindle_workspace *workspace;
  const spindle_training *training;
  const spindle_input *input;
  const spindle_loss_target *target;
  uint64_t step;
  spindle_step_result *result;
  spindle_status status;
} step_call;

static void lead_step(void *context) {
  step_call *c = context;
  spindle_workspace *w = c->workspace;
  const spindle_training *t = c->training;
  c->status = spindle_forward(w, t->parameters, c->input, NULL, NULL);
  if (c->status == SPINDLE_OK) c->status = spindle_loss(w, c->target, &c->result->loss);
  if (c->status == SPINDLE_OK && !isfinite(c->result->loss)) c->status = SPINDLE_NOT_FINITE;
  if (c->status == SPINDLE_OK)
    c->status = spindle_backward(w, t->parameters, c->input, c->target, t->gradients);
  if (c->status == SPINDLE_OK)
    c->status = spindle_optimize(w, t, c->step, &c->result->gradient_norm);
  c->result->correct = spindle_correct(w);
}

spindle_status spindle_train_step(spindle_workspace *w, const spindle_training *training,
                                  const spindle_input *input, const spindle_loss_target *target,
                                  uint64_t step, spindle_step_result *result) {
  if (!w || !training || !result) return SPINDLE_NULL_POINTER;
  *result = (spindle_step_result){0};
  step_call call = {.workspace = w,
                    .training = training,
                    .input = input,
                    .target = target,
                    .step = step,
                    .result = result};
  spindle_with_team(&w->team, w->threads, lead_step, &call);
  return call.status;
}

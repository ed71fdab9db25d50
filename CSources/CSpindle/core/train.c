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

static void lead_rest(void *context) {
  step_call *c = context;
  spindle_workspace *w = c->workspace;
  const spindle_training *t = c->training;
  spindle_step_result *r = c->result;
  c->status = spindle_loss(w, c->target, &r->loss);
  r->correct = spindle_correct(w);
  if (c->status == SPINDLE_OK && t->penalty_count > 0)
    c->status = spindle_regularize(w, t->penalties, t->penalty_count, &r->regularization);
  if (c->status == SPINDLE_OK && !isfinite(r->loss)) c->status = SPINDLE_NOT_FINITE;
  if (c->status == SPINDLE_OK)
    c->status = spindle_backward(w, t->parameters, c->input, c->target, t->gradients);
  if (c->status == SPINDLE_OK) c->status = spindle_optimize(w, t, c->step, &r->gradient_norm);
}

static void lead_step(void *context) {
  step_call *c = context;
  c->status = spindle_forward(c->workspace, c->training->parameters, c->input, NULL, NULL);
  if (c->status == SPINDLE_OK) lead_rest(c);
}

static spindle_status run(step_call call, void (*lead)(void *)) {
  spindle_workspace *w = call.workspace;
  if (!w || !call.training || !call.result) return SPINDLE_NULL_POINTER;
  *call.result = (spindle_step_result){0};
  spindle_with_team(&w->team, w->threads, lead, &call);
  return call.status;
}

spindle_status spindle_train_step(spindle_workspace *w, const spindle_training *training,
                                  const spindle_input *input, const spindle_loss_target *target,
                                  uint64_t step, spindle_step_result *result) {
  return run((step_call){w, training, input, target, step, result, SPINDLE_OK}, lead_step);
}

spindle_status spindle_finish_step(spindle_workspace *w, const spindle_training *training,
                                   const spindle_input *input, const spindle_loss_target *target,
                                   uint64_t step, spindle_step_result *result) {
  return run((step_call){w, training, input, target, step, result, SPINDLE_OK}, lead_rest);
}

/// A whole training step in one parallel region.
#include <math.h>
#include "internal.h"

typedef struct step_call {
  spindle_workspace *workspace;
  const spindle_training *training;
  const spindle_input *input;
  const spindle_loss_target *target;
  uint64_t step;
  double *loss;
  spindle_status status;
} step_call;

static void lead_step(void *context) {
  step_call *c = context;
  spindle_workspace *w = c->workspace;
  const spindle_training *t = c->training;
  c->status = spindle_forward(w, t->parameters, c->input, NULL, NULL);
  if (c->status == SPINDLE_OK) c->status = spindle_loss(w, c->target, c->loss);
  if (c->status == SPINDLE_OK && !isfinite(*c->loss)) c->status = SPINDLE_NOT_FINITE;
  if (c->status == SPINDLE_OK)
    c->status = spindle_backward(w, t->parameters, c->input, c->target, t->gradients);
  if (c->status == SPINDLE_OK)
    c->status = spindle_adam(w, &t->options, c->step, w->parameter_count, t->gradients, t->mean,
                             t->variance, t->parameters);
}

spindle_status spindle_train_step(spindle_workspace *w, const spindle_training *training,
                                  const spindle_input *input, const spindle_loss_target *target,
                                  uint64_t step, double *loss) {
  if (!w || !training || !loss) return SPINDLE_NULL_POINTER;
  step_call call = {.workspace = w,
                    .training = training,
                    .input = input,
                    .target = target,
                    .step = step,
                    .loss = loss};
  spindle_with_team(&w->team, w->threads, lead_step, &call);
  return call.status;
}

/// A whole training step in one parallel region.
#include <math.h>
#include <string.h>
#include <time.h>
#include "plan.h"

typedef struct step_call {
  spindle_workspace *workspace;
  const spindle_training *training;
  const spindle_input *input;
  const spindle_loss_target *target;
  const spindle_dropout *dropout;
  uint64_t step;
  spindle_step_result *result;
  spindle_status status;
} step_call;

/// Updates by the gradients of this window and those before it since the last update; or keeps
/// their sum.
static spindle_status update(const step_call *c) {
  const spindle_training *t = c->training;
  // Of several ranks each keeps the sum of its slice.
  size_t first = c->workspace->slice_borders[c->workspace->rank];
  size_t count = c->workspace->slice_borders[c->workspace->rank + 1] - first;
  for (size_t i = first; t->sum && i < first + count; i++) t->gradients[i] += t->sum[i];
  double *norm = &c->result->gradient_norm;
  if (t->waits) TRY(spindle_measure_gradients(c->workspace, t, norm));
  else TRY(spindle_optimize(c->workspace, t, c->step, norm));
  if (t->waits) memcpy(t->sum + first, t->gradients + first, count * sizeof *t->sum);
  else if (t->sum) memset(t->sum + first, 0, count * sizeof *t->sum);
  return SPINDLE_OK;
}

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
    c->status = spindle_backward(w, c->input, c->target, t->gradients, NULL);
  double penalty = 0;
  if (c->status == SPINDLE_OK)
    c->status = spindle_penalize_weights(w, t->parameters, t->gradients, &penalty);
  r->regularization += penalty;
  if (c->status == SPINDLE_OK) c->status = update(c);
}

static void lead_step(void *context) {
  step_call *c = context;
  spindle_workspace *w = c->workspace;
  // The sums are chosen before the weights are laid out for them.
  spindle_choose_sums(w, c->input, w->steps);
  spindle_load_weights(w, c->training->parameters, c->training->chip, c->dropout != NULL);
  c->status = spindle_forward(w, c->input,
                              &(spindle_run){.dropout = c->dropout,
                                             .initial = c->training->initial,
                                             .final = c->training->final});
  if (c->status == SPINDLE_OK) lead_rest(c);
}

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Whether two cores take a small network's step sooner than one depends on how far apart they are,
/// which on a virtual machine changes while a program runs. So it is tried, again and again, for
/// some steps of each; the bits are the same.
#define TRIAL_STEPS 8
#define TRIAL_PERIOD 512

/// Whether the next step is taken by one thread: as the trial wants, or as was faster.
static bool takes_one(const thread_trial *trial) {
  if (!trial->needed || trial->steps < TRIAL_STEPS) return false;
  return trial->steps < 2 * TRIAL_STEPS || trial->fastest[1] < trial->fastest[0];
}

static void record(thread_trial *trial, bool by_one, double time) {
  if (trial->steps == 0) trial->fastest[0] = trial->fastest[1] = INFINITY;
  if (trial->steps < 2 * TRIAL_STEPS)
    trial->fastest[by_one] = MINIMUM(trial->fastest[by_one], time);
  trial->steps = (trial->steps + 1) % TRIAL_PERIOD;
}

static spindle_status run(step_call call, void (*lead)(void *)) {
  spindle_workspace *w = call.workspace;
  if (!w || !call.training || !call.result || !call.training->parameters || !call.input ||
      (call.input->spikes != NULL) == (call.input->values != NULL) ||
      (call.training->waits && !call.training->sum))
    return SPINDLE_NULL_POINTER;
  if (!w->training) return SPINDLE_INVALID_OPTION;
  if (call.training->chip && call.training->chip->number >= SPINDLE_MAXIMUM_CHIPS)
    return SPINDLE_INVALID_SIZE;
  *call.result = (spindle_step_result){0};
  bool by_one = takes_one(&w->trial);
  double begin = w->trial.needed ? seconds() : 0;
  uint32_t threads = w->threads;
  w->threads = by_one ? 1 : w->step_threads;
  spindle_with_team(&w->team, w->threads, lead, &call);
  w->threads = threads;
  // A step that failed stopped early: its time tells nothing.
  if (w->trial.needed && call.status == SPINDLE_OK) record(&w->trial, by_one, seconds() - begin);
  return call.status;
}

spindle_status spindle_train_step(spindle_workspace *w, const spindle_training *training,
                                  const spindle_input *input, const spindle_loss_target *target,
                                  const spindle_dropout *dropout, uint64_t step,
                                  spindle_step_result *result) {
  return run((step_call){w, training, input, target, dropout, step, result, SPINDLE_OK}, lead_step);
}

spindle_status spindle_finish_step(spindle_workspace *w, const spindle_training *training,
                                   const spindle_input *input, const spindle_loss_target *target,
                                   uint64_t step, spindle_step_result *result) {
  return run((step_call){w, training, input, target, NULL, step, result, SPINDLE_OK}, lead_rest);
}

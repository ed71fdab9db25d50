/// The optimizer: the norm of the gradients, then the update, each parallel over parts of the
/// parameters whose borders depend on the network alone.
#include <float.h>
#include <math.h>
#include "internal.h"

typedef struct optimizer_call {
  spindle_workspace *workspace;
  const spindle_training *training;
  update_rule rule; ///< Of weights.
} optimizer_call;

/// A part of one learned segment.
typedef struct optimizer_part {
  const parameter_segment *segment;
  size_t first, count;
} optimizer_part;

static uint32_t parts_of(const parameter_segment *segment) {
  if (!segment->learned) return 0;
  return (uint32_t)CEILING_DIVIDE(segment->count, (size_t)OPTIMIZER_PART);
}

static uint32_t count_parts(const spindle_workspace *w) {
  uint32_t parts = 0;
  for (uint32_t s = 0; s < w->segment_count; s++) parts += parts_of(&w->segments[s]);
  return parts;
}

static optimizer_part find_part(const spindle_workspace *w, uint32_t index) {
  const parameter_segment *segment = w->segments;
  for (; index >= parts_of(segment); segment++) index -= parts_of(segment);
  size_t offset = (size_t)index * OPTIMIZER_PART;
  return (optimizer_part){.segment = segment,
                          .first = segment->first + offset,
                          .count = MINIMUM(segment->count - offset, (size_t)OPTIMIZER_PART)};
}

static void norm_task(void *context, uint32_t index, uint32_t thread) {
  (void)thread;
  const optimizer_call *c = context;
  optimizer_part part = find_part(c->workspace, index);
  const float *parameters = part.segment->positive ? c->training->parameters + part.first : NULL;
  c->workspace->norm_terms[index] = c->workspace->kernels->sum_of_squares(
      c->training->gradients + part.first, parameters, part.count);
}

/// Whether weight decay and bound are for this segment.
static bool is_weight(const spindle_workspace *w, const parameter_segment *segment) {
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const spindle_layer_parameters *p = &w->layers[l].parameters;
    if (segment->first == p->weight || segment->first == p->recurrent_weight) return true;
  }
  return false;
}

static void update_task(void *context, uint32_t index, uint32_t thread) {
  (void)thread;
  const optimizer_call *c = context;
  const spindle_training *t = c->training;
  optimizer_part part = find_part(c->workspace, index);
  update_rule rule = c->rule;
  rule.positive = part.segment->positive;
  if (!is_weight(c->workspace, part.segment)) rule.decay = 0, rule.keep = 1, rule.bound = FLT_MAX;
  c->workspace->kernels->update(&rule, part.count, t->gradients + part.first, t->mean + part.first,
                                t->variance + part.first, t->parameters + part.first);
}

static bool is_fraction(float x) { return x >= 0 && x < 1; }
static bool is_not_negative(float x) { return isfinite(x) && x >= 0; }

static spindle_status check(const spindle_optimizer *o, uint64_t step) {
  if ((unsigned)o->kind > SPINDLE_ADAMAX || (o->nesterov && o->momentum == 0))
    return SPINDLE_INVALID_OPTION;
  bool rates = o->learning_rate >= 0 && o->learning_rate <= SPINDLE_MAXIMUM_RATE &&
               is_not_negative(o->weight_decay) && is_not_negative(o->weight_bound) &&
               is_not_negative(o->clip_norm) && is_not_negative(o->clip_value);
  bool moments = o->kind == SPINDLE_SGD ? is_fraction(o->momentum)
                                        : is_fraction(o->beta1) && is_fraction(o->beta2) &&
                                              is_not_negative(o->epsilon) && o->epsilon > 0;
  return rates && moments && step > 0 ? SPINDLE_OK : SPINDLE_INVALID_PARAMETER;
}

static update_rule make_rule(const spindle_optimizer *o, uint64_t step, double norm) {
  double steps = (double)step, rate = o->learning_rate;
  update_rule rule = {.kind = o->kind,
                      .nesterov = o->nesterov,
                      .rate = o->learning_rate,
                      .momentum = o->momentum,
                      .gain = 1.0f - o->beta1,
                      .beta2 = o->beta2,
                      .epsilon = o->epsilon,
                      .scale = 1,
                      .limit = o->clip_value > 0 ? o->clip_value : INFINITY,
                      .decay = o->decoupled ? 0 : o->weight_decay,
                      .keep = o->decoupled ? (float)(1 - rate * o->weight_decay) : 1,
                      .bound = o->weight_bound > 0 ? o->weight_bound : FLT_MAX};
  if (o->kind != SPINDLE_SGD) rule.rate *= (float)(1 / (1 - pow(o->beta1, steps)));
  if (o->kind == SPINDLE_ADAM) rule.correction = (float)(1 / sqrt(1 - pow(o->beta2, steps)));
  // As PyTorch's clip_grad_norm_, with the same small number.
  if (o->clip_norm > 0) rule.scale = (float)MINIMUM(1, o->clip_norm / (norm + 1e-6));
  return rule;
}

spindle_status spindle_optimize(spindle_workspace *w, const spindle_training *t, uint64_t step,
                                double *gradient_norm) {
  if (!w || !t || !gradient_norm || !t->parameters || !t->gradients || !t->mean || !t->variance)
    return SPINDLE_NULL_POINTER;
  spindle_status status = check(&t->optimizer, step);
  if (status != SPINDLE_OK) return status;
  optimizer_call call = {.workspace = w, .training = t};
  uint32_t parts = count_parts(w);
  // Few parameters are updated sooner than another thread could be told of them.
  uint32_t threads = w->parameter_count <= OPTIMIZER_PART ? 1 : w->threads;
  spindle_parallel(w->team, threads, parts, norm_task, &call);
  double squares = 0;
  for (uint32_t i = 0; i < parts; i++) squares += w->norm_terms[i];
  *gradient_norm = sqrt(squares);
  if (!(squares <= FLT_MAX)) return SPINDLE_NOT_FINITE;
  call.rule = make_rule(&t->optimizer, step, *gradient_norm);
  spindle_parallel(w->team, threads, parts, update_task, &call);
  return SPINDLE_OK;
}

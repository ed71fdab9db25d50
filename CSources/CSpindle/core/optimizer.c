/// The optimizer: the norm of the gradients, then the update, each parallel over pieces of the
/// parameters whose borders depend on the network alone.
#include <float.h>
#include <math.h>
#include "plan.h"
#include "share.h"

typedef struct optimizer_call {
  spindle_workspace *workspace;
  const spindle_training *training;
  update_rule rule; ///< Of weights.
} optimizer_call;

static uint32_t pieces_of(const parameter *p) {
  return p->learned ? (uint32_t)CEILING_DIVIDE(p->count, (size_t)PIECE) : 0;
}

uint32_t spindle_count_pieces(const spindle_workspace *w) {
  uint32_t pieces = 0;
  for (uint32_t i = 0; i < w->count_parameters; i++) pieces += pieces_of(&w->parameters[i]);
  return pieces;
}

parameter_piece spindle_find_piece(const spindle_workspace *w, uint32_t index) {
  const parameter *p = w->parameters;
  for (; index >= pieces_of(p); p++) index -= pieces_of(p);
  size_t offset = (size_t)index * PIECE;
  return (parameter_piece){.parameter = p,
                           .first = p->first + offset,
                           .count = MINIMUM(p->count - offset, (size_t)PIECE)};
}

uint32_t spindle_count_own_pieces(const spindle_workspace *w) {
  return (uint32_t)(w->piece_borders[w->rank + 1] - w->piece_borders[w->rank]);
}

parameter_piece spindle_own_piece(const spindle_workspace *w, uint32_t index) {
  return spindle_find_piece(w, (uint32_t)w->piece_borders[w->rank] + index);
}

uint32_t spindle_piece_threads(const spindle_workspace *w) {
  return w->parameter_count <= PIECE ? 1 : w->threads;
}

/// Numbers of a task: one thread takes whole pieces.
static uint32_t grain_of(const spindle_workspace *w) {
  return spindle_piece_threads(w) > 1 ? GRAIN : PIECE;
}

uint32_t spindle_count_grains(const spindle_workspace *w) {
  return spindle_count_own_pieces(w) * (PIECE / grain_of(w));
}

parameter_piece spindle_find_grain(const spindle_workspace *w, uint32_t index) {
  uint32_t grain = grain_of(w), grains = PIECE / grain;
  parameter_piece piece = spindle_own_piece(w, index / grains);
  size_t offset = MINIMUM(piece.count, index % grains * (size_t)grain);
  piece.first += offset;
  piece.count = MINIMUM(piece.count - offset, (size_t)grain);
  return piece;
}

static void norm_task(void *context, task task) {
  const optimizer_call *c = context;
  parameter_piece piece = spindle_own_piece(c->workspace, task.index);
  if (c->training->constraints)
    spindle_mask(c->training->constraints + piece.first, piece.count,
                 c->training->gradients + piece.first);
  bool positive = spindle_role_is_positive(piece.parameter->role);
  const float *parameters = positive ? c->training->parameters + piece.first : NULL;
  size_t index = c->workspace->piece_borders[c->workspace->rank] + task.index;
  c->workspace->norm_terms[index] = c->workspace->kernels->sum_of_squares(
      c->training->gradients + piece.first, parameters, piece.count);
}

static void update_task(void *context, task task) {
  const optimizer_call *c = context;
  const spindle_training *t = c->training;
  parameter_piece piece = spindle_find_grain(c->workspace, task.index);
  if (piece.count == 0) return;
  update_rule rule = c->rule;
  rule.positive = spindle_role_is_positive(piece.parameter->role);
  if (!spindle_role_decays(piece.parameter->role))
    rule.decay = 0, rule.keep = 1, rule.bound = FLT_MAX;
  c->workspace->kernels->update(&rule, piece.count, t->gradients + piece.first,
                                t->mean + piece.first, t->variance + piece.first,
                                t->parameters + piece.first);
  if (t->constraints)
    spindle_project(t->constraints + piece.first, piece.count, t->parameters + piece.first);
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

/// 1 - beta^steps.
static double unbias(double beta, double steps) {
  return -spindle_expm1(steps * spindle_log(beta));
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
  if (o->kind != SPINDLE_SGD) rule.rate *= (float)(1 / unbias(o->beta1, steps));
  if (o->kind == SPINDLE_ADAM) rule.correction = (float)(1 / sqrt(unbias(o->beta2, steps)));
  // As PyTorch's clip_grad_norm_, with the same small number.
  if (o->clip_norm > 0) rule.scale = (float)MINIMUM(1, o->clip_norm / (norm + 1e-6));
  return rule;
}

spindle_status spindle_measure_gradients(spindle_workspace *w, const spindle_training *t,
                                         double *norm) {
  optimizer_call call = {.workspace = w, .training = t};
  uint32_t pieces = spindle_count_pieces(w);
  spindle_parallel(w->team, spindle_piece_threads(w), spindle_count_own_pieces(w), norm_task,
                   &call);
  TRY(spindle_gather(w, w->norm_terms, sizeof *w->norm_terms, w->piece_borders));
  double squares = 0;
  for (uint32_t i = 0; i < pieces; i++) squares += w->norm_terms[i];
  *norm = sqrt(squares);
  return squares <= FLT_MAX ? SPINDLE_OK : SPINDLE_NOT_FINITE;
}

spindle_status spindle_optimize(spindle_workspace *w, const spindle_training *t, uint64_t step,
                                double *gradient_norm) {
  if (!w || !t || !gradient_norm || !t->parameters || !t->gradients || !t->mean || !t->variance)
    return SPINDLE_NULL_POINTER;
  if (!w->training) return SPINDLE_INVALID_OPTION;
  TRY(check(&t->optimizer, step));
  TRY(spindle_measure_gradients(w, t, gradient_norm));
  optimizer_call call = {
      .workspace = w, .training = t, .rule = make_rule(&t->optimizer, step, *gradient_norm)};
  spindle_parallel(w->team, spindle_piece_threads(w), spindle_count_grains(w), update_task, &call);
  w->loaded = false;
  return spindle_gather(w, t->parameters, sizeof *t->parameters, w->slice_borders);
}

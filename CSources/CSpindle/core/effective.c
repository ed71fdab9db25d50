/// What a chip makes of the parameters (spindle_hardware): effective = T(parameters, chip),
/// computed once a batch. T takes each number by itself, the step of a grid being a constant, so
/// that the gradient by a parameter is that by its effective number times a slope. Quantisation
/// passes the gradient where the number lies within the grid (the straight-through estimator:
/// Bengio, Léonard and Courville 2013; Hubara et al. 2016).
#include <float.h>
#include <math.h>
#include <string.h>
#include "plan.h"

#pragma STDC FP_CONTRACT OFF

/// The stream of random numbers of parameter i is this plus i.
#define MISMATCH_STREAM (UINT64_C(5) << 32)
/// Numbers between the beginnings of two chips: more than a parameter takes.
#define MISMATCH_NUMBERS (UINT64_C(1) << 36)
_Static_assert(SPINDLE_MAXIMUM_CHIPS <= UINT64_MAX / MISMATCH_NUMBERS + 1, "chips have their own");
/// Normal numbers drawn in one go.
#define NORMALS 1024

/// The spread of a role's mismatch.
static float mismatch_of(const spindle_layer *s, spindle_role role) {
  const spindle_hardware *h = &s->hardware;
  switch (role) {
  case SPINDLE_WEIGHT:
  case SPINDLE_RECURRENT_WEIGHT:
    return h->weight_mismatch;
  case SPINDLE_TAU:
    return h->tau_mismatch;
  case SPINDLE_SYNAPTIC_TAU:
    return h->synaptic_tau_mismatch;
  case SPINDLE_THRESHOLD:
    return h->threshold_mismatch;
  default:
    return 0;
  }
}

static bool is_on_grid(const spindle_layer *s, spindle_role role) {
  return s->hardware.bits > 0 && (role == SPINDLE_WEIGHT || role == SPINDLE_RECURRENT_WEIGHT ||
                                  (role == SPINDLE_BIAS && s->hardware.quantize_bias));
}

/// Whether a layer computes with other numbers than its parameters.
static bool is_transformed(const spindle_layer *s) {
  for (int role = 0; role < SPINDLE_ROLE_COUNT; role++)
    if (mismatch_of(s, (spindle_role)role) > 0) return true;
  return s->hardware.bits > 0;
}

void spindle_plan_effective(spindle_workspace *w, const spindle_configuration *c, arena *arena) {
  bool any = false;
  for (uint32_t l = 0; l < c->layer_count; l++) any |= is_transformed(&c->layers[l]);
  if (!any) return;
  w->effective = TAKE(arena, float, w->parameter_count, 1);
  if (w->training) w->slope = TAKE(arena, float, w->parameter_count, 1);
}

const float *spindle_effective_of(const spindle_workspace *w, uint32_t l, const float *parameters) {
  return is_transformed(&w->plans[l].shape) ? w->effective : parameters;
}

/// The step of a grid whose largest number is `largest`, Q steps from 0.
static float step_of(const spindle_hardware *h, double largest, float Q) {
  float step = h->scale == SPINDLE_SCALE_RANGE ? (float)(h->range / Q) : (float)largest / Q;
  int exponent;
  if (h->power_of_two) step = frexpf(step, &exponent) == 0.5f ? step : ldexpf(1, exponent);
  return MAXIMUM(step, FLT_MIN); // a quotient by it is finite
}

/// The steps of the grids of a layer's neurons.
static void find_steps(const spindle_workspace *w, uint32_t l, const float *parameters) {
  const layer_plan *plan = &w->plans[l];
  const spindle_layer *s = &plan->shape;
  float *restrict steps = w->weights[l].scale, Q = (float)((1 << (s->hardware.bits - 1)) - 1);
  size_t N = s->neurons;
  memset(steps, 0, N * sizeof *steps);
  bool measured = s->hardware.scale != SPINDLE_SCALE_RANGE;
  for (int role = 0; measured && role < SPINDLE_ROLE_COUNT; role++) {
    if (!is_on_grid(s, (spindle_role)role)) continue;
    size_t rows = spindle_role_rows(s, (spindle_role)role);
    for (size_t row = 0; row < rows; row++) {
      const float *restrict x = parameters + plan->parameters.offset[role] + row * N;
      for (size_t n = 0; n < N; n++) steps[n] = MAXIMUM(steps[n], fabsf(x[n]));
    }
  }
  float all = 0;
  for (size_t n = 0; n < N; n++) all = MAXIMUM(all, steps[n]);
  for (size_t n = 0; n < N; n++) {
    float largest = s->hardware.scale == SPINDLE_SCALE_NEURON ? steps[n] : all;
    steps[n] = step_of(&s->hardware, largest > 0 ? largest : 1, Q);
  }
}

/// Adding and subtracting it rounds a number of less than 2^22 to an integer, half to even.
#define ROUNDING 0x1.8p23f

/// Puts a row of weights on the neurons' grids; `slope` may be NULL.
static void quantize_row(const float *restrict x, const float *restrict steps, float Q, size_t N,
                         float *restrict to, float *restrict slope) {
  for (size_t n = 0; n < N; n++) {
    float ratio = x[n] / steps[n];
    float within = ratio > Q ? Q : ratio < -Q ? -Q : ratio;
    to[n] = ((within + ROUNDING) - ROUNDING) * steps[n];
  }
  for (size_t n = 0; slope && n < N; n++)
    slope[n] = fabsf(x[n] / steps[n]) <= Q + 0.5f ? 1.0f : 0.0f;
}

/// Multiplies numbers of a parameter with those of a chip.
static void spread(const spindle_workspace *w, const parameter *p, uint32_t index, float sigma,
                   const spindle_chip *chip) {
  bool positive = spindle_role_is_positive(p->role);
  float e[NORMALS];
  for (size_t first = 0; first < p->count; first += NORMALS) {
    size_t some = MINIMUM(p->count - first, (size_t)NORMALS);
    spindle_random random = {.seed = chip->seed,
                             .stream = MISMATCH_STREAM + index,
                             .offset = chip->number * MISMATCH_NUMBERS + first};
    w->kernels->random_normal(&random, 0, 1, some, e);
    float *to = w->effective + p->first + first;
    float *slope = w->slope ? w->slope + p->first + first : NULL;
    for (size_t i = 0; i < some; i++) {
      float factor = positive ? (float)spindle_exp((double)sigma * e[i]) : 1 + sigma * e[i];
      to[i] *= factor;
      if (slope) slope[i] *= factor;
    }
  }
}

typedef struct effective_call {
  spindle_workspace *workspace;
  const float *parameters;
  const spindle_chip *chip;
} effective_call;

/// One parameter of a layer, `index` of all.
static void make_parameter(const effective_call *call, uint32_t l, uint32_t index) {
  const spindle_workspace *w = call->workspace;
  const spindle_layer *s = &w->plans[l].shape;
  const parameter *p = &w->parameters[index];
  const float *from = call->parameters + p->first;
  float *to = w->effective + p->first, *slope = w->slope ? w->slope + p->first : NULL;
  if (is_on_grid(s, p->role)) {
    float Q = (float)((1 << (s->hardware.bits - 1)) - 1);
    size_t N = s->neurons;
    for (size_t i = 0; i < p->count; i += N)
      quantize_row(from + i, w->weights[l].scale, Q, N, to + i, slope ? slope + i : NULL);
  } else {
    memcpy(to, from, p->count * sizeof *to);
    for (size_t i = 0; slope && i < p->count; i++) slope[i] = 1;
  }
  float sigma = mismatch_of(s, p->role);
  if (call->chip && sigma > 0) spread(w, p, index, sigma, call->chip);
}

static void layer_task(void *context, task task) {
  const effective_call *call = context;
  const spindle_workspace *w = call->workspace;
  const layer_plan *plan = &w->plans[task.index];
  if (!is_transformed(&plan->shape)) return;
  if (plan->shape.hardware.bits > 0) find_steps(w, task.index, call->parameters);
  uint32_t index = 0;
  while (w->parameters[index].first < plan->parameters.offset[SPINDLE_WEIGHT]) index++;
  for (int role = 0; role < SPINDLE_ROLE_COUNT; role++)
    if (spindle_role_rows(&plan->shape, (spindle_role)role))
      make_parameter(call, task.index, index++);
}

void spindle_make_effective(spindle_workspace *w, const float *parameters,
                            const spindle_chip *chip) {
  effective_call call = {.workspace = w, .parameters = parameters, .chip = chip};
  if (w->effective) spindle_parallel(w->team, w->threads, w->layer_count, layer_task, &call);
}

spindle_status spindle_effective(const spindle_workspace *w, const float *parameters,
                                 float *effective) {
  if (!w || !parameters || !effective) return SPINDLE_NULL_POINTER;
  if (!w->loaded) return SPINDLE_WRONG_ORDER;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const layer_plan *plan = &w->plans[l];
    const float *from = spindle_effective_of(w, l, parameters);
    for (int role = 0; role < SPINDLE_ROLE_COUNT; role++) {
      size_t count =
          spindle_role_rows(&plan->shape, (spindle_role)role) * (size_t)plan->shape.neurons;
      size_t first = plan->parameters.offset[role];
      if (count) memcpy(effective + first, from + first, count * sizeof *effective);
    }
  }
  return SPINDLE_OK;
}

spindle_status spindle_grid_steps(const spindle_workspace *w, uint32_t layer, float *steps) {
  if (!w || !steps) return SPINDLE_NULL_POINTER;
  if (layer >= w->layer_count) return SPINDLE_INVALID_SIZE;
  if (!w->weights[layer].scale) return SPINDLE_INVALID_OPTION;
  if (!w->loaded) return SPINDLE_WRONG_ORDER;
  memcpy(steps, w->weights[layer].scale, w->plans[layer].shape.neurons * sizeof *steps);
  return SPINDLE_OK;
}

typedef struct pull_call {
  const spindle_workspace *workspace;
  float *gradients;
} pull_call;

static void pull_task(void *context, task task) {
  const pull_call *call = context;
  const spindle_workspace *w = call->workspace;
  const parameter *p = &w->parameters[task.index];
  uint32_t l = w->layer_count - 1;
  while (p->first < w->plans[l].parameters.offset[SPINDLE_WEIGHT]) l--;
  if (!is_transformed(&w->plans[l].shape)) return;
  float *restrict gradient = call->gradients + p->first;
  const float *restrict slope = w->slope + p->first;
  for (size_t i = 0; i < p->count; i++) gradient[i] *= slope[i];
}

void spindle_pull_back(const spindle_workspace *w, float *gradients) {
  pull_call call = {.workspace = w, .gradients = gradients};
  if (w->slope)
    spindle_parallel(w->team, spindle_piece_threads(w), w->count_parameters, pull_task, &call);
}

void spindle_mask(const uint8_t *constraints, size_t count, float *gradients) {
  for (size_t i = 0; i < count; i++)
    if (constraints[i] & SPINDLE_ABSENT_WEIGHT) gradients[i] = 0;
}

void spindle_project(const uint8_t *constraints, size_t count, float *parameters) {
  for (size_t i = 0; i < count; i++) {
    bool wrong = (constraints[i] & SPINDLE_ABSENT_WEIGHT) ||
                 ((constraints[i] & SPINDLE_NOT_NEGATIVE) && parameters[i] < 0) ||
                 ((constraints[i] & SPINDLE_NOT_POSITIVE) && parameters[i] > 0);
    if (wrong) parameters[i] = 0;
  }
}

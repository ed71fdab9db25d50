/// Penalties of weights that a chip cannot hold (spindle_hardware): of those beyond its range, and
/// of sources in a group whose weights to a target differ in sign. Of the parameters themselves,
/// not of what the chip makes of them.
#include <math.h>
#include "plan.h"

#pragma STDC FP_CONTRACT OFF

static const spindle_role weight_roles[] = {SPINDLE_WEIGHT, SPINDLE_RECURRENT_WEIGHT};
enum { WEIGHT_ROLES = sizeof weight_roles / sizeof *weight_roles };

static double sign_of(double x) { return (x > 0) - (x < 0); }

/// The sum over a matrix [rows][N] of max(0, |w| - limit)^2; adds `factor` times its gradient.
static double magnitude(const float *weights, size_t count, double limit, double factor,
                        float *gradients) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    double excess = fabs((double)weights[i]) - limit;
    if (!(excess > 0)) continue;
    sum += excess * excess;
    if (gradients) gradients[i] += (float)(factor * 2 * excess * sign_of(weights[i]));
  }
  return sum;
}

/// The sum over groups of `group` rows and targets of sum|w| - |sum w|; likewise.
static double mixed_signs(const float *weights, size_t rows, size_t N, size_t group, double factor,
                          float *gradients) {
  double total = 0;
  for (size_t first = 0; first < rows; first += group) {
    size_t end = MINIMUM(rows, first + group) * N;
    for (size_t n = 0; n < N; n++) {
      double sum = 0, absolute = 0;
      for (size_t i = first * N + n; i < end; i += N)
        sum += weights[i], absolute += fabs((double)weights[i]);
      total += absolute - fabs(sum);
      for (size_t i = first * N + n; gradients && i < end; i += N)
        gradients[i] += (float)(factor * (sign_of(weights[i]) - sign_of(sum)));
    }
  }
  return total;
}

/// A layer's penalties.
static double penalize(const layer_plan *plan, const float *parameters, float *gradients) {
  const spindle_layer *s = &plan->shape;
  const spindle_hardware *h = &s->hardware;
  double value = 0, count = 0;
  for (int k = 0; k < WEIGHT_ROLES; k++)
    count += (double)spindle_role_rows(s, weight_roles[k]) * s->neurons;
  for (int k = 0; k < WEIGHT_ROLES; k++) {
    size_t rows = spindle_role_rows(s, weight_roles[k]);
    size_t first = plan->parameters.offset[weight_roles[k]];
    float *to = gradients && LEARNS(s, weight_roles[k]) ? gradients + first : NULL;
    if (rows && h->magnitude_strength > 0) {
      double factor = h->magnitude_strength / count;
      value +=
          factor * magnitude(parameters + first, rows * s->neurons, h->magnitude_limit, factor, to);
    }
    if (rows && h->sign_strength > 0) {
      double factor = h->sign_strength / count;
      value +=
          factor * mixed_signs(parameters + first, rows, s->neurons, h->sign_group, factor, to);
    }
  }
  return value;
}

spindle_status spindle_penalize_weights(const spindle_workspace *w, const float *parameters,
                                        float *gradients, double *value) {
  if (!w || !parameters || !value) return SPINDLE_NULL_POINTER;
  *value = 0;
  for (uint32_t l = 0; l < w->layer_count; l++)
    *value += penalize(&w->plans[l], parameters, gradients);
  return SPINDLE_OK;
}

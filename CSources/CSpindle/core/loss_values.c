/// The losses of rates, counts, spike trains and membranes against values.
#include <math.h>
#include <string.h>
#include "loss.h"

#pragma STDC FP_CONTRACT OFF

void spindle_mean_rate_task(void *context, task task) {
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  const layer_plan *plan = &w->plans[last_layer(w)];
  size_t N = plan->shape.neurons, width = plan->padded;
  uint32_t steps = rate_steps(w), first = task.index * steps;
  uint32_t rows = MINIMUM(w->steps - first, steps);
  float *restrict gradient = w->loss_gradient + first * width;
  const float *restrict target = call->target->target + first * N;
  spindle_count_over_batch(w, first, rows, gradient);
  if (width == N) N *= rows, rows = 1; // one long row instead of many short ones
  double terms = (double)w->steps * plan->shape.neurons, sum[4] = {0};
  float scale = (float)(2 / (terms * w->batch)), batch = (float)w->batch;
  for (uint32_t r = 0; r < rows; r++, gradient += width, target += N) {
    for (size_t n = 0; n < N; n++) gradient[n] = gradient[n] / batch - target[n];
    // Four chains of additions, which need not wait for one another.
    for (size_t n = 0; n < N; n++) sum[n % 4] += (double)gradient[n] * gradient[n];
    for (size_t n = 0; n < N; n++) gradient[n] *= scale;
  }
  w->loss_terms[task.index] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / terms;
}

void spindle_membrane_mse(const loss_samples *s) {
  spindle_workspace *w = s->workspace;
  uint32_t N = s->layer.plan->shape.neurons;
  for (uint32_t b = s->first; b < s->end; b++) w->loss_terms[b] = 0;
  for (uint32_t t = 0; t < w->steps; t++)
    for (uint32_t b = s->first; b < s->end; b++) {
      const float *target = s->target->target + ((size_t)b * w->steps + t) * N;
      const float *membrane = spindle_loss_membrane(s, b, t);
      double sum = w->loss_terms[b];
      for (uint32_t n = 0; n < N; n++) {
        float error = membrane[n] - target[n];
        sum += (double)error * error;
      }
      w->loss_terms[b] = sum;
    }
  for (uint32_t b = s->first; b < s->end; b++) w->loss_terms[b] /= (double)w->batch * w->steps * N;
}

/// (count over time, or rate, - target)^2, and its gradient by each spike.
void spindle_count_mse(const loss_samples *s) {
  spindle_workspace *w = s->workspace;
  uint32_t N = s->layer.plan->shape.neurons;
  double scale = s->target->kind == SPINDLE_FIRING_RATE_MSE ? 1.0 / w->steps : 1;
  double terms = (double)w->batch * N;
  for (uint32_t b = s->first; b < s->end; b++) {
    float *gradient = sample_gradient(w, b);
    const float *target = s->target->target + (s->target->shared ? 0 : (size_t)b * N);
    double sum = 0;
    spindle_count_over_time(&s->layer, s->local + b - s->first, gradient);
    for (uint32_t n = 0; n < N; n++) {
      double error = gradient[n] * scale - target[n];
      sum += error * error;
      gradient[n] = (float)(2 * scale * error / terms);
    }
    w->loss_terms[b] = sum / terms;
  }
}

/// The output gradient holds first e_t, then the sum of what each later e owes to s_t, which is the
/// same filter run backward.
void spindle_van_rossum(const loss_samples *s) {
  spindle_workspace *w = s->workspace;
  size_t N = s->layer.plan->shape.neurons, T = w->steps;
  double share = s->layer.plan->time_step / (double)s->target->tau;
  float keep = (float)spindle_exp(-share), *row = s->layer.scratch->row;
  float scale = (float)(2 * share / ((double)w->batch * (double)N));
  for (uint32_t b = s->first; b < s->end; b++) {
    float *gradient = w->output_gradient + b * T * N;
    const float *target = s->target->target + b * T * N;
    double sum = 0;
    for (size_t t = 0; t < T; t++) {
      spindle_spike_row(&s->layer, s->local + b - s->first, (uint32_t)t, row);
      for (size_t n = 0; n < N; n++) {
        float error = row[n] - target[t * N + n];
        if (t > 0) error += keep * gradient[(t - 1) * N + n];
        gradient[t * N + n] = error;
        sum += (double)error * error;
      }
    }
    memset(row, 0, N * sizeof *row);
    for (size_t t = T; t-- > 0;)
      for (size_t n = 0; n < N; n++) {
        row[n] = gradient[t * N + n] + keep * row[n];
        gradient[t * N + n] = scale * row[n];
      }
    w->loss_terms[b] = sum * share / ((double)w->batch * (double)N);
  }
}

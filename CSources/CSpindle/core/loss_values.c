/// The losses of rates, counts, spike trains and membranes against values.
#include <math.h>
#include <string.h>
#include "loss.h"
#include "share.h"

#pragma STDC FP_CONTRACT OFF

/// The first step of a task of the mean rate's loss, and its steps.
static uint32_t task_steps(const spindle_workspace *w, task task, uint32_t *first) {
  *first = task.index * rate_steps(w);
  return MINIMUM(w->steps - *first, rate_steps(w));
}

void spindle_count_task(void *context, task task) {
  const loss_call *call = context;
  const spindle_workspace *w = call->workspace;
  uint32_t first, rows = task_steps(w, task, &first);
  spindle_count_over_batch(w, first, rows,
                           w->loss_gradient + first * (size_t)w->plans[last_layer(w)].padded);
}

void spindle_mean_rate_task(void *context, task task) {
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  const layer_plan *plan = &w->plans[last_layer(w)];
  size_t N = plan->shape.neurons, width = plan->padded;
  uint32_t first, rows = task_steps(w, task, &first);
  // Before there is a restricted pointer to the counts.
  if (!has_ranks(w)) spindle_count_task(context, task);
  float *restrict gradient = w->loss_gradient + first * width;
  const float *restrict target = call->target->target + first * N;
  bool dense = width == N;
  // One long row instead of many short ones, where all have as many samples.
  if (dense && !w->has_lengths) N *= rows, rows = 1;
  double terms = (double)spindle_longest(w) * plan->shape.neurons, sum[4] = {0};
  for (uint32_t r = 0; r < rows; r++, gradient += width, target += N) {
    uint32_t samples = spindle_samples_at(w, first + r);
    float scale = samples > 0 ? (float)(2 / (terms * samples)) : 0, batch = (float)samples;
    for (size_t n = 0; n < N; n++) gradient[n] = samples > 0 ? gradient[n] / batch - target[n] : 0;
    // Four chains of additions, which need not wait for one another; the same as of a long row.
    size_t turn = dense ? r * N % 4 : 0;
    double chains[4];
    for (int i = 0; i < 4; i++) chains[i] = sum[(turn + i) % 4];
    for (size_t n = 0; n < N; n++) chains[n % 4] += (double)gradient[n] * gradient[n];
    for (int i = 0; i < 4; i++) sum[(turn + i) % 4] = chains[i];
    for (size_t n = 0; n < N; n++) gradient[n] *= scale;
  }
  w->loss_terms[task.index] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / terms;
}

void spindle_membrane_mse(const loss_samples *s) {
  spindle_workspace *w = s->workspace;
  uint32_t N = s->layer.plan->shape.neurons;
  double *terms = spindle_sample_terms(w);
  for (uint32_t b = s->first; b < s->end; b++) terms[b] = 0;
  for (uint32_t t = 0; t < w->steps; t++)
    for (uint32_t b = s->first; b < s->end; b++) {
      if (t >= spindle_sample_steps(w, b)) continue;
      const float *target = s->target->target + ((size_t)b * w->steps + t) * N;
      const float *membrane = spindle_loss_membrane(s, b, t);
      double sum = terms[b];
      for (uint32_t n = 0; n < N; n++) {
        float error = membrane[n] - target[n];
        sum += (double)error * error;
      }
      terms[b] = sum;
    }
  for (uint32_t b = s->first; b < s->end; b++)
    terms[b] /= (double)w->whole.samples * spindle_sample_steps(w, b) * N;
}

/// (count over time, or rate, - target)^2, and its gradient by each spike.
void spindle_count_mse(const loss_samples *s) {
  spindle_workspace *w = s->workspace;
  uint32_t N = s->layer.plan->shape.neurons;
  bool by_rate = s->target->kind == SPINDLE_FIRING_RATE_MSE;
  double terms = (double)w->whole.samples * N;
  for (uint32_t b = s->first; b < s->end; b++) {
    double scale = by_rate ? 1.0 / spindle_sample_steps(w, b) : 1;
    float *gradient = sample_gradient(w, b);
    const float *target = s->target->target + (s->target->shared ? 0 : (size_t)b * N);
    double sum = 0;
    spindle_count_over_time(&s->layer, s->local + b - s->first, gradient);
    for (uint32_t n = 0; n < N; n++) {
      double error = gradient[n] * scale - target[n];
      sum += error * error;
      gradient[n] = (float)(2 * scale * error / terms);
    }
    spindle_sample_terms(w)[b] = sum / terms;
  }
}

/// The output gradient holds first e_t, then the sum of what each later e owes to s_t, which is the
/// same filter run backward.
void spindle_van_rossum(const loss_samples *s) {
  spindle_workspace *w = s->workspace;
  size_t N = s->layer.plan->shape.neurons, T = w->steps;
  double share = s->layer.plan->time_step / (double)s->target->tau;
  float keep = (float)spindle_exp(-share), *row = s->layer.scratch->row;
  float scale = (float)(2 * share / ((double)w->whole.samples * (double)N));
  for (uint32_t b = s->first; b < s->end; b++) {
    float *gradient = w->output_gradient + b * T * N;
    const float *target = s->target->target + b * T * N;
    size_t steps = spindle_sample_steps(w, b);
    double sum = 0;
    for (size_t t = 0; t < steps; t++) {
      spindle_spike_row(&s->layer, s->local + b - s->first, (uint32_t)t, row);
      for (size_t n = 0; n < N; n++) {
        float error = row[n] - target[t * N + n];
        if (t > 0) error += keep * gradient[(t - 1) * N + n];
        gradient[t * N + n] = error;
        sum += (double)error * error;
      }
    }
    memset(row, 0, N * sizeof *row);
    for (size_t t = steps; t-- > 0;)
      for (size_t n = 0; n < N; n++) {
        row[n] = gradient[t * N + n] + keep * row[n];
        gradient[t * N + n] = scale * row[n];
      }
    spindle_sample_terms(w)[b] = sum * share / ((double)w->whole.samples * (double)N);
  }
}

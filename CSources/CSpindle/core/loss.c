/// The losses and their gradients with respect to the output. Each term is computed by one thread;
/// the terms are added in order.
#include <math.h>
#include <string.h>
#include "internal.h"

#pragma STDC FP_CONTRACT OFF

typedef struct loss_call {
  spindle_workspace *workspace;
  const run_layer *layer; ///< The last one.
  const spindle_loss_target *target;
} loss_call;

/// Steps of one task of the mean rate's loss: some thousand numbers, so that a task is worth
/// handing to a thread.
static uint32_t rate_steps(const run_layer *layer) { return MAXIMUM(1, 4096 / layer->padded); }

static void mean_rate_task(void *context, uint32_t part, uint32_t thread) {
  (void)thread;
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  size_t N = call->layer->shape.neurons, width = call->layer->padded;
  uint32_t steps = rate_steps(call->layer), first = part * steps;
  uint32_t rows = MINIMUM(w->steps - first, steps);
  float *restrict gradient = w->loss_gradient + first * width;
  const float *restrict target = call->target->target + first * N;
  spindle_count_over_batch(w, call->layer, first, rows, gradient);
  if (width == N) N *= rows, rows = 1; // one long row instead of many short ones
  double terms = (double)w->steps * call->layer->shape.neurons, sum[4] = {0};
  float scale = (float)(2 / (terms * w->batch)), batch = (float)w->batch;
  for (uint32_t r = 0; r < rows; r++, gradient += width, target += N) {
    for (size_t n = 0; n < N; n++) gradient[n] = gradient[n] / batch - target[n];
    // Four chains of additions, which need not wait for one another.
    for (size_t n = 0; n < N; n++) sum[n % 4] += (double)gradient[n] * gradient[n];
    for (size_t n = 0; n < N; n++) gradient[n] *= scale;
  }
  w->loss_terms[part] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / terms;
}

/// Samples of one task of a cross-entropy. Their outputs at a step lie side by side, so time is
/// walked once for all of them.
#define ENTROPY_SAMPLES 16

static float *logits_of(const loss_call *call, uint32_t b) {
  return call->workspace->loss_gradient + b * (size_t)call->layer->padded;
}

/// The maximum over time of v of samples [b0, b1), and its first step.
static void peak_membranes(const loss_call *call, uint32_t b0, uint32_t b1, float *row) {
  spindle_workspace *w = call->workspace;
  for (uint32_t t = 0; t < w->steps; t++)
    for (uint32_t b = b0; b < b1; b++) {
      const float *membrane = spindle_membrane_row(w, call->layer, b, t, row);
      float *peaks = logits_of(call, b);
      int32_t *steps = w->loss_steps + b * (size_t)call->layer->padded;
      for (uint32_t n = 0; n < call->layer->shape.neurons; n++)
        if (t == 0 || membrane[n] > peaks[n]) {
          peaks[n] = membrane[n];
          steps[n] = (int32_t)t;
        }
    }
}

/// The mean of v of samples [b0, b1) over the steps from `first` on.
static void mean_membranes(const loss_call *call, uint32_t b0, uint32_t b1, uint32_t first,
                           float *row) {
  spindle_workspace *w = call->workspace;
  uint32_t N = call->layer->shape.neurons;
  for (uint32_t t = first; t < w->steps; t++)
    for (uint32_t b = b0; b < b1; b++) {
      const float *membrane = spindle_membrane_row(w, call->layer, b, t, row);
      float *means = logits_of(call, b);
      for (uint32_t n = 0; n < N; n++) means[n] = t == first ? membrane[n] : means[n] + membrane[n];
    }
  for (uint32_t b = b0; b < b1; b++)
    for (uint32_t n = 0; n < N; n++) logits_of(call, b)[n] /= (float)(w->steps - first);
}

/// -log softmax(logits)[class] / B; `logits` become its gradient, times `scale`.
static double cross_entropy(float *logits, uint32_t count, int32_t class, double batch,
                            double scale) {
  double maximum = -INFINITY, sum = 0;
  for (uint32_t n = 0; n < count; n++) maximum = MAXIMUM(maximum, (double)logits[n]);
  for (uint32_t n = 0; n < count; n++) sum += exp(logits[n] - maximum);
  double loss = log(sum) + maximum - logits[class];
  for (uint32_t n = 0; n < count; n++) {
    double p = exp(logits[n] - maximum) / sum;
    logits[n] = (float)((p - (n == (uint32_t) class)) * scale / batch);
  }
  return loss / batch;
}

/// The place of the largest logit, the first where several tie.
static uint32_t first_largest(const float *logits, uint32_t count) {
  uint32_t best = 0;
  for (uint32_t n = 1; n < count; n++)
    if (logits[n] > logits[best]) best = n;
  return best;
}

/// The first step whose membranes a cross-entropy of their mean reads.
static uint32_t first_step(const spindle_loss_target *target) {
  return target->kind == SPINDLE_RECALL_CROSS_ENTROPY ? target->first_step : 0;
}

/// The answers, by what leads to them: the logits of the last steps, or of the loss.
static void predict(const loss_call *call, uint32_t b0, uint32_t b1) {
  for (uint32_t b = b0; b < b1; b++)
    call->workspace->predictions[b] =
        (int32_t)first_largest(logits_of(call, b), call->layer->shape.neurons);
}

static void cross_entropy_task(void *context, uint32_t part, uint32_t thread) {
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  const spindle_loss_target *target = call->target;
  uint32_t b0 = part * ENTROPY_SAMPLES, b1 = MINIMUM(w->batch, b0 + ENTROPY_SAMPLES);
  uint32_t first = first_step(target);
  float *row = w->workers[thread].row;
  bool recalls = target->kind == SPINDLE_RECALL_CROSS_ENTROPY;
  double scale = 1;
  if (recalls) {
    mean_membranes(call, b0, b1, w->steps - target->answer_steps, row);
    predict(call, b0, b1);
  }
  if (target->kind == SPINDLE_RATE_CROSS_ENTROPY) {
    for (uint32_t b = b0; b < b1; b++)
      spindle_count_over_time(w, call->layer, b, logits_of(call, b));
  } else if (target->kind == SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY) {
    peak_membranes(call, b0, b1, row);
  } else {
    mean_membranes(call, b0, b1, first, row);
    scale = 1.0 / (w->steps - first);
  }
  if (!recalls) predict(call, b0, b1);
  for (uint32_t b = b0; b < b1; b++)
    w->loss_terms[b] = cross_entropy(logits_of(call, b), call->layer->shape.neurons,
                                     target->classes[b], w->batch, scale);
}

static void membrane_mse_task(void *context, uint32_t b, uint32_t thread) {
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  uint32_t N = call->layer->shape.neurons;
  float *row = w->workers[thread].row;
  double sum = 0;
  for (uint32_t t = 0; t < w->steps; t++) {
    const float *target = call->target->target + ((size_t)b * w->steps + t) * N;
    const float *membrane = spindle_membrane_row(w, call->layer, b, t, row);
    for (uint32_t n = 0; n < N; n++) {
      float error = membrane[n] - target[n];
      sum += (double)error * error;
    }
  }
  w->loss_terms[b] = sum / ((double)w->batch * w->steps * N);
}

/// (count over time times `scale` - target)^2 of sample b, and its gradient by each spike.
static double count_error(const loss_call *call, uint32_t b, double scale) {
  spindle_workspace *w = call->workspace;
  uint32_t N = call->layer->shape.neurons;
  float *gradient = w->loss_gradient + b * (size_t)call->layer->padded;
  const float *target = call->target->target + (call->target->shared ? 0 : (size_t)b * N);
  spindle_count_over_time(w, call->layer, b, gradient);
  double terms = (double)w->batch * N, sum = 0;
  for (uint32_t n = 0; n < N; n++) {
    double error = gradient[n] * scale - target[n];
    sum += error * error;
    gradient[n] = (float)(2 * scale * error / terms);
  }
  return sum / terms;
}

static void count_task(void *context, uint32_t b, uint32_t thread) {
  (void)thread;
  const loss_call *call = context;
  bool rate = call->target->kind == SPINDLE_FIRING_RATE_MSE;
  call->workspace->loss_terms[b] = count_error(call, b, rate ? 1.0 / call->workspace->steps : 1);
}

/// Van Rossum's distance of sample b. The output gradient holds first e_t, then the sum of what
/// each later e owes to s_t, which is the same filter run backward.
static void van_rossum_task(void *context, uint32_t b, uint32_t thread) {
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  size_t N = call->layer->shape.neurons, T = w->steps;
  double share = call->layer->time_step / (double)call->target->tau;
  float keep = (float)exp(-share), scale = (float)(2 * share / ((double)w->batch * (double)N));
  float *gradient = w->output_gradient + b * T * N, *row = w->workers[thread].row;
  const float *target = call->target->target + b * T * N;
  double sum = 0;
  for (size_t t = 0; t < T; t++) {
    spindle_spike_row(w, call->layer, b, (uint32_t)t, row);
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

spindle_status spindle_check_target(const spindle_workspace *w, const spindle_loss_target *target) {
  const spindle_layer *last = &w->layers[w->layer_count - 1].shape;
  switch (target->kind) {
  case SPINDLE_VAN_ROSSUM:
    if (!w->output_gradient) return SPINDLE_INVALID_OPTION;
    if (!isfinite(target->tau) || target->tau <= 0) return SPINDLE_INVALID_PARAMETER;
    __attribute__((fallthrough));
  case SPINDLE_MEAN_RATE_MSE:
  case SPINDLE_SPIKE_COUNT_MSE:
  case SPINDLE_FIRING_RATE_MSE:
    if (last->neuron == SPINDLE_LI) return SPINDLE_INVALID_OPTION;
    return target->target ? SPINDLE_OK : SPINDLE_NULL_POINTER;
  case SPINDLE_MEMBRANE_MSE:
    return target->target ? SPINDLE_OK : SPINDLE_NULL_POINTER;
  case SPINDLE_RATE_CROSS_ENTROPY:
    if (last->neuron == SPINDLE_LI) return SPINDLE_INVALID_OPTION;
    break;
  case SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY:
  case SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY:
    break;
  case SPINDLE_RECALL_CROSS_ENTROPY:
    if (target->first_step >= w->steps || target->answer_steps == 0 ||
        target->answer_steps > w->steps)
      return SPINDLE_INVALID_SIZE;
    break;
  case SPINDLE_CUSTOM_LOSS:
    return SPINDLE_OK;
  default:
    return SPINDLE_INVALID_OPTION;
  }
  if (!target->classes) return SPINDLE_NULL_POINTER;
  for (uint32_t b = 0; b < w->batch; b++)
    if (target->classes[b] < 0 || (uint32_t)target->classes[b] >= last->neurons)
      return SPINDLE_INVALID_PARAMETER;
  return SPINDLE_OK;
}

/// Runs the tasks and adds the terms that they leave.
static double sum_terms(loss_call *call, uint32_t tasks, parallel_task task, uint32_t terms) {
  spindle_workspace *w = call->workspace;
  spindle_parallel(w->team, w->threads, tasks, task, call);
  double sum = 0;
  for (uint32_t i = 0; i < terms; i++) sum += w->loss_terms[i];
  return sum;
}

void spindle_set_output_gradient(spindle_workspace *w, const spindle_loss_target *target) {
  const run_layer *layer = &w->layers[w->layer_count - 1];
  size_t N = layer->shape.neurons, T = w->steps;
  output_gradient by_sample = {.values = w->loss_gradient, .batch_stride = layer->padded};
  output_gradient by_target = {.values = target->target, .batch_stride = T * N, .step_stride = N};
  w->by_spike = w->by_membrane = (output_gradient){0};
  switch (target->kind) {
  case SPINDLE_MEAN_RATE_MSE:
    w->by_spike = (output_gradient){.values = w->loss_gradient, .step_stride = layer->padded};
    break;
  case SPINDLE_RATE_CROSS_ENTROPY:
  case SPINDLE_SPIKE_COUNT_MSE:
  case SPINDLE_FIRING_RATE_MSE:
    w->by_spike = by_sample;
    break;
  case SPINDLE_VAN_ROSSUM:
    w->by_spike = by_target;
    w->by_spike.values = w->output_gradient;
    break;
  case SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY:
    w->by_membrane = by_sample;
    w->by_membrane.only_step = w->loss_steps;
    break;
  case SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY:
  case SPINDLE_RECALL_CROSS_ENTROPY:
    w->by_membrane = by_sample;
    w->by_membrane.first_step = first_step(target);
    break;
  case SPINDLE_MEMBRANE_MSE:
    w->by_membrane = by_target;
    w->by_membrane.scale = (float)(2 / ((double)w->batch * (double)T * (double)N));
    break;
  case SPINDLE_CUSTOM_LOSS:
    w->by_spike = w->by_membrane = by_target;
    w->by_membrane.values = target->membrane_gradient;
    break;
  }
}

static void count_correct(spindle_workspace *w, const int32_t *classes) {
  w->has_predictions = true;
  for (uint32_t b = 0; b < w->batch; b++) w->correct += w->predictions[b] == classes[b];
}

spindle_status spindle_loss(spindle_workspace *w, const spindle_loss_target *target,
                            double *value) {
  if (!w || !target || !value) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_FORWARD && w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  spindle_status status = spindle_check_target(w, target);
  if (status != SPINDLE_OK) return status;
  w->has_predictions = false;
  w->correct = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) w->layers[l].rate_gradient = NULL;
  loss_call call = {.workspace = w, .layer = &w->layers[w->layer_count - 1], .target = target};
  uint32_t B = w->batch, parts = CEILING_DIVIDE(w->steps, rate_steps(call.layer));
  switch (target->kind) {
  case SPINDLE_MEAN_RATE_MSE:
    *value = sum_terms(&call, parts, mean_rate_task, parts);
    break;
  case SPINDLE_MEMBRANE_MSE:
    *value = sum_terms(&call, B, membrane_mse_task, B);
    break;
  case SPINDLE_SPIKE_COUNT_MSE:
  case SPINDLE_FIRING_RATE_MSE:
    *value = sum_terms(&call, B, count_task, B);
    break;
  case SPINDLE_VAN_ROSSUM:
    *value = sum_terms(&call, B, van_rossum_task, B);
    break;
  case SPINDLE_CUSTOM_LOSS:
    *value = target->value;
    break;
  default:
    *value = sum_terms(&call, CEILING_DIVIDE(B, ENTROPY_SAMPLES), cross_entropy_task, B);
    count_correct(w, target->classes);
    break;
  }
  w->stage = STAGE_LOSS;
  return SPINDLE_OK;
}

spindle_status spindle_predictions(const spindle_workspace *w, int32_t *classes) {
  if (!w || !classes) return SPINDLE_NULL_POINTER;
  if (!w->has_predictions) return SPINDLE_WRONG_ORDER;
  memcpy(classes, w->predictions, w->batch * sizeof *classes);
  return SPINDLE_OK;
}

uint32_t spindle_correct(const spindle_workspace *w) { return w ? w->correct : 0; }

/// The cross-entropies of classes.
#include <math.h>
#include "loss.h"

#pragma STDC FP_CONTRACT OFF

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
  for (uint32_t n = 0; n < count; n++) sum += spindle_exp(logits[n] - maximum);
  double loss = spindle_log(sum) + maximum - logits[class];
  for (uint32_t n = 0; n < count; n++) {
    double p = spindle_exp(logits[n] - maximum) / sum;
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

/// The answers, by what leads to them: the logits of the last steps, or of the loss.
static void predict(const loss_call *call, uint32_t b0, uint32_t b1) {
  for (uint32_t b = b0; b < b1; b++)
    call->workspace->predictions[b] =
        (int32_t)first_largest(logits_of(call, b), call->layer->shape.neurons);
}

void spindle_cross_entropy_task(void *context, uint32_t task, uint32_t thread) {
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  const spindle_loss_target *target = call->target;
  uint32_t b0 = task * ENTROPY_SAMPLES, b1 = MINIMUM(w->batch, b0 + ENTROPY_SAMPLES);
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

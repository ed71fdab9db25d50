/// The cross-entropies of classes.
#include <math.h>
#include "loss.h"

#pragma STDC FP_CONTRACT OFF

/// The maximum over time of v, and its first step.
static void peak_membranes(const loss_samples *s) {
  spindle_workspace *w = s->workspace;
  const layer_plan *plan = s->layer.plan;
  for (uint32_t t = 0; t < w->steps; t++)
    for (uint32_t b = s->first; b < s->end; b++) {
      const float *membrane = spindle_loss_membrane(s, b, t);
      float *peaks = sample_gradient(w, b);
      int32_t *steps = w->loss_steps + b * (size_t)plan->padded;
      for (uint32_t n = 0; n < plan->shape.neurons; n++)
        if (t == 0 || membrane[n] > peaks[n]) {
          peaks[n] = membrane[n];
          steps[n] = (int32_t)t;
        }
    }
}

/// The mean of v over the steps from `first` on.
static void mean_membranes(const loss_samples *s, uint32_t first) {
  const spindle_workspace *w = s->workspace;
  uint32_t N = s->layer.plan->shape.neurons;
  for (uint32_t t = first; t < w->steps; t++)
    for (uint32_t b = s->first; b < s->end; b++) {
      const float *membrane = spindle_loss_membrane(s, b, t);
      float *means = sample_gradient(w, b);
      for (uint32_t n = 0; n < N; n++) means[n] = t == first ? membrane[n] : means[n] + membrane[n];
    }
  for (uint32_t b = s->first; b < s->end; b++)
    for (uint32_t n = 0; n < N; n++) sample_gradient(w, b)[n] /= (float)(w->steps - first);
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

/// The answers, by the logits that lead to them: the place of the largest, the first of several.
static void predict(const loss_samples *s) {
  for (uint32_t b = s->first; b < s->end; b++) {
    const float *logits = sample_gradient(s->workspace, b);
    int32_t best = 0;
    for (uint32_t n = 1; n < s->layer.plan->shape.neurons; n++)
      if (logits[n] > logits[best]) best = (int32_t)n;
    s->workspace->predictions[b] = best;
  }
}

void spindle_cross_entropy(const loss_samples *s) {
  spindle_workspace *w = s->workspace;
  const spindle_loss_target *target = s->target;
  bool recalls = target->kind == SPINDLE_RECALL_CROSS_ENTROPY;
  double scale = 1;
  if (recalls) {
    mean_membranes(s, w->steps - target->answer_steps);
    predict(s);
  }
  if (target->kind == SPINDLE_RATE_CROSS_ENTROPY) {
    for (uint32_t b = s->first; b < s->end; b++)
      spindle_count_over_time(&s->layer, s->local + b - s->first, sample_gradient(w, b));
  } else if (target->kind == SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY) {
    peak_membranes(s);
  } else {
    mean_membranes(s, first_step(target));
    scale = 1.0 / (w->steps - first_step(target));
  }
  if (!recalls) predict(s);
  for (uint32_t b = s->first; b < s->end; b++)
    w->loss_terms[b] = cross_entropy(sample_gradient(w, b), s->layer.plan->shape.neurons,
                                     target->classes[b], w->batch, scale);
}

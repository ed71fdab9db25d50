/// The cross-entropies of classes.
#include <math.h>
#include "loss.h"
#include "share.h"

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
      if (t >= spindle_sample_steps(w, b)) continue;
      for (uint32_t n = 0; n < plan->shape.neurons; n++)
        if (t == 0 || membrane[n] > peaks[n]) {
          peaks[n] = membrane[n];
          steps[n] = (int32_t)t;
        }
    }
}

/// The first step of sample b that a mean is taken of: of its last `last` steps, or, where that is
/// 0, of those that the loss reads.
static uint32_t mean_begin(const loss_samples *s, uint32_t b, uint32_t last) {
  return last > 0 ? spindle_sample_steps(s->workspace, b) - last : first_step(s->target);
}

/// The mean of v over each sample's steps from mean_begin on.
static void mean_membranes(const loss_samples *s, uint32_t last) {
  const spindle_workspace *w = s->workspace;
  uint32_t N = s->layer.plan->shape.neurons;
  for (uint32_t t = 0; t < w->steps; t++)
    for (uint32_t b = s->first; b < s->end; b++) {
      uint32_t begin = mean_begin(s, b, last);
      if (t < begin || t >= spindle_sample_steps(w, b)) continue;
      const float *membrane = spindle_loss_membrane(s, b, t);
      float *means = sample_gradient(w, b);
      for (uint32_t n = 0; n < N; n++) means[n] = t == begin ? membrane[n] : means[n] + membrane[n];
    }
  for (uint32_t b = s->first; b < s->end; b++) {
    float steps = (float)(spindle_sample_steps(w, b) - mean_begin(s, b, last));
    for (uint32_t n = 0; n < N; n++) sample_gradient(w, b)[n] /= steps;
  }
}

/// -log softmax(logits)[class] times the class's weight / B; `logits` become its gradient, times
/// `scale`.
static double cross_entropy(float *logits, uint32_t count, int32_t class, double weight,
                            double batch, double scale) {
  double maximum = -INFINITY, sum = 0;
  for (uint32_t n = 0; n < count; n++) maximum = MAXIMUM(maximum, (double)logits[n]);
  for (uint32_t n = 0; n < count; n++) sum += spindle_exp(logits[n] - maximum);
  double loss = spindle_log(sum) + maximum - logits[class];
  for (uint32_t n = 0; n < count; n++) {
    double p = spindle_exp(logits[n] - maximum) / sum;
    logits[n] = (float)((p - (n == (uint32_t) class)) * (scale * weight) / batch);
  }
  return weight * loss / batch;
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
  bool means = recalls || target->kind == SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY;
  if (recalls) {
    mean_membranes(s, target->answer_steps);
    predict(s);
  }
  if (target->kind == SPINDLE_RATE_CROSS_ENTROPY) {
    for (uint32_t b = s->first; b < s->end; b++)
      spindle_count_over_time(&s->layer, s->local + b - s->first, sample_gradient(w, b));
  } else if (target->kind == SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY) {
    peak_membranes(s);
  } else {
    mean_membranes(s, 0);
  }
  if (!recalls) predict(s);
  for (uint32_t b = s->first; b < s->end; b++) {
    int32_t class = target->classes[b];
    double weight = target->class_weights ? (double)target->class_weights[class] : 1;
    double scale = means ? 1.0 / (spindle_sample_steps(w, b) - first_step(target)) : 1;
    spindle_sample_terms(w)[b] = cross_entropy(sample_gradient(w, b), s->layer.plan->shape.neurons,
                                               class, weight, w->whole.samples, scale);
  }
}

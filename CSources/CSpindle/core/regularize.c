/// Penalties of firing rates. The gradient by a spike is one number for each neuron, which backward
/// adds to dL/ds of every sample and step.
#include <math.h>
#include <string.h>
#include "plan.h"

#pragma STDC FP_CONTRACT OFF

/// Neurons that one task counts.
#define COUNT_NEURONS 128
/// Rows counted in one go: a float holds their number exactly.
#define COUNT_ROWS ((size_t)1 << 20)

/// Of one slice in the rows layout; `first` is a multiple of 32.
static void count_rows(const spindle_workspace *w, const run_layer *layer, uint32_t first,
                       uint32_t last, uint64_t *counts) {
  size_t rows = (size_t)w->steps * layer->view.batch, words = layer->plan->spike_words;
  float some[COUNT_NEURONS];
  for (; first < last; first += COUNT_NEURONS) {
    uint32_t neurons = MINIMUM(last - first, COUNT_NEURONS);
    for (size_t row = 0; row < rows; row += COUNT_ROWS) {
      memset(some, 0, sizeof some);
      w->kernels->count_spikes(layer->view.spikes + row * words + first / 32, words,
                               MINIMUM(rows - row, COUNT_ROWS), neurons, some);
      for (uint32_t n = 0; n < neurons; n++) counts[first + n] += (uint64_t)some[n];
    }
  }
}

void spindle_count_neurons(const spindle_workspace *w, uint32_t l, uint32_t first, uint32_t last,
                           uint64_t *counts) {
  memset(counts + first, 0, (last - first) * sizeof *counts);
  for (uint32_t slice = 0; slice < w->slices; slice++) {
    run_layer layer = spindle_layer_in(w, l, slice);
    uint32_t N = layer.plan->shape.neurons;
    if (!has_lanes(w)) count_rows(w, &layer, first, last, counts);
    else
      for (uint32_t t = 0; t < w->steps; t++)
        for (uint32_t n = first; n < last; n++)
          counts[n] += (uint64_t)__builtin_popcount(layer.view.masks[(size_t)t * N + n]);
  }
}

static bool is_spiking(const layer_plan *plan) { return plan->shape.neuron == SPINDLE_LIF; }

static uint32_t counting_tasks(const layer_plan *plan) {
  return is_spiking(plan) ? CEILING_DIVIDE(plan->shape.neurons, COUNT_NEURONS) : 0;
}

static void counting_task(void *context, task task) {
  spindle_workspace *w = context;
  uint32_t l = 0, index = task.index;
  for (; index >= counting_tasks(&w->plans[l]); l++) index -= counting_tasks(&w->plans[l]);
  uint32_t first = index * COUNT_NEURONS;
  spindle_count_neurons(w, l, first, MINIMUM(w->plans[l].shape.neurons, first + COUNT_NEURONS),
                        w->counts[l]);
}

/// The function that a penalty takes of a rate, and its derivative.
static double penalty_of(const spindle_penalty *p, double rate, double *derivative) {
  bool linear = p->kind == SPINDLE_RATE_L1;
  double excess = rate;
  if (p->kind == SPINDLE_RATE_LOWER) excess = MINIMUM(0, rate - p->bound);
  if (p->kind == SPINDLE_RATE_UPPER) excess = MAXIMUM(0, rate - p->bound);
  *derivative = linear ? 1 : 2 * excess;
  return linear ? rate : excess * excess;
}

/// Adds a penalty's gradient by each spike of a layer; gives its value.
static double add_penalty(spindle_workspace *w, uint32_t l, const spindle_penalty *p) {
  uint32_t N = w->plans[l].shape.neurons;
  double steps = (double)w->batch * w->steps, sum = 0;
  for (uint32_t n = 0; n < N; n++) {
    double derivative;
    sum += penalty_of(p, (double)w->counts[l][n] / steps, &derivative);
    w->rate_gradient[l][n] += (float)(p->strength * derivative / (N * steps));
  }
  return p->strength * sum / N;
}

static spindle_status check(const spindle_workspace *w, const spindle_penalty *p) {
  if ((unsigned)p->kind > SPINDLE_RATE_UPPER) return SPINDLE_INVALID_OPTION;
  if (!isfinite(p->strength) || p->strength < 0 || !(p->bound >= 0 && p->bound <= 1))
    return SPINDLE_INVALID_PARAMETER;
  if (p->layer == SPINDLE_ALL_LAYERS) return SPINDLE_OK;
  if (p->layer >= w->layer_count) return SPINDLE_INVALID_SIZE;
  return is_spiking(&w->plans[p->layer]) ? SPINDLE_OK : SPINDLE_INVALID_OPTION;
}

spindle_status spindle_regularize(spindle_workspace *w, const spindle_penalty *penalties,
                                  uint32_t count, double *value) {
  if (!w || !value || (count > 0 && !penalties)) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  for (uint32_t i = 0; i < count; i++) TRY(check(w, &penalties[i]));
  uint32_t tasks = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) tasks += counting_tasks(&w->plans[l]);
  spindle_parallel(w->team, w->threads, tasks, counting_task, w);
  *value = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    layer_view *view = &w->views[l];
    view->rate_gradient = NULL;
    for (uint32_t i = 0; i < count; i++) {
      bool matches = penalties[i].layer == SPINDLE_ALL_LAYERS || penalties[i].layer == l;
      if (!matches || !is_spiking(&w->plans[l])) continue;
      if (!view->rate_gradient)
        memset(w->rate_gradient[l], 0, w->plans[l].padded * sizeof *w->rate_gradient[l]);
      view->rate_gradient = w->rate_gradient[l];
      *value += add_penalty(w, l, &penalties[i]);
    }
  }
  return SPINDLE_OK;
}

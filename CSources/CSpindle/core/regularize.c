/// Penalties of firing rates. The gradient by a spike is one number for each neuron, which backward
/// adds to dL/ds of every sample and step that the sample has.
#include <math.h>
#include <string.h>
#include "plan.h"
#include "share.h"

#pragma STDC FP_CONTRACT OFF

/// Neurons and rows counted in one go.
#define COUNT_NEURONS 128
#define COUNT_ROWS ((size_t)1 << 20)
_Static_assert(COUNT_ROWS < 1 << FLT_MANT_DIG, "a float holds their number exactly");
_Static_assert(COUNT_NEURONS % 32 == 0, "whole words of spikes");

/// Of one slice in the rows layout.
static void count_rows(const run_layer *layer, uint64_t *counts) {
  size_t rows = (size_t)layer->view.steps * layer->view.batch, words = layer->plan->spike_words;
  uint32_t N = layer->plan->shape.neurons;
  for (uint32_t first = 0; first < N; first += COUNT_NEURONS)
    for (size_t row = 0; row < rows; row += COUNT_ROWS) {
      float some[COUNT_NEURONS] = {0};
      uint32_t neurons = MINIMUM(N - first, COUNT_NEURONS);
      layer->kernels->count_spikes(layer->view.spikes + row * words + first / 32, words,
                                   MINIMUM(rows - row, COUNT_ROWS), neurons, some);
      for (uint32_t n = 0; n < neurons; n++) counts[first + n] += (uint64_t)some[n];
    }
}

void spindle_count_neurons(const spindle_workspace *w, uint32_t l, uint64_t *counts) {
  uint32_t N = w->plans[l].shape.neurons;
  memset(counts, 0, N * sizeof *counts);
  for (uint32_t slice = 0; slice < w->slices; slice++) {
    run_layer layer = spindle_layer_in(w, l, slice);
    if (!in_lanes(&layer)) count_rows(&layer, counts);
    for (size_t i = 0; in_lanes(&layer) && i < (size_t)w->steps * N; i++)
      counts[i % N] += (uint64_t)__builtin_popcount(layer.view.masks[i]);
  }
}

static bool is_spiking(const layer_plan *plan) { return plan->shape.neuron == SPINDLE_LIF; }

static void counting_task(void *context, task task) {
  spindle_workspace *w = context;
  if (is_spiking(&w->plans[task.index]))
    spindle_count_neurons(w, task.index, w->weights[task.index].counts);
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
  double steps = (double)spindle_all_rows(w), sum = 0;
  for (uint32_t n = 0; n < N; n++) {
    double derivative;
    sum += penalty_of(p, (double)w->weights[l].counts[n] / steps, &derivative);
    w->weights[l].penalty[n] += (float)(p->strength * derivative / (N * steps));
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
  spindle_parallel(w->team, w->threads, w->layer_count, counting_task, w);
  if (count > 0) TRY(spindle_sum_neurons(w));
  *value = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    layer_view *view = &w->views[l];
    view->rate_gradient = NULL;
    for (uint32_t i = 0; i < count; i++) {
      bool matches = penalties[i].layer == SPINDLE_ALL_LAYERS || penalties[i].layer == l;
      if (!matches || !is_spiking(&w->plans[l])) continue;
      if (!view->rate_gradient)
        memset(w->weights[l].penalty, 0, w->plans[l].padded * sizeof(float));
      view->rate_gradient = w->weights[l].penalty;
      *value += add_penalty(w, l, &penalties[i]);
    }
  }
  return SPINDLE_OK;
}

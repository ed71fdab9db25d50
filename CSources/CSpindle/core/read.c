/// Reading what forward left in the trace, in either layout.
#include <math.h>
#include <string.h>
#include "parts.h"

/// The 16 spikes of neuron n at step t of a tile, a bit a sample (lanes layout).
static uint16_t lanes_mask(const spindle_workspace *w, const run_layer *layer, size_t tile,
                           uint32_t t, uint32_t n) {
  const uint16_t *masks = (const uint16_t *)layer->spikes;
  return masks[(tile * w->steps + t) * layer->shape.neurons + n];
}

static bool spike_at(const spindle_workspace *w, const run_layer *layer, uint32_t b, uint32_t t,
                     uint32_t n) {
  if (w->layout == SPINDLE_LAYOUT_LANES)
    return lanes_mask(w, layer, b / LANES, t, n) >> b % LANES & 1;
  const uint32_t *row = layer->spikes + spindle_row(w, b, t) * layer->spike_words;
  return row[n / 32] >> n % 32 & 1;
}

static float potential_at(const spindle_workspace *w, const run_layer *layer, uint32_t b,
                          uint32_t t, uint32_t n) {
  if (w->layout == SPINDLE_LAYOUT_ROWS)
    return layer->trace[spindle_row(w, b, t) * layer->padded + n];
  size_t tile = b / LANES;
  return layer->trace[((tile * w->steps + t) * layer->shape.neurons + n) * LANES + b % LANES];
}

void spindle_spike_row(const spindle_workspace *w, const run_layer *layer, uint32_t b, uint32_t t,
                       float *spikes) {
  for (uint32_t n = 0; n < layer->shape.neurons; n++)
    spikes[n] = (float)spike_at(w, layer, b, t, n);
}

const float *spindle_membrane_row(const spindle_workspace *w, const run_layer *layer, uint32_t b,
                                  uint32_t t, float *row) {
  if (w->layout == SPINDLE_LAYOUT_ROWS) {
    size_t index = spindle_row(w, b, t);
    // Without a reset the membrane is the potential.
    if (layer->shape.neuron == SPINDLE_LI) return layer->trace + index * layer->padded;
    w->kernels->rows_membrane(layer, index, row);
    return row;
  }
  for (uint32_t n = 0; n < layer->shape.neurons; n++) {
    float potential = potential_at(w, layer, b, t, n);
    // As neuron_membrane: reset_keep is 0 or 1, so that fusing the two would change nothing.
    row[n] = spike_at(w, layer, b, t, n) ? potential * layer->reset_keep - layer->reset_threshold[n]
                                         : potential;
  }
  return row;
}

void spindle_count_over_batch(const spindle_workspace *w, const run_layer *layer, uint32_t first,
                              uint32_t steps, float *counts) {
  if (w->layout == SPINDLE_LAYOUT_LANES) {
    w->kernels->lanes_count(layer, first, steps, counts);
    return;
  }
  size_t words = layer->spike_words;
  memset(counts, 0, (size_t)steps * layer->padded * sizeof *counts);
  for (uint32_t part = 0; part < w->parts; part++) {
    uint32_t begin = spindle_part_begin(w, part), end = spindle_part_begin(w, part + 1);
    for (uint32_t t = 0; t < steps; t++)
      w->kernels->count_spikes(layer->spikes + spindle_row(w, begin, first + t) * words, words,
                               end - begin, layer->shape.neurons, counts + t * layer->padded);
  }
}

void spindle_count_over_time(const spindle_workspace *w, const run_layer *layer, uint32_t b,
                             float *counts) {
  uint32_t N = layer->shape.neurons;
  if (w->layout == SPINDLE_LAYOUT_ROWS) {
    size_t words = layer->spike_words;
    size_t first = spindle_row(w, b, 0), second = spindle_row(w, b, 1);
    memset(counts, 0, layer->padded * sizeof *counts);
    w->kernels->count_spikes(layer->spikes + first * words, (second - first) * words, w->steps, N,
                             counts);
    return;
  }
  for (uint32_t n = 0; n < N; n++) {
    uint32_t count = 0;
    for (uint32_t t = 0; t < w->steps; t++) count += spike_at(w, layer, b, t, n);
    counts[n] = (float)count;
  }
}

typedef struct read_call {
  const spindle_workspace *workspace;
  const run_layer *layer;
  spindle_quantity quantity;
  float *values;
} read_call;

static void read_task(void *context, uint32_t b, uint32_t thread) {
  const read_call *call = context;
  const spindle_workspace *w = call->workspace;
  uint32_t N = call->layer->shape.neurons;
  float *row = w->workers[thread].row;
  for (uint32_t t = 0; t < w->steps; t++) {
    float *to = call->values + ((size_t)b * w->steps + t) * N;
    if (call->quantity == SPINDLE_MEMBRANE) {
      memcpy(to, spindle_membrane_row(w, call->layer, b, t, row), N * sizeof(float));
    } else if (call->quantity == SPINDLE_SPIKES) {
      spindle_spike_row(w, call->layer, b, t, to);
    } else {
      for (uint32_t n = 0; n < N; n++) to[n] = potential_at(w, call->layer, b, t, n);
    }
  }
}

spindle_status spindle_read(const spindle_workspace *w, uint32_t layer, spindle_quantity quantity,
                            float *values) {
  if (!w || !values) return SPINDLE_NULL_POINTER;
  if (layer >= w->layer_count) return SPINDLE_INVALID_SIZE;
  if ((unsigned)quantity > SPINDLE_MEMBRANE) return SPINDLE_INVALID_OPTION;
  if (w->stage == STAGE_NEW || (w->stage == STAGE_BACKWARD && quantity != SPINDLE_SPIKES))
    return SPINDLE_WRONG_ORDER;
  read_call call = {
      .workspace = w, .layer = &w->layers[layer], .quantity = quantity, .values = values};
  spindle_parallel(w->team, w->threads, w->batch, read_task, &call);
  return SPINDLE_OK;
}

spindle_status spindle_spike_counts(const spindle_workspace *w, uint32_t index, uint64_t *counts) {
  if (!w || !counts) return SPINDLE_NULL_POINTER;
  if (index >= w->layer_count) return SPINDLE_INVALID_SIZE;
  if (w->stage == STAGE_NEW) return SPINDLE_WRONG_ORDER;
  spindle_count_neurons(w, &w->layers[index], 0, w->layers[index].shape.neurons, counts);
  return SPINDLE_OK;
}

double spindle_firing_rate(const spindle_workspace *w, uint32_t layer) {
  if (!w || layer >= w->layer_count || w->stage == STAGE_NEW) return 0;
  return w->layers[layer].spike_density;
}

/// The first potential of one layer that is not finite.
static bool find_in_layer(const spindle_workspace *w, uint32_t index, spindle_place *place) {
  const run_layer *layer = &w->layers[index];
  for (uint32_t t = 0; t < w->steps; t++)
    for (uint32_t b = 0; b < w->batch; b++)
      for (uint32_t n = 0; n < layer->shape.neurons; n++) {
        float value = potential_at(w, layer, b, t, n);
        if (isfinite(value)) continue;
        *place =
            (spindle_place){.layer = index, .sample = b, .step = t, .neuron = n, .value = value};
        return true;
      }
  return false;
}

spindle_status spindle_find_not_finite(const spindle_workspace *w, bool *found,
                                       spindle_place *place) {
  if (!w || !found || !place) return SPINDLE_NULL_POINTER;
  if (w->stage == STAGE_NEW || w->stage == STAGE_BACKWARD) return SPINDLE_WRONG_ORDER;
  *found = false;
  for (uint32_t l = 0; l < w->layer_count && !*found; l++) *found = find_in_layer(w, l, place);
  return SPINDLE_OK;
}

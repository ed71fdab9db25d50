/// Reading what forward left in the trace, in either layout.
#include <math.h>
#include <string.h>
#include "plan.h"
#include "share.h"

static size_t row_of(const run_layer *layer, uint32_t b, uint32_t t) {
  return (size_t)t * layer->view.batch + b;
}

static bool spike_at(const run_layer *layer, uint32_t b, uint32_t t, uint32_t n) {
  const layer_plan *plan = layer->plan;
  if (layer->view.masks) return layer->view.masks[(size_t)t * plan->shape.neurons + n] >> b & 1;
  return layer->view.spikes[row_of(layer, b, t) * plan->spike_words + n / 32] >> n % 32 & 1;
}

static float potential_at(const run_layer *layer, uint32_t b, uint32_t t, uint32_t n) {
  const layer_plan *plan = layer->plan;
  if (layer->view.masks)
    return layer->view.trace[((size_t)t * plan->shape.neurons + n) * LANES + b];
  return layer->view.trace[row_of(layer, b, t) * plan->padded + n];
}

void spindle_spike_row(const run_layer *layer, uint32_t b, uint32_t t, float *spikes) {
  uint32_t N = layer->plan->shape.neurons;
  if (!in_lanes(layer))
    layer->kernels->unpack_spikes(
        layer->view.spikes + row_of(layer, b, t) * layer->plan->spike_words, N, spikes);
  else
    for (uint32_t n = 0; n < N; n++) spikes[n] = (float)spike_at(layer, b, t, n);
}

static const float *potential_row(const run_layer *layer, uint32_t b, uint32_t t, float *row) {
  if (!in_lanes(layer)) return layer->view.trace + row_of(layer, b, t) * layer->plan->padded;
  for (uint32_t n = 0; n < layer->plan->shape.neurons; n++) row[n] = potential_at(layer, b, t, n);
  return row;
}

const float *spindle_membrane_row(const run_layer *layer, uint32_t b, uint32_t t, float *row) {
  const layer_plan *plan = layer->plan;
  // Without a reset the membrane is the potential.
  if (plan->shape.neuron == SPINDLE_LI) return potential_row(layer, b, t, row);
  if (!in_lanes(layer)) layer->kernels->rows_membrane(layer, b, t, row);
  // As neuron_membrane: keep is 0 or 1, so that fusing the two would change nothing.
  for (uint32_t n = 0; in_lanes(layer) && n < plan->shape.neurons; n++) {
    float potential = potential_at(layer, b, t, n);
    float reset = potential * plan->reset.keep - layer->weights->reset_threshold[n];
    row[n] = spike_at(layer, b, t, n) ? reset : potential;
  }
  return row;
}

void spindle_count_over_batch(const spindle_workspace *w, uint32_t first, uint32_t steps,
                              float *counts) {
  const layer_plan *plan = &w->plans[w->layer_count - 1];
  size_t words = plan->spike_words;
  memset(counts, 0, (size_t)steps * plan->padded * sizeof *counts);
  for (uint32_t slice = 0; slice < w->slices; slice++) {
    run_layer layer = spindle_layer_in(w, w->layer_count - 1, slice);
    if (has_lanes(w)) w->kernels->lanes_count(&layer, first, steps, counts);
    else
      for (uint32_t t = 0; t < steps; t++)
        w->kernels->count_spikes(layer.view.spikes + row_of(&layer, 0, first + t) * words, words,
                                 layer.view.batch, plan->shape.neurons, counts + t * plan->padded);
  }
}

void spindle_count_over_time(const run_layer *layer, uint32_t b, float *counts) {
  const layer_view *view = &layer->view;
  uint32_t N = layer->plan->shape.neurons;
  size_t words = layer->plan->spike_words;
  memset(counts, 0, layer->plan->padded * sizeof *counts);
  if (!in_lanes(layer))
    layer->kernels->count_spikes(view->spikes + b * words, view->batch * words, view->steps, N,
                                 counts);
  for (uint32_t t = 0; in_lanes(layer) && t < view->steps; t++)
    for (uint32_t n = 0; n < N; n++) counts[n] += (float)spike_at(layer, b, t, n);
}

void spindle_copy_quantity(const run_layer *layer, spindle_quantity quantity, uint32_t b,
                           float *row, float *values) {
  uint32_t N = layer->plan->shape.neurons;
  for (uint32_t t = 0; t < layer->view.steps; t++, values += N) {
    const float *from = values;
    if (quantity == SPINDLE_SPIKES) spindle_spike_row(layer, b, t, values);
    else if (quantity == SPINDLE_MEMBRANE) from = spindle_membrane_row(layer, b, t, row);
    else from = potential_row(layer, b, t, row);
    if (from != values) memcpy(values, from, N * sizeof *values);
  }
}

typedef struct read_call {
  const spindle_workspace *workspace;
  uint32_t layer;
  spindle_quantity quantity;
  float *values;
} read_call;

/// Reads a tile, segment by segment where the trace holds one.
static void read_task(void *context, task task) {
  const read_call *call = context;
  const spindle_workspace *w = call->workspace;
  tile tile = spindle_tile(w, task.index);
  size_t N = w->plans[call->layer].shape.neurons;
  bool segments = is_segmented(w) && call->quantity != SPINDLE_SPIKES;
  for (uint32_t t0 = 0; t0 < w->steps; t0 += segments ? w->trace_steps : w->steps) {
    run_layer layer = spindle_layer_in_tile(w, call->layer, &tile, task.thread);
    if (segments) spindle_run_again(w, &w->input, call->layer, &layer, t0);
    for (uint32_t b = tile.b0; b < tile.b1; b++) {
      size_t row = ((size_t)layer.view.first + b) * w->steps + t0;
      spindle_copy_quantity(&layer, call->quantity, b, layer.scratch->row, call->values + row * N);
    }
  }
}

spindle_status spindle_read(const spindle_workspace *w, uint32_t layer, spindle_quantity quantity,
                            float *values) {
  if (!w || !values) return SPINDLE_NULL_POINTER;
  if (layer >= w->layer_count) return SPINDLE_INVALID_SIZE;
  if ((unsigned)quantity > SPINDLE_MEMBRANE || !w->training) return SPINDLE_INVALID_OPTION;
  if (w->stage == STAGE_NEW || (w->stage == STAGE_BACKWARD && quantity != SPINDLE_SPIKES))
    return SPINDLE_WRONG_ORDER;
  read_call call = {.workspace = w, .layer = layer, .quantity = quantity, .values = values};
  spindle_parallel(w->team, w->threads, w->tiles, read_task, &call);
  return SPINDLE_OK;
}

spindle_status spindle_spike_counts(const spindle_workspace *w, uint32_t layer, uint64_t *counts) {
  if (!w || !counts) return SPINDLE_NULL_POINTER;
  if (layer >= w->layer_count) return SPINDLE_INVALID_SIZE;
  if (!w->training) return SPINDLE_INVALID_OPTION;
  if (w->stage == STAGE_NEW) return SPINDLE_WRONG_ORDER;
  spindle_count_neurons(w, layer, counts);
  return SPINDLE_OK;
}

/// Makes the trace of a layer hold the steps from t on, where it holds a segment.
static void hold_steps(const spindle_workspace *w, uint32_t index, uint32_t t) {
  for (uint32_t i = 0; is_segmented(w) && t % w->trace_steps == 0 && i < w->tiles; i++) {
    tile tile = spindle_tile(w, i);
    run_layer layer = spindle_layer_in_tile(w, index, &tile, 0);
    if (tile.b0 < tile.b1) spindle_run_again(w, &w->input, index, &layer, t);
  }
}

/// The first potential of one layer that is not finite.
static bool find_in_layer(const spindle_workspace *w, uint32_t index, spindle_place *place) {
  for (uint32_t t = 0; t < w->steps; t++) {
    hold_steps(w, index, t);
    for (uint32_t b = 0; b < w->batch; b++) {
      uint32_t local = b;
      run_layer layer = spindle_layer_of(w, index, &local);
      for (uint32_t n = 0; n < layer.plan->shape.neurons; n++) {
        float value = potential_at(&layer, local, t % w->trace_steps, n);
        if (isfinite(value)) continue;
        *place =
            (spindle_place){.layer = index, .sample = b, .step = t, .neuron = n, .value = value};
        return true;
      }
    }
  }
  return false;
}

/// Of what the ranks found the first: of the lowest layer, at the earliest step, of the first
/// sample.
static spindle_status find_first(const spindle_workspace *w, bool *found, spindle_place *place) {
  if (!has_ranks(w)) return SPINDLE_OK;
  struct finding {
    bool found;
    spindle_place place;
  } all[SPINDLE_MAXIMUM_PARTS];
  size_t borders[SPINDLE_MAXIMUM_PARTS + 1];
  for (uint32_t r = 0; r <= w->ranks; r++) borders[r] = r;
  memset(all, 0, sizeof all);
  all[w->rank] = (struct finding){*found, *place};
  all[w->rank].place.sample += w->whole.first;
  TRY(spindle_gather(w, all, sizeof *all, borders));
  *found = false;
  for (uint32_t r = 0; r < w->ranks; r++) {
    const spindle_place *p = &all[r].place;
    bool earlier =
        !*found || p->layer < place->layer || (p->layer == place->layer && p->step < place->step);
    if (!all[r].found || !earlier) continue;
    *found = true;
    *place = *p;
  }
  return SPINDLE_OK;
}

typedef struct find_call {
  const spindle_workspace *workspace;
  spindle_place *place;
  bool found;
} find_call;

static void find_task(void *context, task task) {
  find_call *call = context;
  (void)task;
  for (uint32_t l = 0; l < call->workspace->layer_count && !call->found; l++)
    call->found = find_in_layer(call->workspace, l, call->place);
}

spindle_status spindle_find_not_finite(spindle_workspace *w, bool *found, spindle_place *place) {
  if (!w || !found || !place) return SPINDLE_NULL_POINTER;
  if (!w->training) return SPINDLE_INVALID_OPTION;
  if (w->stage == STAGE_NEW || w->stage == STAGE_BACKWARD) return SPINDLE_WRONG_ORDER;
  find_call call = {.workspace = w, .place = place};
  spindle_parallel(w->team, 1, 1, find_task, &call);
  w->holds_end = false;
  *found = call.found;
  return find_first(w, found, place);
}

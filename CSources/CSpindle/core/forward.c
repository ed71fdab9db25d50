/// Forward through time: the batch is cut into tiles, each taken through all layers and steps by
/// one thread.
#include <string.h>
#include "parts.h"

/// Densities of spikes from which blocked events, and dense products, are faster.
#ifndef BLOCKED_FROM
#define BLOCKED_FROM 0.07
#define DENSE_FROM 0.65
#endif

/// Fraction of spikes in up to 64 rows spread over the input.
static double sample_density(const spindle_workspace *w, const spindle_input *input) {
  if (input->values) return 1;
  const run_layer *first = &w->layers[0];
  size_t rows = (size_t)w->batch * w->steps, samples = MINIMUM(rows, 64);
  uint64_t count = 0;
  for (size_t s = 0; s < samples; s++)
    count += w->kernels->count_bits(input->spikes + s * rows / samples * first->input_words,
                                    first->input_words * sizeof(uint32_t));
  return (double)count / ((double)samples * first->shape.inputs);
}

static spindle_sums sums_for(const spindle_workspace *w, double density) {
  if (w->sums != SPINDLE_SUMS_AUTOMATIC) return w->sums;
  if (density > DENSE_FROM) return SPINDLE_SUMS_DENSE;
  return density > BLOCKED_FROM ? SPINDLE_SUMS_BLOCKED_EVENTS : SPINDLE_SUMS_EVENTS;
}

/// Chooses how sums are taken from the densities seen.
static void plan_sums(spindle_workspace *w, const spindle_input *input) {
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer *layer = &w->layers[l];
    layer->input_density = l == 0 ? sample_density(w, input) : w->layers[l - 1].spike_density;
    layer->input_sums =
        l == 0 && input->values ? SPINDLE_SUMS_DENSE : sums_for(w, layer->input_density);
    layer->recurrent_sums = sums_for(w, layer->spike_density);
  }
}

typedef struct forward_call {
  spindle_workspace *workspace;
  const spindle_input *input;
  const float *initial;
  float *final;
} forward_call;

/// The blocks of a layer's state, all but the spikes; NULL where the layer has none.
static void state_blocks(const run_layer *layer, float *blocks[STATE_BLOCKS - 1]) {
  blocks[0] = layer->membrane;
  blocks[1] = layer->filtered;
  blocks[2] = layer->adaptation;
  blocks[3] = layer->refractory;
}

/// The state of samples [b0, b1) of a part before the first step, of zeros or as given.
static void begin_state(spindle_workspace *w, const float *initial, uint32_t b0, uint32_t b1) {
  size_t B = w->batch;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer *layer = &w->layers[l];
    size_t N = layer->shape.neurons, P = layer->padded, words = layer->spike_words;
    memset(layer->initial_spikes + b0 * words, 0, (b1 - b0) * words * sizeof(uint32_t));
    float *blocks[STATE_BLOCKS - 1];
    state_blocks(layer, blocks);
    for (int i = 0; i < STATE_BLOCKS - 1; i++) {
      if (!blocks[i]) continue;
      float *state = blocks[i] + spindle_state_at(w, layer, b0);
      memset(state, 0, (b1 - b0) * P * sizeof(float));
      for (size_t b = b0; initial && b < b1; b++, state += P)
        memcpy(state, initial + (i * B + b) * N, N * sizeof(float));
    }
    if (!initial) continue;
    initial += (STATE_BLOCKS - 1) * B * N;
    for (size_t b = b0; b < b1; b++)
      for (size_t n = 0; n < N; n++)
        if (initial[b * N + n] != 0) layer->initial_spikes[b * words + n / 32] |= 1u << n % 32;
    initial += B * N;
  }
}

/// The state after the last step of a tile.
static void end_state(const spindle_workspace *w, float *final, uint32_t b0, uint32_t b1) {
  size_t B = w->batch;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const run_layer *layer = &w->layers[l];
    size_t N = layer->shape.neurons, P = layer->padded, words = layer->spike_words;
    const uint32_t *spikes = layer->spikes + spindle_row(w, b0, w->steps - 1) * words;
    size_t state = spindle_state_at(w, layer, b0);
    float *blocks[STATE_BLOCKS - 1];
    state_blocks(layer, blocks);
    for (int i = 0; i < STATE_BLOCKS - 1; i++, final += B * N)
      for (size_t b = b0; b < b1; b++)
        if (blocks[i]) memcpy(final + b * N, blocks[i] + state + (b - b0) * P, N * sizeof(float));
        else memset(final + b * N, 0, N * sizeof(float));
    for (size_t b = b0; b < b1; b++)
      for (size_t n = 0; n < N; n++)
        final[b * N + n] = (float)(spikes[(b - b0) * words + n / 32] >> n % 32 & 1);
    final += B * N;
  }
}

static void rows_task(void *context, uint32_t index, uint32_t thread) {
  const forward_call *call = context;
  spindle_workspace *w = call->workspace;
  rows_tile tile = spindle_tile(w, index);
  if (tile.b0 >= tile.b1) return;
  uint32_t first = spindle_part_begin(w, tile.part);
  begin_state(w, call->initial, first + tile.b0, first + tile.b1);
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer layer = spindle_part_layer(w, l, tile.part);
    rows_input input = spindle_part_input(w, call->input, l, tile.part);
    if (layer.dropping) spindle_drop(&layer, &input, tile.b0, tile.b1);
    input = spindle_kept_input(&layer, input);
    w->kernels->rows_forward(&layer, &input, tile.b0, tile.b1, &w->workers[thread]);
  }
  if (call->final) end_state(w, call->final, first + tile.b0, first + tile.b1);
}

static void lanes_task(void *context, uint32_t tile, uint32_t thread) {
  (void)thread;
  const forward_call *call = context;
  spindle_workspace *w = call->workspace;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer *layer = &w->layers[l];
    size_t state = (size_t)layer->shape.neurons * LANES;
    memset(layer->membrane + tile * state, 0, state * sizeof(float));
    if (layer->filtered) memset(layer->filtered + tile * state, 0, state * sizeof(float));
    w->kernels->lanes_forward(layer, l > 0 ? layer - 1 : NULL, call->input, tile);
  }
}

static void count_task(void *context, uint32_t index, uint32_t thread) {
  (void)thread;
  spindle_workspace *w = context;
  run_layer *layer = &w->layers[index];
  size_t bytes = w->layout == SPINDLE_LAYOUT_LANES
                     ? (size_t)w->steps * w->tiles * layer->shape.neurons * sizeof(uint16_t)
                     : (size_t)w->steps * w->batch * layer->spike_words * sizeof(uint32_t);
  layer->spike_count = w->kernels->count_bits(layer->spikes, bytes);
  layer->spike_density =
      (double)layer->spike_count / ((double)w->steps * w->batch * layer->shape.neurons);
}

static bool one_input(const spindle_input *input) {
  return input && (input->spikes != NULL) != (input->values != NULL);
}

spindle_status spindle_forward(spindle_workspace *w, const float *parameters,
                               const spindle_input *input, const float *initial, float *final) {
  if (!w || !parameters || !one_input(input)) return SPINDLE_NULL_POINTER;
  bool lanes = w->layout == SPINDLE_LAYOUT_LANES;
  if (lanes && (initial || final)) return SPINDLE_INVALID_OPTION;
  if (w->drops && w->layers[0].kept && input->values) return SPINDLE_INVALID_OPTION;
  for (uint32_t l = 0; l < w->layer_count; l++)
    w->layers[l].dropping = w->drops && w->layers[l].kept;
  w->drops = false;
  plan_sums(w, input);
  spindle_prepare_forward(w, parameters);
  forward_call call = {.workspace = w, .input = input, .initial = initial, .final = final};
  spindle_parallel(w->team, w->threads, w->tiles, lanes ? lanes_task : rows_task, &call);
  for (uint32_t l = 0; l < w->layer_count; l++) count_task(w, l, 0);
  w->stage = STAGE_FORWARD;
  w->has_predictions = false;
  w->correct = 0;
  return SPINDLE_OK;
}

spindle_status spindle_workspace_layer_plan(const spindle_workspace *w, uint32_t index,
                                            spindle_layer_plan *plan) {
  if (!w || !plan) return SPINDLE_NULL_POINTER;
  if (index >= w->layer_count) return SPINDLE_INVALID_SIZE;
  const run_layer *layer = &w->layers[index];
  *plan = (spindle_layer_plan){.input_sums = layer->input_sums,
                               .recurrent_sums = layer->recurrent_sums,
                               .input_density = layer->input_density,
                               .spike_density = layer->spike_density};
  return SPINDLE_OK;
}

/// Backward through time in two passes: the deltas of each tile, then the gradients of the
/// parameters, parallel over their own elements. So no gradient is summed by two threads, and its
/// bits do not depend on the tiles.
#include <string.h>
#include "internal.h"

typedef struct backward_call {
  spindle_workspace *workspace;
  const spindle_input *input;
  float *gradients;
} backward_call;

static void delta_task(void *context, uint32_t tile, uint32_t thread) {
  (void)thread;
  const backward_call *call = context;
  spindle_workspace *w = call->workspace;
  static const output_gradient none = {0};
  uint32_t b0 = tile * w->tile, b1 = MINIMUM(w->batch, b0 + w->tile);
  for (uint32_t l = w->layer_count; l-- > 0;) {
    bool top = l + 1 == w->layer_count;
    run_layer *layer = &w->layers[l];
    const run_layer *above = top ? NULL : layer + 1;
    const output_gradient *by_spike = top ? &w->by_spike : &none;
    const output_gradient *by_membrane = top ? &w->by_membrane : &none;
    if (w->layout == SPINDLE_LAYOUT_LANES)
      w->kernels->lanes_backward(layer, above, by_spike, by_membrane, tile);
    else w->kernels->rows_backward(layer, above, by_spike, by_membrane, b0, b1);
  }
}

/// Columns of a gradient block: its rows of deltas and of the gradient stay in the cache.
#define BLOCK_COLUMNS 256

/// The sources of a layer's three gradients, in order: inputs, neurons (recurrent), the bias. One
/// that is not learned has none.
enum { SOURCE_INPUT, SOURCE_NEURONS, SOURCE_BIAS, SOURCE_KINDS };

static size_t source_count(const run_layer *layer, int kind) {
  const spindle_layer *s = &layer->shape;
  if (kind == SOURCE_INPUT) return s->learn_weight ? s->inputs : 0;
  if (kind == SOURCE_NEURONS)
    return s->topology == SPINDLE_RC && s->learn_recurrent_weight ? s->neurons : 0;
  return s->bias && s->learn_bias ? 1 : 0;
}

static size_t gradient_offset(const run_layer *layer, int kind) {
  if (kind == SOURCE_INPUT) return layer->parameters.weight;
  return kind == SOURCE_NEURONS ? layer->parameters.recurrent_weight : layer->parameters.bias;
}

/// How a gradient is cut into blocks: bands of sources, in whole words of spikes and enough for the
/// threads, by columns.
typedef struct block_grid {
  uint32_t words, bands, columns, width;
} block_grid;

static spindle_sums sums_of(const run_layer *layer, int kind) {
  if (kind == SOURCE_INPUT) return layer->input_sums;
  return kind == SOURCE_NEURONS ? layer->recurrent_sums : SPINDLE_SUMS_EVENTS;
}

static block_grid grid_of(const spindle_workspace *w, const run_layer *layer, int kind) {
  size_t sources = source_count(layer, kind);
  if (sources == 0) return (block_grid){0};
  // Dense products and blocked events copy panels of deltas to where they stay in the cache.
  uint32_t width = sums_of(layer, kind) == SPINDLE_SUMS_EVENTS ? BLOCK_COLUMNS : layer->padded;
  uint32_t words = (uint32_t)SPINDLE_WORDS(sources);
  uint32_t least = CEILING_DIVIDE(words, GRADIENT_BLOCK / 32);
  return (block_grid){.words = words,
                      .bands = MINIMUM(words, MAXIMUM(least, w->threads)),
                      .columns = CEILING_DIVIDE(layer->shape.neurons, width),
                      .width = width};
}

static gradient_block make_block(const backward_call *call, uint32_t l, int kind, block_grid grid,
                                 uint32_t index) {
  spindle_workspace *w = call->workspace;
  const run_layer *layer = &w->layers[l];
  uint32_t N = layer->shape.neurons, sources = (uint32_t)source_count(layer, kind);
  uint32_t band = index % grid.bands;
  uint64_t words = grid.words;
  uint32_t first_source = (uint32_t)(words * band / grid.bands * 32);
  uint32_t end_source = (uint32_t)(words * (band + 1) / grid.bands * 32);
  uint32_t first_column = index / grid.bands * grid.width;
  gradient_block block = {.mode = SPINDLE_SUMS_EVENTS,
                          .delta = layer->trace,
                          .delta_stride = layer->padded,
                          .rows = (size_t)w->steps * w->batch,
                          .gradient = call->gradients + gradient_offset(layer, kind),
                          .columns = N,
                          .sources = sources,
                          .first_source = first_source,
                          .last_source = MINIMUM(sources, end_source),
                          .first_column = first_column,
                          .last_column = MINIMUM(N, first_column + grid.width)};
  if (kind == SOURCE_INPUT) {
    block.words = layer->input_words;
    block.spikes = l > 0 ? w->layers[l - 1].spikes : call->input->spikes;
    if (layer->dropping) block.spikes = layer->kept_input;
    block.values = l > 0 ? NULL : call->input->values;
    block.mode = layer->input_sums;
  } else if (kind == SOURCE_NEURONS) { // s_{t-1} with delta_t: one step later
    block.words = layer->spike_words;
    block.spikes = layer->spikes;
    block.delta += (size_t)w->batch * layer->padded;
    block.rows -= w->batch;
    block.mode = layer->recurrent_sums;
  }
  return block;
}

static void scale_block(const gradient_block *block, float factor) {
  for (size_t k = block->first_source; k < block->last_source; k++)
    for (size_t n = block->first_column; n < block->last_column; n++)
      block->gradient[k * block->columns + n] *= factor;
}

static void rows_gradient_task(void *context, uint32_t task, uint32_t thread) {
  const backward_call *call = context;
  spindle_workspace *w = call->workspace;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int kind = 0; kind < SOURCE_KINDS; kind++) {
      block_grid grid = grid_of(w, &w->layers[l], kind);
      uint32_t blocks = grid.bands * grid.columns;
      if (task >= blocks) {
        task -= blocks;
        continue;
      }
      gradient_block block = make_block(call, l, kind, grid, task);
      for (uint32_t k = block.first_source; k < block.last_source; k++)
        memset(block.gradient + (size_t)k * block.columns + block.first_column, 0,
               (block.last_column - block.first_column) * sizeof(float));
      w->kernels->rows_gradient(&block, &w->workers[thread]);
      if (kind == SOURCE_INPUT && w->layers[l].dropping)
        scale_block(&block, spindle_kept_factor(&w->layers[l]));
      return;
    }
}

static uint32_t gradient_tasks(const spindle_workspace *w) {
  uint32_t tasks = 0;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int kind = 0; kind < SOURCE_KINDS; kind++) {
      block_grid grid = grid_of(w, &w->layers[l], kind);
      tasks += grid.bands * grid.columns;
    }
  return tasks;
}

/// Where a tile's part of a layer's gradient by its sources of a kind lies (lanes layout).
static float *tile_gradient(const run_layer *layer, uint32_t tile, int kind) {
  size_t I = layer->shape.inputs, N = layer->shape.neurons;
  const size_t first[SOURCE_KINDS] = {0, I, I + N};
  return layer->tile_gradients + (tile * (I + N + 1) + first[kind]) * N;
}

/// The deltas of a tile, then its part of the gradients, while its trace is in the thread's cache.
static void lanes_task(void *context, uint32_t tile, uint32_t thread) {
  const backward_call *call = context;
  spindle_workspace *w = call->workspace;
  delta_task(context, tile, thread);
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const run_layer *layer = &w->layers[l];
    uint32_t I = layer->shape.inputs, N = layer->shape.neurons;
    const uint32_t first[SOURCE_KINDS] = {0, I, I + N};
    for (int kind = 0; kind < SOURCE_KINDS; kind++)
      w->kernels->lanes_gradient(layer, l > 0 ? layer - 1 : NULL, call->input, tile, first[kind],
                                 (uint32_t)source_count(layer, kind),
                                 tile_gradient(layer, tile, kind));
  }
}

/// Adds the tiles' parts in order.
static void sum_tiles(const backward_call *call) {
  const spindle_workspace *w = call->workspace;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int kind = 0; kind < SOURCE_KINDS; kind++) {
      const run_layer *layer = &w->layers[l];
      size_t count = source_count(layer, kind) * layer->shape.neurons;
      if (count == 0) continue;
      float *restrict gradient = call->gradients + gradient_offset(layer, kind);
      memcpy(gradient, tile_gradient(layer, 0, kind), count * sizeof *gradient);
      for (uint32_t tile = 1; tile < w->tiles; tile++) {
        const float *restrict part = tile_gradient(layer, tile, kind);
        for (size_t i = 0; i < count; i++) gradient[i] += part[i];
      }
    }
}

/// Sums a per-sample quantity of neuron n over the batch, in order.
static float sum_over_batch(const spindle_workspace *w, const run_layer *layer, const float *sums,
                            uint32_t n) {
  float sum = 0;
  for (size_t b = 0; b < w->batch; b++)
    sum += w->layout == SPINDLE_LAYOUT_LANES
               ? sums[(b / LANES * layer->shape.neurons + n) * LANES + b % LANES]
               : sums[b * layer->padded + n];
  return sum;
}

/// The gradient of a parameter with one number a neuron, at `offset`, from those of each sample in
/// `sums`; NULL where it is not learned.
static void neuron_gradient(const spindle_workspace *w, const run_layer *layer, const float *sums,
                            size_t offset, float *gradients) {
  if (!sums) return;
  for (uint32_t n = 0; n < layer->shape.neurons; n++)
    gradients[offset + n] = sum_over_batch(w, layer, sums, n);
}

/// The same for a time constant, whose sums are of its decay: decay = exp(-dt / tau), so that its
/// derivative is decay dt / tau^2.
static void tau_gradient(const spindle_workspace *w, const run_layer *layer, const float *sums,
                         size_t offset, const float *decay, const float *parameters,
                         float *gradients) {
  if (!sums) return;
  for (uint32_t n = 0; n < layer->shape.neurons; n++) {
    double tau = parameters[offset + n];
    double slope = decay[n] * (double)layer->time_step / (tau * tau);
    gradients[offset + n] = (float)(sum_over_batch(w, layer, sums, n) * slope);
  }
}

static void neuron_gradients(const spindle_workspace *w, const run_layer *l,
                             const float *parameters, float *gradients) {
  const spindle_layer_parameters *p = &l->parameters;
  neuron_gradient(w, l, l->recurrent_sum, p->recurrent_weight, gradients);
  neuron_gradient(w, l, l->threshold_sum, p->threshold, gradients);
  neuron_gradient(w, l, l->strength_sum, p->adaptation_strength, gradients);
  tau_gradient(w, l, l->tau_sum, p->tau, l->beta, parameters, gradients);
  tau_gradient(w, l, l->synaptic_tau_sum, p->synaptic_tau, l->alpha, parameters, gradients);
  tau_gradient(w, l, l->adaptation_tau_sum, p->adaptation_tau, l->rho, parameters, gradients);
}

spindle_status spindle_backward(spindle_workspace *w, const float *parameters,
                                const spindle_input *input, const spindle_loss_target *target,
                                float *gradients) {
  if (!w || !parameters || !input || !target || !gradients) return SPINDLE_NULL_POINTER;
  if ((input->spikes != NULL) == (input->values != NULL)) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  spindle_status status = spindle_check_target(w, target);
  if (status != SPINDLE_OK) return status;
  spindle_set_output_gradient(w, target);
  spindle_prepare_backward(w, parameters);
  backward_call call = {.workspace = w, .input = input, .gradients = gradients};
  if (w->layout == SPINDLE_LAYOUT_LANES) {
    spindle_parallel(w->team, w->threads, w->tiles, lanes_task, &call);
    sum_tiles(&call);
  } else {
    spindle_parallel(w->team, w->threads, w->tiles, delta_task, &call);
    spindle_parallel(w->team, w->threads, gradient_tasks(w), rows_gradient_task, &call);
  }
  for (uint32_t l = 0; l < w->layer_count; l++)
    neuron_gradients(w, &w->layers[l], parameters, gradients);
  for (uint32_t i = 0; i < w->segment_count; i++)
    if (!w->segments[i].learned)
      memset(gradients + w->segments[i].first, 0, w->segments[i].count * sizeof *gradients);
  w->stage = STAGE_BACKWARD;
  return SPINDLE_OK;
}

/// The gradients of weights and biases: sums over the batch and time of a source, an input or a
/// spike, times the deltas. Each part of the batch (parts.c) is summed in order, and the parts are
/// added in order: no bit depends on the threads, and each reads the deltas that it has computed.
#include <string.h>
#include "gradient.h"
#include "parts.h"
#include "pieces.h"

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

/// Where a part's sum for one kind of source goes: the first part is the gradient itself.
static float *part_gradient(const backward_call *call, const run_layer *layer, uint32_t part,
                            int kind) {
  const spindle_workspace *w = call->workspace;
  size_t offset = kind == SOURCE_INPUT     ? layer->parameters.weight
                  : kind == SOURCE_NEURONS ? layer->parameters.recurrent_weight
                                           : layer->parameters.bias;
  float *gradients =
      part == 0 ? call->gradients : w->part_gradients + (part - 1) * w->parameter_count;
  return gradients + offset;
}

/// Columns of a gradient block of events: its rows of deltas and of the gradient stay in the cache.
#define BLOCK_COLUMNS 256

/// Work of one task: some columns of the gradient by one kind of source, for a part and a band.
typedef struct gradient_item {
  uint32_t layer;
  int kind;
  uint32_t column, width;
} gradient_item;

static spindle_sums sums_of(const run_layer *layer, int kind) {
  if (kind == SOURCE_INPUT) return layer->input_sums;
  return kind == SOURCE_NEURONS ? layer->recurrent_sums : SPINDLE_SUMS_EVENTS;
}

/// Columns of an item. Dense products and blocked events copy panels of deltas to where they stay
/// in the cache, so that they take all.
static uint32_t item_width(const run_layer *layer, int kind) {
  return sums_of(layer, kind) == SPINDLE_SUMS_EVENTS ? BLOCK_COLUMNS : layer->padded;
}

static uint32_t items_of(const run_layer *layer, int kind) {
  if (source_count(layer, kind) == 0) return 0;
  return CEILING_DIVIDE(layer->shape.neurons, item_width(layer, kind));
}

static uint32_t count_items(const spindle_workspace *w) {
  uint32_t items = 0;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int kind = 0; kind < SOURCE_KINDS; kind++) items += items_of(&w->layers[l], kind);
  return items;
}

static gradient_item find_item(const spindle_workspace *w, uint32_t index) {
  uint32_t l = 0;
  int kind = 0;
  for (uint32_t items; index >= (items = items_of(&w->layers[l], kind)); index -= items) {
    kind = (kind + 1) % SOURCE_KINDS;
    if (kind == 0) l++;
  }
  uint32_t width = item_width(&w->layers[l], kind);
  return (gradient_item){.layer = l, .kind = kind, .column = index * width, .width = width};
}

/// Bands of sources into which a part's items are cut: enough for the threads, and for their
/// scratch memory.
static uint32_t bands_of(const spindle_workspace *w) {
  size_t most = 1;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int kind = 0; kind < SOURCE_KINDS; kind++)
      most = MAXIMUM(most, source_count(&w->layers[l], kind));
  return (uint32_t)MAXIMUM(CEILING_DIVIDE(w->threads, w->parts),
                           CEILING_DIVIDE(most, (size_t)GRADIENT_BLOCK));
}

uint32_t spindle_gradient_tasks(const spindle_workspace *w) {
  return w->parts * bands_of(w) * count_items(w);
}

static gradient_block make_block(const backward_call *call, const gradient_item *item,
                                 uint32_t part, uint32_t band) {
  spindle_workspace *w = call->workspace;
  uint32_t l = item->layer, bands = bands_of(w);
  const run_layer view = spindle_part_layer(w, l, part), *layer = &view;
  uint32_t N = layer->shape.neurons, sources = (uint32_t)source_count(layer, item->kind);
  // Bands are of whole words of spikes.
  uint64_t words = SPINDLE_WORDS(sources), end = words * (band + 1) / bands * 32;
  gradient_block block = {.mode = SPINDLE_SUMS_EVENTS,
                          .delta = layer->trace,
                          .delta_stride = layer->padded,
                          .rows = (size_t)w->steps * layer->batch,
                          .samples = layer->batch,
                          .gradient = part_gradient(call, layer, part, item->kind),
                          .columns = N,
                          .sources = sources,
                          .first_source = (uint32_t)(words * band / bands * 32),
                          .last_source = (uint32_t)MINIMUM(sources, end),
                          .first_column = item->column,
                          .last_column = MINIMUM(N, item->column + item->width)};
  if (item->kind == SOURCE_INPUT) {
    rows_input input = spindle_kept_input(layer, spindle_part_input(w, call->input, l, part));
    block.words = layer->input_words;
    block.spikes = input.spikes;
    block.values = input.values;
    block.batch = input.batch;
    block.mode = layer->input_sums;
  } else if (item->kind == SOURCE_NEURONS) { // s_{t-1} with delta_t: one step later
    block.words = layer->spike_words;
    block.spikes = layer->spikes;
    block.batch = layer->batch;
    block.delta += (size_t)layer->batch * layer->padded;
    block.rows -= layer->batch;
    block.mode = layer->recurrent_sums;
  }
  return block;
}

static void scale_block(const gradient_block *block, float factor) {
  for (size_t k = block->first_source; k < block->last_source; k++)
    for (size_t n = block->first_column; n < block->last_column; n++)
      block->gradient[k * block->columns + n] *= factor;
}

void spindle_gradient_task(void *context, uint32_t task, uint32_t thread) {
  const backward_call *call = context;
  spindle_workspace *w = call->workspace;
  uint32_t items = count_items(w), bands = bands_of(w);
  gradient_item item = find_item(w, task % items);
  gradient_block block = make_block(call, &item, task / items / bands, task / items % bands);
  for (uint32_t k = block.first_source; k < block.last_source; k++)
    memset(block.gradient + (size_t)k * block.columns + block.first_column, 0,
           (block.last_column - block.first_column) * sizeof(float));
  if (block.first_source < block.last_source)
    w->kernels->rows_gradient(&block, &w->workers[thread]);
  const run_layer *layer = &w->layers[item.layer];
  if (item.kind == SOURCE_INPUT && layer->dropping) scale_block(&block, spindle_kept_factor(layer));
}

void spindle_lanes_gradient(const backward_call *call, uint32_t tile) {
  const spindle_workspace *w = call->workspace;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const run_layer *layer = &w->layers[l];
    uint32_t I = layer->shape.inputs, N = layer->shape.neurons;
    const uint32_t first[SOURCE_KINDS] = {0, I, I + N};
    for (int kind = 0; kind < SOURCE_KINDS; kind++) {
      uint32_t count = (uint32_t)source_count(layer, kind);
      if (count == 0) continue;
      w->kernels->lanes_gradient(layer, l > 0 ? layer - 1 : NULL, call->input, tile, first[kind],
                                 count, part_gradient(call, layer, tile, kind));
    }
  }
}

/// Adds the parts of a piece of the parameters. (Those of a neuron, which have none, come later.)
static void sum_task(void *context, uint32_t index, uint32_t thread) {
  (void)thread;
  const backward_call *call = context;
  const spindle_workspace *w = call->workspace;
  parameter_piece piece = spindle_find_piece(w, index);
  float *restrict gradient = call->gradients + piece.first;
  for (uint32_t part = 1; part < w->parts; part++) {
    const float *restrict other = w->part_gradients + (part - 1) * w->parameter_count + piece.first;
    for (size_t i = 0; i < piece.count; i++) gradient[i] += other[i];
  }
}

void spindle_sum_parts(const backward_call *call) {
  spindle_workspace *w = call->workspace;
  if (w->parts == 1) return;
  spindle_parallel(w->team, spindle_piece_threads(w), spindle_count_pieces(w), sum_task,
                   (void *)call);
}

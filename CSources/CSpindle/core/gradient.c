/// The gradients of parameters: sums over the batch and time. Each part is summed by itself, its
/// segments from the last to the first and within one its rows in order; the parts are then added
/// in order. No bit depends on the threads, and each reads the deltas that it has computed.
#include <string.h>
#include "plan.h"

/// The roles whose gradients are sums over sources: inputs, neurons (recurrent) and the bias.
static const spindle_role by_source[] = {SPINDLE_WEIGHT, SPINDLE_RECURRENT_WEIGHT, SPINDLE_BIAS};
enum { SOURCE_KINDS = sizeof by_source / sizeof *by_source };

/// Sources of a role; 0 where it is not learned.
static uint32_t source_count(const layer_plan *plan, spindle_role role) {
  const spindle_layer *s = &plan->shape;
  if (!LEARNS(s, role)) return 0;
  if (role == SPINDLE_RECURRENT_WEIGHT && s->topology != SPINDLE_RC) return 0;
  return spindle_role_rows(s, role);
}

/// A part's sums, laid out as the parameters: the first part's are the gradients themselves.
static float *part_gradients(const backward_call *call, uint32_t part) {
  const spindle_workspace *w = call->workspace;
  return part == 0 ? call->gradients : w->part_gradients + (part - 1) * w->parameter_count;
}

/// Columns of a block of events: its rows of deltas and of the gradient stay in the cache.
#define BLOCK_COLUMNS 256

static spindle_sums sums_of(const spindle_workspace *w, uint32_t l, spindle_role role) {
  if (role == SPINDLE_WEIGHT) return w->weights[l].input_sums;
  return role == SPINDLE_BIAS ? SPINDLE_SUMS_EVENTS : w->weights[l].recurrent_sums;
}

/// Columns of a block. Dense products and blocked events copy panels of deltas to where they stay
/// in the cache, so that they take all.
static uint32_t block_width(const spindle_workspace *w, uint32_t l, spindle_role role) {
  return sums_of(w, l, role) == SPINDLE_SUMS_EVENTS ? BLOCK_COLUMNS : w->plans[l].padded;
}

/// Blocks side by side that hold all columns of a role's gradient.
static uint32_t blocks_across(const spindle_workspace *w, uint32_t l, spindle_role role) {
  if (source_count(&w->plans[l], role) == 0) return 0;
  return CEILING_DIVIDE(w->plans[l].shape.neurons, block_width(w, l, role));
}

static uint32_t all_across(const spindle_workspace *w) {
  uint32_t blocks = 0;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int kind = 0; kind < SOURCE_KINDS; kind++) blocks += blocks_across(w, l, by_source[kind]);
  return blocks;
}

/// Blocks above one another, of a part's sources: enough for the threads, and for their scratch
/// memory.
static uint32_t blocks_down(const spindle_workspace *w) {
  uint32_t most = 1;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int kind = 0; kind < SOURCE_KINDS; kind++)
      most = MAXIMUM(most, source_count(&w->plans[l], by_source[kind]));
  return MAXIMUM(CEILING_DIVIDE(w->threads, w->parts), CEILING_DIVIDE(most, GRADIENT_BLOCK));
}

uint32_t spindle_gradient_tasks(const spindle_workspace *w) {
  return w->parts * blocks_down(w) * all_across(w);
}

/// Which block a task has: of a layer's role, in a part.
typedef struct block_place {
  uint32_t part, layer, down, across;
  spindle_role role;
} block_place;

static block_place find_block(const spindle_workspace *w, uint32_t task) {
  uint32_t across = all_across(w), down = blocks_down(w), index = task % across, l = 0;
  int kind = 0;
  for (uint32_t some; index >= (some = blocks_across(w, l, by_source[kind])); index -= some) {
    kind = (kind + 1) % SOURCE_KINDS;
    if (kind == 0) l++;
  }
  return (block_place){.part = task / across / down,
                       .layer = l,
                       .down = task / across % down,
                       .across = index,
                       .role = by_source[kind]};
}

/// The input that a layer's weights saw in a slice.
static layer_input effective_input(const backward_call *call, const run_layer *layer, uint32_t l,
                                   uint32_t slice) {
  if (layer->weights->dropping)
    return (layer_input){.spikes = layer->view.kept_input, .batch = layer->view.batch};
  return spindle_input_of(call->workspace, call->input, l, slice);
}

static gradient_block make_block(const backward_call *call, const run_layer *layer,
                                 const block_place *at) {
  const spindle_workspace *w = call->workspace;
  const layer_plan *plan = layer->plan;
  uint32_t N = plan->shape.neurons, sources = source_count(plan, at->role);
  uint32_t width = block_width(w, at->layer, at->role), down = blocks_down(w);
  // Blocks are of whole words of spikes.
  uint64_t words = SPINDLE_WORDS(sources), end = words * (at->down + 1) / down * 32;
  gradient_block block = {.mode = sums_of(w, at->layer, at->role),
                          .delta = layer->view.trace,
                          .delta_stride = plan->padded,
                          .samples = layer->view.batch,
                          .batch = layer->view.batch,
                          .gradient =
                              part_gradients(call, at->part) + plan->parameters.offset[at->role],
                          .columns = N,
                          .sources = sources,
                          .first_source = (uint32_t)(words * at->down / down * 32),
                          .last_source = (uint32_t)MINIMUM(sources, end),
                          .first_column = at->across * width,
                          .last_column = MINIMUM(N, (at->across + 1) * width)};
  if (at->role == SPINDLE_WEIGHT) {
    layer_input input = effective_input(call, layer, at->layer, at->part);
    block.words = plan->input_words;
    block.spikes = input.spikes;
    block.values = input.values;
    block.batch = input.batch;
  } else if (at->role == SPINDLE_RECURRENT_WEIGHT) {
    block.words = plan->spike_words;
    block.spikes = layer->view.spikes - layer->view.batch * block.words; // s_{t-1} with delta_t
  }
  return block;
}

/// The block for steps [t0, t1).
static gradient_block in_segment(gradient_block block, uint32_t t0, uint32_t t1) {
  if (block.spikes) block.spikes += t0 * block.batch * block.words;
  if (block.values) block.values += t0 * block.batch * block.sources;
  block.delta += t0 * (size_t)block.samples * block.delta_stride;
  block.rows = (t1 - t0) * (size_t)block.samples;
  return block;
}

/// Puts a factor on a block; 0 clears it.
static void scale_block(const gradient_block *block, float factor) {
  size_t count = block->last_column - block->first_column;
  for (size_t k = block->first_source; k < block->last_source; k++) {
    float *row = block->gradient + k * block->columns + block->first_column;
    if (factor == 0) memset(row, 0, count * sizeof *row);
    else
      for (size_t n = 0; n < count; n++) row[n] *= factor;
  }
}

void spindle_gradient_task(void *context, uint32_t task, uint32_t thread) {
  const backward_call *call = context;
  spindle_workspace *w = call->workspace;
  block_place at = find_block(w, task);
  run_layer layer = spindle_layer_in(w, at.layer, at.part);
  gradient_block block = make_block(call, &layer, &at);
  if (block.first_source >= block.last_source) return;
  scale_block(&block, 0);
  // Without an initial state nothing fired before the first step.
  uint32_t begin = at.role == SPINDLE_RECURRENT_WEIGHT && !w->has_initial ? 1 : 0;
  for (uint32_t segment = CEILING_DIVIDE(w->steps, SEGMENT); segment-- > 0;) {
    uint32_t t0 = MAXIMUM(begin, segment * SEGMENT);
    uint32_t t1 = MINIMUM(w->steps, (segment + 1) * SEGMENT);
    if (t0 >= t1) continue;
    gradient_block some = in_segment(block, t0, t1);
    w->kernels->rows_gradient(&some, &w->workers[thread]);
  }
  float factor = spindle_effective_factor(layer.plan, layer.weights->dropping);
  if (at.role == SPINDLE_WEIGHT && factor != 1) scale_block(&block, factor);
}

/// A role's gradient of a part by sources, lanes layout: segments in their order, in each the
/// tiles.
static void lanes_role(const backward_call *call, uint32_t part, uint32_t l, spindle_role role,
                       uint32_t first) {
  const spindle_workspace *w = call->workspace;
  uint32_t count = source_count(&w->plans[l], role), end = spindle_part_slice(w, part + 1);
  if (count == 0) return;
  float *to = part_gradients(call, part) + w->plans[l].parameters.offset[role];
  bool accumulate = false;
  for (uint32_t segment = CEILING_DIVIDE(w->steps, SEGMENT); segment-- > 0;)
    for (uint32_t slice = spindle_part_slice(w, part); slice < end; slice++) {
      run_layer layer = spindle_layer_in(w, l, slice);
      layer_input input = spindle_input_of(w, call->input, l, slice);
      w->kernels->lanes_gradient(&layer, &input, segment * SEGMENT,
                                 MINIMUM(w->steps, (segment + 1) * SEGMENT), first, count,
                                 accumulate, to);
      accumulate = true;
    }
}

void spindle_lanes_gradient(const backward_call *call, uint32_t part) {
  const spindle_workspace *w = call->workspace;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    uint32_t I = w->plans[l].shape.inputs, N = w->plans[l].shape.neurons;
    const uint32_t first[SOURCE_KINDS] = {0, I, I + N};
    for (int kind = 0; kind < SOURCE_KINDS; kind++)
      lanes_role(call, part, l, by_source[kind], first[kind]);
  }
}

/// The sums over time of each sample in a slice, whose sum over samples is the gradient of a role
/// with one number a neuron (of a time constant: of its decay); NULL where it has none.
static const float *neuron_sums(const layer_view *view, spindle_role role) {
  switch (role) {
  case SPINDLE_RECURRENT_WEIGHT:
    return view->recurrent_sum;
  case SPINDLE_TAU:
    return view->tau_sum;
  case SPINDLE_SYNAPTIC_TAU:
    return view->synaptic_tau_sum;
  case SPINDLE_THRESHOLD:
    return view->threshold_sum;
  case SPINDLE_ADAPTATION_STRENGTH:
    return view->strength_sum;
  case SPINDLE_ADAPTATION_TAU:
    return view->adaptation_tau_sum;
  default:
    return NULL;
  }
}

/// Sums a part's samples, in their order.
static void sum_samples(const backward_call *call, uint32_t part, uint32_t l, spindle_role role) {
  const spindle_workspace *w = call->workspace;
  const layer_plan *plan = &w->plans[l];
  size_t N = plan->shape.neurons, P = plan->padded;
  float *to = part_gradients(call, part) + plan->parameters.offset[role];
  memset(to, 0, N * sizeof *to);
  uint32_t end = spindle_part_slice(w, part + 1);
  for (uint32_t slice = spindle_part_slice(w, part); slice < end; slice++) {
    run_layer layer = spindle_layer_in(w, l, slice);
    const float *sums = neuron_sums(&layer.view, role);
    for (size_t b = 0; b < layer.view.batch; b++)
      for (size_t n = 0; n < N; n++) to[n] += has_lanes(w) ? sums[n * LANES + b] : sums[b * P + n];
  }
}

/// Adds the parts of a piece of the parameters.
static void sum_task(void *context, uint32_t index, uint32_t thread) {
  (void)thread;
  const backward_call *call = context;
  const spindle_workspace *w = call->workspace;
  parameter_piece piece = spindle_find_piece(w, index);
  float *restrict gradient = call->gradients + piece.first;
  for (uint32_t part = 1; part < w->parts; part++) {
    const float *restrict other = part_gradients(call, part) + piece.first;
    for (size_t i = 0; i < piece.count; i++) gradient[i] += other[i];
  }
}

/// From the gradient by a decay to that by its time constant.
static void scale_by_slope(float *gradients, size_t first, const double *slope, uint32_t count) {
  for (size_t n = 0; slope && n < count; n++)
    gradients[first + n] = (float)(gradients[first + n] * slope[n]);
}

void spindle_finish_gradients(const backward_call *call) {
  spindle_workspace *w = call->workspace;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int role = 0; role < SPINDLE_ROLE_COUNT; role++)
      for (uint32_t part = 0; neuron_sums(&w->views[l], (spindle_role)role) && part < w->parts;
           part++)
        sum_samples(call, part, l, (spindle_role)role);
  if (w->parts > 1)
    spindle_parallel(w->team, spindle_piece_threads(w), spindle_count_pieces(w), sum_task,
                     (void *)call);
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const layer_weights *weights = &w->weights[l];
    const size_t *at = w->plans[l].parameters.offset;
    uint32_t N = w->plans[l].shape.neurons;
    scale_by_slope(call->gradients, at[SPINDLE_TAU], weights->tau_slope, N);
    scale_by_slope(call->gradients, at[SPINDLE_SYNAPTIC_TAU], weights->synaptic_tau_slope, N);
    scale_by_slope(call->gradients, at[SPINDLE_ADAPTATION_TAU], weights->adaptation_tau_slope, N);
  }
}

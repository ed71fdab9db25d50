/// Backward through time in two passes: the deltas of each tile, then the gradients of the
/// parameters: sums over the batch and time. Each part is summed by itself, its segments from the
/// last to the first and within one its rows in order; the parts are then added in order. No bit
/// depends on the threads, and each reads the deltas that it has computed. Where the trace holds
/// one segment, the two passes are taken for each, from the last to the first, after its forward
/// run was repeated.
#include <string.h>
#include "plan.h"
#include "share.h"

/// The context of the tasks of backward.
typedef struct backward_call {
  spindle_workspace *workspace;
  const spindle_input *input;
  float *gradients;
  const float *final_adjoint;
  float *initial_adjoint;
  uint32_t begin, end; ///< Steps of the two passes: those that the trace holds.
} backward_call;

static float *part_gradients(const backward_call *call, uint32_t part) {
  return spindle_part_gradients(call->workspace, call->gradients, part);
}

/// The block of a task, without its steps.
static gradient_block make_block(const backward_call *call, const source_block *place,
                                 const run_layer *layer) {
  const layer_plan *plan = layer->plan;
  bool weight = place->role == SPINDLE_WEIGHT, recurrent = place->role == SPINDLE_RECURRENT_WEIGHT;
  return (gradient_block){
      .from = {.count = spindle_source_count(plan, place->role), .batch = layer->view.batch},
      .delta_stride = plan->padded,
      .samples = layer->view.batch,
      .gradient = part_gradients(call, place->part) + plan->parameters.offset[place->role] +
                  place->first_column,
      .gradient_stride = plan->shape.neurons,
      .columns = place->last_column - place->first_column,
      .first_source = place->first_source,
      .last_source = place->last_source,
      .mode = weight      ? layer->weights->input_sums
              : recurrent ? layer->weights->recurrent_sums
                          : SPINDLE_SUMS_EVENTS};
}

/// The first step of the segment that has the step before `end`.
static uint32_t segment_before(uint32_t end) { return (end - 1) / SEGMENT * SEGMENT; }

/// Gives a block the steps [t0, t1).
static void set_steps(const backward_call *call, const source_block *place, uint32_t t0,
                      uint32_t t1, gradient_block *block) {
  const spindle_workspace *w = call->workspace;
  run_layer layer = spindle_layer_in(w, place->layer, place->part);
  spindle_move_view(w, &layer, t0, t1 - t0);
  block->delta = layer.view.trace + place->first_column;
  block->rows = (t1 - t0) * (size_t)block->samples;
  if (place->role == SPINDLE_WEIGHT)
    block->from =
        layer.weights->dropping
            ? spindle_kept_input(&layer)
            : source_rows_from(spindle_input_of(w, call->input, place->layer, place->part), t0, 0);
  else if (place->role == SPINDLE_RECURRENT_WEIGHT) // s_{t-1} with delta_t
    block->from.spikes = layer.view.spikes - layer.view.batch * layer.plan->spike_words;
}

/// Multiplies a block's gradient; by 0 sets it to zero.
static void scale_block(const gradient_block *block, float factor) {
  for (uint32_t k = block->first_source; k < block->last_source; k++) {
    float *row = block->gradient + k * block->gradient_stride;
    if (factor == 0) memset(row, 0, block->columns * sizeof *row);
    for (uint32_t n = 0; factor != 0 && n < block->columns; n++) row[n] *= factor;
  }
}

static void gradient_task(void *context, task task) {
  const backward_call *call = context;
  spindle_workspace *w = call->workspace;
  source_block place = spindle_find_block(w, task.index);
  // A parameter that is absent has no sources.
  if (place.first_source >= place.last_source || place.first_column >= place.last_column) return;
  run_layer layer = spindle_layer_in(w, place.layer, place.part);
  gradient_block block = make_block(call, &place, &layer);
  if (call->end == w->steps) scale_block(&block, 0);
  // Without an initial state nothing fired before the first step.
  uint32_t begin = place.role == SPINDLE_RECURRENT_WEIGHT && !w->has_initial;
  for (uint32_t t1 = call->end, t0; t1 > call->begin; t1 = t0) {
    t0 = segment_before(t1);
    if (MAXIMUM(begin, t0) >= t1) continue;
    set_steps(call, &place, MAXIMUM(begin, t0), t1, &block);
    w->kernels->rows_gradient(&block, &w->workers[task.thread]);
  }
  float factor = spindle_effective_factor(layer.plan, layer.weights->dropping);
  if (call->begin == 0 && place.role == SPINDLE_WEIGHT && factor != 1) scale_block(&block, factor);
}

/// A role's gradient of a part by sources, lanes layout: segments in their order, in each the
/// tiles.
static void lanes_role(const backward_call *call, uint32_t part, uint32_t l, spindle_role role,
                       uint32_t first) {
  const spindle_workspace *w = call->workspace;
  uint32_t count = spindle_source_count(&w->plans[l], role), end = spindle_part_slice(w, part + 1);
  if (count == 0) return;
  float *to = part_gradients(call, part) + w->plans[l].parameters.offset[role];
  bool accumulate = call->end < w->steps;
  for (uint32_t t1 = call->end, t0; t1 > call->begin; t1 = t0) {
    t0 = segment_before(t1);
    for (uint32_t slice = spindle_part_slice(w, part); slice < end; slice++) {
      run_layer layer = spindle_layer_in(w, l, slice);
      spindle_move_view(w, &layer, t0, t1 - t0);
      source_rows input = source_rows_from(spindle_input_of(w, call->input, l, slice), t0, 0);
      w->kernels->lanes_gradient(&layer, &input, first, count, accumulate, to);
      accumulate = true;
    }
  }
}

static void lanes_gradient(const backward_call *call, uint32_t part) {
  const spindle_workspace *w = call->workspace;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    uint32_t I = w->plans[l].shape.inputs, N = w->plans[l].shape.neurons;
    lanes_role(call, part, l, SPINDLE_WEIGHT, 0);
    lanes_role(call, part, l, SPINDLE_RECURRENT_WEIGHT, I);
    lanes_role(call, part, l, SPINDLE_BIAS, I + N);
  }
}

/// The sums over time of each sample in a slice, whose sum over samples is the gradient of a role
/// with one number a neuron (of a time constant: of its decay); NULL where it has none.
static const float *neuron_sums(const layer_view *view, spindle_role role) {
  const float *const sums[SPINDLE_ROLE_COUNT] = {
      [SPINDLE_RECURRENT_WEIGHT] = view->recurrent_sum,
      [SPINDLE_TAU] = view->tau_sum,
      [SPINDLE_SYNAPTIC_TAU] = view->synaptic_tau_sum,
      [SPINDLE_THRESHOLD] = view->threshold_sum,
      [SPINDLE_ADAPTATION_STRENGTH] = view->strength_sum,
      [SPINDLE_ADAPTATION_TAU] = view->adaptation_tau_sum,
  };
  return sums[role];
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

/// From the gradient by a decay to that by its time constant.
static void scale_by_slope(float *gradients, size_t first, const double *slope, uint32_t count) {
  for (size_t n = 0; slope && n < count; n++)
    gradients[first + n] = (float)(gradients[first + n] * slope[n]);
}

static spindle_status finish_gradients(const backward_call *call) {
  spindle_workspace *w = call->workspace;
  // Not as a job, where denormals are flushed.
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int role = 0; role < SPINDLE_ROLE_COUNT; role++)
      for (uint32_t part = 0; neuron_sums(&w->views[l], (spindle_role)role) && part < w->parts;
           part++)
        sum_samples(call, part, l, (spindle_role)role);
  TRY(spindle_add_parts(w, call->gradients));
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const layer_weights *weights = &w->weights[l];
    const size_t *at = w->plans[l].parameters.offset;
    uint32_t N = w->plans[l].shape.neurons;
    scale_by_slope(call->gradients, at[SPINDLE_TAU], weights->tau_slope, N);
    scale_by_slope(call->gradients, at[SPINDLE_SYNAPTIC_TAU], weights->synaptic_tau_slope, N);
    scale_by_slope(call->gradients, at[SPINDLE_ADAPTATION_TAU], weights->adaptation_tau_slope, N);
  }
  return SPINDLE_OK;
}

/// The gradient by the output from sample `first` on.
static output_gradient from_sample(output_gradient g, size_t first) {
  if (g.values) g.values += first * g.batch_stride;
  if (g.only_step) g.only_step += first * g.batch_stride;
  if (g.scales) g.scales += first;
  return g;
}

/// Repeats the forward run of the steps for a tile. The deltas of the step after them stay, in the
/// row after the trace.
static void run_again(const backward_call *call, const tile *tile, uint32_t thread) {
  const spindle_workspace *w = call->workspace;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer layer = spindle_layer_in_tile(w, l, tile, thread);
    const layer_view *view = &layer.view;
    size_t row = layer.plan->padded, first = view->b0 * row, rows = view->b1 - view->b0;
    if (has_lanes(w)) row *= LANES, first = 0, rows = 1;
    size_t step = row * (has_lanes(w) ? 1 : view->batch);
    memcpy(view->trace + w->trace_steps * step + first, view->trace + first,
           rows * row * sizeof(float));
    spindle_run_again(w, call->input, l, &layer, call->begin);
  }
}

/// The deltas of all layers for a tile.
static void tile_deltas(const backward_call *call, const tile *tile, uint32_t thread) {
  static const output_gradients none = {0};
  spindle_workspace *w = call->workspace;
  if (is_segmented(w) && !(call->end == w->steps && w->holds_end)) run_again(call, tile, thread);
  size_t first = spindle_slice_begin(w, tile->slice), state = 0;
  const output_gradients by = {from_sample(w->by.spike, first), from_sample(w->by.membrane, first)};
  for (uint32_t l = 0; l < w->layer_count; l++)
    state += STATE_BLOCKS * (size_t)w->batch * w->plans[l].shape.neurons;
  run_layer above;
  for (uint32_t l = w->layer_count; l-- > 0;) {
    bool top = l + 1 == w->layer_count;
    run_layer layer = spindle_layer_in_tile(w, l, tile, thread);
    size_t N = layer.plan->shape.neurons;
    spindle_move_view(w, &layer, call->begin, call->end - call->begin);
    layer.view.has_initial &= call->begin == 0;
    state -= STATE_BLOCKS * layer.view.state_block;
    layer.view.by_membrane = top ? &by.membrane : NULL;
    if (call->final_adjoint) layer.view.final_adjoint = call->final_adjoint + state + first * N;
    if (call->initial_adjoint && call->begin == 0)
      layer.view.initial_adjoint = call->initial_adjoint + state + first * N;
    (has_lanes(w) ? w->kernels->lanes_backward
                  : w->kernels->rows_backward)(&layer, top ? NULL : &above, top ? &by : &none);
    above = layer;
  }
}

static void rows_task(void *context, task task) {
  const backward_call *call = context;
  tile tile = spindle_tile(call->workspace, task.index);
  if (tile.b0 < tile.b1) tile_deltas(call, &tile, task.thread);
}

/// The deltas of a part, then its gradients, while its trace is in the thread's cache.
static void lanes_task(void *context, task task) {
  const backward_call *call = context;
  const spindle_workspace *w = call->workspace;
  uint32_t end = spindle_part_slice(w, task.index + 1);
  for (uint32_t slice = spindle_part_slice(w, task.index); slice < end; slice++) {
    tile tile = spindle_tile(w, slice);
    tile_deltas(call, &tile, task.thread);
  }
  lanes_gradient(call, task.index);
}

spindle_status spindle_backward(spindle_workspace *w, const spindle_input *input,
                                const spindle_loss_target *target, float *gradients,
                                const spindle_adjoint *adjoint) {
  if (!w || !input || !target || !gradients) return SPINDLE_NULL_POINTER;
  if ((input->spikes != NULL) == (input->values != NULL)) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  if (w->has_lengths && adjoint && adjoint->final) return SPINDLE_INVALID_OPTION;
  TRY(spindle_check_target(w, target));
  spindle_set_output_gradient(w, target);
  backward_call call = {.workspace = w,
                        .input = input,
                        .gradients = gradients,
                        .final_adjoint = adjoint ? adjoint->final : NULL,
                        .initial_adjoint = adjoint ? adjoint->initial : NULL};
  for (call.end = w->steps; call.end > 0; call.end = call.begin) {
    call.begin = (call.end - 1) / w->trace_steps * w->trace_steps;
    if (has_lanes(w)) {
      spindle_parallel(w->team, w->threads, w->parts, lanes_task, &call);
    } else {
      spindle_parallel(w->team, w->threads, w->tiles, rows_task, &call);
      spindle_parallel(w->team, w->threads, spindle_count_blocks(w), gradient_task, &call);
    }
  }
  TRY(finish_gradients(&call));
  spindle_pull_back(w, gradients);
  for (uint32_t i = 0; i < w->count_parameters; i++) {
    const parameter *p = &w->parameters[i];
    if (!p->learned) memset(gradients + p->first, 0, p->count * sizeof *gradients);
  }
  w->has_backward = true;
  w->stage = STAGE_BACKWARD;
  return SPINDLE_OK;
}

/// Backward through time in two passes: the deltas of each tile, then the gradients of the
/// parameters (gradient.c).
#include <string.h>
#include "plan.h"

/// The gradient by the output from sample `first` on.
static output_gradient from_sample(output_gradient g, size_t first) {
  if (g.values) g.values += first * g.batch_stride;
  if (g.only_step) g.only_step += first * g.batch_stride;
  return g;
}

/// The deltas of all layers for a tile.
static void tile_deltas(const backward_call *call, const tile *tile, uint32_t thread) {
  static const output_gradients none = {0};
  spindle_workspace *w = call->workspace;
  size_t first = spindle_slice_begin(w, tile->slice), state = 0;
  const output_gradients by = {from_sample(w->by.spike, first), from_sample(w->by.membrane, first)};
  for (uint32_t l = 0; l < w->layer_count; l++)
    state += STATE_BLOCKS * (size_t)w->batch * w->plans[l].shape.neurons;
  run_layer above;
  for (uint32_t l = w->layer_count; l-- > 0;) {
    bool top = l + 1 == w->layer_count;
    run_layer layer = spindle_layer_in_tile(w, l, tile, thread);
    size_t N = layer.plan->shape.neurons;
    state -= STATE_BLOCKS * layer.view.state_block;
    if (call->final_adjoint) layer.view.final_adjoint = call->final_adjoint + state + first * N;
    if (call->initial_adjoint)
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
  spindle_lanes_gradient(call, task.index);
}

spindle_status spindle_backward(spindle_workspace *w, const spindle_input *input,
                                const spindle_loss_target *target, float *gradients,
                                const spindle_adjoint *adjoint) {
  if (!w || !input || !target || !gradients) return SPINDLE_NULL_POINTER;
  if ((input->spikes != NULL) == (input->values != NULL)) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  TRY(spindle_check_target(w, target));
  spindle_set_output_gradient(w, target);
  backward_call call = {.workspace = w,
                        .input = input,
                        .gradients = gradients,
                        .final_adjoint = adjoint ? adjoint->final : NULL,
                        .initial_adjoint = adjoint ? adjoint->initial : NULL};
  if (has_lanes(w)) {
    spindle_parallel(w->team, w->threads, w->parts, lanes_task, &call);
  } else {
    spindle_parallel(w->team, w->threads, w->tiles, rows_task, &call);
    spindle_parallel(w->team, w->threads, spindle_gradient_tasks(w), spindle_gradient_task, &call);
  }
  spindle_finish_gradients(&call);
  for (uint32_t i = 0; i < w->count_parameters; i++) {
    const parameter *p = &w->parameters[i];
    if (!p->learned) memset(gradients + p->first, 0, p->count * sizeof *gradients);
  }
  w->stage = STAGE_BACKWARD;
  return SPINDLE_OK;
}

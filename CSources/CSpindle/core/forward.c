/// Forward through time: the batch is cut into tiles, each taken through all layers and steps by
/// one thread; in inference window by window.
#include "plan.h"

typedef struct forward_call {
  spindle_workspace *workspace;
  const spindle_input *input;
  const spindle_run *run;
  uint32_t steps;
} forward_call;

/// Steps [t0, t0 + steps) of a layer.
static void run_window(const spindle_workspace *w, const spindle_input *from, uint32_t l,
                       run_layer *layer, uint32_t t0, uint32_t steps) {
  const kernels *k = layer->kernels;
  layer->view.steps = steps;
  layer->view.has_initial |= t0 > 0;
  source_rows input = spindle_input_of(w, from, l, layer->view.slice);
  if (l == 0 || is_segmented(w)) input = source_rows_from(input, t0, 0);
  if (layer->weights->dropping) {
    spindle_drop(layer, input);
    input = spindle_kept_input(layer);
  }
  (in_lanes(layer) ? k->lanes_forward : k->rows_forward)(layer, &input);
}

void spindle_run_again(const spindle_workspace *w, const spindle_input *input, uint32_t l,
                       run_layer *layer, uint32_t t0) {
  uint32_t steps = MINIMUM(w->steps - t0, w->trace_steps);
  spindle_move_view(w, layer, t0, steps);
  spindle_begin_at_border(w, layer);
  run_window(w, input, l, layer, t0, steps);
}

/// Hands what is wanted of a layer to the caller's buffers [B][T][N].
static void write_outputs(const forward_call *call, const run_layer *layer, uint32_t l,
                          uint32_t t0) {
  size_t N = layer->plan->shape.neurons;
  for (uint32_t i = 0; i < call->run->output_count; i++) {
    const spindle_output *output = &call->run->outputs[i];
    if (output->layer != l) continue;
    for (uint32_t b = layer->view.b0; b < layer->view.b1; b++) {
      size_t first = ((size_t)layer->view.first + b) * call->steps + t0;
      spindle_copy_quantity(layer, output->quantity, b, layer->scratch->row,
                            output->values + first * N);
    }
  }
}

static void forward_task(void *context, task task) {
  const forward_call *call = context;
  const spindle_workspace *w = call->workspace;
  const spindle_run *run = call->run;
  tile tile = spindle_tile(w, task.index);
  if (tile.b0 >= tile.b1) return;
  for (uint32_t t0 = 0; t0 < call->steps; t0 += w->trace_steps) {
    uint32_t steps = MINIMUM(call->steps - t0, w->trace_steps);
    bool last = t0 + steps == call->steps;
    size_t state = 0;
    for (uint32_t l = 0; l < w->layer_count; l++) {
      run_layer layer = spindle_layer_in_tile(w, l, &tile, task.thread);
      if (t0 == 0 && !run->resume)
        spindle_begin_state(&layer, run->initial ? run->initial + state : NULL);
      if (is_segmented(w)) {
        spindle_move_view(w, &layer, t0, steps);
        spindle_keep_border(w, &layer);
        spindle_begin_at_border(w, &layer);
      }
      run_window(w, call->input, l, &layer, t0, steps);
      write_outputs(call, &layer, l, t0);
      if (last && run->final) spindle_end_state(&layer, run->final + state);
      if (!w->training) spindle_carry_spikes(&layer);
      state += STATE_BLOCKS * layer.view.state_block;
    }
  }
}

spindle_status spindle_move_input(spindle_workspace *w, const spindle_input *input) {
  if (!w || !input || (input->spikes != NULL) == (input->values != NULL))
    return SPINDLE_NULL_POINTER;
  w->input = *input;
  return SPINDLE_OK;
}

static spindle_status check_outputs(const spindle_workspace *w, const spindle_run *run) {
  if (run->output_count > 0 && !run->outputs) return SPINDLE_NULL_POINTER;
  for (uint32_t i = 0; i < run->output_count; i++) {
    if (!run->outputs[i].values) return SPINDLE_NULL_POINTER;
    if (run->outputs[i].layer >= w->layer_count) return SPINDLE_INVALID_SIZE;
    if ((unsigned)run->outputs[i].quantity > SPINDLE_MEMBRANE) return SPINDLE_INVALID_OPTION;
  }
  return SPINDLE_OK;
}

spindle_status spindle_forward(spindle_workspace *w, const spindle_input *input,
                               const spindle_run *run) {
  static const spindle_run plain = {0};
  if (!run) run = &plain;
  if (!w || !input || (input->spikes != NULL) == (input->values != NULL))
    return SPINDLE_NULL_POINTER;
  if (!w->loaded) return SPINDLE_WRONG_ORDER;
  forward_call call = {
      .workspace = w, .input = input, .run = run, .steps = run->steps ? run->steps : w->steps};
  if (call.steps > SPINDLE_MAXIMUM_SIZE || (w->training && call.steps != w->steps))
    return SPINDLE_INVALID_SIZE;
  if (run->resume && (w->training || run->initial)) return SPINDLE_INVALID_OPTION;
  if (run->resume && !w->has_state) return SPINDLE_WRONG_ORDER;
  if (input->lengths && run->final) return SPINDLE_INVALID_OPTION;
  TRY(spindle_check_lengths(w, input->lengths));
  TRY(check_outputs(w, run));
  TRY(spindle_apply_dropout(w, input, run->dropout));
  spindle_choose_sums(w, input, call.steps);
  spindle_fit_weights(w);
  w->has_initial = run->initial || run->resume;
  TRY(spindle_keep_lengths(w, input->lengths));
  spindle_parallel(w->team, w->threads, w->tiles, forward_task, &call);
  w->counted = false;
  w->has_state = true;
  w->input = *input;
  w->holds_end = true;
  w->stage = STAGE_FORWARD;
  w->has_predictions = false;
  w->correct = 0;
  return SPINDLE_OK;
}

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
static void run_window(const forward_call *call, run_layer *layer, uint32_t l, const tile *tile,
                       uint32_t t0, uint32_t steps, worker *scratch) {
  spindle_workspace *w = call->workspace;
  const layer_plan *plan = layer->plan;
  layer->view.steps = steps;
  layer->view.has_initial |= t0 > 0;
  layer_input input = spindle_input_of(w, call->input, l, tile->slice);
  if (l == 0 && input.values) input.values += t0 * input.batch * plan->shape.inputs;
  else if (l == 0) input.spikes += t0 * input.batch * plan->input_words;
  if (layer->weights->dropping) {
    spindle_drop(layer, &input, tile->b0, tile->b1);
    input = (layer_input){.spikes = layer->view.kept_input, .batch = layer->view.batch};
  }
  if (has_lanes(w)) w->kernels->lanes_forward(layer, &input);
  else w->kernels->rows_forward(layer, &input, tile->b0, tile->b1, scratch);
}

/// Hands what is wanted of a layer to the caller's buffers [B][T][N].
static void write_outputs(const forward_call *call, const run_layer *layer, uint32_t l,
                          const tile *tile, uint32_t t0, float *row) {
  size_t N = layer->plan->shape.neurons;
  for (uint32_t i = 0; i < call->run->output_count; i++) {
    const spindle_output *output = &call->run->outputs[i];
    if (output->layer != l) continue;
    for (uint32_t b = tile->b0; b < tile->b1; b++) {
      size_t first = ((size_t)layer->view.first + b) * call->steps + t0;
      spindle_copy_quantity(call->workspace, layer, output->quantity, b, row,
                            output->values + first * N);
    }
  }
}

static void forward_task(void *context, uint32_t index, uint32_t thread) {
  const forward_call *call = context;
  spindle_workspace *w = call->workspace;
  const spindle_run *run = call->run;
  tile tile = spindle_tile(w, index);
  if (tile.b0 >= tile.b1) return;
  for (uint32_t t0 = 0; t0 < call->steps; t0 += w->trace_steps) {
    uint32_t steps = MINIMUM(call->steps - t0, w->trace_steps);
    bool last = t0 + steps == call->steps;
    size_t state = 0;
    for (uint32_t l = 0; l < w->layer_count; l++) {
      run_layer layer = spindle_layer_in(w, l, tile.slice);
      if (t0 == 0)
        spindle_begin_state(w, &layer, tile.b0, tile.b1,
                            run->initial ? run->initial + state : NULL);
      else spindle_carry_spikes(&layer, tile.b0, tile.b1);
      run_window(call, &layer, l, &tile, t0, steps, &w->workers[thread]);
      write_outputs(call, &layer, l, &tile, t0, w->workers[thread].row);
      if (last && run->final) spindle_end_state(w, &layer, tile.b0, tile.b1, run->final + state);
      state += STATE_BLOCKS * layer.view.state_block;
    }
  }
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
  spindle_status status = check_outputs(w, run);
  if (status == SPINDLE_OK) status = spindle_apply_dropout(w, input, run->dropout);
  if (status != SPINDLE_OK) return status;
  spindle_choose_sums(w, input, call.steps);
  spindle_fit_weights(w);
  w->has_initial = run->initial != NULL;
  spindle_parallel(w->team, w->threads, w->tiles, forward_task, &call);
  spindle_count_spikes(w);
  w->stage = STAGE_FORWARD;
  w->has_predictions = false;
  w->correct = 0;
  return SPINDLE_OK;
}

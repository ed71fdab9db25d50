/// Forward and backward through time in the rows layout. Spikes are events: a current is the sum of
/// the rows of W (or R) whose input is active, so the cost follows the activity. A dense product
/// gives the same bits, since both sum in order of the input. Backward, a tile walks time
/// downwards; the weight gradients, which sum over the batch, are a second pass over the finished
/// deltas.

/// One step of G vectors of neurons of a sample. `recurrent` [P] holds s_{t-1} R where it is summed
/// already; else the active rows of R are summed here.
INLINE void integrate_group(const bool plain, const int G, const run_layer *layer, uint32_t t,
                            uint32_t b, uint32_t first, const float *recurrent, uint32_t count) {
  vf sum[16];
  UNROLL for (int g = 0; g < G; g++) sum[g] = vf_all(0);
  if (recurrent) {
    UNROLL for (int g = 0; g < G; g++) sum[g] = vf_load(recurrent + (first + g) * (size_t)LANES);
  } else if (count) {
    uint32_t width = layer->weights->recurrent_width;
    add_rows(G, sum, packed_at(layer->weights->recurrent, width, layer->plan->shape.neurons, first),
             width, layer->scratch->active, count);
  }
  UNROLL for (int g = 0; g < G; g++) {
    cell c = cell_at(false, layer, b, (first + g) * LANES);
    vf input = vf_load(at_step(false, layer, layer->view.trace, t, &c));
    step_forward(false, plain, layer, t, &c, input, sum[g]);
  }
}

INLINE void rows_integrate(const bool plain, const run_layer *layer, uint32_t t) {
  const layer_view *view = &layer->view;
  size_t P = layer->plan->padded, words = layer->plan->spike_words;
  const uint32_t *previous = view->spikes + t * (view->batch * words) - view->batch * words;
  bool recurrent = layer->plan->shape.topology == SPINDLE_RC;
  bool summed = recurrent && layer->weights->recurrent_sums != SPINDLE_SUMS_EVENTS;
  if (summed) {
    row_sums s = {.mode = layer->weights->recurrent_sums,
                  .from = {.spikes = previous + view->b0 * words,
                           .count = layer->plan->shape.neurons,
                           .batch = view->batch},
                  .packed = layer->weights->recurrent,
                  .width = layer->weights->recurrent_width,
                  // Backward's scratch is free in forward.
                  .sums = view->spike_gradient + view->b0 * P,
                  .columns = P,
                  .batch = view->batch};
    sum_rows(&s, 1, view->b1 - view->b0, layer->scratch);
  }
  // With many neurons, a pass over the tile's samples keeps a band of R in the cache.
  uint32_t vectors = (uint32_t)(P / LANES);
  uint32_t band = recurrent && !summed ? layer->weights->recurrent_width / LANES : vectors;
  for (uint32_t pass = 0; pass < vectors; pass += band) {
    uint32_t end = MINIMUM(vectors, pass + band);
    for (uint32_t b = view->b0; b < view->b1; b++) {
      const float *sums = summed ? view->spike_gradient + b * P : NULL;
      uint32_t count = 0, first = pass;
      if (recurrent && !summed)
        count = list_active(previous + b * words, words, layer->scratch->active);
#define BODY(G) integrate_group(plain, G, layer, t, b, first, sums, count)
      EACH_GROUP(16, first, end, BODY)
#undef BODY
    }
  }
}

/// `simple`, a constant, says that there are neither lengths nor filtered currents.
INLINE void rows_forward_kind(const bool plain, const bool simple, const run_layer *layer_in_memory,
                              const source_rows *input) {
  LOCAL_LAYER(layer, layer_in_memory);
  if (simple) layer->view.lengths = NULL, layer->view.filtered = NULL;
  const layer_view *view = &layer->view;
  for (uint32_t t0 = 0; t0 < view->steps; t0 += layer->plan->window) {
    uint32_t t1 = MINIMUM(view->steps, t0 + layer->plan->window);
    row_sums s = {.mode = layer->weights->input_sums,
                  .from = source_rows_from(*input, t0, view->b0),
                  .packed = layer->weights->weight,
                  .width = layer->weights->weight_width,
                  .sums = view->trace + (t0 * (size_t)view->batch + view->b0) * layer->plan->padded,
                  .columns = layer->plan->padded,
                  .batch = view->batch,
                  .bias = layer->plan->shape.bias ? layer->weights->bias : NULL};
    sum_rows(&s, t1 - t0, view->b1 - view->b0, layer->scratch);
    for (uint32_t t = t0; t < t1; t++) rows_integrate(plain, layer, t);
  }
}

static void rows_forward(const run_layer *layer, const source_rows *input) {
  if (!layer->plan->plain) rows_forward_kind(false, false, layer, input);
  else if (layer->view.lengths || layer->view.filtered)
    rows_forward_kind(true, false, layer, input);
  else rows_forward_kind(true, true, layer, input);
}

/// v_t of a row, from the trace.
static void rows_membrane(const run_layer *layer, uint32_t b, uint32_t t, float *membrane) {
  for (uint32_t n = 0; n < layer->plan->padded; n += LANES) {
    cell c = cell_at(false, layer, b, n);
    neuron p = cell_neuron_at(false, false, layer, t, &c);
    vf potential = vf_load(at_step(false, layer, layer->view.trace, t, &c));
    vf v = neuron_membrane(&p, potential, spikes_at(false, layer, t, &c));
    vf_store(membrane + n, neuron_floored(false, &p, v));
  }
}

/// No gradient comes to a spike from a layer above that drops it.
static void rows_drop(const run_layer *layer, const uint32_t *kept) {
  for (size_t b = layer->view.b0; b < layer->view.b1; b++)
    for (uint32_t v = 0; v < layer->plan->padded / LANES; v++) {
      float *gradient = layer->view.spike_gradient + b * layer->plan->padded + v * LANES;
      vi mask = mask_from_bits(row_bits(kept + b * layer->plan->spike_words, v));
      vf_store(gradient, vf_where(mask, vf_load(gradient)));
    }
}

/// dL/ds_t of a tile, from the layer above (delta_t W^T there) and the next step (delta_{t+1} R^T);
/// t may be -1. By outputs, what is not needed is left as it was.
static void rows_spike_gradient(const run_layer *layer, const run_layer *above, int64_t t) {
  const layer_view *view = &layer->view;
  size_t P = layer->plan->padded;
  bool recurrent = layer->plan->shape.topology == SPINDLE_RC && has_next(layer, t);
  bool by_outputs = layer->plan->by_outputs;
  spindle_outputs outputs = SPINDLE_OUTPUTS_ALL;
  if (by_outputs && t >= 0 && (above || recurrent)) outputs = list_needed(layer, (uint32_t)t);
  if (above) {
    if (by_increments(layer, above)) add_increment(layer, above, (uint32_t)t);
    else if (by_outputs)
      dot_products(layer, above, t, above->weights->weight, above->weights->weight_width, outputs,
                   false);
    else
      tile_product(layer, rows_deltas(above, t), above->plan->padded, above->plan->shape.neurons,
                   above->weights->weight_transposed, view->spike_gradient, false);
    if (above->weights->dropping) rows_drop(layer, above->view.kept);
  }
  if (recurrent && by_outputs)
    dot_products(layer, layer, t + 1, layer->weights->recurrent, layer->weights->recurrent_width,
                 outputs, above != NULL);
  else if (recurrent)
    tile_product(layer, rows_deltas(layer, t + 1), P, layer->plan->shape.neurons,
                 layer->weights->recurrent_transposed, view->spike_gradient, above != NULL);
  if (!above && !recurrent)
    memset(view->spike_gradient + view->b0 * P, 0, (view->b1 - view->b0) * P * sizeof(float));
}

/// Runs `body` for each cell `c` of a tile, with dL/ds in `ds`.
#define EACH_CELL(body)                                                                            \
  for (uint32_t b = layer->view.b0; b < layer->view.b1; b++)                                       \
    for (uint32_t n = 0; n < layer->plan->padded; n += LANES) {                                    \
      cell c = cell_at(false, layer, b, n);                                                        \
      vf ds = vf_load(layer->view.spike_gradient + c.at);                                          \
      body;                                                                                        \
    }

/// All steps of a tile, of a plain layer with the surrogate `kind` or of one with options.
INLINE void rows_backward_kind(const bool plain, const bool common, const spindle_surrogate kind,
                               const run_layer *layer_in_memory, const run_layer *above,
                               const output_gradients *by_in_memory) {
  LOCAL_LAYER(layer, layer_in_memory);
  output_gradients by = *by_in_memory;
  if (common) lack_options(layer, &by);
  for (uint32_t t = layer->view.steps; t-- > 0;) {
    rows_spike_gradient(layer_in_memory, above, t);
    EACH_CELL(step_backward(false, plain, common, kind, layer, &by, t, &c, ds))
  }
}

static void rows_backward(const run_layer *layer, const run_layer *above,
                          const output_gradients *by) {
  const layer_view *view = &layer->view;
  spindle_surrogate kind = layer->plan->shape.surrogate;
  if (view->needed && view->ends)
    memset(view->needed + view->b0, 0, (view->b1 - view->b0) * sizeof *view->needed);
#define BODY(kind) rows_backward_kind(true, false, kind, layer, above, by);
  if (!layer->plan->plain) rows_backward_kind(false, false, kind, layer, above, by);
  else if (is_common(layer, by))
    rows_backward_kind(true, true, SPINDLE_FAST_SIGMOID, layer, above, by);
  else EACH_SURROGATE(kind, BODY)
#undef BODY
  if (!view->initial_adjoint && !(view->has_initial && layer->plan->reset.delayed_subtracts != 0))
    return;
  rows_spike_gradient(layer, NULL, -1);
  EACH_CELL(step_initial(false, layer, &c, ds))
}

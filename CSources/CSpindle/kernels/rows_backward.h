/// Backward through time in the rows layout. A tile walks time downwards and turns the trace in
/// place from the potentials u_t into delta_t = dL/di_t. The weight gradients, which sum over the
/// batch, are a second pass over the finished deltas, parallel over the gradient's own rows: each
/// element is summed by one thread in the order of the rows, whatever the tiles.

/// The gradient by the output at one row: see output_gradient. `some` is the number of real neurons
/// in the vector.
INLINE vf output_gradient_at(const output_gradient *g, uint32_t t, uint32_t b, size_t n,
                             uint32_t some, vf membrane) {
  const float *x = g->values + b * g->batch_stride + t * g->step_stride + n;
  vf value = vf_load_some(x, some);
  if (g->only_step) {
    vi step = (vi)vf_load_some((const float *)g->only_step + b * g->batch_stride + n, some);
    value = vf_where(step == (int32_t)t, value);
  }
  if (g->scale != 0.0f) value = g->scale * (membrane - value);
  return value;
}

/// v_{t-1} of a row, whose neuron is `p`.
INLINE vf rows_membrane_before(const bool plain, const run_layer *layer, const neuron *p,
                               uint32_t t, ptrdiff_t row, size_t at, size_t n) {
  if (t == 0) return vf_load(layer->view.first_membrane + at);
  row -= layer->view.batch;
  neuron before = plain ? *p : rows_neuron_at(layer, row, n);
  const uint32_t *spikes = layer->view.spikes + row * (ptrdiff_t)layer->plan->spike_words;
  return neuron_membrane(&before,
                         vf_load(layer->view.trace + row * (ptrdiff_t)layer->plan->padded + n),
                         mask_from_bits(row_bits(spikes, (uint32_t)(n / LANES))));
}

/// The elementwise part of one step of one sample. `plain` is a constant, and `kind` with it.
INLINE void rows_delta(const bool plain, const spindle_surrogate kind, const run_layer *layer,
                       const output_gradient *by_spike, const output_gradient *by_membrane,
                       uint32_t t, uint32_t b) {
  size_t P = layer->plan->padded, B = layer->view.batch;
  size_t row = (size_t)t * B + b, state = b * P;
  const layer_view *view = &layer->view;
  uint32_t N = layer->plan->shape.neurons;
  bool spiking = layer->plan->shape.neuron == SPINDLE_LIF, last_step = t + 1 == view->steps;
  const uint32_t *spikes = view->spikes + row * layer->plan->spike_words;
  const uint32_t *spikes_before = spikes - B * layer->plan->spike_words;
  float *trace = view->trace + row * P;
  for (size_t n = 0; n < P; n += LANES) {
    size_t at = state + n;
    uint32_t v = (uint32_t)(n / LANES), some = MINIMUM(N - (uint32_t)n, LANES);
    neuron p = plain ? rows_neuron(layer, n) : rows_neuron_at(layer, (ptrdiff_t)row, n);
    vf potential = vf_load(trace + n);
    vi spike = mask_from_bits(row_bits(spikes, v));
    vf next = last_step ? vf_all(0) : vf_load(view->carry + at);
    vf dv = plain ? next : p.beta * next;
    vf ds = vf_load(view->spike_gradient + at);
    if (last_step && view->final_adjoint) {
      dv = rows_final(layer, STATE_MEMBRANE, b, n, some);
      ds += rows_final(layer, STATE_SPIKES, b, n, some);
    }
    if (!plain && !last_step)
      ds = rows_option_by_spike(layer, &p, (ptrdiff_t)row, state, n, next, ds);
    if (by_membrane->values && t >= by_membrane->first_step)
      dv += output_gradient_at(by_membrane, t, b, n, some, neuron_membrane(&p, potential, spike));
    if (by_spike->values) ds += output_gradient_at(by_spike, t, b, n, some, potential);
    if (view->rate_gradient) ds += vf_load(view->rate_gradient + n);
    vf h = spiking ? surrogate(kind, layer->plan->shape.slope, potential - p.threshold) : vf_all(0);
    if (!plain && view->refractory) h = rows_unless_refractory(layer, t, b, v, h);
    neuron_gradient g = neuron_backward(&p, potential, spike, h, ds, dv);
    vi spike_before = plain ? (vi){0} : mask_from_bits(row_bits(spikes_before, v));
    if (!plain) {
      g.threshold -= p.delayed_subtracts * vf_where(spike, next);
      g.potential = vf_select(spike_before, p.delayed_keep * g.potential, g.potential);
      if (layer->weights->strength)
        rows_adaptation_gradient(layer, last_step, row, state, n, spike_before, g.threshold,
                                 rows_final(layer, STATE_ADAPTATION, b, n, some));
    }
    if (view->threshold_sum) {
      float *sum = view->threshold_sum + at;
      vf_store(sum, last_step ? g.threshold : vf_load(sum) + g.threshold);
    }
    if (view->tau_sum)
      rows_sum(view->tau_sum + at, g.potential,
               rows_membrane_before(plain, layer, &p, t, (ptrdiff_t)row, at, n), last_step);
    vf_store(view->carry + at, plain ? p.beta * g.potential : g.potential);
    vf current = g.potential; // dL/dc_t
    if (view->filtered && !last_step)
      current = vf_fma(p.alpha, vf_load(trace + n + B * P), current);
    else if (view->filtered && view->final_adjoint)
      current += rows_final(layer, STATE_FILTERED, b, n, some);
    vf_store(trace + n, current);
    if (plain) continue;
    if (view->recurrent_sum)
      rows_sum(view->recurrent_sum + at, current, vf_where(spike_before, vf_all(1.0f)), last_step);
    if (view->synaptic_tau_sum)
      rows_sum(view->synaptic_tau_sum + at, current,
               vf_load(view->current_trace + row * P + n - B * P), last_step);
  }
}

/// No gradient comes to a spike from a layer above that drops it.
static void rows_drop(const run_layer *layer, const uint32_t *kept, uint32_t b0, uint32_t b1) {
  for (size_t b = b0; b < b1; b++)
    for (uint32_t v = 0; v < layer->plan->padded / LANES; v++) {
      float *gradient = layer->view.spike_gradient + b * layer->plan->padded + v * LANES;
      vi mask = mask_from_bits(row_bits(kept + b * layer->plan->spike_words, v));
      vf_store(gradient, vf_where(mask, vf_load(gradient)));
    }
}

/// dL/ds_t of a tile, from the layer above (delta_t W^T there) and the next step (delta_{t+1} R^T);
/// t + 1 may be 0.
static void rows_spike_gradient(const run_layer *layer, const run_layer *above, uint32_t t,
                                uint32_t b0, uint32_t b1) {
  size_t P = layer->plan->padded, B = layer->view.batch;
  uint32_t N = layer->plan->shape.neurons;
  bool recurrent = layer->plan->shape.topology == SPINDLE_RC && t + 1 < layer->view.steps;
  product p = {.a_step = 1,
               .b_step = PANEL,
               .c = layer->view.spike_gradient + b0 * P,
               .c_row = P,
               .rows = b1 - b0,
               .group = b1 - b0,
               .columns = N};
  if (above) {
    p.a = above->view.trace + ((size_t)t * B + b0) * above->plan->padded;
    p.a_row = above->plan->padded;
    p.b = above->weights->weight_transposed;
    p.depth = above->plan->shape.neurons;
    p.b_panel = (size_t)p.depth * PANEL;
    multiply(&p);
    p.accumulate = true;
    if (above->weights->dropping) rows_drop(layer, above->view.kept, b0, b1);
  }
  if (recurrent) {
    p.a = layer->view.trace + ((size_t)(t + 1) * B + b0) * P;
    p.a_row = P;
    p.b = layer->weights->recurrent_transposed;
    p.depth = N;
    p.b_panel = (size_t)N * PANEL;
    multiply(&p);
  }
  if (!above && !recurrent)
    memset(layer->view.spike_gradient + b0 * P, 0, (b1 - b0) * P * sizeof(float));
}

/// What the first step gives to the state before it: the adjoint, where it is wanted, and by a
/// delayed reset the gradient of the threshold that neurons had when they fired.
static void rows_initial(const run_layer *layer, uint32_t b0, uint32_t b1) {
  const layer_plan *plan = layer->plan;
  const layer_weights *w = layer->weights;
  const layer_view *view = &layer->view;
  size_t P = plan->padded, N = plan->shape.neurons;
  rows_spike_gradient(layer, NULL, UINT32_MAX, b0, b1);
  for (size_t b = b0; b < b1; b++)
    for (size_t n = 0; n < P; n += LANES) {
      ptrdiff_t row = (ptrdiff_t)b - (ptrdiff_t)view->batch;
      size_t state = b * P + n;
      neuron p = rows_neuron_at(layer, row, n);
      vf next = vf_load(view->carry + state);
      vi spike = mask_from_bits(
          row_bits(view->spikes + row * (ptrdiff_t)plan->spike_words, (uint32_t)(n / LANES)));
      vf by_threshold = -(p.delayed_subtracts * vf_where(spike, next));
      if (view->threshold_sum)
        vf_store(view->threshold_sum + state, vf_load(view->threshold_sum + state) + by_threshold);
      if (view->strength_sum)
        rows_sum(view->strength_sum + state, by_threshold,
                 vf_load(view->adaptation_trace + row * (ptrdiff_t)P + n), false);
      if (!view->initial_adjoint) continue;
      vf x[STATE_BLOCKS] = {[STATE_MEMBRANE] = plan->plain ? next : p.beta * next,
                            [STATE_SPIKES] = vf_load(view->spike_gradient + state)};
      if (!plan->plain)
        x[STATE_SPIKES] = rows_option_by_spike(layer, &p, row, b * P, n, next, x[STATE_SPIKES]);
      if (view->filtered) x[STATE_FILTERED] = p.alpha * vf_load(view->trace + state);
      if (view->adaptation)
        x[STATE_ADAPTATION] = vf_fma(vf_load(w->rho + n), vf_load(view->adaptation_carry + state),
                                     vf_load(w->strength + n) * by_threshold);
      float *to = view->initial_adjoint + b * N + n;
      for (int block = 0; block < STATE_BLOCKS; block++)
        vf_store_some(to + block * view->state_block, x[block], (uint32_t)(N - n));
    }
}

static void rows_backward(const run_layer *layer_in_memory, const run_layer *above,
                          const output_gradient *by_spike_in_memory,
                          const output_gradient *by_membrane_in_memory, uint32_t b0, uint32_t b1) {
  LOCAL_LAYER(layer, layer_in_memory);
  const output_gradient spike_copy = *by_spike_in_memory, *by_spike = &spike_copy;
  const output_gradient membrane_copy = *by_membrane_in_memory, *by_membrane = &membrane_copy;
  for (uint32_t t = layer->view.steps; t-- > 0;) {
    rows_spike_gradient(layer_in_memory, above, t, b0, b1);
    if (!layer->plan->plain) {
      for (uint32_t b = b0; b < b1; b++)
        rows_delta(false, layer->plan->shape.surrogate, layer, by_spike, by_membrane, t, b);
      continue;
    }
#define CASE(kind)                                                                                 \
  case kind:                                                                                       \
    for (uint32_t b = b0; b < b1; b++) rows_delta(true, kind, layer, by_spike, by_membrane, t, b); \
    break;
    switch (layer->plan->shape.surrogate) {
      CASE(SPINDLE_FAST_SIGMOID)
      CASE(SPINDLE_ATAN)
      CASE(SPINDLE_SIGMOID)
      CASE(SPINDLE_TRIANGULAR)
      CASE(SPINDLE_RECTANGULAR)
    }
#undef CASE
  }
  if (layer->view.initial_adjoint ||
      (layer->view.has_initial && layer->plan->delayed_subtracts != 0))
    rows_initial(layer_in_memory, b0, b1);
}

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

/// The elementwise part of one step of one sample. `plain` is a constant, and `kind` with it.
INLINE void rows_delta(const bool plain, const spindle_surrogate kind, run_layer *layer,
                       const output_gradient *by_spike, const output_gradient *by_membrane,
                       uint32_t t, uint32_t b) {
  size_t P = layer->padded, B = layer->batch;
  size_t row = (size_t)t * B + b, state = b * P;
  uint32_t N = layer->shape.neurons;
  bool spiking = layer->shape.neuron == SPINDLE_LIF, last_step = t + 1 == layer->steps;
  const uint32_t *spikes = layer->spikes + row * layer->spike_words;
  const uint32_t *spikes_before = spikes - B * layer->spike_words;
  float *trace = layer->trace + row * P;
  for (size_t n = 0; n < P; n += LANES) {
    uint32_t v = (uint32_t)(n / LANES), some = MINIMUM(N - (uint32_t)n, LANES);
    neuron p = plain ? rows_neuron(layer, n) : rows_neuron_at(layer, row, n);
    vf potential = vf_load(trace + n);
    vi spike = mask_from_bits(row_bits(spikes, v));
    vf dv = last_step ? vf_all(0) : vf_load(layer->carry + state + n), next = dv;
    if (!plain) dv = p.beta * next;
    vf ds = vf_load(layer->spike_gradient + state + n);
    if (!plain && !last_step) ds = rows_option_by_spike(layer, &p, row, state, n, next, ds);
    if (by_membrane->values && t >= by_membrane->first_step)
      dv += output_gradient_at(by_membrane, t, b, n, some, neuron_membrane(&p, potential, spike));
    if (by_spike->values) ds += output_gradient_at(by_spike, t, b, n, some, potential);
    if (layer->rate_gradient) ds += vf_load(layer->rate_gradient + n);
    vf h = spiking ? surrogate(kind, layer->shape.slope, potential - p.threshold) : vf_all(0);
    if (!plain && layer->refractory) h = rows_unless_refractory(layer, t, b, v, h);
    neuron_gradient g = neuron_backward(&p, potential, spike, h, ds, dv);
    vi spike_before = plain || t == 0 ? (vi){0} : mask_from_bits(row_bits(spikes_before, v));
    if (!plain) {
      g.threshold -= p.delayed_subtracts * vf_where(spike, next);
      g.potential = vf_select(spike_before, p.delayed_keep * g.potential, g.potential);
      if (layer->strength)
        rows_adaptation_gradient(layer, t, row, state, n, spike_before, g.threshold);
    }
    if (layer->threshold_sum) {
      float *sum = layer->threshold_sum + state + n;
      vf_store(sum, last_step ? g.threshold : vf_load(sum) + g.threshold);
    }
    if (layer->tau_sum) {
      vf before = vf_all(0); // v_{t-1}, zero before the first step
      if (t > 0) {
        neuron q = plain ? p : rows_neuron_at(layer, row - B, n);
        before = neuron_membrane(&q, vf_load(trace + n - B * P),
                                 mask_from_bits(row_bits(spikes_before, v)));
      }
      rows_sum(layer->tau_sum + state + n, g.potential, before, last_step);
    }
    vf_store(layer->carry + state + n, plain ? p.beta * g.potential : g.potential);
    vf current = g.potential; // dL/dc_t
    if (layer->filtered && !last_step)
      current = vf_fma(p.alpha, vf_load(trace + n + B * P), current);
    vf_store(trace + n, current);
    if (plain) continue;
    if (layer->recurrent_sum)
      rows_sum(layer->recurrent_sum + state + n, current, vf_where(spike_before, vf_all(1.0f)),
               last_step);
    if (layer->synaptic_tau_sum)
      rows_sum(layer->synaptic_tau_sum + state + n, current,
               t > 0 ? vf_load(layer->current_trace + (row - B) * P + n) : vf_all(0), last_step);
  }
}

/// No gradient comes to a spike from a layer above that drops it.
static void rows_drop(run_layer *layer, const uint32_t *kept, uint32_t b0, uint32_t b1) {
  for (size_t b = b0; b < b1; b++)
    for (uint32_t v = 0; v < layer->padded / LANES; v++) {
      float *gradient = layer->spike_gradient + b * layer->padded + v * LANES;
      vi mask = mask_from_bits(row_bits(kept + b * layer->spike_words, v));
      vf_store(gradient, vf_where(mask, vf_load(gradient)));
    }
}

/// dL/ds_t of a tile, from the layer above (delta_t W^T there) and the next step (delta_{t+1} R^T).
static void rows_spike_gradient(run_layer *layer, const run_layer *above, uint32_t t, uint32_t b0,
                                uint32_t b1) {
  size_t P = layer->padded, B = layer->batch;
  uint32_t N = layer->shape.neurons;
  bool recurrent = layer->shape.topology == SPINDLE_RC && t + 1 < layer->steps;
  product p = {.a_step = 1,
               .b_step = PANEL,
               .c = layer->spike_gradient + b0 * P,
               .c_row = P,
               .rows = b1 - b0,
               .group = b1 - b0,
               .columns = N};
  if (above) {
    p.a = above->trace + ((size_t)t * B + b0) * above->padded;
    p.a_row = above->padded;
    p.b = above->weight_transposed;
    p.depth = above->shape.neurons;
    p.b_panel = (size_t)p.depth * PANEL;
    multiply(&p);
    p.accumulate = true;
    if (above->dropping) rows_drop(layer, above->kept, b0, b1);
  }
  if (recurrent) {
    p.a = layer->trace + ((size_t)(t + 1) * B + b0) * P;
    p.a_row = P;
    p.b = layer->recurrent_transposed;
    p.depth = N;
    p.b_panel = (size_t)N * PANEL;
    multiply(&p);
  }
  if (!above && !recurrent)
    memset(layer->spike_gradient + b0 * P, 0, (b1 - b0) * P * sizeof(float));
}

static void rows_backward(run_layer *layer, const run_layer *above, const output_gradient *by_spike,
                          const output_gradient *by_membrane, uint32_t b0, uint32_t b1) {
  for (uint32_t t = layer->steps; t-- > 0;) {
    rows_spike_gradient(layer, above, t, b0, b1);
    if (!layer->plain) {
      for (uint32_t b = b0; b < b1; b++)
        rows_delta(false, layer->shape.surrogate, layer, by_spike, by_membrane, t, b);
      continue;
    }
#define CASE(kind)                                                                                 \
  case kind:                                                                                       \
    for (uint32_t b = b0; b < b1; b++) rows_delta(true, kind, layer, by_spike, by_membrane, t, b); \
    break;
    switch (layer->shape.surrogate) {
      CASE(SPINDLE_FAST_SIGMOID)
      CASE(SPINDLE_ATAN)
      CASE(SPINDLE_SIGMOID)
      CASE(SPINDLE_TRIANGULAR)
      CASE(SPINDLE_RECTANGULAR)
    }
#undef CASE
  }
}

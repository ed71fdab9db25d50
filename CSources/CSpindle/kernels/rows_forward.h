/// Forward through time in the rows layout: 16 neurons of one sample in a vector. Spikes are
/// events: a current is the sum of the rows of W (or R) whose input is active, so the cost follows
/// the activity. A dense product gives the same bits, since both sum in order of the input.

/// One step of G vectors of neurons of one sample: recurrent current, filter, potential, spike,
/// reset. `recurrent` [P] holds s_{t-1} R where it is summed already; else the active rows of R are
/// summed here. `previous` holds s_{t-1} of the sample; `plain` is a constant.
INLINE void integrate_group(const bool plain, const int G, const run_layer *layer, uint32_t t,
                            uint32_t b, const uint32_t *previous, uint32_t first,
                            const float *recurrent, const uint32_t *active, uint32_t count) {
  size_t base = (size_t)b * layer->plan->padded, row = (size_t)t * layer->view.batch + b;
  float *trace = layer->view.trace + row * layer->plan->padded;
  uint32_t *spikes = layer->view.spikes + row * layer->plan->spike_words;
  vf sum[16];
  UNROLL for (int g = 0; g < G; g++) sum[g] = vf_all(0);
  if (recurrent) {
    UNROLL for (int g = 0; g < G; g++) sum[g] = vf_load(recurrent + (first + g) * (size_t)LANES);
  } else if (count) {
    uint32_t width = layer->weights->recurrent_width;
    add_rows(G, sum, packed_at(layer->weights->recurrent, width, layer->plan->shape.neurons, first),
             width, active, count);
  }
  UNROLL for (int g = 0; g < G; g++) {
    size_t n = (first + g) * (size_t)LANES;
    neuron p = rows_neuron(layer, n);
    vi before = plain ? (vi){0} : mask_from_bits(row_bits(previous, first + g));
    if (!plain && layer->weights->one_to_one)
      sum[g] = vf_where(before, vf_load(layer->weights->one_to_one + n));
    vf current = vf_load(trace + n) + sum[g];
    if (layer->view.filtered) {
      current = p.alpha * vf_load(layer->view.filtered + base + n) + current;
      vf_store(layer->view.filtered + base + n, current);
      if (!plain && layer->view.current_trace)
        vf_store(layer->view.current_trace + row * layer->plan->padded + n, current);
    }
    vf potential = neuron_potential(&p, vf_load(layer->view.membrane + base + n), current);
    if (!plain) potential = rows_adapt(layer, &p, row, b, n, before, potential);
    vi spike = neuron_spike(&p, potential);
    if (!plain && layer->view.refractory) spike = rows_refractory(layer, base + n, spike);
    vf_store(trace + n, potential);
    vf_store(layer->view.membrane + base + n, neuron_membrane(&p, potential, spike));
    store_row_bits(spikes, first + g, mask_to_bits(spike));
  }
}

INLINE void rows_integrate(const bool plain, const run_layer *layer, uint32_t t, uint32_t b0,
                           uint32_t b1, worker *scratch) {
  size_t P = layer->plan->padded, words = layer->plan->spike_words;
  const uint32_t *previous = layer->view.spikes + t * (layer->view.batch * words);
  previous -= layer->view.batch * words;
  bool recurrent = layer->plan->shape.topology == SPINDLE_RC;
  bool summed = recurrent && layer->weights->recurrent_sums != SPINDLE_SUMS_EVENTS;
  // Backward's scratch is free in forward: it holds the recurrent currents of the tile.
  float *currents = layer->view.spike_gradient;
  if (summed) {
    row_sums s = {.mode = layer->weights->recurrent_sums,
                  .spikes = previous + b0 * words,
                  .words = words,
                  .sources = layer->plan->shape.neurons,
                  .packed = layer->weights->recurrent,
                  .width = layer->weights->recurrent_width,
                  .sums = currents + b0 * P,
                  .columns = P,
                  .batch = layer->view.batch,
                  .source_batch = layer->view.batch};
    sum_rows(&s, 1, b1 - b0, scratch);
  }
  // With many neurons, a pass over the tile's samples keeps a band of R in the cache.
  uint32_t vectors = (uint32_t)(P / LANES);
  uint32_t band = recurrent && !summed ? layer->weights->recurrent_width / LANES : vectors;
  for (uint32_t pass = 0; pass < vectors; pass += band) {
    uint32_t end = MINIMUM(vectors, pass + band);
    for (uint32_t b = b0; b < b1; b++) {
      const uint32_t *before = previous + b * words;
      const float *sums = summed ? currents + b * P : NULL;
      uint32_t count = 0, first = pass;
      if (recurrent && !summed) count = list_active(before, words, scratch->active);
#define BODY(G) integrate_group(plain, G, layer, t, b, before, first, sums, scratch->active, count)
      EACH_GROUP(first, end, BODY)
#undef BODY
    }
  }
}

static void rows_forward(const run_layer *layer_in_memory, const layer_input *input, uint32_t b0,
                         uint32_t b1, worker *scratch) {
  LOCAL_LAYER(layer, layer_in_memory);
  for (uint32_t t0 = 0; t0 < layer->view.steps; t0 += layer->plan->window) {
    uint32_t t1 = MINIMUM(layer->view.steps, t0 + layer->plan->window);
    size_t row = (size_t)t0 * layer->view.batch + b0;
    row_sums s = {.mode = layer->weights->input_sums,
                  .words = layer->plan->input_words,
                  .sources = layer->plan->shape.inputs,
                  .packed = layer->weights->weight,
                  .width = layer->weights->weight_width,
                  .sums = layer->view.trace + row * layer->plan->padded,
                  .columns = layer->plan->padded,
                  .batch = layer->view.batch,
                  .source_batch = input->batch,
                  .bias = layer->plan->shape.bias ? layer->weights->bias : NULL};
    size_t source = t0 * input->batch + b0;
    if (input->values) s.values = input->values + source * layer->plan->shape.inputs;
    else s.spikes = input->spikes + source * layer->plan->input_words;
    sum_rows(&s, t1 - t0, b1 - b0, scratch);
    for (uint32_t t = t0; t < t1; t++)
      if (layer->plan->plain) rows_integrate(true, layer, t, b0, b1, scratch);
      else rows_integrate(false, layer, t, b0, b1, scratch);
  }
}

/// v_t of a row, from the trace.
static void rows_membrane(const run_layer *layer, size_t row, float *membrane) {
  for (uint32_t v = 0; v < layer->plan->padded / LANES; v++) {
    neuron p = rows_neuron_at(layer, (ptrdiff_t)row, v * LANES);
    vf potential = vf_load(layer->view.trace + row * layer->plan->padded + v * LANES);
    vi spike = mask_from_bits(row_bits(layer->view.spikes + row * layer->plan->spike_words, v));
    vf_store(membrane + v * LANES, neuron_membrane(&p, potential, spike));
  }
}

/// Forward through time in the rows layout: 16 neurons of one sample in a vector. Spikes are
/// events: a current is the sum of the rows of W (or R) whose input is active, so the cost follows
/// the activity. A dense product gives the same bits, since both sum in order of the input.

/// One step of G vectors of neurons of one sample: recurrent current, filter, potential, spike,
/// reset. `recurrent` [P] holds s_{t-1} R where it is summed already; else the active rows of R are
/// summed here. `previous` holds s_{t-1} of the sample; `plain` is a constant.
INLINE void integrate_group(const bool plain, const int G, run_layer *layer, uint32_t t, uint32_t b,
                            const uint32_t *previous, uint32_t first, const float *recurrent,
                            const uint32_t *active, uint32_t count) {
  size_t base = (size_t)b * layer->padded, row = (size_t)t * layer->batch + b;
  float *trace = layer->trace + row * layer->padded;
  uint32_t *spikes = layer->spikes + row * layer->spike_words;
  vf sum[16];
  UNROLL for (int g = 0; g < G; g++) sum[g] = vf_all(0);
  if (recurrent) {
    UNROLL for (int g = 0; g < G; g++) sum[g] = vf_load(recurrent + (first + g) * (size_t)LANES);
  } else if (count) {
    uint32_t width = layer->recurrent_width;
    add_rows(G, sum, packed_at(layer->recurrent, width, layer->shape.neurons, first), width, active,
             count);
  }
  UNROLL for (int g = 0; g < G; g++) {
    size_t n = (first + g) * (size_t)LANES;
    neuron p = rows_neuron(layer, n);
    vi before = plain ? (vi){0} : mask_from_bits(row_bits(previous, first + g));
    if (!plain && layer->one_to_one) sum[g] = vf_where(before, vf_load(layer->one_to_one + n));
    vf current = vf_load(trace + n) + sum[g];
    if (layer->filtered) {
      current = p.alpha * vf_load(layer->filtered + base + n) + current;
      vf_store(layer->filtered + base + n, current);
      if (!plain && layer->current_trace)
        vf_store(layer->current_trace + row * layer->padded + n, current);
    }
    vf potential = neuron_potential(&p, vf_load(layer->membrane + base + n), current);
    if (!plain) potential = rows_adapt(layer, &p, row, b, n, before, potential);
    vi spike = neuron_spike(&p, potential);
    if (!plain && layer->refractory) spike = rows_refractory(layer, base + n, spike);
    vf_store(trace + n, potential);
    vf_store(layer->membrane + base + n, neuron_membrane(&p, potential, spike));
    store_row_bits(spikes, first + g, mask_to_bits(spike));
  }
}

INLINE void rows_integrate(const bool plain, run_layer *layer, uint32_t t, uint32_t b0, uint32_t b1,
                           worker *scratch) {
  size_t P = layer->padded, words = layer->spike_words;
  const uint32_t *previous =
      t == 0 ? layer->initial_spikes : layer->spikes + (size_t)(t - 1) * layer->batch * words;
  bool recurrent = layer->shape.topology == SPINDLE_RC;
  bool summed = recurrent && layer->recurrent_sums != SPINDLE_SUMS_EVENTS;
  // Backward's scratch is free in forward: it holds the recurrent currents of the tile.
  float *currents = layer->spike_gradient;
  if (summed) {
    row_sums s = {.mode = layer->recurrent_sums,
                  .spikes = previous + b0 * words,
                  .words = words,
                  .sources = layer->shape.neurons,
                  .packed = layer->recurrent,
                  .width = layer->recurrent_width,
                  .sums = currents + b0 * P,
                  .columns = P,
                  .batch = layer->batch,
                  .source_batch = layer->batch};
    sum_rows(&s, 1, b1 - b0, scratch);
  }
  // With many neurons, a pass over the tile's samples keeps a band of R in the cache.
  uint32_t vectors = (uint32_t)(P / LANES);
  uint32_t band = recurrent && !summed ? layer->recurrent_width / LANES : vectors;
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

static void rows_forward(run_layer *layer, const rows_input *input, uint32_t b0, uint32_t b1,
                         worker *scratch) {
  for (uint32_t t0 = 0; t0 < layer->steps; t0 += layer->chunk) {
    uint32_t t1 = MINIMUM(layer->steps, t0 + layer->chunk);
    size_t row = (size_t)t0 * layer->batch + b0;
    row_sums s = {.mode = layer->input_sums,
                  .words = layer->input_words,
                  .sources = layer->shape.inputs,
                  .packed = layer->weight,
                  .width = layer->weight_width,
                  .sums = layer->trace + row * layer->padded,
                  .columns = layer->padded,
                  .batch = layer->batch,
                  .source_batch = input->batch,
                  .bias = layer->shape.bias ? layer->bias : NULL};
    size_t source = t0 * input->batch + b0;
    if (input->values) s.values = input->values + source * layer->shape.inputs;
    else s.spikes = input->spikes + source * layer->input_words;
    sum_rows(&s, t1 - t0, b1 - b0, scratch);
    for (uint32_t t = t0; t < t1; t++)
      if (layer->plain) rows_integrate(true, layer, t, b0, b1, scratch);
      else rows_integrate(false, layer, t, b0, b1, scratch);
  }
}

/// v_t of a row, from the trace.
static void rows_membrane(const run_layer *layer, size_t row, float *membrane) {
  for (uint32_t v = 0; v < layer->padded / LANES; v++) {
    neuron p = rows_neuron_at(layer, row, v * LANES);
    vf potential = vf_load(layer->trace + row * layer->padded + v * LANES);
    vi spike = mask_from_bits(row_bits(layer->spikes + row * layer->spike_words, v));
    vf_store(membrane + v * LANES, neuron_membrane(&p, potential, spike));
  }
}

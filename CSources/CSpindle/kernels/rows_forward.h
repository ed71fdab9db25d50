/// Forward through time in the rows layout: 16 neurons of one sample in a vector. Spikes are
/// events: a current is the sum of the rows of W (or R) whose input is active, so the cost follows
/// the activity. A dense product gives the same bits, since both sum in order of the input.

INLINE neuron rows_neuron(const run_layer *layer, size_t first) {
  return (neuron){.beta = vf_load(layer->beta + first),
                  .alpha = vf_load(layer->alpha + first),
                  .threshold = vf_load(layer->threshold + first),
                  .reset_threshold = vf_load(layer->reset_threshold + first),
                  .reset_keep = layer->reset_keep,
                  .reset_zero = layer->reset_zero,
                  .reset_subtracts = layer->reset_subtracts,
                  .reset_attached = layer->reset_attached};
}

/// One step of G vectors of neurons of one sample: recurrent current, filter, potential, spike,
/// reset. `recurrent` [P] holds s_{t-1} R where it is summed already; else the active rows of R are
/// summed here.
INLINE void integrate_group(const int G, run_layer *layer, uint32_t b, float *trace,
                            uint32_t *spikes, uint32_t first, const float *recurrent,
                            const uint32_t *active, uint32_t count) {
  size_t base = (size_t)b * layer->padded;
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
    vf current = vf_load(trace + n) + sum[g];
    if (layer->filtered) {
      current = p.alpha * vf_load(layer->filtered + base + n) + current;
      vf_store(layer->filtered + base + n, current);
    }
    vf potential = neuron_potential(&p, vf_load(layer->membrane + base + n), current);
    vi spike = neuron_spike(&p, potential);
    vf_store(trace + n, potential);
    vf_store(layer->membrane + base + n, neuron_membrane(&p, potential, spike));
    store_row_bits(spikes, first + g, mask_to_bits(spike));
  }
}

static void rows_integrate(run_layer *layer, uint32_t t, uint32_t b0, uint32_t b1,
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
                  .batch = layer->batch};
    sum_rows(&s, 1, b1 - b0, scratch);
  }
  // With many neurons, a pass over the tile's samples keeps a band of R in the cache.
  uint32_t vectors = (uint32_t)(P / LANES);
  uint32_t band = recurrent && !summed ? layer->recurrent_width / LANES : vectors;
  for (uint32_t pass = 0; pass < vectors; pass += band) {
    uint32_t end = MINIMUM(vectors, pass + band);
    for (uint32_t b = b0; b < b1; b++) {
      size_t row = (size_t)t * layer->batch + b;
      float *trace = layer->trace + row * P;
      uint32_t *spikes = layer->spikes + row * words;
      uint32_t count = 0, first = pass;
      if (recurrent && !summed) count = list_active(previous + b * words, words, scratch->active);
#define BODY(G)                                                                                    \
  integrate_group(G, layer, b, trace, spikes, first, summed ? currents + b *P : NULL,              \
                  scratch->active, count)
      EACH_GROUP(first, end, BODY)
#undef BODY
    }
  }
}

static void rows_forward(run_layer *layer, const spindle_input *input, uint32_t b0, uint32_t b1,
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
                  .bias = layer->shape.bias ? layer->bias : NULL};
    if (input->values) s.values = input->values + row * layer->shape.inputs;
    else s.spikes = input->spikes + row * layer->input_words;
    sum_rows(&s, t1 - t0, b1 - b0, scratch);
    for (uint32_t t = t0; t < t1; t++) rows_integrate(layer, t, b0, b1, scratch);
  }
}

/// v_t of a row, from the trace.
static void rows_membrane(const run_layer *layer, size_t row, float *membrane) {
  for (uint32_t v = 0; v < layer->padded / LANES; v++) {
    neuron p = rows_neuron(layer, v * LANES);
    vf potential = vf_load(layer->trace + row * layer->padded + v * LANES);
    vi spike = mask_from_bits(row_bits(layer->spikes + row * layer->spike_words, v));
    vf_store(membrane + v * LANES, neuron_membrane(&p, potential, spike));
  }
}

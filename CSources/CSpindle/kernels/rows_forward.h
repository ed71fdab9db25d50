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

/// sum[g] += the rows of `matrix` named by `active`, from column 16 `first` on.
INLINE void gather_rows(const int G, vf *sum, const float *matrix, size_t stride, size_t first,
                        const uint32_t *active, uint32_t count) {
  const float *column = matrix + first * LANES;
  for (uint32_t e = 0; e < count; e++) {
    const float *row = column + active[e] * stride;
    UNROLL for (int g = 0; g < G; g++) sum[g] += vf_load(row + g * LANES);
  }
}

INLINE void gather_current(const int G, const run_layer *layer, float *current, uint32_t first,
                           const uint32_t *active, uint32_t count) {
  vf sum[16];
  UNROLL for (int g = 0; g < G; g++) sum[g] = vf_all(0);
  gather_rows(G, sum, layer->weight, layer->padded, first, active, count);
  UNROLL for (int g = 0; g < G; g++) {
    size_t n = (first + g) * (size_t)LANES;
    vf_store(current + n, sum[g] + vf_load(layer->bias + n));
  }
}

/// Columns of a matrix that a pass over many rows keeps in the cache.
#define PASS_VECTORS 16

/// i_t = x_t W + b of the rows of steps [t0, t1) by events, into the trace.
static void rows_input_events(run_layer *layer, const uint32_t *spikes, uint32_t t0, uint32_t t1,
                              uint32_t b0, uint32_t b1, uint32_t *active) {
  uint32_t vectors = layer->padded / LANES;
  for (uint32_t pass = 0; pass < vectors; pass += PASS_VECTORS) {
    uint32_t end = MINIMUM(vectors, pass + PASS_VECTORS);
    for (uint32_t t = t0; t < t1; t++)
      for (uint32_t b = b0; b < b1; b++) {
        size_t row = (size_t)t * layer->batch + b;
        float *current = layer->trace + row * layer->padded;
        uint32_t count = list_active(spikes + row * layer->input_words, layer->input_words, active);
        uint32_t first = pass;
#define BODY(G) gather_current(G, layer, current, first, active, count)
        EACH_GROUP(first, end, BODY)
#undef BODY
      }
  }
}

/// Unpacks spikes to numbers: [rows][stride].
static void unpack_spikes(const uint32_t *spikes, size_t row_words, uint32_t units, float *values,
                          size_t stride, uint32_t rows) {
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t v = 0; v * LANES < units; v++)
      vf_store(values + r * stride + v * LANES,
               vf_where(mask_from_bits(row_bits(spikes + r * row_words, v)), vf_all(1.0f)));
}

/// The same currents by a dense product; spikes are unpacked first, some steps at a time.
static void rows_input_dense(run_layer *layer, const spindle_input *input, uint32_t t0, uint32_t t1,
                             uint32_t b0, uint32_t b1, worker *scratch) {
  size_t P = layer->padded, I = layer->shape.inputs, B = layer->batch, width = b1 - b0;
  size_t stride = ROUND_UP(I, (size_t)LANES);
  // Without values, a part is one step of at most VALUE_ROWS samples.
  uint32_t part_steps = input->values ? t1 - t0 : 1;
  uint32_t part_samples = input->values ? (uint32_t)width : MINIMUM((uint32_t)width, VALUE_ROWS);
  for (uint32_t t = t0; t < t1; t += part_steps)
    for (uint32_t b = b0; b < b1; b += part_samples) {
      uint32_t samples = MINIMUM(part_samples, b1 - b);
      product p = {.b = layer->weight_panels,
                   .b_step = PANEL,
                   .b_panel = I * PANEL,
                   .a_step = 1,
                   .c = layer->trace + ((size_t)t * B + b) * P,
                   .c_row = P,
                   .c_group = B * P,
                   .rows = samples * part_steps,
                   .group = samples,
                   .depth = (uint32_t)I,
                   .columns = layer->padded};
      if (input->values) {
        p.a = input->values + ((size_t)t * B + b) * I;
        p.a_row = I;
        p.a_group = B * I;
      } else {
        unpack_spikes(input->spikes + ((size_t)t * B + b) * layer->input_words, layer->input_words,
                      (uint32_t)I, scratch->values, stride, samples);
        p.a = scratch->values;
        p.a_row = stride;
      }
      multiply(&p);
    }
  if (!layer->shape.bias) return;
  for (uint32_t t = t0; t < t1; t++)
    for (size_t k = 0; k < width * P; k += LANES) {
      float *current = layer->trace + ((size_t)t * B + b0) * P + k;
      vf_store(current, vf_load(current) + vf_load(layer->bias + k % P));
    }
}

/// One step of G vectors of neurons of one sample: recurrent current, filter, potential, spike,
/// reset. `recurrent` [P] holds s_{t-1} R where a dense product computed it; else it is NULL and
/// the active rows of R are summed here.
INLINE void integrate_group(const int G, run_layer *layer, uint32_t b, float *trace,
                            uint32_t *spikes, uint32_t first, const float *recurrent,
                            const uint32_t *active, uint32_t count) {
  size_t base = (size_t)b * layer->padded;
  vf sum[16];
  if (recurrent) {
    UNROLL for (int g = 0; g < G; g++) sum[g] = vf_load(recurrent + (first + g) * (size_t)LANES);
  } else {
    UNROLL for (int g = 0; g < G; g++) sum[g] = vf_all(0);
    gather_rows(G, sum, layer->recurrent, layer->padded, first, active, count);
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

/// s_{t-1} R of a tile by a dense product, into the first rows of `spike_gradient`, which backward
/// alone needs otherwise.
static void rows_recurrent_dense(run_layer *layer, const uint32_t *previous, uint32_t b0,
                                 uint32_t b1, worker *scratch) {
  size_t P = layer->padded;
  for (uint32_t b = b0; b < b1; b += VALUE_ROWS) {
    uint32_t samples = MINIMUM(VALUE_ROWS, b1 - b);
    unpack_spikes(previous + (size_t)b * layer->spike_words, layer->spike_words,
                  layer->shape.neurons, scratch->values, P, samples);
    product p = {.a = scratch->values,
                 .a_row = P,
                 .a_step = 1,
                 .b = layer->recurrent_panels,
                 .b_step = PANEL,
                 .b_panel = (size_t)layer->shape.neurons * PANEL,
                 .c = layer->spike_gradient + b * P,
                 .c_row = P,
                 .rows = samples,
                 .group = samples,
                 .depth = layer->shape.neurons,
                 .columns = layer->padded};
    multiply(&p);
  }
}

static void rows_integrate(run_layer *layer, uint32_t t, uint32_t b0, uint32_t b1,
                           worker *scratch) {
  uint32_t vectors = layer->padded / LANES;
  size_t P = layer->padded, words = layer->spike_words;
  const uint32_t *previous =
      t == 0 ? layer->initial_spikes : layer->spikes + (size_t)(t - 1) * layer->batch * words;
  bool recurrent = layer->shape.topology == SPINDLE_RC;
  if (recurrent && layer->dense_recurrence) rows_recurrent_dense(layer, previous, b0, b1, scratch);
  // With many neurons, a pass over the tile's samples keeps a band of R's columns in the cache.
  uint32_t band = recurrent ? PASS_VECTORS : vectors;
  for (uint32_t pass = 0; pass < vectors; pass += band) {
    uint32_t end = MINIMUM(vectors, pass + band);
    for (uint32_t b = b0; b < b1; b++) {
      size_t row = (size_t)t * layer->batch + b;
      float *trace = layer->trace + row * P;
      uint32_t *spikes = layer->spikes + row * words;
      const float *dense = NULL;
      uint32_t count = 0, first = pass;
      if (recurrent && layer->dense_recurrence) dense = layer->spike_gradient + b * P;
      else if (recurrent) count = list_active(previous + b * words, words, scratch->active);
#define BODY(G) integrate_group(G, layer, b, trace, spikes, first, dense, scratch->active, count)
      EACH_GROUP(first, end, BODY)
#undef BODY
    }
  }
}

static void rows_forward(run_layer *layer, const spindle_input *input, uint32_t b0, uint32_t b1,
                         worker *scratch) {
  for (uint32_t t0 = 0; t0 < layer->steps; t0 += layer->chunk) {
    uint32_t t1 = MINIMUM(layer->steps, t0 + layer->chunk);
    if (layer->dense_input) rows_input_dense(layer, input, t0, t1, b0, b1, scratch);
    else rows_input_events(layer, input->spikes, t0, t1, b0, b1, scratch->active);
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

/// The lanes layout, for networks of small layers: 16 samples of one neuron in a vector, a weight
/// broadcast to all lanes, spikes as the numbers 0 and 1. The sums run in the same order as in the
/// rows layout, so potentials, spikes and deltas are the same bits; the weight gradients, which sum
/// over the lanes last, are not.

/// Runs `body(G)` over neurons [0, neurons) in groups of G, G a compile-time constant.
#define EACH_NEURONS(first, neurons, body)                                                         \
  for (; GROUP >= 8 && first + 8 <= (neurons); first += 8) body(8);                                \
  for (; first + 4 <= (neurons); first += 4) body(4);                                              \
  for (; first + 2 <= (neurons); first += 2) body(2);                                              \
  for (; first < (neurons); first += 1) body(1);

INLINE neuron lanes_neuron(const run_layer *layer, uint32_t n) {
  return (neuron){.beta = vf_all(layer->beta[n]),
                  .alpha = vf_all(layer->alpha[n]),
                  .threshold = vf_all(layer->threshold[n]),
                  .reset_threshold = vf_all(layer->reset_threshold[n]),
                  .reset_keep = layer->reset_keep,
                  .reset_zero = layer->reset_zero,
                  .reset_subtracts = layer->reset_subtracts,
                  .reset_attached = layer->reset_attached};
}

INLINE uint32_t lanes_used(const run_layer *layer, uint32_t tile) {
  return MINIMUM(layer->batch - tile * LANES, LANES);
}
/// Lanes that hold a sample: the last tile of a batch may be short.
INLINE vi lanes_valid(const run_layer *layer, uint32_t tile) {
  vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return lane < (int32_t)lanes_used(layer, tile);
}
INLINE float *lanes_trace(const run_layer *layer, uint32_t tile, uint32_t t) {
  return layer->trace + ((size_t)tile * layer->steps + t) * layer->shape.neurons * LANES;
}
INLINE uint16_t *lanes_spikes(const run_layer *layer, uint32_t tile, uint32_t t) {
  return (uint16_t *)layer->spikes + ((size_t)tile * layer->steps + t) * layer->shape.neurons;
}

/// Input i of a layer at one step, for the 16 samples of a tile.
INLINE vf lanes_input(const run_layer *layer, const run_layer *below, const spindle_input *input,
                      uint32_t tile, uint32_t t, uint32_t i) {
  if (below) return vf_where(mask_from_bits(lanes_spikes(below, tile, t)[i]), vf_all(1.0f));
  size_t row = (size_t)t * layer->batch + tile * LANES;
  uint32_t used = lanes_used(layer, tile);
  float value[LANES] = {0};
  if (input->values) {
    const float *x = input->values + row * layer->shape.inputs + i;
    for (uint32_t b = 0; b < used; b++) value[b] = x[b * (size_t)layer->shape.inputs];
    return vf_load(value);
  }
  const uint32_t *word = input->spikes + row * layer->input_words + i / 32;
  vi words;
  if (layer->input_words == 1) {
    words = (vi)vf_load_some((const float *)word, used);
  } else {
    int32_t gathered[LANES] = {0};
    for (uint32_t b = 0; b < used; b++) gathered[b] = (int32_t)word[b * layer->input_words];
    memcpy(&words, gathered, sizeof words);
  }
  return vf_where((words & (int32_t)(1u << i % 32)) != 0, vf_all(1.0f));
}

/// sum[g] += value times the weights of one source, from neuron n on.
INLINE void lanes_add(const int G, vf *sum, vf value, const float *weights) {
  UNROLL for (int g = 0; g < G; g++) sum[g] = vf_fma(value, vf_all(weights[g]), sum[g]);
}

/// One step of G neurons.
INLINE void lanes_step(const int G, run_layer *layer, const run_layer *below,
                       const spindle_input *input, uint32_t tile, uint32_t t, uint32_t n,
                       vi valid) {
  uint32_t N = layer->shape.neurons;
  vf current[8], recurrent[8];
  UNROLL for (int g = 0; g < G; g++) current[g] = recurrent[g] = vf_all(0);
  for (uint32_t i = 0; i < layer->shape.inputs; i++)
    lanes_add(G, current, lanes_input(layer, below, input, tile, t, i),
              layer->weight + i * (size_t)N + n);
  if (layer->shape.topology == SPINDLE_RC && t > 0) {
    const uint16_t *before = lanes_spikes(layer, tile, t - 1);
    _Pragma("clang loop unroll_count(2)") for (uint32_t j = 0; j < N; j++) {
      vi fired = mask_from_bits(before[j]);
      const float *weights = layer->recurrent + j * (size_t)N + n;
      // Every other sum goes through the multipliers, which would stand idle: the same bits.
      if (j % 2) lanes_add(G, recurrent, vf_where(fired, vf_all(1.0f)), weights);
      else
        UNROLL for (int g = 0; g < G; g++) recurrent[g] =
            vf_select(fired, recurrent[g] + weights[g], recurrent[g]);
    }
  }
  float *trace = lanes_trace(layer, tile, t);
  uint16_t *spikes = lanes_spikes(layer, tile, t);
  size_t state = (size_t)tile * N * LANES;
  UNROLL for (int g = 0; g < G; g++) {
    neuron p = lanes_neuron(layer, n + g);
    size_t at = state + (n + g) * (size_t)LANES;
    vf c = (current[g] + layer->bias[n + g]) + recurrent[g];
    if (layer->filtered) {
      c = p.alpha * vf_load(layer->filtered + at) + c;
      vf_store(layer->filtered + at, c);
    }
    vf potential = neuron_potential(&p, vf_load(layer->membrane + at), c);
    vi spike = neuron_spike(&p, potential) & valid;
    vf_store(trace + (n + g) * LANES, potential);
    vf_store(layer->membrane + at, neuron_membrane(&p, potential, spike));
    spikes[n + g] = mask_to_bits(spike);
  }
}

// Each kernel works on copies of its descriptions: vector stores may alias anything, and what lies
// in memory would be loaded again after each of them.

static void lanes_forward(run_layer *layer_in_memory, const run_layer *below,
                          const spindle_input *input_in_memory, uint32_t tile) {
  run_layer copy = *layer_in_memory, *layer = &copy;
  const spindle_input input_copy = *input_in_memory, *input = &input_copy;
  uint32_t N = layer->shape.neurons;
  vi valid = lanes_valid(layer, tile);
  for (uint32_t t = 0; t < layer->steps; t++) {
    uint32_t n = 0;
#define BODY(G) lanes_step(G, layer, below, input, tile, t, n, valid)
    EACH_NEURONS(n, N, BODY)
#undef BODY
  }
}

/// The gradient by the output for 16 samples of neuron n: see output_gradient.
INLINE vf lanes_output_gradient(const output_gradient *g, uint32_t tile, uint32_t t, uint32_t n,
                                uint32_t used, vf membrane) {
  const float *x = g->values + t * g->step_stride + n;
  vf value;
  if (g->batch_stride == 0) {
    value = vf_all(*x);
  } else {
    float gathered[LANES] = {0};
    for (uint32_t b = 0; b < used; b++) {
      size_t sample = (tile * LANES + b) * g->batch_stride;
      if (!g->only_step || g->only_step[sample + n] == (int32_t)t) gathered[b] = x[sample];
    }
    value = vf_load(gathered);
  }
  return g->scale != 0.0f ? g->scale * (membrane - value) : value;
}

/// sum[g] += sum over m of delta[m] times the transposed weights [count][N], from neuron n on.
INLINE void lanes_transposed(const int G, vf *sum, const float *delta, uint32_t count,
                             const float *transposed, uint32_t N, uint32_t n) {
  for (uint32_t m = 0; m < count; m++)
    lanes_add(G, sum, vf_load(delta + m * LANES), transposed + m * (size_t)N + n);
}

INLINE void lanes_delta(const int G, const spindle_surrogate kind, const bool is_common,
                        run_layer *layer, const run_layer *above, const output_gradient *by_spike,
                        const output_gradient *by_membrane, uint32_t tile, uint32_t t, uint32_t n,
                        vi valid) {
  uint32_t N = layer->shape.neurons;
  bool last_step = t + 1 == layer->steps, spiking = layer->shape.neuron == SPINDLE_LIF;
  float *trace = lanes_trace(layer, tile, t);
  const float *next = trace + N * LANES, *previous = trace - N * LANES;
  const uint16_t *spikes = lanes_spikes(layer, tile, t);
  vf ds[8];
  UNROLL for (int g = 0; g < G; g++) ds[g] = vf_all(0);
  if (above)
    lanes_transposed(G, ds, lanes_trace(above, tile, t), above->shape.neurons,
                     above->weight_transposed, N, n);
  if (layer->shape.topology == SPINDLE_RC && !last_step)
    lanes_transposed(G, ds, next, N, layer->recurrent_transposed, N, n);
  UNROLL for (int g = 0; g < G; g++) {
    uint32_t at = n + g, used = lanes_used(layer, tile);
    size_t state = ((size_t)tile * N + at) * LANES;
    neuron p = neuron_flags(is_common, lanes_neuron(layer, at));
    vf potential = vf_load(trace + at * LANES);
    vi spike = mask_from_bits(spikes[at]);
    vf dv = last_step ? vf_all(0) : vf_load(layer->carry + state);
    if (by_membrane->values && t >= by_membrane->first_step)
      dv += lanes_output_gradient(by_membrane, tile, t, at, used,
                                  neuron_membrane(&p, potential, spike));
    if (by_spike->values) ds[g] += lanes_output_gradient(by_spike, tile, t, at, used, potential);
    if (layer->rate_gradient) ds[g] += vf_all(layer->rate_gradient[at]);
    vf h = spiking ? surrogate(kind, layer->shape.slope, potential - p.threshold) : vf_all(0);
    neuron_gradient gradient = neuron_backward(&p, potential, spike, h, ds[g], dv);
    vf by_potential = vf_where(valid, gradient.potential);
    if (layer->threshold_sum) {
      float *sum = layer->threshold_sum + state;
      vf part = vf_where(valid, gradient.threshold);
      vf_store(sum, last_step ? part : vf_load(sum) + part);
    }
    if (layer->tau_sum) {
      vf before = vf_all(0);
      if (t > 0)
        before =
            neuron_membrane(&p, vf_load(previous + at * LANES), mask_from_bits((spikes - N)[at]));
      float *sum = layer->tau_sum + state;
      vf_store(sum, vf_fma(by_potential, before, last_step ? vf_all(0) : vf_load(sum)));
    }
    vf_store(layer->carry + state, p.beta * by_potential);
    vf current = by_potential;
    if (layer->filtered && !last_step)
      current = vf_fma(p.alpha, vf_load(next + at * LANES), current);
    vf_store(trace + at * LANES, current);
  }
}

INLINE void lanes_backward_kind(const spindle_surrogate kind, const bool is_common,
                                const run_layer *layer_in_memory, const run_layer *above,
                                const output_gradient *by_spike_in_memory,
                                const output_gradient *by_membrane_in_memory, uint32_t tile) {
  run_layer copy = *layer_in_memory, *layer = &copy;
  const output_gradient spike_copy = *by_spike_in_memory, *by_spike = &spike_copy;
  const output_gradient membrane_copy = *by_membrane_in_memory, *by_membrane = &membrane_copy;
  // What the common layer lacks, the compiler knows.
  if (is_common)
    layer->threshold_sum = layer->tau_sum = layer->filtered = layer->rate_gradient = NULL;
  vi valid = lanes_valid(layer, tile);
  for (uint32_t t = layer->steps; t-- > 0;) {
    uint32_t n = 0;
#define BODY(G)                                                                                    \
  lanes_delta(G, kind, is_common, layer, above, by_spike, by_membrane, tile, t, n, valid)
    EACH_NEURONS(n, layer->shape.neurons, BODY)
#undef BODY
  }
}

static void lanes_backward(run_layer *layer, const run_layer *above,
                           const output_gradient *by_spike, const output_gradient *by_membrane,
                           uint32_t tile) {
#define CASE(kind)                                                                                 \
  case kind:                                                                                       \
    lanes_backward_kind(kind, false, layer, above, by_spike, by_membrane, tile);                   \
    break;
  bool is_common = layer->reset_subtracts != 0 && layer->reset_attached != 0 &&
                   !layer->threshold_sum && !layer->tau_sum && !layer->filtered &&
                   !layer->rate_gradient;
  if (is_common && layer->shape.surrogate == SPINDLE_FAST_SIGMOID) {
    lanes_backward_kind(SPINDLE_FAST_SIGMOID, true, layer, above, by_spike, by_membrane, tile);
    return;
  }
  switch (layer->shape.surrogate) {
    CASE(SPINDLE_FAST_SIGMOID)
    CASE(SPINDLE_ATAN)
    CASE(SPINDLE_SIGMOID)
    CASE(SPINDLE_TRIANGULAR)
    CASE(SPINDLE_RECTANGULAR)
  }
#undef CASE
}

/// Sources of a weight gradient that share their loads of the deltas.
#define SOURCES_AT_ONCE 3

/// Source k of a layer at step t, for the 16 samples of a tile: input k for k < I, then the neurons
/// themselves one step before (recurrent weights), last the bias.
INLINE vf lanes_source(const run_layer *layer, const run_layer *below, const spindle_input *input,
                       uint32_t tile, uint32_t t, uint32_t k) {
  uint32_t I = layer->shape.inputs;
  if (k < I) return lanes_input(layer, below, input, tile, t, k);
  if (k == I + layer->shape.neurons) return vf_all(1.0f);
  if (t == 0) return vf_all(0);
  return vf_where(mask_from_bits(lanes_spikes(layer, tile, t - 1)[k - I]), vf_all(1.0f));
}

/// S rows of a tile's part of a weight gradient, G neurons of each.
INLINE void lanes_gradient_group(const int S, const int G, const run_layer *layer,
                                 const run_layer *below, const spindle_input *input, uint32_t tile,
                                 uint32_t k, uint32_t n, float *gradient) {
  uint32_t N = layer->shape.neurons;
  vf sum[SOURCES_AT_ONCE][8];
  UNROLL for (int s = 0; s < S; s++) UNROLL for (int g = 0; g < G; g++) sum[s][g] = vf_all(0);
  for (uint32_t t = 0; t < layer->steps; t++) {
    const float *delta = lanes_trace(layer, tile, t) + n * LANES;
    vf value[SOURCES_AT_ONCE];
    UNROLL for (int s = 0; s < S; s++) value[s] =
        lanes_source(layer, below, input, tile, t, k + (uint32_t)s);
    UNROLL for (int g = 0; g < G; g++) {
      vf d = vf_load(delta + g * LANES);
      UNROLL for (int s = 0; s < S; s++) sum[s][g] = vf_fma(value[s], d, sum[s][g]);
    }
  }
  UNROLL for (int s = 0; s < S; s++) UNROLL for (int g = 0; g < G; g++)
      gradient[s * N + n + (uint32_t)g] = vf_sum(sum[s][g]);
}

/// A tile's part of `count` rows of a weight gradient, from source k on.
static void lanes_gradient(const run_layer *layer_in_memory, const run_layer *below,
                           const spindle_input *input_in_memory, uint32_t tile, uint32_t k,
                           uint32_t count, float *gradient) {
  const run_layer copy = *layer_in_memory, *layer = &copy;
  const spindle_input input_copy = *input_in_memory, *input = &input_copy;
  uint32_t N = layer->shape.neurons, end = k + count;
#define BODY(G) lanes_gradient_group(SOURCES_AT_ONCE, G, layer, below, input, tile, k, n, gradient)
  for (; k + SOURCES_AT_ONCE <= end; k += SOURCES_AT_ONCE, gradient += SOURCES_AT_ONCE * N) {
    uint32_t n = 0;
    EACH_NEURONS(n, N, BODY)
  }
#undef BODY
#define BODY(G) lanes_gradient_group(1, G, layer, below, input, tile, k, n, gradient)
  for (; k < end; k++, gradient += N) {
    uint32_t n = 0;
    EACH_NEURONS(n, N, BODY)
  }
#undef BODY
}

/// Spikes of each neuron over the batch: counts [steps][N], from step `first` on.
static void lanes_count(const run_layer *layer, uint32_t first, uint32_t steps,
                        float *restrict counts) {
  size_t count = (size_t)steps * layer->shape.neurons;
  memset(counts, 0, count * sizeof *counts);
  for (uint32_t tile = 0; tile * LANES < layer->batch; tile++) {
    const uint16_t *restrict masks = lanes_spikes(layer, tile, first);
    for (size_t i = 0; i < count; i++) counts[i] += (float)__builtin_popcount(masks[i]);
  }
}

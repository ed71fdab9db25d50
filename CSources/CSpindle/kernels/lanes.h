/// The lanes layout, for networks of small layers: 16 samples of one neuron in a vector, a weight
/// broadcast to all lanes, spikes as the numbers 0 and 1. The sums run in the same order as in the
/// rows layout, so potentials, spikes and deltas are the same bits; the weight gradients, which sum
/// over the lanes last, are not. A slice is a tile of up to 16 samples.

/// Runs `body(G)` over neurons [0, neurons) in groups of G, G a compile-time constant.
#define EACH_NEURONS(first, neurons, body)                                                         \
  for (; GROUP >= 8 && first + 8 <= (neurons); first += 8) body(8);                                \
  for (; first + 4 <= (neurons); first += 4) body(4);                                              \
  for (; first + 2 <= (neurons); first += 2) body(2);                                              \
  for (; first < (neurons); first += 1) body(1);

INLINE neuron lanes_neuron(const run_layer *layer, uint32_t n) {
  const layer_weights *w = layer->weights;
  return (neuron){.beta = vf_all(w->beta[n]),
                  .alpha = vf_all(w->alpha[n]),
                  .threshold = vf_all(w->threshold[n]),
                  .reset_threshold = vf_all(w->reset_threshold[n]),
                  .reset_keep = layer->plan->reset_keep,
                  .reset_zero = layer->plan->reset_zero,
                  .reset_subtracts = layer->plan->reset_subtracts,
                  .reset_attached = layer->plan->reset_attached};
}

/// Lanes that hold a sample: the last tile of a batch may be short.
INLINE vi lanes_valid(const run_layer *layer) {
  vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return lane < (int32_t)layer->view.batch;
}
INLINE float *lanes_trace(const run_layer *layer, uint32_t t) {
  return layer->view.trace + (size_t)t * layer->plan->shape.neurons * LANES;
}
INLINE uint16_t *lanes_masks(const run_layer *layer, uint32_t t) {
  return layer->view.masks + (size_t)t * layer->plan->shape.neurons;
}

/// One number of each sample, `stride` apart, zero in the lanes without one.
INLINE vf lanes_gather(const run_layer *layer, const float *x, size_t stride) {
  float value[LANES] = {0};
  for (uint32_t b = 0; b < layer->view.batch; b++) value[b] = x[b * stride];
  return vf_load(value);
}

/// Input i of a layer at one step.
INLINE vf lanes_input(const run_layer *layer, const layer_input *input, uint32_t t, uint32_t i) {
  size_t row = t * input->batch, inputs = layer->plan->shape.inputs;
  if (input->masks) return vf_where(mask_from_bits(input->masks[t * inputs + i]), vf_all(1.0f));
  if (input->values) return lanes_gather(layer, input->values + row * inputs + i, inputs);
  uint32_t stride = layer->plan->input_words;
  const uint32_t *word = input->spikes + row * stride + i / 32;
  vi words;
  if (stride == 1) {
    words = (vi)vf_load_some((const float *)word, layer->view.batch);
  } else {
    int32_t gathered[LANES] = {0};
    for (uint32_t b = 0; b < layer->view.batch; b++) gathered[b] = (int32_t)word[b * stride];
    memcpy(&words, gathered, sizeof words);
  }
  return vf_where((words & (int32_t)(1u << i % 32)) != 0, vf_all(1.0f));
}

/// sum[g] += value times the weights of one source, from neuron n on.
INLINE void lanes_add(const int G, vf *sum, vf value, const float *weights) {
  UNROLL for (int g = 0; g < G; g++) sum[g] = vf_fma(value, vf_all(weights[g]), sum[g]);
}

/// One step of G neurons.
INLINE void lanes_step(const int G, run_layer *layer, const layer_input *input, uint32_t t,
                       uint32_t n, vi valid) {
  uint32_t N = layer->plan->shape.neurons;
  vf current[8], recurrent[8];
  UNROLL for (int g = 0; g < G; g++) current[g] = recurrent[g] = vf_all(0);
  for (uint32_t i = 0; i < layer->plan->shape.inputs; i++)
    lanes_add(G, current, lanes_input(layer, input, t, i),
              layer->weights->weight + i * (size_t)N + n);
  uint16_t *masks = lanes_masks(layer, t);
  if (layer->plan->shape.topology == SPINDLE_RC && (t > 0 || layer->view.has_initial)) {
    const uint16_t *before = masks - N;
    _Pragma("clang loop unroll_count(2)") for (uint32_t j = 0; j < N; j++) {
      vi fired = mask_from_bits(before[j]);
      const float *weights = layer->weights->recurrent + j * (size_t)N + n;
      // Every other sum goes through the multipliers, which would stand idle: the same bits.
      if (j % 2) lanes_add(G, recurrent, vf_where(fired, vf_all(1.0f)), weights);
      else
        UNROLL for (int g = 0; g < G; g++) recurrent[g] =
            vf_select(fired, recurrent[g] + weights[g], recurrent[g]);
    }
  }
  float *trace = lanes_trace(layer, t);
  UNROLL for (int g = 0; g < G; g++) {
    neuron p = lanes_neuron(layer, n + g);
    size_t at = (n + g) * (size_t)LANES;
    vf c = (current[g] + layer->weights->bias[n + g]) + recurrent[g];
    if (layer->view.filtered) {
      c = p.alpha * vf_load(layer->view.filtered + at) + c;
      vf_store(layer->view.filtered + at, c);
    }
    vf potential = neuron_potential(&p, vf_load(layer->view.membrane + at), c);
    vi spike = neuron_spike(&p, potential) & valid;
    vf_store(trace + at, potential);
    vf_store(layer->view.membrane + at, neuron_membrane(&p, potential, spike));
    masks[n + g] = mask_to_bits(spike);
  }
}

static void lanes_forward(const run_layer *layer_in_memory, const layer_input *input_in_memory) {
  LOCAL_LAYER(layer, layer_in_memory);
  const layer_input input_copy = *input_in_memory, *input = &input_copy;
  uint32_t N = layer->plan->shape.neurons;
  vi valid = lanes_valid(layer);
  for (uint32_t t = 0; t < layer->view.steps; t++) {
    uint32_t n = 0;
#define BODY(G) lanes_step(G, layer, input, t, n, valid)
    EACH_NEURONS(n, N, BODY)
#undef BODY
  }
}

/// The gradient by the output for 16 samples of neuron n: see output_gradient.
INLINE vf lanes_output_gradient(const output_gradient *g, const run_layer *layer, uint32_t t,
                                uint32_t n, vf membrane) {
  const float *x = g->values + t * g->step_stride + n;
  vf value;
  if (g->batch_stride == 0) {
    value = vf_all(*x);
  } else {
    float gathered[LANES] = {0};
    for (uint32_t b = 0; b < layer->view.batch; b++) {
      size_t sample = b * g->batch_stride;
      if (!g->only_step || g->only_step[sample + n] == (int32_t)t) gathered[b] = x[sample];
    }
    value = vf_load(gathered);
  }
  return g->scale != 0.0f ? g->scale * (membrane - value) : value;
}

/// The adjoint of the final state of neuron n; zero where there is none.
INLINE vf lanes_final(const run_layer *layer, int block, uint32_t n) {
  const float *adjoint = layer->view.final_adjoint;
  if (!adjoint) return vf_all(0);
  return lanes_gather(layer, adjoint + block * layer->view.state_block + n,
                      layer->plan->shape.neurons);
}

/// sum[g] += sum over m of delta[m] times the transposed weights [count][N], from neuron n on.
INLINE void lanes_transposed(const int G, vf *sum, const float *delta, uint32_t count,
                             const float *transposed, uint32_t N, uint32_t n) {
  for (uint32_t m = 0; m < count; m++)
    lanes_add(G, sum, vf_load(delta + m * LANES), transposed + m * (size_t)N + n);
}

INLINE void lanes_delta(const int G, const spindle_surrogate kind, const bool is_common,
                        run_layer *layer, const run_layer *above, const output_gradient *by_spike,
                        const output_gradient *by_membrane, uint32_t t, uint32_t n, vi valid) {
  uint32_t N = layer->plan->shape.neurons;
  bool last_step = t + 1 == layer->view.steps, spiking = layer->plan->shape.neuron == SPINDLE_LIF;
  float *trace = lanes_trace(layer, t);
  const float *next = trace + N * LANES, *previous = trace - N * LANES;
  const uint16_t *masks = lanes_masks(layer, t);
  vf ds[8];
  UNROLL for (int g = 0; g < G; g++) ds[g] = vf_all(0);
  if (above)
    lanes_transposed(G, ds, lanes_trace(above, t), above->plan->shape.neurons,
                     above->weights->weight_transposed, N, n);
  if (layer->plan->shape.topology == SPINDLE_RC && !last_step)
    lanes_transposed(G, ds, next, N, layer->weights->recurrent_transposed, N, n);
  UNROLL for (int g = 0; g < G; g++) {
    uint32_t at = n + g;
    size_t state = at * (size_t)LANES;
    neuron p = neuron_flags(is_common, lanes_neuron(layer, at));
    vf potential = vf_load(trace + state);
    vi spike = mask_from_bits(masks[at]);
    vf dv = last_step ? lanes_final(layer, STATE_MEMBRANE, at) : vf_load(layer->view.carry + state);
    if (last_step && layer->view.final_adjoint) ds[g] += lanes_final(layer, STATE_SPIKES, at);
    if (by_membrane->values && t >= by_membrane->first_step)
      dv += lanes_output_gradient(by_membrane, layer, t, at, neuron_membrane(&p, potential, spike));
    if (by_spike->values) ds[g] += lanes_output_gradient(by_spike, layer, t, at, potential);
    if (layer->view.rate_gradient) ds[g] += vf_all(layer->view.rate_gradient[at]);
    vf h = spiking ? surrogate(kind, layer->plan->shape.slope, potential - p.threshold) : vf_all(0);
    neuron_gradient gradient = neuron_backward(&p, potential, spike, h, ds[g], dv);
    vf by_potential = vf_where(valid, gradient.potential);
    if (layer->view.threshold_sum) {
      float *sum = layer->view.threshold_sum + state;
      vf part = vf_where(valid, gradient.threshold);
      vf_store(sum, last_step ? part : vf_load(sum) + part);
    }
    if (layer->view.tau_sum) {
      vf before =
          t > 0 ? neuron_membrane(&p, vf_load(previous + state), mask_from_bits((masks - N)[at]))
                : vf_load(layer->view.first_membrane + state);
      float *sum = layer->view.tau_sum + state;
      vf_store(sum, vf_fma(by_potential, before, last_step ? vf_all(0) : vf_load(sum)));
    }
    vf_store(layer->view.carry + state, p.beta * by_potential);
    vf current = by_potential;
    if (layer->view.filtered && !last_step)
      current = vf_fma(p.alpha, vf_load(next + state), current);
    else if (layer->view.filtered && layer->view.final_adjoint)
      current += lanes_final(layer, STATE_FILTERED, at);
    vf_store(trace + state, current);
  }
}

/// The adjoint of the initial state, from the deltas of the first step.
static void lanes_initial(const run_layer *layer) {
  uint32_t N = layer->plan->shape.neurons;
  bool recurrent = layer->plan->shape.topology == SPINDLE_RC;
  for (uint32_t n = 0; n < N; n++) {
    vf x[STATE_BLOCKS] = {[STATE_MEMBRANE] = vf_load(layer->view.carry + n * LANES)};
    if (layer->view.filtered)
      x[STATE_FILTERED] = layer->weights->alpha[n] * vf_load(layer->view.trace + n * LANES);
    for (uint32_t m = 0; recurrent && m < N; m++)
      lanes_add(1, &x[STATE_SPIKES], vf_load(layer->view.trace + m * LANES),
                layer->weights->recurrent_transposed + m * (size_t)N + n);
    for (int block = 0; block < STATE_BLOCKS; block++)
      for (uint32_t b = 0; b < layer->view.batch; b++)
        layer->view.initial_adjoint[block * layer->view.state_block + b * N + n] = x[block][b];
  }
}

INLINE void lanes_backward_kind(const spindle_surrogate kind, const bool is_common,
                                const run_layer *layer_in_memory, const run_layer *above,
                                const output_gradient *by_spike_in_memory,
                                const output_gradient *by_membrane_in_memory) {
  LOCAL_LAYER(layer, layer_in_memory);
  const output_gradient spike_copy = *by_spike_in_memory, *by_spike = &spike_copy;
  const output_gradient membrane_copy = *by_membrane_in_memory, *by_membrane = &membrane_copy;
  // What the common layer lacks, the compiler knows.
  if (is_common) {
    layer->view.threshold_sum = layer->view.tau_sum = layer->view.filtered = NULL;
    layer->view.rate_gradient = layer->view.final_adjoint = NULL;
  }
  vi valid = lanes_valid(layer);
  for (uint32_t t = layer->view.steps; t-- > 0;) {
    uint32_t n = 0;
#define BODY(G) lanes_delta(G, kind, is_common, layer, above, by_spike, by_membrane, t, n, valid)
    EACH_NEURONS(n, layer->plan->shape.neurons, BODY)
#undef BODY
  }
}

static void lanes_backward(const run_layer *layer, const run_layer *above,
                           const output_gradient *by_spike, const output_gradient *by_membrane) {
  const layer_view *view = &layer->view;
  bool is_common = layer->plan->reset_subtracts != 0 && layer->plan->reset_attached != 0 &&
                   !view->threshold_sum && !view->tau_sum && !view->filtered &&
                   !view->rate_gradient && !view->final_adjoint;
  if (is_common && layer->plan->shape.surrogate == SPINDLE_FAST_SIGMOID)
    lanes_backward_kind(SPINDLE_FAST_SIGMOID, true, layer, above, by_spike, by_membrane);
  else
#define CASE(kind)                                                                                 \
  case kind:                                                                                       \
    lanes_backward_kind(kind, false, layer, above, by_spike, by_membrane);                         \
    break;
    switch (layer->plan->shape.surrogate) {
      CASE(SPINDLE_FAST_SIGMOID)
      CASE(SPINDLE_ATAN)
      CASE(SPINDLE_SIGMOID)
      CASE(SPINDLE_TRIANGULAR)
      CASE(SPINDLE_RECTANGULAR)
    }
#undef CASE
  if (view->initial_adjoint) lanes_initial(layer);
}

/// Sources of a weight gradient that share their loads of the deltas.
#define SOURCES_AT_ONCE 3

/// Source k of a layer at step t: input k for k < I, then the neurons themselves one step before
/// (recurrent weights), last the bias.
INLINE vf lanes_source(const run_layer *layer, const layer_input *input, uint32_t t, uint32_t k) {
  uint32_t I = layer->plan->shape.inputs;
  if (k < I) return lanes_input(layer, input, t, k);
  if (k == I + layer->plan->shape.neurons) return vf_all(1.0f);
  uint16_t before = (lanes_masks(layer, t) - layer->plan->shape.neurons)[k - I];
  return vf_where(mask_from_bits(before), vf_all(1.0f));
}

/// Steps [t0, t1) of S rows of a weight gradient, G neurons of each.
INLINE void lanes_gradient_group(const int S, const int G, const run_layer *layer,
                                 const layer_input *input, uint32_t t0, uint32_t t1, uint32_t k,
                                 uint32_t n, bool accumulate, float *gradient) {
  uint32_t N = layer->plan->shape.neurons;
  vf sum[SOURCES_AT_ONCE][8];
  UNROLL for (int s = 0; s < S; s++) UNROLL for (int g = 0; g < G; g++) sum[s][g] = vf_all(0);
  for (uint32_t t = t0; t < t1; t++) {
    const float *delta = lanes_trace(layer, t) + n * LANES;
    vf value[SOURCES_AT_ONCE];
    UNROLL for (int s = 0; s < S; s++) value[s] = lanes_source(layer, input, t, k + (uint32_t)s);
    UNROLL for (int g = 0; g < G; g++) {
      vf d = vf_load(delta + g * LANES);
      UNROLL for (int s = 0; s < S; s++) sum[s][g] = vf_fma(value[s], d, sum[s][g]);
    }
  }
  UNROLL for (int s = 0; s < S; s++) UNROLL for (int g = 0; g < G; g++) {
    float *to = gradient + s * N + n + (uint32_t)g, total = vf_sum(sum[s][g]);
    *to = accumulate ? *to + total : total;
  }
}

/// Steps [t0, t1) of `count` rows of a weight gradient, from source k on.
static void lanes_gradient(const run_layer *layer_in_memory, const layer_input *input_in_memory,
                           uint32_t t0, uint32_t t1, uint32_t k, uint32_t count, bool accumulate,
                           float *gradient) {
  LOCAL_LAYER(layer, layer_in_memory);
  const layer_input input_copy = *input_in_memory, *input = &input_copy;
  uint32_t N = layer->plan->shape.neurons, end = k + count, n;
#define BODY(G)                                                                                    \
  lanes_gradient_group(SOURCES_AT_ONCE, G, layer, input, t0, t1, k, n, accumulate, gradient)
  for (; k + SOURCES_AT_ONCE <= end; k += SOURCES_AT_ONCE, gradient += SOURCES_AT_ONCE * N) {
    n = 0;
    EACH_NEURONS(n, N, BODY)
  }
#undef BODY
#define BODY(G) lanes_gradient_group(1, G, layer, input, t0, t1, k, n, accumulate, gradient)
  for (; k < end; k++, gradient += N) {
    n = 0;
    EACH_NEURONS(n, N, BODY)
  }
#undef BODY
}

static void lanes_count(const run_layer *layer, uint32_t first, uint32_t steps,
                        float *restrict counts) {
  size_t count = (size_t)steps * layer->plan->shape.neurons;
  const uint16_t *restrict masks = lanes_masks(layer, first);
  for (size_t i = 0; i < count; i++) counts[i] += (float)__builtin_popcount(masks[i]);
}

/// The lanes layout, for networks of small layers: 16 samples of one neuron in a vector, a weight
/// broadcast to all lanes, spikes as the numbers 0 and 1. The sums run in the same order as in the
/// rows layout, so potentials, spikes and deltas are the same bits; the weight gradients, which sum
/// over the lanes last, are not. A slice is a tile of up to 16 samples.

/// Neurons that a kernel takes at a time.
#define LANES_GROUP 8

/// Input i of a layer at one step.
INLINE vf lanes_input(const run_layer *layer, const source_rows *input, uint32_t t, uint32_t i) {
  size_t row = t * input->batch, inputs = layer->plan->shape.inputs;
  if (input->masks) return vf_where(mask_from_bits(input->masks[t * inputs + i]), vf_all(1.0f));
  if (input->values) return vf_gather(input->values + row * inputs + i, inputs, layer->view.batch);
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
INLINE void lanes_step(const int G, const run_layer *layer, const source_rows *input, uint32_t t,
                       uint32_t n) {
  uint32_t N = layer->plan->shape.neurons;
  vf current[LANES_GROUP], recurrent[LANES_GROUP];
  UNROLL for (int g = 0; g < G; g++) current[g] = recurrent[g] = vf_all(0);
  for (uint32_t i = 0; i < layer->plan->shape.inputs; i++)
    lanes_add(G, current, lanes_input(layer, input, t, i),
              layer->weights->weight + i * (size_t)N + n);
  if (layer->plan->shape.topology == SPINDLE_RC && (t > 0 || layer->view.has_initial)) {
    const uint16_t *before = layer->view.masks + t * (size_t)N - N;
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
  UNROLL for (int g = 0; g < G; g++) {
    cell c = cell_at(true, layer, 0, n + g);
    step_forward(true, true, layer, t, &c, current[g] + layer->weights->bias[n + g], recurrent[g]);
  }
}

static void lanes_forward(const run_layer *layer_in_memory, const source_rows *input_in_memory) {
  LOCAL_LAYER(layer, layer_in_memory);
  const source_rows input_copy = *input_in_memory, *input = &input_copy;
  for (uint32_t t = 0; t < layer->view.steps; t++) {
    uint32_t n = 0;
#define BODY(G) lanes_step(G, layer, input, t, n)
    EACH_GROUP(LANES_GROUP, n, layer->plan->shape.neurons, BODY)
#undef BODY
  }
}

/// sum[g] += sum over m of delta[m] times the transposed weights [count][N], from neuron n on.
INLINE void lanes_transposed(const int G, vf *sum, const float *delta, uint32_t count,
                             const float *transposed, uint32_t N, uint32_t n) {
  for (uint32_t m = 0; m < count; m++)
    lanes_add(G, sum, vf_load(delta + m * LANES), transposed + m * (size_t)N + n);
}

INLINE float *lanes_trace(const run_layer *layer, size_t t) {
  return layer->view.trace + t * layer->plan->shape.neurons * LANES;
}

/// dL/ds_t of G neurons, as rows_spike_gradient.
INLINE void lanes_spike_gradient(const int G, vf *ds, const run_layer *layer,
                                 const run_layer *above, ptrdiff_t t, uint32_t n) {
  uint32_t N = layer->plan->shape.neurons;
  UNROLL for (int g = 0; g < G; g++) ds[g] = vf_all(0);
  if (above)
    lanes_transposed(G, ds, lanes_trace(above, (size_t)t), above->plan->shape.neurons,
                     above->weights->weight_transposed, N, n);
  if (layer->plan->shape.topology == SPINDLE_RC && has_next(layer, t))
    lanes_transposed(G, ds, lanes_trace(layer, (size_t)(t + 1)), N,
                     layer->weights->recurrent_transposed, N, n);
}

INLINE void lanes_delta(const int G, const spindle_surrogate kind, const bool common,
                        const run_layer *layer, const run_layer *above, const output_gradients *by,
                        uint32_t t, uint32_t n) {
  vf ds[LANES_GROUP];
  lanes_spike_gradient(G, ds, layer, above, t, n);
  UNROLL for (int g = 0; g < G; g++) {
    cell c = cell_at(true, layer, 0, n + g);
    step_backward(true, true, common, kind, layer, by, t, &c, ds[g]);
  }
}

INLINE void lanes_backward_kind(const spindle_surrogate kind, const bool common,
                                const run_layer *layer_in_memory, const run_layer *above,
                                const output_gradients *by_in_memory) {
  LOCAL_LAYER(layer, layer_in_memory);
  output_gradients by_copy = *by_in_memory;
  const output_gradients *by = &by_copy;
  if (common) lack_options(layer, &by_copy);
  for (uint32_t t = layer->view.steps; t-- > 0;) {
    uint32_t n = 0;
#define BODY(G) lanes_delta(G, kind, common, layer, above, by, t, n)
    EACH_GROUP(LANES_GROUP, n, layer->plan->shape.neurons, BODY)
#undef BODY
  }
}

static void lanes_backward(const run_layer *layer, const run_layer *above,
                           const output_gradients *by) {
#define BODY(kind) lanes_backward_kind(kind, false, layer, above, by);
  if (is_common(layer, by)) lanes_backward_kind(SPINDLE_FAST_SIGMOID, true, layer, above, by);
  else EACH_SURROGATE(layer->plan->surrogate.kind, BODY)
#undef BODY
  for (uint32_t n = 0; layer->view.initial_adjoint && n < layer->plan->shape.neurons; n++) {
    cell c = cell_at(true, layer, 0, n);
    vf ds;
    lanes_spike_gradient(1, &ds, layer, NULL, -1, n);
    step_initial(true, layer, &c, ds);
  }
}

/// Sources of a weight gradient that share their loads of the deltas.
#define SOURCES_AT_ONCE 3

/// Source k of a layer at step t: input k for k < I, then the neurons themselves one step before
/// (recurrent weights), last the bias.
INLINE vf lanes_source(const run_layer *layer, const source_rows *input, uint32_t t, uint32_t k) {
  uint32_t I = layer->plan->shape.inputs, N = layer->plan->shape.neurons;
  if (k < I) return lanes_input(layer, input, t, k);
  if (k == I + N) return vf_all(1.0f);
  uint16_t before = (layer->view.masks + t * (size_t)N - N)[k - I];
  return vf_where(mask_from_bits(before), vf_all(1.0f));
}

/// S rows of a weight gradient, G neurons of each.
INLINE void lanes_gradient_group(const int S, const int G, const run_layer *layer,
                                 const source_rows *input, uint32_t k, uint32_t n, bool accumulate,
                                 float *gradient) {
  uint32_t N = layer->plan->shape.neurons, steps = layer->view.steps;
  vf sum[SOURCES_AT_ONCE][LANES_GROUP];
  UNROLL for (int s = 0; s < S; s++) UNROLL for (int g = 0; g < G; g++) sum[s][g] = vf_all(0);
  for (uint32_t t = 0; t < steps; t++) {
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

/// `count` rows of a weight gradient, from source k on.
static void lanes_gradient(const run_layer *layer_in_memory, const source_rows *input_in_memory,
                           uint32_t k, uint32_t count, bool accumulate, float *gradient) {
  LOCAL_LAYER(layer, layer_in_memory);
  const source_rows input_copy = *input_in_memory, *input = &input_copy;
  uint32_t N = layer->plan->shape.neurons, end = k + count;
#define GROUP_OF(S, G) lanes_gradient_group(S, G, layer, input, k, n, accumulate, gradient)
#define BODY(G) GROUP_OF(SOURCES_AT_ONCE, G)
  for (; k + SOURCES_AT_ONCE <= end; k += SOURCES_AT_ONCE, gradient += SOURCES_AT_ONCE * N) {
    uint32_t n = 0;
    EACH_GROUP(LANES_GROUP, n, N, BODY)
  }
#undef BODY
#define BODY(G) GROUP_OF(1, G)
  for (; k < end; k++, gradient += N) {
    uint32_t n = 0;
    EACH_GROUP(LANES_GROUP, n, N, BODY)
  }
#undef BODY
#undef GROUP_OF
}

/// Adds the spikes of each neuron over the slice: counts [steps][N], from step `first` on.
static void lanes_count(const run_layer *layer, uint32_t first, uint32_t steps,
                        float *restrict counts) {
  size_t N = layer->plan->shape.neurons;
  const uint16_t *restrict masks = layer->view.masks + first * N;
  for (size_t i = 0; i < steps * N; i++) counts[i] += (float)__builtin_popcount(masks[i]);
}

/// dL/ds_t from a readout above, by increments: where all its leaky integrators have one beta and
/// no filter, delta_t = beta delta_{t+1} + g_t with g_t = dL/dv_t, and so
///
///     delta_t W^T = beta (delta_{t+1} W^T) + g_t W^T
///
/// g_t is zero at most steps with a loss of the maximum, and the same at all with one of the mean:
/// no product is left. Each g_t W^T sums from +0 over the integrators in order; then comes one
/// fused multiply-add with beta.

/// Whether what the layer above gives is taken by increments. A gradient that depends on v_t cannot
/// be had again: the trace is overwritten.
INLINE bool by_increments(const run_layer *layer, const run_layer *above) {
  const output_gradient *by = above->view.by_membrane;
  return layer->view.readout && above->weights->one_beta && by && by->scale == 0;
}

/// Lists the integrators of a sample whose only step is t.
INLINE uint32_t list_peaks(const run_layer *above, const int32_t *steps, uint32_t t,
                           uint32_t *integrators) {
  uint32_t count = 0, K = above->plan->shape.neurons;
  for (uint32_t n = 0; n < K; n += LANES) {
    vi at = (vi)vf_load_some((const float *)(const void *)(steps + n), K - n);
    vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    vi peak = (at == (int32_t)t) & (lane < (int32_t)(K - n));
    for (uint32_t bits = mask_to_bits(peak); bits; bits &= bits - 1)
      integrators[count++] = n + (uint32_t)__builtin_ctz(bits);
  }
  return count;
}

/// dL/ds_t of one sample: beta of the next step's, plus `increment` or the sum over `integrators`
/// of their gradient times their weights.
INLINE void carry_readout(const run_layer *layer, const run_layer *above, size_t b,
                          const float *increment, const float *gradient,
                          const uint32_t *integrators, uint32_t count) {
  size_t P = layer->plan->padded, depth = above->plan->shape.neurons;
  vf beta = vf_all(above->weights->beta[0]);
  float *carried = layer->view.readout + b * P, *to = layer->view.spike_gradient + b * P;
  for (size_t n = 0; n < P; n += LANES) {
    vf sum = increment ? vf_load(increment + n) : vf_all(0);
    const float *weights =
        above->weights->weight_transposed + n / PANEL * depth * PANEL + n % PANEL;
    for (uint32_t e = 0; e < count; e++)
      sum = vf_fma(vf_all(gradient[integrators[e]]),
                   vf_load(weights + integrators[e] * (size_t)PANEL), sum);
    sum = vf_fma(beta, vf_load(carried + n), sum);
    vf_store(carried + n, sum);
    vf_store(to + n, sum);
  }
}

/// The last step: all of delta_t, which the adjoint of the state may be in; and what a mean over
/// time adds to the steps before.
INLINE void begin_readout(const run_layer *layer, const run_layer *above, uint32_t t) {
  const output_gradient *by = above->view.by_membrane;
  size_t first = layer->view.b0 * (size_t)layer->plan->padded;
  size_t count = (layer->view.b1 - layer->view.b0) * (size_t)layer->plan->padded;
  float *to = layer->view.spike_gradient;
  tile_product(layer, rows_deltas(above, t), above->plan->padded, above->plan->shape.neurons,
               above->weights->weight_transposed, to, false);
  memcpy(layer->view.readout + first, to + first, count * sizeof *to);
  if (by->values && !by->only_step && by->step_stride == 0)
    tile_product(layer, by->values + layer->view.b0 * by->batch_stride, by->batch_stride,
                 above->plan->shape.neurons, above->weights->weight_transposed,
                 layer->view.readout_increment, false);
}

/// dL/ds_t of a tile by the readout above.
static void add_increment(const run_layer *layer, const run_layer *above, uint32_t t) {
  const layer_view *view = &layer->view;
  const output_gradient *by = above->view.by_membrane;
  if (!has_next(layer, t)) {
    begin_readout(layer, above, t);
    return;
  }
  uint32_t step = view->begin + t;
  bool any = by->values && step >= by->first_step;
  const float *increment = view->readout_increment;
  if (any && !by->only_step && by->step_stride != 0) {
    tile_product(layer, by->values + view->b0 * by->batch_stride + step * by->step_stride,
                 by->batch_stride, above->plan->shape.neurons, above->weights->weight_transposed,
                 view->spike_gradient, false);
    increment = view->spike_gradient;
  }
  for (size_t b = view->b0; b < view->b1; b++) {
    size_t row = b * by->batch_stride;
    uint32_t peaks = 0;
    // Past its length a sample's output has no gradient.
    bool has = any && (!view->lengths || (int32_t)step < view->lengths[b]);
    if (has && by->only_step)
      peaks = list_peaks(above, by->only_step + row, step, layer->scratch->active);
    carry_readout(layer, above, b,
                  has && !by->only_step ? increment + b * layer->plan->padded : NULL,
                  has ? by->values + row : NULL, layer->scratch->active, peaks);
  }
}

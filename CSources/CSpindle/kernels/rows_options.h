/// The options of a layer that is not plain, in the rows layout: one-to-one recurrence, learned
/// synaptic tau, delayed reset, refractory period and adaptive threshold. The kernels of forward
/// and backward call these where the constant `plain` is false, so that plain layers pay nothing.

INLINE neuron rows_neuron(const run_layer *layer, size_t first) {
  return (neuron){.beta = vf_load(layer->weights->beta + first),
                  .alpha = vf_load(layer->weights->alpha + first),
                  .threshold = vf_load(layer->weights->threshold + first),
                  .reset_threshold = vf_load(layer->weights->reset_threshold + first),
                  .delayed_threshold = vf_load(layer->weights->delayed_threshold + first),
                  .reset_keep = layer->plan->reset_keep,
                  .reset_zero = layer->plan->reset_zero,
                  .reset_subtracts = layer->plan->reset_subtracts,
                  .reset_attached = layer->plan->reset_attached,
                  .delayed_keep = layer->plan->delayed_keep,
                  .delayed_subtracts = layer->plan->delayed_subtracts};
}

/// The neuron with the threshold that it had in a row, from the trace of a_t.
INLINE neuron rows_neuron_at(const run_layer *layer, ptrdiff_t row, size_t n) {
  neuron p = rows_neuron(layer, n);
  if (!layer->weights->strength) return p;
  vf a = vf_load(layer->view.adaptation_trace + row * (ptrdiff_t)layer->plan->padded + n);
  return neuron_raised(p, vf_load(layer->weights->strength + n) * a);
}

/// Forward, before the spike: the delayed reset of u_t by the threshold of the step before, then
/// a_t = rho a_{t-1} + (1 - rho) s_{t-1} and with it the threshold of this step, in *p.
INLINE vf rows_adapt(const run_layer *layer, neuron *p, size_t row, uint32_t b, size_t n,
                     vi spiked_before, vf potential) {
  if (!layer->weights->strength) return neuron_delayed_reset(p, potential, spiked_before);
  float *state = layer->view.adaptation + b * (size_t)layer->plan->padded + n;
  vf strength = vf_load(layer->weights->strength + n), a = vf_load(state);
  neuron before = neuron_raised(*p, strength * a);
  a = vf_load(layer->weights->rho + n) * a +
      vf_where(spiked_before, vf_load(layer->weights->rho_rest + n));
  vf_store(state, a);
  vf_store(layer->view.adaptation_trace + row * layer->plan->padded + n, a);
  *p = neuron_raised(*p, strength * a);
  return neuron_delayed_reset(&before, potential, spiked_before);
}

/// Forward: the spikes that the refractory period lets pass; counts its steps down.
INLINE vi rows_refractory(const run_layer *layer, size_t state, vi spike) {
  vf left = vf_load(layer->view.refractory + state), rest = left - 1.0f;
  spike &= ~(left > 0.0f);
  vf period = vf_all((float)layer->plan->shape.refractory_steps);
  vf_store(layer->view.refractory + state, vf_select(spike, period, vf_where(rest > 0.0f, rest)));
  return spike;
}

/// Backward: the surrogate `h`, but 0 where a spike in the steps before keeps the neuron silent, or
/// what was left of the period before the first step.
INLINE vf rows_unless_refractory(const run_layer *layer, uint32_t t, uint32_t b, uint32_t v, vf h) {
  uint32_t steps = MINIMUM(t, layer->plan->shape.refractory_steps);
  size_t stride = (size_t)layer->view.batch * layer->plan->spike_words;
  const uint32_t *spikes = layer->view.spikes + t * stride + b * (size_t)layer->plan->spike_words;
  uint16_t bits = 0;
  for (uint32_t k = 1; k <= steps; k++) bits |= row_bits(spikes - k * stride, v);
  vf left = vf_load(layer->view.first_refractory + b * (size_t)layer->plan->padded + v * LANES);
  return vf_where(~(mask_from_bits(bits) | (left > (float)t)), h);
}

/// Backward: dL/ds_t with what the options of the next step add: one-to-one recurrence, the delayed
/// reset's spike (`next` is dL/du_{t+1}) and a_{t+1}. `row` is that of s_t, and may be one of -1.
INLINE vf rows_option_by_spike(const run_layer *layer, const neuron *p, ptrdiff_t row, size_t state,
                               size_t n, vf next, vf by_spike) {
  if (layer->weights->one_to_one) {
    const float *delta =
        layer->view.trace + (row + layer->view.batch) * (ptrdiff_t)layer->plan->padded + n;
    by_spike = vf_fma(vf_load(layer->weights->one_to_one + n), vf_load(delta), by_spike);
  }
  if (layer->weights->strength)
    by_spike = vf_fma(vf_load(layer->weights->rho_rest + n),
                      vf_load(layer->view.adaptation_carry + state + n), by_spike);
  return vf_fma(-layer->plan->reset_attached * p->delayed_threshold, next, by_spike);
}

/// The adjoint of the final state, `some` neurons of sample b; zero where there is none.
INLINE vf rows_final(const run_layer *layer, int block, uint32_t b, size_t n, uint32_t some) {
  const float *adjoint = layer->view.final_adjoint;
  if (!adjoint) return vf_all(0);
  size_t N = layer->plan->shape.neurons;
  return vf_load_some(adjoint + block * layer->view.state_block + b * N + n, some);
}

/// *sum += a b, over the steps of a sample, of which the last comes first.
INLINE void rows_sum(float *sum, vf a, vf b, bool last_step) {
  vf_store(sum, vf_fma(a, b, last_step ? vf_all(0) : vf_load(sum)));
}

/// Backward: dL/da_t and the gradients of strength and rho from dL/dthreshold_t. `next` is what the
/// final state adds to dL/da_t at the last step.
INLINE void rows_adaptation_gradient(const run_layer *layer, bool last_step, size_t row,
                                     size_t state, size_t n, vi spiked_before, vf by_threshold,
                                     vf next) {
  const float *a = layer->view.adaptation_trace + row * layer->plan->padded + n;
  float *carry = layer->view.adaptation_carry + state + n;
  vf gradient = vf_load(layer->weights->strength + n) * by_threshold;
  gradient = last_step ? next + gradient
                       : vf_fma(vf_load(layer->weights->rho + n), vf_load(carry), gradient);
  vf_store(carry, gradient);
  if (layer->view.strength_sum)
    rows_sum(layer->view.strength_sum + state + n, by_threshold, vf_load(a), last_step);
  if (!layer->view.adaptation_tau_sum) return;
  // da_t/drho = a_{t-1} - s_{t-1}
  vf change = vf_load(a - (size_t)layer->view.batch * layer->plan->padded) -
              vf_where(spiked_before, vf_all(1.0f));
  rows_sum(layer->view.adaptation_tau_sum + state + n, gradient, change, last_step);
}

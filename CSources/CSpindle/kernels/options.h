/// The options of a layer that is not plain, in the rows layout alone: one-to-one recurrence,
/// learned synaptic tau, delayed reset, refractory period and adaptive threshold (and in neuron.h
/// the floor). A cell's step
/// calls these where the constant `plain` is false, so that plain layers pay nothing.

/// Forward, before the spike: the delayed reset of u_t by the threshold of the step before, then
/// a_t = rho a_{t-1} + (1 - rho) s_{t-1} and with it the threshold of this step, in *p.
INLINE vf adapt(const run_layer *layer, neuron *p, uint32_t t, const cell *c, vi spiked_before,
                vf potential) {
  const layer_weights *w = layer->weights;
  if (!w->strength) return neuron_delayed_reset(p, potential, spiked_before);
  float *state = layer->view.adaptation + c->at;
  vf strength = vf_load(w->strength + c->n), a = vf_load(state);
  neuron before = neuron_raised(*p, strength * a);
  a = vf_load(w->rho + c->n) * a + vf_where(spiked_before, vf_load(w->rho_rest + c->n));
  vf_store(state, a);
  vf_store(at_step(false, layer, layer->view.adaptation_trace, t, c), a);
  *p = neuron_raised(*p, strength * a);
  return neuron_delayed_reset(&before, potential, spiked_before);
}

/// Forward: the spikes that the refractory period lets pass; counts its steps down.
INLINE vi pass_refractory(const run_layer *layer, const cell *c, vi spike) {
  float *state = layer->view.refractory + c->at;
  vf left = vf_load(state), rest = left - 1.0f;
  spike &= ~(left > 0.0f);
  vf period = vf_all((float)layer->plan->shape.refractory_steps);
  vf_store(state, vf_select(spike, period, vf_where(rest > 0.0f, rest)));
  return spike;
}

/// Backward: the surrogate `h`, but 0 where a spike in the steps before keeps the neuron silent, or
/// what was left of the period before the first step.
INLINE vf unless_refractory(const run_layer *layer, uint32_t t, const cell *c, vf h) {
  uint32_t steps = MINIMUM(t, layer->plan->shape.refractory_steps);
  vi silent = vf_load(layer->view.first_refractory + c->at) > (float)t;
  for (uint32_t k = 1; k <= steps; k++) silent |= spikes_at(false, layer, (ptrdiff_t)t - k, c);
  return vf_where(~silent, h);
}

/// Backward: dL/ds_t with what the options of the next step add: one-to-one recurrence, the delayed
/// reset's spike (`next` is dL/du_{t+1}) and a_{t+1}. t may be -1.
INLINE vf option_by_spike(const run_layer *layer, const neuron *p, ptrdiff_t t, const cell *c,
                          vf next, vf by_spike) {
  const layer_weights *w = layer->weights;
  if (w->one_to_one)
    by_spike = vf_fma(vf_load(w->one_to_one + c->n),
                      vf_load(at_step(false, layer, layer->view.trace, t + 1, c)), by_spike);
  if (w->strength)
    by_spike = vf_fma(vf_load(w->rho_rest + c->n), vf_load(layer->view.adaptation_carry + c->at),
                      by_spike);
  return vf_fma(-p->reset.attached * p->delayed_threshold, next, by_spike);
}

/// Backward: dL/da_t and the gradients of strength and rho from dL/dthreshold_t.
INLINE void adaptation_gradient(const run_layer *layer, bool last_step, uint32_t t, const cell *c,
                                vi spiked_before, vf by_threshold) {
  const layer_view *view = &layer->view;
  const float *a = at_step(false, layer, view->adaptation_trace, t, c);
  float *carry = view->adaptation_carry + c->at;
  vf gradient = vf_load(layer->weights->strength + c->n) * by_threshold;
  gradient = last_step ? final_adjoint(false, layer, STATE_ADAPTATION, c) + gradient
                       : vf_fma(vf_load(layer->weights->rho + c->n), vf_load(carry), gradient);
  vf_store(carry, gradient);
  if (view->strength_sum)
    add_product(view->strength_sum + c->at, by_threshold, vf_load(a), last_step);
  if (!view->adaptation_tau_sum) return;
  // da_t/drho = a_{t-1} - s_{t-1}
  vf change = vf_load(a - step_floats(false, layer)) - vf_where(spiked_before, vf_all(1.0f));
  add_product(view->adaptation_tau_sum + c->at, gradient, change, last_step);
}

/// One step of a cell through time, forward and backward, for both layouts. `lanes`, `plain`,
/// `common` and `kind` are constants where these are inlined.

/// Forward: filter, potential, spike and reset, from the currents of the input and of the spikes
/// one step before.
INLINE void step_forward(const bool lanes, const bool plain, const run_layer *layer, uint32_t t,
                         const cell *c, vf input, vf recurrent) {
  const layer_view *view = &layer->view;
  neuron p = cell_neuron(lanes, layer, c->n);
  vi before = plain ? (vi){0} : spikes_at(lanes, layer, (ptrdiff_t)t - 1, c);
  if (!plain && layer->weights->one_to_one)
    recurrent = vf_where(before, vf_load(layer->weights->one_to_one + c->n));
  vf current = input + recurrent;
  vi valid = c->valid;
  if (view->lengths) {
    valid &= cell_has_step(lanes, layer, t, c);
    current = vf_where(valid, current);
  }
  if (view->filtered) {
    current = p.alpha * vf_load(view->filtered + c->at) + current;
    vf_store(view->filtered + c->at, current);
    if (!plain && view->current_trace)
      vf_store(at_step(lanes, layer, view->current_trace, t, c), current);
  }
  vf potential = neuron_potential(&p, vf_load(view->membrane + c->at), current);
  if (!plain) potential = adapt(layer, &p, t, c, before, potential);
  // Past its length a sample shows nothing.
  if (view->lengths) potential = vf_where(valid, potential);
  vi spike = neuron_spike(&p, potential) & valid;
  if (!plain && view->refractory) spike = pass_refractory(layer, c, spike);
  vf_store(at_step(lanes, layer, view->trace, t, c), potential);
  vf_store(view->membrane + c->at,
           neuron_floored(plain, &p, neuron_membrane(&p, potential, spike)));
  uint16_t bits = mask_to_bits(spike);
  memcpy(bits_at(lanes, layer, t, c), &bits, sizeof bits);
}

/// The gradient by the output at step t of the sequence: see output_gradient.
INLINE vf gradient_at(const bool lanes, const output_gradient *g, uint32_t t, const cell *c,
                      vf membrane) {
  size_t sample = c->b * g->batch_stride + c->n;
  const float *x = g->values + t * g->step_stride + sample;
  vf value = lanes && g->batch_stride == 0 ? vf_all(*x) : cell_load(lanes, c, x, g->batch_stride);
  if (g->only_step) {
    vi step = (vi)cell_load(lanes, c, (const float *)g->only_step + sample, g->batch_stride);
    value = vf_where(step == (int32_t)t, value);
  }
  if (g->scale != 0.0f) {
    vf scale = vf_all(g->scale);
    if (g->scales)
      scale = lanes ? vf_load_some(g->scales + c->b, c->some) : vf_all(g->scales[c->b]);
    value = scale * (membrane - value);
  }
  return value;
}

/// v_{t-1} of a cell, whose neuron is `p` at step t.
INLINE vf membrane_before(const bool lanes, const bool plain, const run_layer *layer,
                          const neuron *p, ptrdiff_t t, const cell *c) {
  if (t == 0) return vf_load(layer->view.first_membrane + c->at);
  neuron before = plain ? *p : cell_neuron_at(plain, lanes, layer, t - 1, c);
  vf potential = vf_load(at_step(lanes, layer, layer->view.trace, t - 1, c));
  vi spike = spikes_at(lanes, layer, t - 1, c);
  return neuron_floored(plain, &before, neuron_membrane(&before, potential, spike));
}

/// h(u_t - threshold_t) of a cell, 0 for a leaky integrator.
INLINE vf cell_surrogate(const bool plain, const bool common, const spindle_surrogate kind,
                         const run_layer *layer, const neuron *p, uint32_t t, const cell *c,
                         vf potential) {
  if (layer->plan->shape.neuron != SPINDLE_LIF) return vf_all(0);
  surrogate_rule rule = layer->plan->surrogate;
  if (common) rule.height = 1, rule.support = 0;
  vf h = surrogate(kind, &rule, potential - p->threshold);
  return !plain && layer->view.refractory ? unless_refractory(layer, t, c, h) : h;
}

/// Backward: turns u_t in the trace into delta_t = dL/di_t. `ds` is dL/ds_t from the layer above
/// and from the recurrent weights.
INLINE void step_backward(const bool lanes, const bool plain, const bool common,
                          const spindle_surrogate kind, const run_layer *layer,
                          const output_gradients *by, uint32_t t, const cell *c, vf ds) {
  const layer_view *view = &layer->view;
  bool last_step = !has_next(layer, t);
  float *trace = at_step(lanes, layer, view->trace, t, c);
  neuron p = neuron_flags(common, cell_neuron_at(plain, lanes, layer, t, c));
  vf potential = vf_load(trace);
  vi spike = spikes_at(lanes, layer, t, c);
  uint32_t step = view->begin + t;
  vf next = last_step ? vf_all(0) : vf_load(view->carry + c->at);
  vf h = cell_surrogate(plain, common, kind, layer, &p, t, c, potential);
  // Where it is zero, dL/ds_t may not have been computed (outputs.h).
  if (!lanes && !common && layer->plan->by_outputs) ds = vf_where(h != 0.0f, ds);
  vf dv = plain ? next : p.beta * next;
  if (last_step && view->final_adjoint) {
    dv = final_adjoint(lanes, layer, STATE_MEMBRANE, c);
    ds += final_adjoint(lanes, layer, STATE_SPIKES, c);
  }
  if (!plain && !last_step) ds = option_by_spike(layer, &p, t, c, next, ds);
  vf membrane = neuron_membrane(&p, potential, spike);
  if (by->membrane.values && step >= by->membrane.first_step)
    dv += gradient_at(lanes, &by->membrane, step, c, neuron_floored(plain, &p, membrane));
  if (!plain) dv = vf_where(~neuron_is_low(&p, membrane), dv);
  if (by->spike.values) ds += gradient_at(lanes, &by->spike, step, c, potential);
  if (view->rate_gradient) ds += of_neurons(lanes, view->rate_gradient, c->n);
  neuron_gradient g = neuron_backward(&p, potential, spike, h, ds, dv);
  if (view->lengths) {
    vi valid = cell_has_step(lanes, layer, t, c);
    g.potential = vf_where(valid, g.potential);
    g.threshold = vf_where(valid, g.threshold);
  }
  vi spiked_before = plain ? (vi){0} : spikes_at(lanes, layer, (ptrdiff_t)t - 1, c);
  if (!plain) {
    g.threshold -= p.reset.delayed_subtracts * vf_where(spike, next);
    g.potential = vf_select(spiked_before, p.reset.delayed_keep * g.potential, g.potential);
    if (layer->weights->strength)
      adaptation_gradient(layer, last_step, t, c, spiked_before, g.threshold);
  }
  g.potential = vf_where(c->valid, g.potential);
  if (view->threshold_sum) {
    float *sum = view->threshold_sum + c->at;
    vf part = vf_where(c->valid, g.threshold);
    vf_store(sum, last_step ? part : vf_load(sum) + part);
  }
  if (view->tau_sum)
    add_product(view->tau_sum + c->at, g.potential, membrane_before(lanes, plain, layer, &p, t, c),
                last_step);
  vf_store(view->carry + c->at, plain ? p.beta * g.potential : g.potential);
  vf current = g.potential; // dL/dc_t
  if (view->filtered && !last_step)
    current = vf_fma(p.alpha, vf_load(trace + step_floats(lanes, layer)), current);
  else if (view->filtered && view->final_adjoint)
    current += final_adjoint(lanes, layer, STATE_FILTERED, c);
  vf_store(trace, current);
  if (plain) return;
  if (view->recurrent_sum)
    add_product(view->recurrent_sum + c->at, current, vf_where(spiked_before, vf_all(1.0f)),
                last_step);
  if (view->synaptic_tau_sum)
    add_product(view->synaptic_tau_sum + c->at, current,
                vf_load(at_step(lanes, layer, view->current_trace, (ptrdiff_t)t - 1, c)),
                last_step);
}

/// Whether a plain layer is the one that most networks have: the fast sigmoid, a reset by
/// subtraction, attached, and a loss of the spikes.
static bool is_common(const run_layer *layer, const output_gradients *by) {
  const layer_view *view = &layer->view;
  const reset_rule *reset = &layer->plan->reset;
  const surrogate_rule *rule = &layer->plan->surrogate;
  return rule->kind == SPINDLE_FAST_SIGMOID && rule->height == 1 && rule->support == 0 &&
         reset->subtracts != 0 && reset->attached != 0 && !view->threshold_sum && !view->tau_sum &&
         !view->filtered && !view->rate_gradient && !view->final_adjoint && !view->lengths &&
         by->spike.scale == 0 && !by->spike.only_step && !by->membrane.values;
}

/// What the common layer lacks, the compiler knows: in a kernel's own copies.
INLINE void lack_options(run_layer *layer, output_gradients *by) {
  by->spike.scale = 0;
  by->spike.only_step = NULL;
  by->membrane.values = NULL;
  layer->view.threshold_sum = layer->view.tau_sum = layer->view.filtered = NULL;
  layer->view.rate_gradient = layer->view.final_adjoint = NULL;
  layer->view.lengths = NULL;
}

/// What the first step gives to the state before it: the adjoint, where it is wanted, and by a
/// delayed reset the gradient of the threshold that neurons had when they fired. `ds` is dL/ds_{-1}
/// from the recurrent weights.
INLINE void step_initial(const bool lanes, const run_layer *layer, const cell *c, vf ds) {
  const layer_view *view = &layer->view;
  const layer_weights *w = layer->weights;
  bool plain = lanes || layer->plan->plain;
  size_t N = layer->plan->shape.neurons;
  neuron p = cell_neuron_at(lanes, lanes, layer, -1, c);
  vf next = vf_load(view->carry + c->at), by_threshold = vf_all(0);
  if (!plain) {
    vi spike = spikes_at(lanes, layer, -1, c);
    by_threshold = -(p.reset.delayed_subtracts * vf_where(spike, next));
    if (view->threshold_sum)
      vf_store(view->threshold_sum + c->at, vf_load(view->threshold_sum + c->at) + by_threshold);
    if (view->strength_sum)
      add_product(view->strength_sum + c->at, by_threshold,
                  vf_load(at_step(lanes, layer, view->adaptation_trace, -1, c)), false);
    ds = option_by_spike(layer, &p, -1, c, next, ds);
  }
  if (!view->initial_adjoint) return;
  vf x[STATE_BLOCKS] = {[STATE_MEMBRANE] = plain ? next : p.beta * next, [STATE_SPIKES] = ds};
  if (view->filtered) x[STATE_FILTERED] = p.alpha * vf_load(view->trace + c->at);
  if (view->adaptation)
    x[STATE_ADAPTATION] = vf_fma(vf_load(w->rho + c->n), vf_load(view->adaptation_carry + c->at),
                                 vf_load(w->strength + c->n) * by_threshold);
  float *to = view->initial_adjoint + c->b * N + c->n;
  for (int block = 0; block < STATE_BLOCKS; block++)
    cell_store(lanes, c, to + block * view->state_block, N, x[block]);
}

/// Runs `body(kind)` with the constant that `kind` is equal to.
#define EACH_SURROGATE(kind, body)                                                                 \
  switch (kind) {                                                                                  \
  case SPINDLE_FAST_SIGMOID:                                                                       \
    body(SPINDLE_FAST_SIGMOID) break;                                                              \
  case SPINDLE_ATAN:                                                                               \
    body(SPINDLE_ATAN) break;                                                                      \
  case SPINDLE_SIGMOID:                                                                            \
    body(SPINDLE_SIGMOID) break;                                                                   \
  case SPINDLE_TRIANGULAR:                                                                         \
    body(SPINDLE_TRIANGULAR) break;                                                                \
  case SPINDLE_RECTANGULAR:                                                                        \
    body(SPINDLE_RECTANGULAR) break;                                                               \
  }

/// The neuron's equations on vectors: one step forward, one step backward. Both layouts use them,
/// so that the arithmetic stands in one place.

/// What a neuron's step needs of its parameters.
typedef struct neuron {
  vf beta, alpha, threshold, reset_threshold, delayed_threshold;
  reset_rule reset;
} neuron;

/// u_t = beta v_{t-1} + c_t: the product, then the sum, each rounded, as PyTorch computes it.
INLINE vf neuron_potential(const neuron *n, vf membrane, vf current) {
  return n->beta * membrane + current;
}
/// s_t as a mask. The comparison equals u - threshold > 0, also where the difference underflows.
INLINE vi neuron_spike(const neuron *n, vf potential) { return potential > n->threshold; }
/// v_t from u_t and s_t, for every kind of reset.
INLINE vf neuron_membrane(const neuron *n, vf potential, vi spike) {
  return vf_select(spike, potential * n->reset.keep - n->reset_threshold, potential);
}
/// Where the membrane after its reset lies at the floor or below; NaN does not.
INLINE vi neuron_is_low(const neuron *n, vf membrane) { return membrane <= n->reset.floor; }
/// v_t from the membrane after its reset. Plain layers have no floor.
INLINE vf neuron_floored(const bool plain, const neuron *n, vf membrane) {
  if (plain) return membrane;
  return vf_select(neuron_is_low(n, membrane), vf_all(n->reset.floor), membrane);
}
/// What a delayed reset leaves of beta v_{t-1} + c_t where the neuron fired one step before.
INLINE vf neuron_delayed_reset(const neuron *n, vf potential, vi spiked_before) {
  return vf_select(spiked_before, potential * n->reset.delayed_keep - n->delayed_threshold,
                   potential);
}
/// The neuron at a step at which its threshold is raised.
INLINE neuron neuron_raised(neuron n, vf raise) {
  n.threshold += raise;
  n.reset_threshold += n.reset.subtracts * raise;
  n.delayed_threshold += n.reset.delayed_subtracts * raise;
  return n;
}

/// exp(x) for x <= 0, to 2 units in the last place: 2^k times a polynomial (Cephes' expf).
INLINE vf vf_exp_negative(vf x) {
  x = vf_select(x < -87.0f, vf_all(-87.0f), x);
  vf shifted = vf_fma(x, vf_all(1.44269504088896341f), vf_all(12582912.0f)); // round to integer
  vf k = shifted - 12582912.0f;
  vf r = vf_fma(k, vf_all(-0.693359375f), x);
  r = vf_fma(k, vf_all(2.12194440e-4f), r);
  const float c[] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f,
                     4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};
  vf p = vf_fma(vf_polynomial(6, r, c), r * r, r) + 1.0f;
  vi exponent = ((vi)shifted - 0x4b400000 + 127) << 23;
  return p * (vf)exponent;
}

/// The surrogate of `rule` without its support, h(x) in place of ds/dx at x = u - threshold, from
/// |x|; `kind` is the rule's, a constant where this is inlined. Neftci, Mostafa and Zenke 2019 for
/// the method, Zenke and Ganguli 2018 for the fast sigmoid.
INLINE vf surrogate_shape(spindle_surrogate kind, const surrogate_rule *rule, vf distance) {
  vf scaled = rule->slope * distance;
  switch (kind) {
  case SPINDLE_FAST_SIGMOID: {
    vf d = scaled + 1.0f;
    return rule->height / (d * d);
  }
  case SPINDLE_ATAN: {
    vf d = 1.57079632679489662f * scaled;
    return rule->height / vf_fma(d, d, vf_all(1.0f));
  }
  case SPINDLE_SIGMOID: { // p (1 - p) = e / (1 + e)^2 with e = exp(-|k x|), which cannot overflow
    vf e = vf_exp_negative(-scaled);
    vf d = e + 1.0f;
    return rule->height * (e / (d * d));
  }
  case SPINDLE_TRIANGULAR: {
    vf h = 1.0f - scaled;
    return rule->height * vf_where(h > 0.0f, h);
  }
  case SPINDLE_RECTANGULAR:
    return vf_where(scaled < 0.5f, vf_all(rule->height));
  }
  return vf_all(0);
}

/// h(x).
INLINE vf surrogate(spindle_surrogate kind, const surrogate_rule *rule, vf x) {
  vf distance = vf_abs(x), h = surrogate_shape(kind, rule, distance);
  return rule->support != 0 ? vf_where(distance < rule->support, h) : h;
}

/// What a backward step gives besides dL/du_t.
typedef struct neuron_gradient {
  vf potential; ///< dL/du_t
  vf threshold; ///< this step's part of dL/dthreshold
} neuron_gradient;

/// The neuron that most networks have, reset by subtraction and attached, with its flags known to
/// the compiler; `common` is a constant where this is inlined.
INLINE neuron neuron_flags(const bool common, neuron n) {
  if (common) n.reset.keep = 1, n.reset.zero = 0, n.reset.subtracts = 1, n.reset.attached = 1;
  return n;
}

/// dL/du_t from dL/ds_t (`by_spike`, without the reset's part) and dL/dv_t (`by_membrane`, all of
/// it). `surrogate_value` is h(u_t - threshold), 0 for a leaky integrator.
INLINE neuron_gradient neuron_backward(const neuron *n, vf potential, vi spike, vf surrogate_value,
                                       vf by_spike, vf by_membrane) {
  // dv/ds: -threshold (subtraction), -u (zero), 0 (none).
  vf reset = n->reset_threshold;
  if (n->reset.zero != 0) reset = potential;
  if (n->reset.attached == 0) reset = vf_all(0);
  vf through_spike = vf_fma(-reset, by_membrane, by_spike) * surrogate_value;
  vf direct = vf_select(spike, n->reset.keep * by_membrane, by_membrane);
  // v = u - s threshold holds the threshold itself too, detached or not.
  vf subtracted = n->reset.subtracts * vf_where(spike, by_membrane);
  return (neuron_gradient){.potential = direct + through_spike,
                           .threshold = -through_spike - subtracted};
}

// Each kernel works on copies of its descriptions: vector stores may alias anything, and what lies
// in memory would be loaded again after each of them.
#define LOCAL_LAYER(name, original)                                                                \
  const layer_plan name##_plan = *(original)->plan;                                                \
  const layer_weights name##_weights = *(original)->weights;                                       \
  run_layer name##_copy = *(original), *const name = &name##_copy;                                 \
  name->plan = &name##_plan, name->weights = &name##_weights

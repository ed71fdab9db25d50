/// The optimizer's kernels over flat arrays. Each element depends on its own gradient and state
/// alone, but for the norm, whose sum has one order.

typedef double vd __attribute__((vector_size(128)));

/// The gradient that an update goes by: of the logarithm where the parameter must stay positive.
INLINE vf effective_gradient(const bool positive, vf gradient, vf parameter) {
  return positive ? parameter * gradient : gradient;
}

/// The sum of the squares of gradients, in Double, which holds each square exactly. `parameters` is
/// given where the gradients are to be those of their logarithms.
static double sum_of_squares(const float *gradients, const float *parameters, size_t count) {
  vd sum = {0};
  for (size_t i = 0; i < count; i += LANES) {
    uint32_t some = (uint32_t)MINIMUM(count - i, LANES);
    vf g = vf_load_some(gradients + i, some);
    if (parameters) g = effective_gradient(true, g, vf_load_some(parameters + i, some));
    vd wide = __builtin_convertvector(g, vd);
    sum += wide * wide;
  }
  double x[LANES];
  memcpy(x, &sum, sizeof x);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) x[i] += x[i + width];
  return x[0];
}

/// x between two bounds; NaN stays NaN.
INLINE vf vf_clamp(vf x, float low, float high) {
  x = vf_select(x < low, vf_all(low), x);
  return vf_select(x > high, vf_all(high), x);
}

/// The step that the gradient g asks for, to be subtracted; moves the optimizer's state on. `kind`
/// is a constant where this is inlined.
INLINE vf update_step(const spindle_optimizer_kind kind, const update_rule *r, vf g, vf *mean,
                      vf *variance) {
  if (kind == SPINDLE_SGD) {
    *mean = vf_fma(vf_all(r->momentum), *mean, g);
    return r->rate * (r->nesterov ? vf_fma(vf_all(r->momentum), *mean, g) : *mean);
  }
  *mean = vf_fma(vf_all(r->gain), g - *mean, *mean);
  vf decayed = r->beta2 * *variance, root;
  if (kind == SPINDLE_ADAM) {
    *variance = vf_fma(vf_all(1.0f - r->beta2) * g, g, decayed);
    root = vf_fma(__builtin_elementwise_sqrt(*variance), vf_all(r->correction), vf_all(r->epsilon));
  } else {
    vf now = vf_abs(g) + r->epsilon;
    root = *variance = vf_select(decayed > now, decayed, now);
  }
  return (r->rate * *mean) / root;
}

/// p exp(-step), within the normal numbers, so that it stays positive.
INLINE vf step_logarithm(vf p, vf step) {
  vf decay = vf_exp_negative(-vf_abs(step));
  return vf_clamp(vf_select(step > 0.0f, p * decay, p / decay), FLT_MIN, FLT_MAX);
}

/// `kind` and `positive` are constants where this is inlined.
INLINE void update_all(const spindle_optimizer_kind kind, const bool positive, const update_rule *r,
                       size_t count, const float *gradients, float *mean, float *variance,
                       float *parameters) {
  bool has_mean = kind != SPINDLE_SGD || r->momentum != 0;
  for (size_t i = 0; i < count; i += LANES) {
    uint32_t some = (uint32_t)MINIMUM(count - i, LANES);
    vf p = vf_load_some(parameters + i, some);
    vf m = has_mean ? vf_load_some(mean + i, some) : vf_all(0);
    vf v = kind != SPINDLE_SGD ? vf_load_some(variance + i, some) : vf_all(0);
    vf g = r->scale * effective_gradient(positive, vf_load_some(gradients + i, some), p);
    g = vf_fma(vf_all(r->decay), p, vf_clamp(g, -r->limit, r->limit));
    vf step = update_step(kind, r, g, &m, &v);
    vf next =
        positive ? step_logarithm(p, step) : vf_clamp(r->keep * p - step, -r->bound, r->bound);
    // A step that overflowed moves nothing: parameters are finite, whatever the rate.
    vf_store_some(parameters + i, vf_select(next == next, next, p), some);
    if (has_mean) vf_store_some(mean + i, m, some);
    if (kind != SPINDLE_SGD) vf_store_some(variance + i, v, some);
  }
}

static void update(const update_rule *rule, size_t count, const float *gradients, float *mean,
                   float *variance, float *parameters) {
  const update_rule copy = *rule; // stores of vectors cannot change it
#define CASE(KIND, POSITIVE)                                                                       \
  if (copy.kind == KIND && copy.positive == POSITIVE)                                              \
    update_all(KIND, POSITIVE, &copy, count, gradients, mean, variance, parameters);
  CASE(SPINDLE_SGD, false)
  CASE(SPINDLE_SGD, true)
  CASE(SPINDLE_ADAM, false)
  CASE(SPINDLE_ADAM, true)
  CASE(SPINDLE_ADAMAX, false)
  CASE(SPINDLE_ADAMAX, true)
#undef CASE
}

/// Kernels over flat arrays: Adam, and counting spikes.

/// Kingma and Ba 2015, algorithm 1. `correction1` is 1 / (1 - beta1^step), `correction2` the
/// reciprocal root of 1 - beta2^step.
static void adam(const spindle_adam_options *options, float correction1, float correction2,
                 size_t count, const float *gradients, float *mean, float *variance,
                 float *parameters) {
  float rate = options->learning_rate * correction1;
  for (size_t i = 0; i < count; i += LANES) {
    uint32_t some = (uint32_t)MINIMUM(count - i, LANES);
    vf g = vf_load_some(gradients + i, some);
    vf m = vf_load_some(mean + i, some), v = vf_load_some(variance + i, some);
    m = vf_fma(vf_all(1.0f - options->beta1), g - m, m);
    v = vf_fma(vf_all(1.0f - options->beta2) * g, g, options->beta2 * v);
    vf root = vf_fma(__builtin_elementwise_sqrt(v), vf_all(correction2), vf_all(options->epsilon));
    vf p = vf_load_some(parameters + i, some) - (rate * m) / root;
    vf_store_some(mean + i, m, some);
    vf_store_some(variance + i, v, some);
    vf_store_some(parameters + i, p, some);
  }
}

/// counts[n] = spikes of neuron n in `rows` rows that lie `stride` words apart; counts are padded
/// to a multiple of LANES.
static void count_spikes(const uint32_t *spikes, size_t stride, size_t rows, uint32_t neurons,
                         float *counts) {
  uint32_t vectors = CEILING_DIVIDE(neurons, LANES), first = 0;
#define BODY(G)                                                                                    \
  {                                                                                                \
    vi sum[16];                                                                                    \
    UNROLL for (int g = 0; g < G; g++) sum[g] = (vi){0};                                           \
    for (size_t r = 0; r < rows; r++)                                                              \
      UNROLL for (int g = 0; g < G; g++) sum[g] -=                                                 \
          mask_from_bits(row_bits(spikes + r * stride, first + g));                                \
    UNROLL for (int g = 0; g < G; g++)                                                             \
        vf_store(counts + (first + g) * LANES, __builtin_convertvector(sum[g], vf));               \
  }
  EACH_GROUP(first, vectors, BODY)
#undef BODY
}

/// Set bits of a block of memory.
static uint64_t count_bits(const void *words, size_t bytes) {
  uint64_t count = 0, word;
  size_t i = 0;
  for (; i + sizeof word <= bytes; i += sizeof word) {
    memcpy(&word, (const char *)words + i, sizeof word);
    count += (uint64_t)__builtin_popcountll(word);
  }
  for (; i < bytes; i++) count += (uint64_t)__builtin_popcount(((const unsigned char *)words)[i]);
  return count;
}

/// Kernels that count spikes, and turn them to numbers and back.

/// Bits of the numbers that are not zero.
static void pack_spikes(const float *values, uint32_t units, uint32_t *spikes) {
  memset(spikes, 0, SPINDLE_WORDS(units) * sizeof *spikes);
  for (uint32_t n = 0; n < units; n += LANES) {
    uint16_t bits = mask_to_bits(vf_load_some(values + n, units - n) != 0.0f);
    memcpy((char *)spikes + n / 8, &bits, sizeof bits);
  }
}

static void unpack_spikes(const uint32_t *spikes, uint32_t units, float *values) {
  for (uint32_t n = 0; n < units; n += LANES)
    vf_store_some(values + n, spikes_as_numbers(spikes, n / LANES), units - n);
}

/// Adds the spikes of neuron n in `rows` rows that lie `stride` words apart to counts[n], padded to
/// a multiple of LANES.
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
    UNROLL for (int g = 0; g < G; g++) {                                                           \
      float *count = counts + (first + g) * LANES;                                                 \
      vf_store(count, vf_load(count) + __builtin_convertvector(sum[g], vf));                       \
    }                                                                                              \
  }
  EACH_GROUP(16, first, vectors, BODY)
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

/// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel
/// random numbers: as easy as 1, 2, 3"), 16 blocks at a time.

/// Four words of 16 consecutive blocks: 64 numbers, number j in word j / 16, lane j % 16.
typedef struct philox {
  vu word[4];
} philox;

INLINE void multiply_words(vu a, uint32_t factor, vu *high, vu *low) {
  vu64 wide = __builtin_convertvector(a, vu64) * factor;
  *high = __builtin_convertvector(wide >> 32, vu);
  *low = a * factor;
}

/// The 64 numbers from number `index` (a multiple of 64) on.
INLINE philox philox_draw(const spindle_random *random, uint64_t index) {
  uint64_t block = index / 64 * 16;
  vu lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  // 16 blocks from a multiple of 16 never carry into the high word.
  vu c0 = lane + (uint32_t)block, c1 = (vu){0} + (uint32_t)(block >> 32);
  vu c2 = (vu){0} + (uint32_t)random->stream, c3 = (vu){0} + (uint32_t)(random->stream >> 32);
  uint32_t k0 = (uint32_t)random->seed, k1 = (uint32_t)(random->seed >> 32);
  for (int round = 0; round < 10; round++) {
    vu high0, low0, high1, low1;
    multiply_words(c0, 0xD2511F53u, &high0, &low0);
    multiply_words(c2, 0xCD9E8D57u, &high1, &low1);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return (philox){{c0, c1, c2, c3}};
}

/// 24 random bits as a number in [0, 1).
INLINE vf unit_interval(vu bits) { return __builtin_convertvector((vi)(bits >> 8), vf) * 0x1p-24f; }

/// ln(x) for x in (0, 1], to 2 units in the last place (Cephes' logf).
INLINE vf vf_log(vf x) {
  vi bits = (vi)x;
  vf e = __builtin_convertvector((bits >> 23) - 126, vf);
  vf m = (vf)((bits & 0x007fffff) | 0x3f000000); // [0.5, 1)
  vi small = m < 0.707106781186547524f;
  e -= vf_where(small, vf_all(1.0f));
  m = m + vf_where(small, m) - 1.0f;
  const float c[] = {7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
                     -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
                     2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};
  vf z = m * m, y = vf_polynomial(9, m, c) * m * z;
  y = vf_fma(e, vf_all(-2.12194440e-4f), y);
  y = vf_fma(z, vf_all(-0.5f), y);
  return vf_fma(e, vf_all(0.693359375f), m + y);
}

/// cos and sin of 2 pi turn, turn in [0, 1).
INLINE void vf_cos_sin(vf turn, vf *cosine, vf *sine) {
  vi quarter = __builtin_convertvector(vf_fma(turn, vf_all(4.0f), vf_all(0.5f)), vi);
  vf x = (turn - __builtin_convertvector(quarter, vf) * 0.25f) * 6.28318530717958648f;
  vf z = x * x;
  const float sines[] = {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f};
  const float cosines[] = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};
  vf s = vf_fma(vf_polynomial(3, z, sines) * z, x, x);
  vf c = vf_fma(vf_polynomial(3, z, cosines), z * z, vf_fma(z, vf_all(-0.5f), vf_all(1.0f)));
  vi odd = (quarter & 1) != 0;
  vu negative_cosine = (((vu)quarter + 1) & 2) << 30, negative_sine = ((vu)quarter & 2) << 30;
  *cosine = (vf)((vu)vf_select(odd, s, c) ^ negative_cosine);
  *sine = (vf)((vu)vf_select(odd, c, s) ^ negative_sine);
}

/// Fills `values` from a function of one group of 64 numbers.
#define FILL_GROUPS(T, ...)                                                                        \
  for (size_t first = 0; first < count; first += 64) {                                             \
    philox draw = philox_draw(random, random->offset + first);                                     \
    T drawn[64];                                                                                   \
    __VA_ARGS__;                                                                                   \
    memcpy(values + first, drawn, MINIMUM(count - first, 64) * sizeof(T));                         \
  }

static void random_bits(const spindle_random *random, size_t count, uint32_t *values) {
  FILL_GROUPS(uint32_t, memcpy(drawn, &draw, sizeof drawn))
}

static void random_uniform(const spindle_random *random, float low, float high, size_t count,
                           float *values) {
  FILL_GROUPS(
      float, for (int w = 0; w < 4; w++) {
        vf x = vf_fma(unit_interval(draw.word[w]), vf_all(high - low), vf_all(low));
        vf_store(drawn + w * LANES, vf_select(x < high, x, vf_all(low)));
      })
}

static void random_normal(const spindle_random *random, float mean, float deviation, size_t count,
                          float *values) {
  FILL_GROUPS(
      float, for (int w = 0; w < 4; w += 2) {
        vf radius =
            __builtin_elementwise_sqrt(-2.0f * vf_log(unit_interval(draw.word[w]) + 0x1p-24f));
        vf cosine, sine;
        vf_cos_sin(unit_interval(draw.word[w + 1]), &cosine, &sine);
        vf_store(drawn + w * LANES, vf_fma(radius * cosine, vf_all(deviation), vf_all(mean)));
        vf_store(drawn + (w + 1) * LANES, vf_fma(radius * sine, vf_all(deviation), vf_all(mean)));
      })
}

/// Appends `count` bits to a row of `units` bits a row, words [SPINDLE_WORDS(units)] a row.
INLINE void append_bits(uint64_t bits, uint32_t count, uint32_t units, size_t words, size_t *row,
                        uint32_t *unit, uint32_t *spikes) {
  while (count > 0) {
    uint32_t take = MINIMUM(MINIMUM(units - *unit, 32 - *unit % 32), count);
    uint32_t part = (uint32_t)(bits & ((UINT64_C(1) << take) - 1));
    spikes[*row * words + *unit / 32] |= part << *unit % 32;
    bits >>= take;
    count -= take;
    *unit += take;
    if (*unit == units) *unit = 0, ++*row;
  }
}

/// A number below `limit` (up to 2^32) is a spike.
static void random_spikes(const spindle_random *random, uint64_t limit, size_t rows, uint32_t units,
                          uint32_t *spikes) {
  vi always = (vi){0} - (limit >> 32 != 0);
  uint32_t below = (uint32_t)limit;
  size_t count = rows * units, words = SPINDLE_WORDS(units), row = 0;
  uint32_t unit = 0;
  if (units > 1) memset(spikes, 0, rows * words * sizeof *spikes);
  for (size_t first = 0, some; first < count; first += some) {
    // Of the first group some come before the offset.
    uint32_t skip = (uint32_t)((random->offset + first) % 64);
    some = MINIMUM(count - first, 64 - skip);
    philox draw = philox_draw(random, random->offset + first - skip);
    if (units == 1) { // a word a spike
      vu one[4];
      for (int w = 0; w < 4; w++) one[w] = (vu)((draw.word[w] < below) | always) & 1u;
      memcpy(spikes + first, (const uint32_t *)one + skip, some * sizeof *spikes);
      continue;
    }
    uint64_t bits = 0;
    for (int w = 0; w < 4; w++)
      bits |= (uint64_t)mask_to_bits((draw.word[w] < below) | always) << 16 * w;
    append_bits(bits >> skip, (uint32_t)some, units, words, &row, &unit, spikes);
  }
}

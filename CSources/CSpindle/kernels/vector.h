/// The virtual vector: 16 lanes of float on every ISA, with the operations the kernels use. The
/// compiler maps it to one AVX-512 register, two of AVX2, four of SSE2 or NEON. Every operation
/// rounds as IEEE 754 says, so that all ISAs agree bit for bit.
///
/// No include guard: each ISA's file includes it once, under its own target attributes.

#pragma STDC FP_CONTRACT OFF
// Every function that takes or returns a vector is inlined: no calling convention is involved.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float vf __attribute__((vector_size(64)));
typedef int32_t vi __attribute__((vector_size(64)));
typedef uint32_t vu __attribute__((vector_size(64)));
typedef uint64_t vu64 __attribute__((vector_size(128)));
_Static_assert(sizeof(vf) == LANES * sizeof(float), "a lane a float");
_Static_assert(SPINDLE_ALIGNMENT % sizeof(vf) == 0, "arrays begin at a vector");
typedef _Bool vb __attribute__((ext_vector_type(16)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE vf vf_load(const float *p) {
  vf v;
  memcpy(&v, p, sizeof v);
  return v;
}
INLINE void vf_store(float *p, vf v) { memcpy(p, &v, sizeof v); }
/// The first `count` lanes from p, zeros beyond.
INLINE vf vf_load_some(const float *p, uint32_t count) {
  if (count >= LANES) return vf_load(p);
  vf v = {0};
  memcpy(&v, p, count * sizeof(float));
  return v;
}
INLINE void vf_store_some(float *p, vf v, uint32_t count) {
  memcpy(p, &v, (count < LANES ? count : LANES) * sizeof(float));
}
INLINE vf vf_all(float x) { return x - (vf){0}; }
INLINE vf vf_fma(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }
INLINE vf vf_abs(vf a) { return (vf)((vi)a & 0x7fffffff); }
/// a where the lane's mask is all ones, b where it is zero.
INLINE vf vf_select(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }
/// a where the lane's mask is all ones, else +0.
INLINE vf vf_where(vi mask, vf a) { return (vf)(mask & (vi)a); }

INLINE uint16_t mask_to_bits(vi mask) {
  vb lanes = __builtin_convertvector(mask, vb);
  uint16_t bits;
  memcpy(&bits, &lanes, sizeof bits);
  return bits;
}
INLINE vi mask_from_bits(uint16_t bits) {
  vb lanes;
  memcpy(&lanes, &bits, sizeof bits);
  return -__builtin_convertvector(lanes, vi);
}

/// c[0] x^(count - 1) + c[1] x^(count - 2) + ... by Horner's rule.
INLINE vf vf_polynomial(const int count, vf x, const float *c) {
  vf p = vf_all(c[0]);
  UNROLL for (int i = 1; i < count; i++) p = vf_fma(p, x, vf_all(c[i]));
  return p;
}

/// The sum of all lanes in one fixed tree.
INLINE float vf_sum(vf v) {
  float x[LANES];
  memcpy(x, &v, sizeof x);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) x[i] += x[i + width];
  return x[0];
}

/// Runs `body(G)` from `first` to `end` in groups of G, as many at a time as `most` says and the
/// registers hold; G is a compile-time constant in each copy of the body.
#define EACH_GROUP(most, first, end, body)                                                         \
  for (; GROUP >= 16 && most >= 16 && first + 16 <= (end); first += 16) body(16);                  \
  for (; GROUP >= 8 && most >= 8 && first + 8 <= (end); first += 8) body(8);                       \
  for (; first + 4 <= (end); first += 4) body(4);                                                  \
  for (; first + 2 <= (end); first += 2) body(2);                                                  \
  for (; first < (end); first += 1) body(1);

/// The spike bits of neurons 16 v to 16 v + 15 of a row. Bits lie little-endian in 32-bit words on
/// every processor that the core supports.
INLINE uint16_t row_bits(const uint32_t *row, uint32_t v) {
  uint16_t bits;
  memcpy(&bits, (const char *)row + 2 * (size_t)v, sizeof bits);
  return bits;
}

/// They themselves, as the numbers 0 and 1.
INLINE vf spikes_as_numbers(const uint32_t *row, uint32_t v) {
  return vf_where(mask_from_bits(row_bits(row, v)), vf_all(1.0f));
}

/// Writes the indices of the set bits of a row, ascending; returns their number. The first few of
/// each 64 bits are written without a branch, wanted or not: their number is random, and a branch
/// on it would be mispredicted.
INLINE uint32_t list_active(const uint32_t *row, size_t words, uint32_t *active) {
  uint32_t count = 0;
  for (size_t w = 0; w < words; w += 2) {
    uint64_t bits = row[w];
    if (w + 1 < words) bits |= (uint64_t)row[w + 1] << 32;
    uint32_t found = (uint32_t)__builtin_popcountll(bits), base = (uint32_t)(32 * w);
    uint32_t *to = active + count;
    UNROLL for (int i = 0; i < ACTIVE_SLACK; i++, bits &= bits - 1) to[i] =
        base + (uint32_t)__builtin_ctzg(bits, 0);
    for (uint32_t i = ACTIVE_SLACK; i < found; i++, bits &= bits - 1)
      to[i] = base + (uint32_t)__builtin_ctzg(bits, 0);
    count += found;
  }
  return count;
}

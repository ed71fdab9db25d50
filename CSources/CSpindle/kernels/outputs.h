/// Backward's products of the deltas with transposed matrices, dL/ds_t = delta W^T, for a tile: by
/// outputs where the surrogate has a support, for dL/ds_t is multiplied by h(u_t - threshold_t) and
/// needed only where that is not zero (Perez-Nieves and Goodman 2021, Sparse Spiking Gradient
/// Descent). An output is the dot product of a row of W, which lies as forward packed it, with a
/// row of deltas: LANES partial sums, of every LANES-th term in order, added as a tree. A dense
/// product in blocks has the same sums; what is computed where h is zero is not used. So no bit
/// depends on which outputs are computed.

/// The rows of a layer's deltas at a step of a tile.
INLINE const float *rows_deltas(const run_layer *layer, int64_t t) {
  size_t row = (size_t)(t * (int64_t)layer->view.batch) + layer->view.b0;
  return layer->view.trace + row * layer->plan->padded;
}

/// `to` [B][P] (+)= A W^T for the rows A of a tile, of `depth` numbers `stride` apart, and W^T in
/// panels: every sum in order.
INLINE void tile_product(const run_layer *layer, const float *rows, size_t stride, uint32_t depth,
                         const float *transposed, float *to, bool accumulate) {
  size_t P = layer->plan->padded;
  uint32_t samples = layer->view.b1 - layer->view.b0;
  product p = {.a = rows,
               .a_row = stride,
               .a_step = 1,
               .b = transposed,
               .b_step = PANEL,
               .b_panel = (size_t)depth * PANEL,
               .c = to + layer->view.b0 * P,
               .c_row = P,
               .rows = samples,
               .group = samples,
               .depth = depth,
               .columns = layer->plan->shape.neurons,
               .accumulate = accumulate};
  multiply(&p);
}

/// One level of the tree: adds to each lane of a that lies w beyond, and the same for b, whose sums
/// come where a's lanes are used up.
#define FOLD(w, a, b)                                                                              \
  (__builtin_shufflevector(a, b, FOLD_LANES(w, 0)) +                                               \
   __builtin_shufflevector(a, b, FOLD_LANES(w, w)))
#define FOLD_LANE(w, from, l) ((l) & (w) ? LANES + ((l) - ((from) ? (w) : 0)) : (l) + (from))
#define FOLD_LANES(w, f)                                                                           \
  FOLD_LANE(w, f, 0), FOLD_LANE(w, f, 1), FOLD_LANE(w, f, 2), FOLD_LANE(w, f, 3),                  \
      FOLD_LANE(w, f, 4), FOLD_LANE(w, f, 5), FOLD_LANE(w, f, 6), FOLD_LANE(w, f, 7),              \
      FOLD_LANE(w, f, 8), FOLD_LANE(w, f, 9), FOLD_LANE(w, f, 10), FOLD_LANE(w, f, 11),            \
      FOLD_LANE(w, f, 12), FOLD_LANE(w, f, 13), FOLD_LANE(w, f, 14), FOLD_LANE(w, f, 15)

/// The sums of the lanes of G vectors, a power of two: that of x[j] in lane j LANES / G. Lane l of
/// eight and more is added to lane l - 8, then so with 4, 2 and 1.
INLINE vf sum_lanes(const int G, vf *x) {
#define LEVEL(w, G)                                                                                \
  if ((G) < 2) x[0] = FOLD(w, x[0], x[0]);                                                         \
  UNROLL for (int j = 0; j < (G) / 2; j++) x[j] = FOLD(w, x[j], x[j + (G) / 2]);
  LEVEL(8, G)
  LEVEL(4, G / 2)
  LEVEL(2, G / 4)
  LEVEL(1, G / 8)
#undef LEVEL
  return x[0];
}

/// W and what its rows are multiplied with: rows of deltas.
typedef struct dot_rows {
  const float *packed; ///< W in bands of `width`
  uint32_t sources, width;
  const float *deltas; ///< [samples][depth]
  size_t depth;        ///< With the padding, which is zero.
  float *to;           ///< [samples][columns]
  size_t columns;
  bool accumulate;
} dot_rows;

/// The dot products of M rows of W with the deltas of S samples: sums[s M + m].
INLINE void dot_block(const int M, const int S, const dot_rows *d, const uint32_t *source,
                      size_t sample, vf *sums) {
  UNROLL for (int i = 0; i < M * S; i++) sums[i] = vf_all(0);
  const float *band = d->packed, *deltas = d->deltas + sample * d->depth;
  for (size_t first = 0; first < d->depth;
       first += d->width, band += d->sources * (size_t)d->width) {
    size_t count = MINIMUM(d->width, d->depth - first);
    const float *row[8];
    UNROLL for (int m = 0; m < M; m++) row[m] = band + source[m] * (size_t)d->width;
    for (size_t k = 0; k < count; k += LANES) {
      vf delta[8];
      UNROLL for (int s = 0; s < S; s++) delta[s] = vf_load(deltas + s * d->depth + first + k);
      UNROLL for (int m = 0; m < M; m++) {
        vf weights = vf_load(row[m] + k);
        UNROLL for (int s = 0; s < S; s++) sums[s * M + m] =
            vf_fma(weights, delta[s], sums[s * M + m]);
      }
    }
  }
}

/// Outputs of G sources for one sample.
INLINE void dot_needed(const int G, const dot_rows *d, const uint32_t *source, size_t sample) {
  vf sums[8];
  dot_block(G, 1, d, source, sample, sums);
  vf all = sum_lanes(G, sums);
  float *to = d->to + sample * d->columns;
  UNROLL for (int g = 0; g < G; g++) {
    float sum = all[g * LANES / G];
    to[source[g]] = d->accumulate ? to[source[g]] + sum : sum;
  }
}

/// Stores M sums of each of S samples.
INLINE void store_dots(const int M, const int S, const dot_rows *d, uint32_t source, size_t sample,
                       vf *sums) {
  vf all = sum_lanes(M * S, sums);
  UNROLL for (int s = 0; s < S; s++) {
    float *to = d->to + (sample + (size_t)s) * d->columns + source;
    UNROLL for (int m = 0; m < M; m++) {
      float sum = all[(s * M + m) * LANES / (M * S)];
      to[m] = d->accumulate ? to[m] + sum : sum;
    }
  }
}

/// Outputs of M sources from `source` on for S samples.
INLINE void dot_all(const int M, const int S, const dot_rows *d, uint32_t source, size_t sample) {
  uint32_t sources[8];
  UNROLL for (int m = 0; m < M; m++) sources[m] = source + (uint32_t)m;
  vf sums[DOT_SOURCES * DOT_SAMPLES];
  dot_block(M, S, d, sources, sample, sums);
  UNROLL for (int s = 0; s + 4 <= S; s += 4)
      store_dots(M, 4, d, source, sample + (size_t)s, sums + s * M);
  if (S % 4 >= 2) store_dots(M, 2, d, source, sample + S / 4 * 4, sums + S / 4 * 4 * M);
  if (S % 2) store_dots(M, 1, d, source, sample + S - 1, sums + (S - 1) * M);
}

/// Floats of a block of W whose rows stay in the second-level cache for all samples of a tile.
#define DOT_FLOATS 131072

/// Outputs of sources [first, end) for S samples from `sample` on.
INLINE void dot_sources(const int S, const dot_rows *d, uint32_t first, uint32_t end,
                        size_t sample) {
  for (; first + DOT_SOURCES <= end; first += DOT_SOURCES)
    dot_all(DOT_SOURCES, S, d, first, sample);
  for (; first < end; first++) dot_all(1, S, d, first, sample);
}

/// All outputs of a tile.
static void dot_dense(const dot_rows *d, uint32_t samples) {
  uint32_t block = (uint32_t)MAXIMUM(DOT_FLOATS / d->depth, LANES);
  uint32_t groups = CEILING_DIVIDE(samples, DOT_SAMPLES);
  for (uint32_t first = 0; first < d->sources; first += block)
    for (uint32_t group = 0, sample = 0; group < groups; group++) {
      uint32_t end = MINIMUM(d->sources, first + block);
      uint32_t count = CEILING_DIVIDE(samples - sample, groups - group);
#define CASE(S)                                                                                    \
  if (DOT_SAMPLES >= S && count == S) dot_sources(MINIMUM(S, DOT_SAMPLES), d, first, end, sample);
      CASE(6)
      CASE(5)
      CASE(4)
      CASE(3)
      CASE(2)
      CASE(1)
#undef CASE
      sample += count;
    }
}

/// The needed outputs of a tile, as list_needed has listed them: a block of W for all samples.
static void dot_listed(const dot_rows *d, uint32_t samples, worker *scratch) {
  size_t stride = ROUND_UP(d->columns, 32) + ACTIVE_SLACK;
  uint32_t block = (uint32_t)MAXIMUM(DOT_FLOATS / d->depth, LANES);
  uint32_t *next = scratch->starts + samples;
  memset(next, 0, samples * sizeof *next);
  for (uint32_t end = 0; end < d->sources;) {
    end = MINIMUM(end + block, d->sources);
    for (uint32_t s = 0; s < samples; s++) {
      const uint32_t *list = scratch->lists + s * stride;
      uint32_t first = next[s], last = first;
      while (last < scratch->starts[s] && list[last] < end) last++;
      next[s] = last;
#define BODY(G) dot_needed(G, d, list + first, s)
      EACH_GROUP(8, first, last, BODY)
#undef BODY
    }
  }
}

/// dL/ds_t (+)= delta W^T for a tile, delta those of the layer `from` at step t: the outputs that
/// list_needed listed, or all.
static void dot_products(const run_layer *layer, const run_layer *from, int64_t t,
                         const float *packed, uint32_t width, spindle_outputs outputs,
                         bool accumulate) {
  size_t P = layer->plan->padded;
  uint32_t samples = layer->view.b1 - layer->view.b0;
  dot_rows d = {.packed = packed,
                .sources = layer->plan->shape.neurons,
                .width = width,
                .deltas = rows_deltas(from, t),
                .depth = from->plan->padded,
                .to = layer->view.spike_gradient + layer->view.b0 * P,
                .columns = P,
                .accumulate = accumulate};
  if (outputs == SPINDLE_OUTPUTS_NEEDED) dot_listed(&d, samples, layer->scratch);
  else dot_dense(&d, samples);
}

/// Fraction of needed outputs from which all are computed sooner.
#define ALL_OUTPUTS_FROM 0.45

static spindle_outputs choose_outputs(const layer_plan *plan, double fraction) {
  if (!plan->by_outputs) return SPINDLE_OUTPUTS_ALL;
  if (plan->outputs != SPINDLE_OUTPUTS_AUTOMATIC) return plan->outputs;
  return fraction > ALL_OUTPUTS_FROM ? SPINDLE_OUTPUTS_ALL : SPINDLE_OUTPUTS_NEEDED;
}

/// The bits of the neurons of a sample whose surrogate is not zero at step t; gives their number.
INLINE uint32_t needed_bits(const bool plain, const run_layer *layer, uint32_t t, uint32_t b,
                            uint32_t *row) {
  const layer_plan *plan = layer->plan;
  uint32_t count = 0;
  row[plan->spike_words - 1] = 0; // the neurons may fill half of it
  for (uint32_t n = 0; n < plan->padded; n += LANES) {
    cell c = cell_at(false, layer, b, n);
    neuron p = cell_neuron_at(plain, false, layer, t, &c);
    vf potential = vf_load(at_step(false, layer, layer->view.trace, t, &c));
    vf h = cell_surrogate(plain, false, plan->surrogate.kind, layer, &p, t, &c, potential);
    uint16_t bits = mask_to_bits(h != 0.0f);
    memcpy((char *)row + n / LANES * sizeof bits, &bits, sizeof bits);
    count += (uint32_t)__builtin_popcount(bits);
  }
  return count;
}

/// Says which outputs of step t a tile computes; lists for each sample the neurons whose surrogate
/// is not zero, if these alone.
static spindle_outputs list_needed(const run_layer *layer, uint32_t t) {
  const layer_plan *plan = layer->plan;
  worker *scratch = layer->scratch;
  size_t words = plan->spike_words, stride = ROUND_UP(plan->padded, 32) + ACTIVE_SLACK;
  uint32_t samples = layer->view.b1 - layer->view.b0;
  uint32_t *bits = (uint32_t *)(void *)scratch->values; // free in backward
  uint64_t needed = 0;
  for (uint32_t s = 0; s < samples; s++) {
    uint32_t b = layer->view.b0 + s, *row = bits + s * words;
    uint32_t count =
        plan->plain ? needed_bits(true, layer, t, b, row) : needed_bits(false, layer, t, b, row);
    layer->view.needed[b] += count;
    needed += count;
  }
  spindle_outputs outputs =
      choose_outputs(plan, (double)needed / ((double)samples * plan->shape.neurons));
  for (uint32_t s = 0; outputs == SPINDLE_OUTPUTS_NEEDED && s < samples; s++)
    scratch->starts[s] = list_active(bits + s * words, words, scratch->lists + s * stride);
  return outputs;
}

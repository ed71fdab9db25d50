/// Backward's products of the deltas with transposed matrices, dL/ds_t = delta W^T, for a tile: by
/// outputs where the surrogate has a support, for dL/ds_t is multiplied by h(u_t - threshold_t) and
/// needed only where that is not zero (Perez-Nieves and Goodman 2021, Sparse Spiking Gradient
/// Descent). An output is the dot product of a row of W, which lies as forward packed it, with a
/// row of deltas: LANES partial sums, of every LANES-th term in order, added as a tree. A dense
/// product in blocks has the same sums; what is computed where h is zero is not used. So no bit
/// depends on which outputs are computed.
///
/// - all: blocks of rows by samples in registers.
/// - needed: output by output, for the samples that need it. A few vectors of the deltas of all
///   samples at a time lie in the first-level cache, those of an output's row in registers; the
///   partial sums wait in memory.

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

/// One level for G vectors x, of which half are left.
#define FOLD_ALL(w, G, x)                                                                          \
  UNROLL for (int j = 0; j < (G) / 2; j++)(x)[j] = FOLD(w, (x)[j], (x)[j + (G) / 2]);

/// The sums of the lanes of LANES vectors: that of x[j] in lane j. Lane l of eight and more is
/// added to lane l - 8, then so with 4, 2 and 1.
INLINE vf sum_lanes(vf *x) {
  FOLD_ALL(8, 16, x)
  FOLD_ALL(4, 8, x)
  FOLD_ALL(2, 4, x)
  FOLD_ALL(1, 2, x)
  return x[0];
}

/// The same in two parts, for DOT_SOURCES vectors at a time: the first levels, which leave one
/// vector of them,
INLINE vf begin_sums(vf *x) {
  FOLD_ALL(8, DOT_SOURCES, x)
  if (DOT_SOURCES == 4) FOLD_ALL(4, 2, x)
  return x[0];
}
/// and the others, for LANES / DOT_SOURCES such vectors: that of vector j in lane j again.
INLINE vf finish_sums(vf *x) {
  if (DOT_SOURCES == 2) FOLD_ALL(4, 8, x)
  FOLD_ALL(2, 4, x)
  FOLD_ALL(1, 2, x)
#define LANE_OF(j) ((j) % DOT_SOURCES * (LANES / DOT_SOURCES) + (j) / DOT_SOURCES)
  return __builtin_shufflevector(x[0], x[0], LANE_OF(0), LANE_OF(1), LANE_OF(2), LANE_OF(3),
                                 LANE_OF(4), LANE_OF(5), LANE_OF(6), LANE_OF(7), LANE_OF(8),
                                 LANE_OF(9), LANE_OF(10), LANE_OF(11), LANE_OF(12), LANE_OF(13),
                                 LANE_OF(14), LANE_OF(15));
#undef LANE_OF
}
_Static_assert(DOT_SOURCES == 2 || DOT_SOURCES == 4, "the levels of begin_sums");

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

/// The dot products of DOT_SOURCES rows of W from `source` on, the last of them again and again
/// past the end, with the deltas of S samples: sums[s DOT_SOURCES + m].
INLINE void dot_block(const int S, const dot_rows *d, uint32_t source, size_t sample, vf *sums) {
  UNROLL for (int i = 0; i < DOT_SOURCES * S; i++) sums[i] = vf_all(0);
  const float *band = d->packed, *deltas = d->deltas + sample * d->depth;
  for (size_t first = 0; first < d->depth;
       first += d->width, band += d->sources * (size_t)d->width) {
    size_t count = MINIMUM(d->width, d->depth - first);
    const float *row[DOT_SOURCES];
    UNROLL for (uint32_t m = 0; m < DOT_SOURCES; m++) row[m] =
        band + MINIMUM(source + m, d->sources - 1) * (size_t)d->width;
    // While a band's rows are multiplied, the next ones come into the first-level cache; what lies
    // past the end is prefetched in vain.
    bool last = first + d->width >= d->depth;
    const float *next = (last ? d->packed : band + d->sources * (size_t)d->width) +
                        (source + (last ? DOT_SOURCES : 0)) * (size_t)d->width;
    for (size_t k = 0; k < count; k += LANES) {
      UNROLL for (int m = 0; m < DOT_SOURCES; m++)
          __builtin_prefetch(next + m * (size_t)d->width + k);
      vf delta[DOT_SAMPLES];
      UNROLL for (int s = 0; s < S; s++) delta[s] = vf_load(deltas + s * d->depth + first + k);
      UNROLL for (int m = 0; m < DOT_SOURCES; m++) {
        vf weights = vf_load(row[m] + k);
        UNROLL for (int s = 0; s < S; s++) sums[s * DOT_SOURCES + m] =
            vf_fma(weights, delta[s], sums[s * DOT_SOURCES + m]);
      }
    }
  }
}

/// Outputs of up to LANES sources from `source` on for S samples.
INLINE void dot_all(const int S, const dot_rows *d, uint32_t source, size_t sample) {
  vf begun[DOT_SAMPLES][LANES / DOT_SOURCES];
  for (uint32_t g = 0; g < LANES / DOT_SOURCES; g++) {
    vf sums[DOT_SOURCES * DOT_SAMPLES];
    uint32_t first = source + g * DOT_SOURCES;
    if (first < d->sources) dot_block(S, d, first, sample, sums);
    else memset(sums, 0, sizeof sums);
    UNROLL for (int s = 0; s < S; s++) begun[s][g] = begin_sums(sums + s * DOT_SOURCES);
  }
  uint32_t count = d->sources - source;
  UNROLL for (int s = 0; s < S; s++) {
    float *to = d->to + (sample + (size_t)s) * d->columns + source;
    vf sum = finish_sums(begun[s]);
    if (d->accumulate) sum = vf_load(to) + sum;
    if (count >= LANES) vf_store(to, sum);
    else vf_store_some(to, sum, count);
  }
}

/// Floats of a block of W whose rows stay in the second-level cache for all samples of a tile.
#define DOT_FLOATS 131072

/// All outputs of a tile.
static void dot_dense(const dot_rows *d, uint32_t samples) {
  uint32_t block = (uint32_t)ROUND_UP(MAXIMUM(DOT_FLOATS / d->depth, 1), LANES);
  uint32_t groups = CEILING_DIVIDE(samples, DOT_SAMPLES);
  for (uint32_t first = 0; first < d->sources; first += block)
    for (uint32_t group = 0, sample = 0; group < groups; group++) {
      uint32_t end = MINIMUM(d->sources, first + block);
      uint32_t count = CEILING_DIVIDE(samples - sample, groups - group);
#define CASE(S)                                                                                    \
  if (DOT_SAMPLES >= S && count == S)                                                              \
    for (uint32_t source = first; source < end; source += LANES)                                   \
      dot_all(MINIMUM(S, DOT_SAMPLES), d, source, sample);
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

/// Partial sums that the second-level cache holds beside the deltas of a tile.
#define NEEDED_SUMS 4096

_Static_assert(TILE_SAMPLES <= 64, "a bit a sample");

/// Outputs [first, end) of a tile that have few enough needed ones for the memory of their sums.
typedef struct needed_block {
  const uint32_t *low, *high; ///< The samples that need each output, 32 to a word.
  uint32_t first, end;
  float *sums; ///< [needed outputs][LANES]: by output, then by sample.
} needed_block;

INLINE uint64_t samples_of(const needed_block *n, uint32_t output) {
  return n->low[output] | (uint64_t)n->high[output] << 32;
}

/// Adds V vectors of the rows of W and the deltas to the partial sums. `row` is the first output's;
/// `panel` holds the vectors of all samples. A row's vectors stay in registers for the samples that
/// need it.
INLINE void add_needed(const int V, const dot_rows *d, const needed_block *n, const float *row,
                       const float *panel, bool begin) {
  float *to = n->sums;
  for (uint32_t output = n->first; output < n->end; output++, row += d->width) {
    uint64_t samples = samples_of(n, output);
    vf weights[8];
    UNROLL for (int v = 0; v < V; v++) weights[v] = vf_load(row + v * LANES);
    for (; samples; samples &= samples - 1, to += LANES) {
      const float *delta = panel + (size_t)__builtin_ctzll(samples) * V * LANES;
      vf sum = begin ? vf_all(0) : vf_load(to);
      UNROLL for (int v = 0; v < V; v++) sum = vf_fma(weights[v], vf_load(delta + v * LANES), sum);
      vf_store(to, sum);
    }
  }
}

/// The same, with the deltas of all samples from number `k` on copied: rows whose distance is a
/// multiple of a page would lie in few sets of the first-level cache.
INLINE void copy_and_add(const int V, const dot_rows *d, const needed_block *n, uint32_t samples,
                         const float *row, size_t k, float *panel) {
  for (uint32_t s = 0; s < samples; s++)
    UNROLL for (int v = 0; v < V; v++) vf_store(panel + (s * (size_t)V + v) * LANES,
                                                vf_load(d->deltas + s * d->depth + k + v * LANES));
  add_needed(V, d, n, row, panel, k == 0);
}

/// Sums the lanes of `count` partial sums and stores or adds them where they belong.
INLINE void store_needed(const dot_rows *d, const needed_block *n, uint32_t count) {
  for (uint32_t p = 0; p < count; p += LANES) {
    vf x[LANES];
    UNROLL for (int j = 0; j < LANES; j++) x[j] = vf_load(n->sums + (p + j) * (size_t)LANES);
    vf_store(n->sums + p, sum_lanes(x));
  }
  const float *sum = n->sums;
  for (uint32_t output = n->first; output < n->end; output++)
    for (uint64_t samples = samples_of(n, output); samples; samples &= samples - 1, sum++) {
      float *to = d->to + (size_t)__builtin_ctzll(samples) * d->columns + output;
      *to = d->accumulate ? *to + *sum : *sum;
    }
}

/// The needed outputs of a tile, as list_needed has marked them.
static void dot_needed(const dot_rows *d, uint32_t samples, worker *scratch) {
  size_t room = VALUE_ROWS * VALUE_STRIDE(d->sources) / LANES - LANES;
  size_t most = MINIMUM(room, NEEDED_SUMS);
  needed_block n = {
      .low = scratch->lists, .high = scratch->lists + d->columns, .sums = scratch->values};
  while (n.end < d->sources) {
    uint32_t count = 0;
    for (n.first = n.end; n.end < d->sources; n.end++) {
      uint32_t more = (uint32_t)__builtin_popcountll(samples_of(&n, n.end));
      if (count + more > most) break;
      count += more;
    }
    const float *band = d->packed + n.first * (size_t)d->width;
    for (size_t k = 0; k < d->depth; band += d->sources * (size_t)d->width) {
      const float *row = band;
      uint32_t v = 0, vectors = (uint32_t)(MINIMUM(d->width, d->depth - k) / LANES);
#define BODY(G)                                                                                    \
  {                                                                                                \
    copy_and_add(G, d, &n, samples, row, k, scratch->panel);                                       \
    row += G * LANES;                                                                              \
    k += G * LANES;                                                                                \
  }
      EACH_GROUP(8, v, vectors, BODY)
#undef BODY
    }
    store_needed(d, &n, count);
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
  if (outputs == SPINDLE_OUTPUTS_NEEDED) dot_needed(&d, samples, layer->scratch);
  else dot_dense(&d, samples);
}

/// Fraction of needed outputs from which all are computed sooner.
#define ALL_OUTPUTS_FROM 0.55

static spindle_outputs choose_outputs(const layer_plan *plan, double fraction) {
  if (!plan->by_outputs) return SPINDLE_OUTPUTS_ALL;
  if (plan->outputs != SPINDLE_OUTPUTS_AUTOMATIC) return plan->outputs;
  return fraction > ALL_OUTPUTS_FROM ? SPINDLE_OUTPUTS_ALL : SPINDLE_OUTPUTS_NEEDED;
}

/// Adds sample `s` of the tile to the masks of the neurons whose surrogate is not zero at step t;
/// gives their number.
INLINE uint32_t mark_needed(const bool plain, const spindle_surrogate kind, const run_layer *layer,
                            uint32_t t, uint32_t s, uint32_t *masks) {
  vi bit = (vi){0} + (int32_t)(UINT32_C(1) << s % 32), count = {0};
  for (uint32_t n = 0; n < layer->plan->padded; n += LANES) {
    cell c = cell_at(false, layer, layer->view.b0 + s, n);
    neuron p = cell_neuron_at(plain, false, layer, t, &c);
    vf potential = vf_load(at_step(false, layer, layer->view.trace, t, &c));
    vi needed = cell_surrogate(plain, false, kind, layer, &p, t, &c, potential) != 0.0f;
    count -= needed;
    float *mask = (float *)(void *)(masks + n);
    vf_store(mask, (vf)((vi)vf_load(mask) | (needed & bit)));
  }
  uint32_t sum = 0;
  for (int l = 0; l < LANES; l++) sum += (uint32_t)count[l];
  return sum;
}

/// Says which outputs of step t a tile computes; marks the samples that need each neuron's.
static spindle_outputs list_needed(const run_layer *layer, uint32_t t) {
  const layer_plan *plan = layer->plan;
  uint32_t samples = layer->view.b1 - layer->view.b0, *masks = layer->scratch->lists;
  uint64_t needed = 0;
  memset(masks, 0, 2 * plan->padded * sizeof *masks);
  for (uint32_t s = 0; s < samples; s++) {
    uint32_t *of = masks + s / 32 * plan->padded, count = 0;
#define BODY(kind) count = mark_needed(true, kind, layer, t, s, of);
    if (plan->plain) EACH_SURROGATE(plan->surrogate.kind, BODY)
#undef BODY
    else count = mark_needed(false, plan->surrogate.kind, layer, t, s, of);
    layer->view.needed[layer->view.b0 + s] += count;
    needed += count;
  }
  return choose_outputs(plan, (double)needed / ((double)samples * plan->shape.neurons));
}

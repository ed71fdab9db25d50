/// Sums of the rows of a matrix W [sources][P] that a row of spikes names: x W for spikes x. Three
/// ways, all in the order of the sources and so with the same bits:
///
/// - events: each active row of W is added in turn; the cost follows the activity. W is packed in
///   bands of up to 256 columns, so that a band stays in the second-level cache.
/// - blocked events: the same for a block of sources and a panel of 64 columns at a time, which
///   the first-level cache holds. More bookkeeping, faster loads: pays from 7 % active.
/// - dense: spikes as numbers, or analog values, in a dense product.

/// sum[g] += the rows of `matrix` named by `active`, G vectors of each.
INLINE void add_rows(const int G, vf *sum, const float *matrix, size_t stride,
                     const uint32_t *active, uint32_t count) {
  for (uint32_t e = 0; e < count; e++) {
    const float *row = matrix + active[e] * stride;
    UNROLL for (int g = 0; g < G; g++) sum[g] += vf_load(row + g * LANES);
  }
}

/// The band of a packed matrix that holds vector `v`, from that vector on.
INLINE const float *packed_at(const float *packed, uint32_t width, uint32_t sources, uint32_t v) {
  uint32_t column = v * LANES;
  return packed + (size_t)(column / width) * sources * width + column % width;
}

INLINE void store_sums(const int G, const float *bias, const vf *sum, float *to, size_t column) {
  UNROLL for (int g = 0; g < G; g++) {
    size_t n = column + g * (size_t)LANES;
    vf_store(to + n, bias ? sum[g] + vf_load(bias + n) : sum[g]);
  }
}

INLINE void sum_events_group(const int G, const row_sums *s, float *to, uint32_t v,
                             const uint32_t *active, uint32_t count) {
  vf sum[16];
  UNROLL for (int g = 0; g < G; g++) sum[g] = vf_all(0);
  add_rows(G, sum, packed_at(s->packed, s->width, s->from.count, v), s->width, active, count);
  store_sums(G, s->bias, sum, to, v * (size_t)LANES);
}

static void sum_events(const row_sums *s, uint32_t steps, uint32_t samples, worker *scratch) {
  uint32_t vectors = s->columns / LANES, band = s->width / LANES;
  for (uint32_t pass = 0; pass < vectors; pass += band) {
    uint32_t end = MINIMUM(vectors, pass + band);
    for (uint32_t t = 0; t < steps; t++)
      for (uint32_t b = 0; b < samples; b++) {
        float *to = s->sums + (t * s->batch + b) * s->columns;
        source_rows row = source_rows_from(s->from, t, b);
        uint32_t count = list_active(row.spikes, SPINDLE_WORDS(row.count), scratch->active);
        uint32_t first = pass;
#define BODY(G) sum_events_group(G, s, to, first, scratch->active, count)
        EACH_GROUP(16, first, end, BODY)
#undef BODY
      }
  }
}

/// Lists the active sources of up to BLOCK_ROWS rows, block by block: the list of row r in block k
/// begins at starts[k (BLOCK_ROWS + 1) + r] and counts from the block's first source.
static void list_blocks(const row_sums *s, uint32_t first, uint32_t rows, uint32_t samples,
                        worker *scratch) {
  uint32_t end = 0, all = (uint32_t)SPINDLE_WORDS(s->from.count);
  for (uint32_t word = 0, *start = scratch->starts; word < all;
       word += BLOCK_SOURCES / 32, start += BLOCK_ROWS + 1) {
    uint32_t words = MINIMUM(all - word, BLOCK_SOURCES / 32);
    for (uint32_t r = 0; r < rows; r++) {
      uint32_t t = (first + r) / samples, b = (first + r) % samples;
      const uint32_t *row = source_rows_from(s->from, t, b).spikes;
      start[r] = end;
      end += list_active(row + word, words, scratch->lists + end);
    }
    start[rows] = end;
  }
}

/// Adds one block of sources to G vectors of the sums of all rows, which the panel holds.
INLINE void sum_block(const int G, const row_sums *s, uint32_t rows, uint32_t block, size_t column,
                      const worker *scratch) {
  size_t width = s->width;
  const float *matrix = s->packed +
                        (column / PANEL * s->from.count + (size_t)block * BLOCK_SOURCES) * width +
                        column % PANEL;
  const uint32_t *start = scratch->starts + block * (BLOCK_ROWS + 1);
  float *to = scratch->panel;
  for (uint32_t r = 0; r < rows; r++, to += PANEL) {
    vf sum[4];
    UNROLL for (int g = 0; g < G; g++) sum[g] = block ? vf_load(to + g * LANES) : vf_all(0);
    add_rows(G, sum, matrix, width, scratch->lists + start[r], start[r + 1] - start[r]);
    UNROLL for (int g = 0; g < G; g++) vf_store(to + g * LANES, sum[g]);
  }
}

/// G vectors of the sums of `rows` rows from the `first` on.
INLINE void sum_panel(const int G, const row_sums *s, uint32_t first, uint32_t rows,
                      uint32_t samples, size_t column, const worker *scratch) {
  uint32_t blocks = CEILING_DIVIDE(s->from.count, BLOCK_SOURCES);
  const float *bias = s->bias;
  for (uint32_t block = 0; block < blocks; block++) sum_block(G, s, rows, block, column, scratch);
  for (uint32_t r = 0; r < rows; r++) {
    uint32_t t = (first + r) / samples, b = (first + r) % samples;
    vf sum[4];
    UNROLL for (int g = 0; g < G; g++) sum[g] = vf_load(scratch->panel + r * PANEL + g * LANES);
    store_sums(G, bias, sum, s->sums + ((size_t)t * s->batch + b) * s->columns, column);
  }
}

static void sum_blocked_events(const row_sums *s, uint32_t steps, uint32_t samples,
                               worker *scratch) {
  uint32_t total = steps * samples;
  for (uint32_t first = 0; first < total; first += BLOCK_ROWS) {
    uint32_t rows = MINIMUM(total - first, BLOCK_ROWS);
    list_blocks(s, first, rows, samples, scratch);
    uint32_t vectors = (uint32_t)(s->columns / LANES), v = 0;
#define BODY(G) sum_panel(G, s, first, rows, samples, v *(size_t)LANES, scratch)
    EACH_GROUP(4, v, vectors, BODY)
#undef BODY
  }
}

/// Unpacks spikes to numbers: [rows][stride], zeros up to a whole vector.
static void unpack_rows(source_rows from, uint32_t rows, float *values, size_t stride) {
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t v = 0; v * LANES < from.count; v++)
      vf_store(values + r * stride + v * LANES,
               spikes_as_numbers(source_rows_from(from, 0, r).spikes, v));
}

static void sum_dense(const row_sums *s, uint32_t steps, uint32_t samples, worker *scratch) {
  size_t stride = ROUND_UP(s->from.count, LANES);
  // Spikes are unpacked one step of at most VALUE_ROWS samples at a time.
  uint32_t part_steps = s->from.values ? steps : 1;
  uint32_t part_samples = s->from.values ? samples : MINIMUM(samples, VALUE_ROWS);
  for (uint32_t t = 0; t < steps; t += part_steps)
    for (uint32_t b = 0; b < samples; b += part_samples) {
      uint32_t count = MINIMUM(part_samples, samples - b);
      source_rows from = source_rows_from(s->from, t, b);
      product p = {.a = from.values,
                   .a_row = from.count,
                   .a_group = from.batch * from.count,
                   .a_step = 1,
                   .b = s->packed,
                   .b_step = s->width,
                   .b_panel = (size_t)from.count * PANEL,
                   .c = s->sums + (t * s->batch + b) * s->columns,
                   .c_row = s->columns,
                   .c_group = s->batch * s->columns,
                   .rows = count * part_steps,
                   .group = count,
                   .depth = from.count,
                   .columns = (uint32_t)s->columns};
      if (!p.a) {
        unpack_rows(from, count, scratch->values, stride);
        p.a = scratch->values;
        p.a_row = stride;
      }
      multiply(&p);
    }
  for (uint32_t t = 0; s->bias && t < steps; t++)
    for (size_t b = 0; b < samples; b++)
      for (size_t n = 0; n < s->columns; n += LANES) {
        float *to = s->sums + (t * s->batch + b) * s->columns + n;
        vf_store(to, vf_load(to) + vf_load(s->bias + n));
      }
}

/// Sums for rows t batch + b, t < steps, b < samples.
static void sum_rows(const row_sums *s, uint32_t steps, uint32_t samples, worker *scratch) {
  if (s->mode == SPINDLE_SUMS_DENSE) sum_dense(s, steps, samples, scratch);
  else if (s->mode == SPINDLE_SUMS_BLOCKED_EVENTS) sum_blocked_events(s, steps, samples, scratch);
  else sum_events(s, steps, samples, scratch);
}

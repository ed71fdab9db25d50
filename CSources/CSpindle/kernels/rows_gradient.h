/// Weight gradients in the rows layout: G[k][n] = sum over rows, in order, of source k times
/// delta[n], for a block of sources. By events: a chunk of rows is turned into a list of rows for
/// each source, whose deltas are summed in registers; or by a dense product, with the same bits.

/// Columns of the deltas of a chunk that stay in the second-level cache.
#define EVENT_COLUMNS 256

/// A row of sources, and its sample.
typedef struct row_walk {
  source_rows at;
  uint32_t sample;
} row_walk;

INLINE row_walk walk_to(const gradient_block *g, size_t index) {
  uint32_t sample = (uint32_t)(index % g->samples);
  return (row_walk){source_rows_from(g->from, index / g->samples, sample), sample};
}
INLINE void walk_on(const gradient_block *g, row_walk *walk) {
  bool step = ++walk->sample == g->samples;
  walk->at = source_rows_from(walk->at, 0, step ? 1 + g->from.batch - g->samples : 1);
  if (step) walk->sample = 0;
}

/// Lists, for each source of the block, the rows of the chunk in which it is active. Without spikes
/// or values there is one source, active in every row: the bias.
INLINE void list_events(const gradient_block *g, size_t index, uint32_t rows, worker *scratch) {
  if (!g->from.spikes) {
    for (uint32_t r = 0; r < rows; r++) scratch->events[r] = (uint16_t)r;
    scratch->counts[0] = rows;
    return;
  }
  uint32_t first_word = g->first_source / 32;
  uint32_t words = CEILING_DIVIDE(g->last_source, 32) - first_word;
  memset(scratch->counts, 0, (g->last_source - g->first_source) * sizeof *scratch->counts);
  row_walk walk = walk_to(g, index);
  for (uint32_t r = 0; r < rows; r++, walk_on(g, &walk)) {
    uint32_t active = list_active(walk.at.spikes + first_word, words, scratch->active);
    for (uint32_t e = 0; e < active; e++) {
      uint32_t source = scratch->active[e];
      scratch->events[source * GRADIENT_STRIDE + scratch->counts[source]++] = (uint16_t)r;
    }
  }
}

INLINE void add_events(const int G, const float *delta, size_t stride, float *gradient,
                       uint32_t width, const uint16_t *events, uint32_t count) {
  vf sum[16];
  bool whole = width >= (uint32_t)G * LANES;
  if (whole) {
    UNROLL for (int g = 0; g < G; g++) sum[g] = vf_load(gradient + g * LANES);
  } else {
    UNROLL for (int g = 0; g < G; g++) sum[g] =
        vf_load_some(gradient + g * LANES, width - (uint32_t)g * LANES);
  }
  for (uint32_t e = 0; e < count; e++) {
    const float *row = delta + events[e] * stride;
    UNROLL for (int g = 0; g < G; g++) sum[g] += vf_load(row + g * LANES);
  }
  if (whole) {
    UNROLL for (int g = 0; g < G; g++) vf_store(gradient + g * LANES, sum[g]);
  } else {
    UNROLL for (int g = 0; g < G; g++)
        vf_store_some(gradient + g * LANES, sum[g], width - (uint32_t)g * LANES);
  }
}

/// Adds the events of all the block's sources to G vectors of their gradients, from column n on.
INLINE void add_sources(const int G, const gradient_block *g, const float *delta, size_t stride,
                        size_t n, const worker *scratch) {
  for (uint32_t k = g->first_source; k < g->last_source; k++) {
    uint32_t source = k - g->first_source, count = scratch->counts[source];
    if (count)
      add_events(G, delta, stride, g->gradient + k * g->gradient_stride + n,
                 g->columns - (uint32_t)n, scratch->events + (size_t)source * GRADIENT_STRIDE,
                 count);
  }
}

static void gradient_events(const gradient_block *g, size_t index, uint32_t rows, worker *scratch) {
  list_events(g, index, rows, scratch);
  const float *delta = g->delta + index * g->delta_stride;
  for (uint32_t first = 0; first < g->columns; first += EVENT_COLUMNS) {
    uint32_t v = first / LANES, last = MINIMUM(g->columns, first + EVENT_COLUMNS);
    uint32_t end = CEILING_DIVIDE(last, LANES);
    // The sums below visit the chunk's deltas in no order; here they are fetched in order.
    for (uint32_t r = 0; g->from.spikes && r < rows; r++)
      for (uint32_t n = first; n < last; n += LANES)
        __builtin_prefetch(delta + r * g->delta_stride + n);
#define BODY(G)                                                                                    \
  add_sources(G, g, delta + (size_t)v * LANES, g->delta_stride, (size_t)v * LANES, scratch)
    EACH_GROUP(16, v, end, BODY)
#undef BODY
  }
}

/// Copies a panel of deltas, [rows][PANEL]: whole rows lie too far apart for a cache to keep. Gives
/// its vectors.
static uint32_t copy_panel(const gradient_block *g, size_t index, uint32_t rows, uint32_t column,
                           float *panel) {
  uint32_t vectors = MINIMUM(CEILING_DIVIDE(g->columns - column, LANES), PANEL / LANES);
  const float *delta = g->delta + index * g->delta_stride + column;
  for (uint32_t r = 0; r < rows; r++, delta += g->delta_stride, panel += PANEL)
    for (uint32_t v = 0; v < vectors; v++) vf_store(panel + v * LANES, vf_load(delta + v * LANES));
  return vectors;
}

/// As by events, for fewer rows of narrow panels of deltas, copied so that they stay in the
/// first-level cache: pays where a source has many events.
static void gradient_blocked(const gradient_block *g, size_t index, uint32_t rows,
                             worker *scratch) {
  list_events(g, index, rows, scratch);
  for (uint32_t column = 0; column < g->columns; column += PANEL) {
    uint32_t vectors = copy_panel(g, index, rows, column, scratch->panel), v = 0;
#define BODY(G)                                                                                    \
  add_sources(G, g, scratch->panel + v * LANES, PANEL, column + v * (size_t)LANES, scratch)
    EACH_GROUP(16, v, vectors, BODY)
#undef BODY
  }
}

/// The block's sources in the rows of a chunk, as numbers: [rows][stride].
static void copy_sources(const gradient_block *g, size_t index, uint32_t rows, size_t stride,
                         float *values) {
  uint32_t sources = g->last_source - g->first_source;
  row_walk walk = walk_to(g, index);
  for (uint32_t r = 0; r < rows; r++, walk_on(g, &walk), values += stride) {
    if (g->from.values) {
      memcpy(values, walk.at.values + g->first_source, sources * sizeof(float));
      continue;
    }
    source_rows some = {.spikes = walk.at.spikes + g->first_source / 32, .count = sources};
    unpack_rows(some, 1, values, stride);
  }
}

static void gradient_dense(const gradient_block *g, size_t index, uint32_t rows, worker *scratch) {
  size_t sources = g->last_source - g->first_source, stride = VALUE_STRIDE(sources);
  product p = {.a = scratch->values,
               .a_row = 1,
               .a_step = stride,
               .b = scratch->panel,
               .b_step = PANEL,
               .c_row = g->gradient_stride,
               .rows = (uint32_t)sources,
               .group = (uint32_t)sources,
               .depth = rows,
               .accumulate = true};
  copy_sources(g, index, rows, stride, scratch->values);
  for (uint32_t column = 0; column < g->columns; column += PANEL) {
    p.columns = MINIMUM(g->columns - column, PANEL);
    copy_panel(g, index, rows, column, scratch->panel);
    p.c = g->gradient + g->first_source * g->gradient_stride + column;
    multiply(&p);
  }
}

/// Adds to a gradient that is zero at the start.
static void rows_gradient(const gradient_block *g, worker *scratch) {
  bool blocked = g->mode == SPINDLE_SUMS_BLOCKED_EVENTS, dense = g->mode == SPINDLE_SUMS_DENSE;
  uint32_t chunk = blocked || dense ? PANEL_ROWS : GRADIENT_ROWS;
  for (size_t index = 0; index < g->rows; index += chunk) {
    uint32_t rows = (uint32_t)MINIMUM(g->rows - index, (size_t)chunk);
    if (dense) gradient_dense(g, index, rows, scratch);
    else if (blocked) gradient_blocked(g, index, rows, scratch);
    else gradient_events(g, index, rows, scratch);
  }
}

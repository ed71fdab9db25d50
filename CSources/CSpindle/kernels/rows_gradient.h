/// Weight gradients in the rows layout: G[k][n] = sum over rows, in order, of source k times
/// delta[n], for a block of sources and columns. By events: a chunk of rows is turned into a list
/// of rows for each source, whose deltas are summed in registers; or by a dense product, with the
/// same bits.

/// A row of sources, and its sample.
typedef struct row_walk {
  size_t row;
  uint32_t sample;
} row_walk;

INLINE row_walk walk_to(const gradient_block *g, size_t index) {
  uint32_t sample = (uint32_t)(index % g->samples);
  return (row_walk){index / g->samples * g->batch + sample, sample};
}
INLINE void walk_on(const gradient_block *g, row_walk *walk) {
  walk->row++;
  if (++walk->sample < g->samples) return;
  walk->sample = 0;
  walk->row += g->batch - g->samples;
}

/// Lists, for each source of the block, the rows of the chunk in which it is active. Without spikes
/// or values there is one source, active in every row: the bias.
INLINE void list_events(const gradient_block *g, size_t index, uint32_t rows, bool prefetch,
                        worker *scratch) {
  if (!g->spikes) {
    for (uint32_t r = 0; r < rows; r++) scratch->events[r] = (uint16_t)r;
    scratch->counts[0] = rows;
    return;
  }
  uint32_t first_word = g->first_source / 32;
  uint32_t words = CEILING_DIVIDE(g->last_source, 32) - first_word;
  memset(scratch->counts, 0, (g->last_source - g->first_source) * sizeof *scratch->counts);
  row_walk walk = walk_to(g, index);
  for (uint32_t r = 0; r < rows; r++, walk_on(g, &walk)) {
    const uint32_t *row = g->spikes + walk.row * g->words + first_word;
    // The sums below visit the chunk's deltas in no order; here they are fetched in order.
    const float *delta = g->delta + (index + r) * g->delta_stride;
    for (uint32_t n = g->first_column; prefetch && n < g->last_column; n += LANES)
      __builtin_prefetch(delta + n);
    uint32_t active = list_active(row, words, scratch->active);
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
      add_events(G, delta, stride, g->gradient + (size_t)k * g->columns + n,
                 g->columns - (uint32_t)n, scratch->events + (size_t)source * GRADIENT_STRIDE,
                 count);
  }
}

static void gradient_events(const gradient_block *g, size_t index, uint32_t rows, worker *scratch) {
  list_events(g, index, rows, true, scratch);
  const float *delta = g->delta + index * g->delta_stride;
  uint32_t first = g->first_column / LANES, end = CEILING_DIVIDE(g->last_column, LANES);
#define BODY(G)                                                                                    \
  add_sources(G, g, delta + (size_t)first * LANES, g->delta_stride, (size_t)first * LANES, scratch)
  EACH_GROUP(first, end, BODY)
#undef BODY
}

/// Copies a panel of deltas, [rows][PANEL]: whole rows lie too far apart for a cache to keep.
static void copy_panel(const gradient_block *g, size_t index, uint32_t rows, uint32_t column,
                       float *panel) {
  uint32_t vectors = MINIMUM(CEILING_DIVIDE(g->last_column - column, LANES), PANEL / LANES);
  const float *delta = g->delta + index * g->delta_stride + column;
  for (uint32_t r = 0; r < rows; r++, delta += g->delta_stride, panel += PANEL)
    for (uint32_t v = 0; v < vectors; v++) vf_store(panel + v * LANES, vf_load(delta + v * LANES));
}

/// As above, for fewer rows of narrow panels of deltas, copied so that they stay in the first-level
/// cache: pays where a source has many events.
static void gradient_blocked(const gradient_block *g, size_t index, uint32_t rows,
                             worker *scratch) {
  list_events(g, index, rows, false, scratch);
  for (uint32_t column = g->first_column; column < g->last_column; column += PANEL) {
    uint32_t vectors = MINIMUM(CEILING_DIVIDE(g->last_column - column, LANES), PANEL / LANES);
    copy_panel(g, index, rows, column, scratch->panel);
    uint32_t first = 0;
#define BODY(G)                                                                                    \
  add_sources(G, g, scratch->panel + first * LANES, PANEL, column + first * (size_t)LANES, scratch)
    EACH_GROUP(first, vectors, BODY)
#undef BODY
  }
}

/// The block's sources in the rows of a chunk, as numbers: [rows][stride].
static void copy_sources(const gradient_block *g, size_t index, uint32_t rows, size_t stride,
                         float *values) {
  uint32_t sources = g->last_source - g->first_source;
  row_walk walk = walk_to(g, index);
  for (uint32_t r = 0; r < rows; r++, walk_on(g, &walk), values += stride) {
    if (g->values)
      memcpy(values, g->values + walk.row * g->sources + g->first_source, sources * sizeof(float));
    else // They begin at a whole word.
      unpack_spikes(g->spikes + walk.row * g->words + g->first_source / 32, g->words, sources,
                    values, stride, 1);
  }
}

static void gradient_dense(const gradient_block *g, size_t index, uint32_t rows, worker *scratch) {
  size_t sources = g->last_source - g->first_source, stride = VALUE_STRIDE(sources);
  product p = {.a = scratch->values,
               .a_row = 1,
               .a_step = stride,
               .b = scratch->panel,
               .b_step = PANEL,
               .c_row = g->columns,
               .rows = (uint32_t)sources,
               .group = (uint32_t)sources,
               .depth = rows,
               .accumulate = true};
  copy_sources(g, index, rows, stride, scratch->values);
  for (uint32_t column = g->first_column; column < g->last_column; column += PANEL) {
    p.columns = MINIMUM(g->last_column - column, PANEL);
    copy_panel(g, index, rows, column, scratch->panel);
    p.c = g->gradient + g->first_source * (size_t)g->columns + column;
    multiply(&p);
  }
}

/// Adds to a gradient that is zero at the start.
static void rows_gradient(const gradient_block *g, worker *scratch) {
  uint32_t chunk = g->mode == SPINDLE_SUMS_BLOCKED_EVENTS || g->mode == SPINDLE_SUMS_DENSE
                       ? PANEL_ROWS
                       : GRADIENT_ROWS;
  for (size_t index = 0; index < g->rows; index += chunk) {
    uint32_t rows = (uint32_t)MINIMUM(g->rows - index, (size_t)chunk);
    switch (g->mode) {
    case SPINDLE_SUMS_AUTOMATIC: // decided before
    case SPINDLE_SUMS_EVENTS:
      gradient_events(g, index, rows, scratch);
      break;
    case SPINDLE_SUMS_BLOCKED_EVENTS:
      gradient_blocked(g, index, rows, scratch);
      break;
    case SPINDLE_SUMS_DENSE:
      gradient_dense(g, index, rows, scratch);
      break;
    }
  }
}

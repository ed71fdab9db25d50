/// The dense product: C (+)= A B, a block of rows by vectors in registers, k in order.

/// Rows of A and C of a block.
typedef struct product_rows {
  const float *a[PRODUCT_ROWS];
  float *c[PRODUCT_ROWS];
} product_rows;

INLINE void product_block(const int R, const int V, const product *p, const product_rows *rows,
                          const float *b, uint32_t column) {
  vf sum[PRODUCT_ROWS][4];
  uint32_t width = p->columns - column;
  const float *a[PRODUCT_ROWS];
  UNROLL for (int r = 0; r < R; r++) {
    a[r] = rows->a[r];
    UNROLL for (int v = 0; v < V; v++) {
      if (!p->accumulate) sum[r][v] = vf_all(0);
      else if (width >= (uint32_t)V * LANES) sum[r][v] = vf_load(rows->c[r] + column + v * LANES);
      else sum[r][v] = vf_load_some(rows->c[r] + column + v * LANES, width - v * LANES);
    }
  }
  size_t step = p->a_step;
  for (uint32_t k = 0; k < p->depth; k++) {
    vf row[4];
    UNROLL for (int v = 0; v < V; v++) row[v] = vf_load(b + v * LANES);
    UNROLL for (int r = 0; r < R; r++) {
      vf factor = vf_all(a[r][k * step]);
      UNROLL for (int v = 0; v < V; v++) sum[r][v] = vf_fma(factor, row[v], sum[r][v]);
    }
    b += p->b_step;
  }
  UNROLL for (int r = 0; r < R; r++) UNROLL for (int v = 0; v < V; v++) {
    if (width >= (uint32_t)V * LANES) vf_store(rows->c[r] + column + v * LANES, sum[r][v]);
    else vf_store_some(rows->c[r] + column + v * LANES, sum[r][v], width - v * LANES);
  }
}

INLINE void product_columns(const int V, const product *p, const product_rows *rows, uint32_t count,
                            const float *b, uint32_t column) {
#define CASE(R)                                                                                    \
  if (PRODUCT_ROWS >= R && count == R)                                                             \
    product_block(MINIMUM(R, PRODUCT_ROWS), V, p, rows, b, column);
  CASE(6)
  CASE(5)
  CASE(4)
  CASE(3)
  CASE(2)
  CASE(1)
#undef CASE
}

/// All rows by the columns of one vector group of B.
static void product_band(const int V, const product *p, const float *b, uint32_t column) {
  uint32_t blocks = CEILING_DIVIDE(p->rows, PRODUCT_ROWS);
  for (uint32_t block = 0, row = 0; block < blocks; block++) {
    uint32_t count = (p->rows - row + (blocks - block) - 1) / (blocks - block);
    product_rows rows;
    for (uint32_t r = 0; r < count; r++) {
      size_t group = (row + r) / p->group, inner = (row + r) % p->group;
      rows.a[r] = p->a + group * p->a_group + inner * p->a_row;
      rows.c[r] = p->c + group * p->c_group + inner * p->c_row;
    }
    if (PRODUCT_VECTORS >= 4 && V == 4) product_columns(4, p, &rows, count, b, column);
    else if (PRODUCT_VECTORS >= 2 && V == 2) product_columns(2, p, &rows, count, b, column);
    else product_columns(1, p, &rows, count, b, column);
    row += count;
  }
}

static void multiply(const product *p) {
  if (p->rows == 0) return;
  uint32_t vectors = CEILING_DIVIDE(p->columns, LANES);
  for (uint32_t first = 0; first < vectors;) {
    uint32_t column = first * LANES;
    const float *b = p->b + column / PANEL * p->b_panel + column % PANEL;
    uint32_t left = vectors - first;
    uint32_t V = left >= 4 && PRODUCT_VECTORS >= 4 ? 4 : left >= 2 && PRODUCT_VECTORS >= 2 ? 2 : 1;
    product_band((int)V, p, b, column);
    first += V;
  }
}

static void pack(const packing *p, uint32_t band, uint32_t first_row, uint32_t last_row) {
  uint32_t first = band * p->width, used = MINIMUM(p->columns - first, p->width);
  float *to = p->packed + ((size_t)band * p->depth + first_row) * p->width;
  for (uint32_t k = first_row; k < last_row; k++, to += p->width) {
    const float *from = p->matrix + k * p->row_stride + first * p->column_stride;
    if (p->column_stride == 1) memcpy(to, from, used * sizeof *to);
    else
      for (uint32_t j = 0; j < used; j++) to[j] = from[j * p->column_stride];
    for (uint32_t j = 0; p->factor != 1 && j < used; j++) to[j] *= p->factor;
    memset(to + used, 0, (p->width - used) * sizeof *to);
  }
}

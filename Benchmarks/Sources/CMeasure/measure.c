/// The dense product by itself, for benchmarks.
#include "../../../CSources/CSpindle/core/plan.h"
#include "measure.h"

typedef struct measurement {
  const kernels *kernels;
  const spindle_product_shape *shape;
  uint32_t repetitions;
  const float *a, *b;
  float *c;
} measurement;

static void product_task(void *context, task task) {
  const measurement *m = context;
  const spindle_product_shape *s = m->shape;
  size_t rows = s->rows, depth = s->depth, columns = s->columns;
  size_t row = ROUND_UP(columns, (size_t)LANES);
  product p = {.a = m->a + task.index * ROUND_UP(rows * depth, (size_t)LANES),
               .a_row = s->gradient ? 1 : depth,
               .a_step = s->gradient ? rows : 1,
               .b = m->b,
               .b_step = s->gradient ? row : PANEL,
               .b_panel = s->gradient ? PANEL : depth * PANEL,
               .c = m->c + task.index * ROUND_UP(rows * columns, (size_t)LANES),
               .c_row = columns,
               .rows = s->rows,
               .group = s->rows,
               .depth = s->depth,
               .columns = s->columns,
               .accumulate = s->gradient};
  for (uint32_t i = 0; i < m->repetitions; i++) m->kernels->multiply(&p);
}

spindle_status spindle_measure_product(spindle_isa isa, uint32_t threads,
                                       const spindle_product_shape *shape, uint32_t repetitions,
                                       const float *a, const float *b, float *c) {
  if (!shape || !a || !b || !c) return SPINDLE_NULL_POINTER;
  if (threads == 0 || threads > SPINDLE_MAXIMUM_THREADS || shape->rows == 0 || shape->depth == 0 ||
      shape->columns == 0)
    return SPINDLE_INVALID_SIZE;
  spindle_isa chosen;
  TRY(spindle_isa_resolve(isa, &chosen));
  measurement m = {.kernels = spindle_kernels_for(chosen),
                   .shape = shape,
                   .repetitions = repetitions,
                   .a = a,
                   .b = b,
                   .c = c};
  spindle_parallel(NULL, threads, threads, product_task, &m);
  return SPINDLE_OK;
}

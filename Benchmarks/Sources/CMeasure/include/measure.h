#ifndef SPINDLE_MEASURE_H
#define SPINDLE_MEASURE_H
/// Single kernels of the engine, for benchmarks.
#include "spindle.h"

/// The shape of a dense product C [rows][columns] = A [rows][depth] B [depth][columns].
typedef struct spindle_product_shape {
  uint32_t rows, depth, columns;
  /// As in a weight gradient: A is given transposed, [depth][rows], B's rows lie `columns` rounded
  /// up to 16 apart and C is added to. Else B is in panels, as in a sum of currents or deltas.
  bool gradient;
} spindle_product_shape;

/// Runs the kernel of the dense products of training by itself, for benchmarks: each of `threads`
/// tasks multiplies its own A into its own C `repetitions` times, sharing B. The buffers hold, in
/// floats: a [threads][rows depth rounded up to 16], b [ceil(columns / 64)][depth][64],
/// c [threads][rows columns rounded up to 16]. Threads are started once a call.
spindle_status spindle_measure_product(spindle_isa isa, uint32_t threads,
                                       const spindle_product_shape *shape, uint32_t repetitions,
                                       const float *a, const float *b, float *c);

#endif

/// What the kernels see, and their table. They know nothing of workspaces and threads.
///
/// Shape letters: B batch, T steps, I inputs of a layer, N neurons of a layer. P is N rounded up to
/// a multiple of LANES; the P - N neurons of padding never fire and stay zero. A "row" is one
/// sample at one step; rows are numbered t B + b, so a buffer [T][B][P] has T B rows. B is the
/// batch of one slice (plan.h): the kernels see a slice as if it were all.
#ifndef SPINDLE_KERNELS_H
#define SPINDLE_KERNELS_H

#include <float.h>
#include <string.h>
#include "spindle.h"

// No architecture may fuse by itself what another does not: fused products are written.
#pragma STDC FP_CONTRACT OFF

/// Lanes of the virtual vector, on every ISA.
#define LANES 16
/// Columns of a panel of a packed matrix.
#define PANEL 64

#define MINIMUM(a, b) ((a) < (b) ? (a) : (b))
#define MAXIMUM(a, b) ((a) > (b) ? (a) : (b))
#define CEILING_DIVIDE(a, b) (((a) + (b)-1) / (b))
#define ROUND_UP(a, b) (CEILING_DIVIDE(a, b) * (b))

/// Samples of a tile at most: one thread keeps their state and deltas in its cache while it walks
/// through time.
#define TILE_SAMPLES 64

/// Columns of a band of a matrix packed for sums over events.
#define BAND 256
_Static_assert(PANEL % LANES == 0 && BAND % PANEL == 0, "whole vectors, whole panels");

/// The gradient of the loss with respect to the output (s or v) of the last layer. With x =
/// values[b batch_stride + t step_stride + n], where a stride of 0 broadcasts, it is x; or only at
/// step only_step[b batch_stride + n], else 0; or, with a scale, scale (v - x). NULL is zero.
typedef struct output_gradient {
  const float *values;
  size_t batch_stride;
  size_t step_stride;
  const int32_t *only_step;
  float scale;         ///< 0: the values are the gradient.
  const float *scales; ///< [B] in place of a scale that is not 0, of each sample; NULL for none.
  uint32_t first_step; ///< Before this step the gradient is zero.
} output_gradient;

/// Both: by s and by v.
typedef struct output_gradients {
  output_gradient spike, membrane;
} output_gradients;

/// Blocks [B][N] of a layer's state, in order.
enum {
  STATE_MEMBRANE,
  STATE_FILTERED,
  STATE_ADAPTATION,
  STATE_REFRACTORY,
  STATE_SPIKES,
  STATE_BLOCKS
};

/// Whether training changes a role's parameter of a layer that has it (plan.c).
#define LEARNS(layer, role) (((layer)->learned & SPINDLE_LEARNS(role)) != 0)

/// How a layer's neurons are reset, as factors: 0 or 1.
typedef struct reset_rule {
  float keep;      ///< v after a spike is keep u - reset_threshold.
  float zero;      ///< 1 with reset to zero
  float subtracts; ///< 1 with reset by subtraction
  float attached;  ///< 1 where the gradient passes through the reset
  // With a delayed reset the first three say that there is none.
  float delayed_keep;      ///< A delayed reset leaves delayed_keep x - delayed_threshold of x.
  float delayed_subtracts; ///< 1 with delayed reset by subtraction
  float floor;             ///< Of the membrane after it; minus infinity for none.
} reset_rule;

/// A layer's surrogate: h(x) is `height` times the shape of its kind, and 0 from `support` on.
typedef struct surrogate_rule {
  spindle_surrogate kind;
  float slope, height;
  float support; ///< 0: everywhere.
} surrogate_rule;

/// What is decided once for a layer.
typedef struct layer_plan {
  spindle_layer shape; ///< Learns no parameter that it lacks.
  spindle_layer_parameters parameters;
  float time_step;
  uint32_t padded;      ///< P (rows layout), N (lanes layout)
  uint32_t input_words; ///< SPINDLE_WORDS(I)
  uint32_t spike_words; ///< SPINDLE_WORDS(N)
  uint32_t window;
  uint32_t state_blocks; ///< Blocks of the state that the layer has, without the spikes.
  bool plain;            ///< None of the options of options.h.
  reset_rule reset;
  surrogate_rule surrogate;
  /// Backward computes dL/ds by outputs (outputs.h), for this layer and for the one below.
  bool by_outputs, by_outputs_below;
  spindle_outputs outputs;
  bool below_readout; ///< The layer above is a readout whose gradient may come by increments.
} layer_plan;

/// What load derives from the parameters, and how sums over spikes are taken with it.
typedef struct layer_weights {
#define LOADED(type, name, count, condition) type *name;
#include "fields.def"
  uint32_t weight_width, recurrent_width; ///< Of a band.
  spindle_sums input_sums, recurrent_sums;
  bool dropping; ///< The weights hold the factor of the inputs that dropout leaves.
  bool one_beta; ///< All neurons have the same.
} layer_weights;

/// The arrays of a layer for one slice, the pointers at its first sample.
typedef struct layer_view {
#define RUN(type, name, shape, condition, block) type *name;
#include "fields.def"
  uint32_t first, batch;      ///< Samples: the first, and B of the slice.
  uint32_t b0, b1;            ///< Samples of the slice that are a tile.
  uint32_t slice;             ///< Which one.
  uint32_t steps;             ///< T of the call, or of what the view shows of it
  uint32_t begin;             ///< The step of the sequence that is the view's first.
  bool ends;                  ///< The view's last step is the sequence's.
  bool has_initial;           ///< The state before the first step was given.
  const int32_t *lengths;     ///< [B rounded up to LANES] steps of each sample; NULL: all have T
  const float *rate_gradient; ///< [P] dL/ds at every sample and step; NULL for none
  // The adjoints of a layer's state, blocks of `state_block` floats, rows of N; NULL for none.
  const float *final_adjoint;
  float *initial_adjoint;
  size_t state_block;
  const output_gradient *by_membrane; ///< Of the last layer's v; NULL for the others.
} layer_view;

/// Entries that listing the active units of a row may write beyond their number.
#define ACTIVE_SLACK 4

/// Scratch memory of one thread.
typedef struct worker {
  uint32_t *active; ///< [max(I, N) + ACTIVE_SLACK] indices of the active units of a row
  float *values;    ///< [VALUE_ROWS][VALUE_STRIDE(max(I, N))] spikes as numbers, or values
  uint32_t *counts; ///< [GRADIENT_BLOCK] events of each source in a chunk of rows
  float *panel;     ///< [VALUE_ROWS][PANEL] deltas, or sums
  uint32_t *lists;  ///< [BLOCK_ROWS][sources + ACTIVE_SLACK] see list_blocks
  uint32_t *starts; ///< [blocks][BLOCK_ROWS + 1]
  float *row;       ///< [max(I, N) rounded up to LANES]
  uint16_t *events; ///< [GRADIENT_BLOCK][GRADIENT_STRIDE] rows of the events of each source
} worker;

/// A layer for one thread: a dense synapse and its neurons.
typedef struct run_layer {
  const struct kernels *kernels;
  const layer_plan *plan;
  const layer_weights *weights;
  worker *scratch; ///< Where a kernel needs it.
  layer_view view;
} run_layer;

/// Rows of sources: a layer's input, or its own spikes. Row t batch + b has sample b at step t; the
/// pointers lie at the first.
typedef struct source_rows {
  const uint32_t *spikes; ///< [rows][SPINDLE_WORDS(count)], or NULL
  const float *values;    ///< [rows][count], or NULL
  const uint16_t *masks;  ///< [T][count] in the lanes layout, a bit a sample, or NULL
  uint32_t count;
  size_t batch;
} source_rows;

/// The rows from step t and sample b on (lanes: b 0).
static inline source_rows source_rows_from(source_rows rows, size_t t, size_t b) {
  size_t row = t * rows.batch + b;
  if (rows.spikes) rows.spikes += row * SPINDLE_WORDS(rows.count);
  if (rows.values) rows.values += row * rows.count;
  if (rows.masks) rows.masks += t * rows.count;
  return rows;
}

/// Sources and rows of one block of blocked events.
#define BLOCK_SOURCES 96
#define BLOCK_ROWS 256
/// Rows of spikes unpacked to numbers at a time for a dense product.
#define VALUE_ROWS 256
/// Sources (rows of a weight gradient) of one gradient task, and rows of the trace in one chunk.
#define GRADIENT_BLOCK 1024
#define GRADIENT_ROWS 256
/// Entries between two sources' events of such a chunk: an odd number of cache lines, so that the
/// lists of many sources spread over all sets of a cache.
#define GRADIENT_STRIDE (GRADIENT_ROWS + 32)
/// Rows of the trace in one chunk of blocked events or of a dense product: their panel of deltas
/// stays in the first-level cache. An odd number of cache lines of events, too.
#define PANEL_ROWS 96
_Static_assert(BLOCK_SOURCES % 32 == 0, "blocks of whole words of spikes");
_Static_assert(GRADIENT_ROWS <= UINT16_MAX && PANEL_ROWS <= GRADIENT_ROWS, "rows of events fit");
_Static_assert(GRADIENT_STRIDE * sizeof(uint16_t) % 128 == 64, "odd numbers of cache lines");
_Static_assert(PANEL_ROWS * sizeof(uint16_t) % 128 == 64, "likewise");
/// Floats between two rows of spikes or values that a dense product reads by columns: likewise.
#define VALUE_STRIDE(units) (ROUND_UP((size_t)(units), 2 * LANES) + LANES)

/// Sums over the active sources of rows: see row_sums.h. Rows are numbered t batch + b.
typedef struct row_sums {
  spindle_sums mode; ///< Dense for values.
  source_rows from;
  const float *packed; ///< Rows of the sources in bands of `width`
  uint32_t width;      ///< At most PANEL but for events.
  float *sums;         ///< [rows][columns]
  size_t columns, batch;
  const float *bias; ///< [columns], or NULL
} row_sums;

/// C [rows][columns] (+)= A [rows][depth] B [depth][columns]; each element sums over k in order by
/// fused multiply-add, whatever the blocking. Row r of A begins at a + (r / group) a_group +
/// (r % group) a_row, and C's likewise; element k of a row lies k a_step further. Panel p of PANEL
/// columns of B begins at b + p b_panel and its row k lies k b_step further; B is readable to a
/// multiple of LANES columns.
typedef struct product {
  const float *a;
  size_t a_row, a_group, a_step;
  const float *b;
  size_t b_step, b_panel;
  float *c;
  size_t c_row, c_group;
  uint32_t rows, group, depth, columns;
  bool accumulate;
} product;

/// Packs a matrix, whose element (k, j) is matrix[k row_stride + j column_stride], times `factor`,
/// into bands of `width` columns.
typedef struct packing {
  const struct kernels *kernels;
  const float *matrix;
  size_t row_stride, column_stride;
  uint32_t depth, columns, width;
  float factor;
  float *packed;
} packing;

/// A block of a weight gradient, sources [first_source, last_source): G[k][n] = sum over rows, in
/// order, of source k in the row times delta[row][n]. Rows of deltas are numbered t samples + b.
typedef struct gradient_block {
  source_rows from;   ///< Without spikes and values: the bias.
  const float *delta; ///< [rows][delta_stride]
  size_t delta_stride, rows;
  uint32_t samples;
  float *gradient; ///< [sources][gradient_stride]
  size_t gradient_stride;
  uint32_t columns;
  uint32_t first_source, last_source;
  spindle_sums mode;
} gradient_block;

/// One step of the optimizer for a parameter, its numbers derived from spindle_optimizer.
typedef struct update_rule {
  spindle_optimizer_kind kind;
  bool nesterov;
  bool positive;    ///< By its logarithm: p exp(-step), by the gradient p dL/dp.
  float rate;       ///< Learning rate; Adam, Adamax: over the correction of the mean.
  float momentum;   ///< SGD
  float gain;       ///< 1 - beta1
  float beta2;      ///< Adam, Adamax
  float correction; ///< Adam: the reciprocal root of 1 - beta2^step.
  float epsilon;    ///< Adam, Adamax
  float scale;      ///< Of gradients, by their norm; 1 for none.
  float limit;      ///< Of each gradient after that; infinite for none.
  float decay;      ///< Of the parameter into the gradient.
  float keep;       ///< Factor of the parameter before the step, of decoupled decay.
  float bound;      ///< Of the parameter after the step; FLT_MAX for none.
} update_rule;

typedef struct kernels {
#define KERNEL(result, name, ...) result (*name)(__VA_ARGS__);
#include "kernels.def"
} kernels;

extern const kernels spindle_kernels_baseline, spindle_kernels_avx2, spindle_kernels_avx512,
    spindle_kernels_neon;
/// NULL where this build or processor lacks `isa`.
const kernels *spindle_kernels_for(spindle_isa isa);

#endif

/// What the kernels see, and their table. They know nothing of workspaces and threads.
///
/// Shape letters: B batch, T steps, I inputs of a layer, N neurons of a layer. P is N rounded up to
/// a multiple of LANES; the P - N neurons of padding never fire and stay zero. A "row" is one
/// sample at one step; rows are numbered t B + b, so a buffer [T][B][P] has T B rows. B is the
/// batch of one slice (plan.h): the kernels see a slice as if it were all.
#ifndef SPINDLE_KERNELS_H
#define SPINDLE_KERNELS_H

#include "spindle.h"

/// Lanes of the virtual vector, on every ISA.
#define LANES 16
/// Columns of a panel of a packed matrix.
#define PANEL 64

#define MINIMUM(a, b) ((a) < (b) ? (a) : (b))
#define MAXIMUM(a, b) ((a) > (b) ? (a) : (b))
#define CEILING_DIVIDE(a, b) (((a) + (b)-1) / (b))
#define ROUND_UP(a, b) (CEILING_DIVIDE(a, b) * (b))

/// Columns of a band of a matrix packed for sums over events.
#define BAND 256

/// The gradient of the loss with respect to the output (s or v) of the last layer. With x =
/// values[b batch_stride + t step_stride + n], where a stride of 0 broadcasts, it is x; or only at
/// step only_step[b batch_stride + n], else 0; or, with a scale, scale (v - x). NULL is zero.
typedef struct output_gradient {
  const float *values;
  size_t batch_stride;
  size_t step_stride;
  const int32_t *only_step;
  float scale;         ///< 0: the values are the gradient.
  uint32_t first_step; ///< Before this step the gradient is zero.
} output_gradient;

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

/// What is decided once for a layer.
typedef struct layer_plan {
  spindle_layer shape; ///< Learns no parameter that it lacks.
  spindle_layer_parameters parameters;
  float time_step;
  uint32_t padded;      ///< P (rows layout), N (lanes layout)
  uint32_t input_words; ///< SPINDLE_WORDS(I)
  uint32_t spike_words; ///< SPINDLE_WORDS(N)
  uint32_t window;
  bool plain;            ///< None of the options of rows_options.h.
  float reset_keep;      ///< v after a spike is reset_keep u - reset_threshold.
  float reset_zero;      ///< 1 with reset to zero, else 0
  float reset_subtracts; ///< 1 with reset by subtraction, else 0
  float reset_attached;  ///< 1 where the gradient passes through the reset, else 0
  // With a delayed reset the first three say that there is none.
  float delayed_keep;      ///< A delayed reset leaves delayed_keep x - delayed_threshold of x.
  float delayed_subtracts; ///< 1 with delayed reset by subtraction, else 0
} layer_plan;

/// What load derives from the parameters, and how sums over spikes are taken with it.
typedef struct layer_weights {
#define LOADED(type, name, count, condition) type *name;
#include "fields.def"
  uint32_t weight_width, recurrent_width; ///< Of a band.
  spindle_sums input_sums, recurrent_sums;
  bool dropping; ///< The weights hold the factor of the inputs that dropout leaves.
} layer_weights;

/// The arrays of a layer for one slice, the pointers at its first sample.
typedef struct layer_view {
#define RUN(type, name, shape, condition, block) type *name;
#include "fields.def"
  uint32_t first, batch;      ///< Samples: the first, and B of the slice.
  uint32_t steps;             ///< T of the call, or of a window of it
  bool has_initial;           ///< The state before the first step was given.
  const float *rate_gradient; ///< [P] dL/ds at every sample and step; NULL for none
  // The adjoints of a layer's state, blocks of `state_block` floats, rows of N; NULL for none.
  const float *final_adjoint;
  float *initial_adjoint;
  size_t state_block;
} layer_view;

/// A dense synapse and its neurons, as the kernels see them.
typedef struct run_layer {
  const layer_plan *plan;
  const layer_weights *weights;
  layer_view view;
} run_layer;

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
/// Floats between two rows of spikes or values that a dense product reads by columns: likewise.
#define VALUE_STRIDE(units) (ROUND_UP((size_t)(units), 2 * LANES) + LANES)

/// Sums over the active sources of rows: see row_sums.h. Rows are numbered t batch + b, those of
/// the sources t source_batch + b; all pointers lie at the first.
typedef struct row_sums {
  spindle_sums mode;
  const uint32_t *spikes; ///< [rows][words], or NULL
  const float *values;    ///< [rows][sources], or NULL; dense alone
  size_t words;
  uint32_t sources;
  const float *packed; ///< [sources] rows in bands of `width`
  uint32_t width;      ///< At most PANEL but for events.
  float *sums;         ///< [rows][columns]
  size_t columns, batch, source_batch;
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

/// A slice's input: rows are numbered t batch + b, the pointers lie at the first.
typedef struct layer_input {
  const uint32_t *spikes; ///< [rows][input_words], or NULL
  const float *values;    ///< [rows][I], or NULL
  const uint16_t *masks;  ///< [T][I], of a layer below in the lanes layout, or NULL
  size_t batch;
} layer_input;

/// A block of a weight gradient: sources [first_source, last_source) by columns [first_column,
/// last_column). G[k][n] = sum over rows, in order, of source k in the row times delta[row][n].
/// Rows are numbered t samples + b; those of the sources lie t batch + b from the first.
typedef struct gradient_block {
  const uint32_t *spikes; ///< [rows][words], or NULL
  const float *values;    ///< [rows][sources], or NULL
  size_t words, sources;
  size_t batch;
  const float *delta; ///< [rows][delta_stride]
  size_t delta_stride, rows;
  uint32_t samples;
  float *gradient; ///< [sources][columns]
  uint32_t columns;
  uint32_t first_source, last_source;
  uint32_t first_column, last_column;
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

/// The kernels of one ISA. Each works on one tile or block and knows nothing of threads.
typedef struct kernels {
  // Rows layout: samples [b0, b1) of a slice.
  void (*rows_forward)(const run_layer *layer, const layer_input *input, uint32_t b0, uint32_t b1,
                       worker *scratch);
  void (*rows_backward)(const run_layer *layer, const run_layer *above,
                        const output_gradient *by_spike, const output_gradient *by_membrane,
                        uint32_t b0, uint32_t b1);
  void (*rows_gradient)(const gradient_block *block, worker *scratch);
  void (*rows_membrane)(const run_layer *layer, size_t row, float *membrane);
  // Lanes layout: the up to LANES samples of a slice.
  void (*lanes_forward)(const run_layer *layer, const layer_input *input);
  void (*lanes_backward)(const run_layer *layer, const run_layer *above,
                         const output_gradient *by_spike, const output_gradient *by_membrane);
  void (*lanes_gradient)(const run_layer *layer, const layer_input *input, uint32_t t0, uint32_t t1,
                         uint32_t source, uint32_t count, bool accumulate, float *gradient);
  // Adds the spikes of each neuron over the slice: counts [steps][N], from step `first` on.
  void (*lanes_count)(const run_layer *layer, uint32_t first, uint32_t steps, float *counts);
  // Both.
  void (*multiply)(const product *product);
  void (*pack)(const float *matrix, size_t row_stride, size_t column_stride, uint32_t depth,
               uint32_t columns, uint32_t width, uint32_t first_band, uint32_t last_band,
               float *packed);
  uint64_t (*count_bits)(const void *words, size_t bytes);
  void (*pack_spikes)(const float *values, uint32_t units, uint32_t *spikes);
  void (*unpack_spikes)(const uint32_t *spikes, uint32_t units, float *values);
  void (*count_spikes)(const uint32_t *spikes, size_t stride, size_t rows, uint32_t neurons,
                       float *counts);
  double (*sum_of_squares)(const float *gradients, const float *parameters, size_t count);
  void (*update)(const update_rule *rule, size_t count, const float *gradients, float *mean,
                 float *variance, float *parameters);
  void (*random_bits)(const spindle_random *random, size_t count, uint32_t *values);
  void (*random_uniform)(const spindle_random *random, float low, float high, size_t count,
                         float *values);
  void (*random_normal)(const spindle_random *random, float mean, float deviation, size_t count,
                        float *values);
  void (*random_spikes)(const spindle_random *random, uint64_t limit, size_t rows, uint32_t units,
                        uint32_t *spikes);
} kernels;

extern const kernels spindle_kernels_baseline, spindle_kernels_avx2, spindle_kernels_avx512,
    spindle_kernels_neon;
/// NULL where this build or processor lacks `isa`.
const kernels *spindle_kernels_for(spindle_isa isa);

#endif

#ifndef SPINDLE_PLAN_H
#define SPINDLE_PLAN_H
/// What the files of the core share: the workspace and the functions on it.
///
/// How the work is cut, one word for each:
///
/// - part: contiguous samples of the batch whose gradients are summed apart; parts are then added
/// in
///   ascending order. Bits depend on their number.
/// - segment: SEGMENT steps; the gradients of a part are summed over segments from the last to the
///   first. Bits depend on it.
/// - slice: contiguous samples whose arrays lie together: a part, or a tile with lanes.
/// - tile: samples of a part that one thread takes through time; with lanes those of one vector.
/// - window: steps that a tile is taken through layer by layer in inference, and whose input
///   currents are computed in one go in all forward calls.
/// - block: sources of a weight gradient, one task's work. (In row_sums.h, also the
///   sources that stay in the first-level cache.)
/// - chunk: rows of the trace that a kernel takes in one go.
/// - panel, band: PANEL columns of a packed matrix; the columns packed together, up to BAND.
/// - piece: up to PIECE numbers of one parameter, whose squares are summed apart. Bits depend on
///   it.
/// - grain: numbers of a piece, one task's work where they are taken one by one: GRAIN, or for one
///   thread all.
/// - group: vectors, neurons or rows that a kernel keeps in registers.
#include "kernels.h"

/// Steps of a segment.
#define SEGMENT 256
/// Floats between the states of two slices: further than a core fetches ahead.
#define SLICE_GAP 512
/// Numbers of a piece.
#define PIECE 16384
/// Numbers of a grain.
#define GRAIN 1024

/// Threads that wait for jobs (parallel.c).
typedef struct team team;

/// Which number of threads takes a small network's step sooner: all or one (step.c).
typedef struct thread_trial {
  bool needed;
  uint32_t steps;    ///< Since the last trial began.
  double fastest[2]; ///< Seconds of a step by all threads, by one.
} thread_trial;

/// One parameter's place in the array of all parameters.
typedef struct parameter {
  size_t first, count;
  spindle_role role;
  bool learned;
} parameter;

/// How the batch of all ranks is cut, and what of it is the first of this rank's own (slices.c).
/// One alone has all.
typedef struct batch_cut {
  uint32_t samples, parts, slices;
  uint32_t first, first_part, first_slice;
} batch_cut;

struct spindle_workspace {
  // The plan.
  const kernels *kernels;
  layer_plan *plans;      ///< [layer_count]
  layer_weights *weights; ///< [layer_count]
  layer_view *views;      ///< [layer_count], of the first slice; its samples and steps are not set
  parameter *parameters;  ///< [count_parameters], in order
  uint32_t layer_count, count_parameters;
  uint32_t batch, steps; ///< Of this rank's samples, as are parts, slices and tiles.
  uint32_t trace_steps;  ///< Steps that the trace holds: T, a segment, or a window.
  uint32_t spike_steps;  ///< Steps whose spikes are held: T, or a window.
  uint32_t threads;      ///< Of a single call, and of all calls of the current step.
  uint32_t step_threads; ///< The most of a step.
  spindle_isa isa;
  spindle_layout layout;
  spindle_sums sums;
  bool training;
  uint32_t parts, slices, tile, tiles, window;
  uint32_t rank, ranks; ///< ranks >= 1
  batch_cut whole;
  worker *workers; ///< [threads]
  size_t parameter_count, learned_count, trace_bytes, bytes;
  // What chips make of the parameters (effective.c); NULL where no layer is for one.
  float *effective; ///< [parameter_count], of the layers that are
  float *slope;     ///< [parameter_count], likewise, in training: d effective / d parameter
  // The run.
  thread_trial trial;
  team *team; ///< During spindle_train_step; else NULL.
  bool loaded, has_initial;
  spindle_input input;   ///< Of the last forward call.
  bool holds_end;        ///< The trace holds the last steps of that call.
  bool has_state;        ///< In inference: from which the next call may go on.
  double input_density;  ///< Of the last forward call, sampled.
  double *spike_density; ///< [layer_count], likewise; counted where `counted` says so.
  bool counted;
  bool has_backward; ///< Some backward call counted the outputs that it needed.
  enum { STAGE_NEW, STAGE_FORWARD, STAGE_LOSS, STAGE_BACKWARD } stage;
  // The loss (loss.c).
  output_gradients by;
  float *loss_gradient;   ///< [max(T, B)][P of the last layer]
  int32_t *loss_steps;    ///< [B][P], the step of the maximum
  double *loss_terms;     ///< [max(T, B)], with several ranks as ranks.c says
  float *output_gradient; ///< [B][T][N] of the last layer; NULL where it is not asked for
  int32_t *predictions;   ///< [B]
  bool has_predictions;   ///< The last loss had logits.
  uint32_t correct;       ///< Predictions that were right.
  // The lengths of samples (lengths.c).
  bool has_lengths;     ///< The last forward call had some.
  int32_t *lengths;     ///< [B + LANES]
  int32_t *all_lengths; ///< [B of all ranks]
  float *sample_scales; ///< [B] of an output gradient's scale
  // The gradients and the optimizer.
  float *part_gradients; ///< [parts - 1][parameter_count]
  double *norm_terms;    ///< One for each piece of the parameters.
  // Several ranks (ranks.c).
  spindle_exchange exchange;
  /// Of each rank's slice the first piece, and the first number: [ranks + 1].
  size_t piece_borders[SPINDLE_MAXIMUM_PARTS + 1], slice_borders[SPINDLE_MAXIMUM_PARTS + 1];
  float *sent, *received; ///< Slices of part gradients; counts of spikes.
  uint64_t *all_counts;   ///< [ranks][neurons of all layers]
};

static inline bool has_lanes(const spindle_workspace *w) {
  return w->layout == SPINDLE_LAYOUT_LANES;
}
/// Whether the trace holds one segment of several.
static inline bool is_segmented(const spindle_workspace *w) {
  return w->trace_steps < w->spike_steps;
}
static inline bool has_ranks(const spindle_workspace *w) { return w->ranks > 1; }
static inline bool in_lanes(const run_layer *layer) { return layer->view.masks != NULL; }

// Threads (parallel.c).

/// A task of a job, and the thread that runs it.
typedef struct task {
  uint32_t index, thread;
} task;
/// The context is shared by all tasks of a job.
typedef void (*parallel_task)(void *context, task task);
/// Threads that can run at a time: the processors that the process may use, and of a container's
/// quota of their time as many as it amounts to. More would only wait for one another, and the
/// results are the same. SPINDLE_FORCE_THREADS=1 lifts the limit, for tests of many threads on few
/// processors.
uint32_t spindle_useful_threads(void);
/// Runs tasks 0 to tasks - 1, each once, on up to `threads` threads, within the team where there is
/// one. Denormals are flushed meanwhile.
void spindle_parallel(team *team, uint32_t threads, uint32_t tasks, parallel_task task,
                      void *context);
/// The first task of those that a thread begins with, before it helps others.
uint32_t spindle_own_tasks(uint32_t tasks, uint32_t threads, uint32_t thread);
/// Starts a team of threads, at *slot while `lead` runs on one of them.
void spindle_with_team(team **slot, uint32_t threads, void (*lead)(void *), void *context);

// Configuration and plan (configuration.c, fields.c, plan.c).

/// Returns from the function where a call gives a status other than OK.
#define TRY(call)                                                                                  \
  for (spindle_status status_ = (call); status_ != SPINDLE_OK;) return status_

spindle_status spindle_check_configuration(const spindle_configuration *configuration);
/// Whether a layer has none of the options of options.h.
bool spindle_is_plain(const spindle_layer *layer);
/// Rows of the role's parameter, which is [rows][N]; 0 where the layer has none.
uint32_t spindle_role_rows(const spindle_layer *layer, spindle_role role);
/// Whether a parameter is trained by its logarithm; whether weight decay and bound are for it.
bool spindle_role_is_positive(spindle_role role);
bool spindle_role_decays(spindle_role role);
/// Lays out a layer's parameters from *end on; false where they do not fit the address space.
bool spindle_place_parameters(const spindle_layer *layer, size_t *end,
                              spindle_layer_parameters *places);

/// Hands out pieces of one block of memory; with no memory it only counts.
typedef struct arena {
  char *memory;
  size_t used;
  bool overflow;
} arena;
/// Columns that are packed together for sums over events; sums of the other kinds want PANEL, or
/// all where there are fewer.
static inline uint32_t spindle_band(const layer_plan *plan) {
  return plan->padded <= PANEL ? plan->padded
                               : MINIMUM(ROUND_UP(plan->padded, (uint32_t)PANEL), BAND);
}
void *spindle_take(arena *arena, size_t a, size_t b, size_t size);
#define TAKE(arena, T, a, b) ((T *)spindle_take(arena, a, b, sizeof(T)))
/// Takes a layer's arrays (fields.def); counts the blocks of its state.
void spindle_take_fields(spindle_workspace *w, layer_plan *plan, uint32_t layer, arena *arena,
                         layer_weights *weights, layer_view *view);

// Parts, slices and tiles (slices.c).

/// Cuts the batch of all ranks, and takes this rank's share of it; the layout is chosen.
void spindle_cut_batch(spindle_workspace *w, const spindle_configuration *c);
/// The first part, and the first sample, of a rank; `ranks` gives the end.
uint32_t spindle_rank_part(const spindle_workspace *w, uint32_t rank);
uint32_t spindle_rank_sample(const spindle_workspace *w, uint32_t rank);

/// The first slice of a part.
uint32_t spindle_part_slice(const spindle_workspace *w, uint32_t part);
/// The first sample of a slice.
uint32_t spindle_slice_begin(const spindle_workspace *w, uint32_t slice);
/// A layer in one slice.
run_layer spindle_layer_in(const spindle_workspace *w, uint32_t layer, uint32_t slice);
/// Moves a layer's view to `steps` steps from t0 on, which the trace must hold.
void spindle_move_view(const spindle_workspace *w, run_layer *layer, uint32_t t0, uint32_t steps);
/// What comes to a layer in a slice: the network's input, or the spikes of the layer below.
source_rows spindle_input_of(const spindle_workspace *w, const spindle_input *input, uint32_t layer,
                             uint32_t slice);
/// Samples [b0, b1) of a slice; the last tiles of a part may have none.
typedef struct tile {
  uint32_t slice, b0, b1;
} tile;
tile spindle_tile(const spindle_workspace *w, uint32_t index);

/// A layer for a tile, with the scratch of a thread.
run_layer spindle_layer_in_tile(const spindle_workspace *w, uint32_t layer, const tile *tile,
                                uint32_t thread);

// State (fields.c): of a tile, in the whole batch's blocks of a layer.

/// Sets the state before the first step: zeros, or as given.
void spindle_begin_state(const run_layer *layer, const float *initial);
/// Makes the last step's spikes those before the first step of what is run next.
void spindle_carry_spikes(const run_layer *layer);
/// Writes the state after the last step.
void spindle_end_state(const run_layer *layer, float *final);

/// Writes the state before the view's first step to the borders, from which it is read again, as
/// spindle_begin_state does.
void spindle_keep_border(const spindle_workspace *w, const run_layer *layer);
void spindle_begin_at_border(const spindle_workspace *w, const run_layer *layer);

// Forward (forward.c).

/// Runs the segment again that begins at step t0, for samples [b0, b1) of a layer's slice, and
/// moves its view there.
void spindle_run_again(const spindle_workspace *w, const spindle_input *input, uint32_t l,
                       run_layer *layer, uint32_t t0);

// Lengths (lengths.c).

/// Checks what forward is given, and keeps it.
spindle_status spindle_check_lengths(const spindle_workspace *w, const uint32_t *lengths);
spindle_status spindle_keep_lengths(spindle_workspace *w, const uint32_t *lengths);
/// Steps of sample b; those of all samples together.
uint32_t spindle_sample_steps(const spindle_workspace *w, uint32_t b);
uint64_t spindle_sample_rows(const spindle_workspace *w);
/// Of the batch of all ranks: the most steps of a sample; those of all samples; samples that have
/// step t.
uint32_t spindle_longest(const spindle_workspace *w);
uint64_t spindle_all_rows(const spindle_workspace *w);
uint32_t spindle_samples_at(const spindle_workspace *w, uint32_t t);

// Load (load.c).

/// Loads the parameters on a chip, or NULL; `dropping` with the factor of the inputs that dropout
/// leaves.
void spindle_load_weights(spindle_workspace *w, const float *parameters, const spindle_chip *chip,
                          bool dropping);
/// Lays the loaded matrices out as the sums chosen want them.
void spindle_fit_weights(spindle_workspace *w);
/// Chooses how the sums are taken for an input (sums.c).
void spindle_choose_sums(spindle_workspace *w, const spindle_input *input, uint32_t steps);
/// The factor by which a layer's weights differ from the parameter.
float spindle_effective_factor(const layer_plan *plan, bool dropping);
/// Makes the loaded weights those of a call with or without dropout, and draws its masks.
spindle_status spindle_apply_dropout(spindle_workspace *w, const spindle_input *input,
                                     const spindle_dropout *dropout);
/// Writes what dropout leaves of the input of a tile.
void spindle_drop(const run_layer *layer, source_rows input);
/// What was left.
source_rows spindle_kept_input(const run_layer *layer);

// Chips (effective.c, weight_penalties.c).

/// Takes the memory of what is effective, where a layer wants it; the layers are planned.
void spindle_plan_effective(spindle_workspace *w, const spindle_configuration *c, arena *arena);
/// Computes what a chip makes of the parameters; `chip` may be NULL.
void spindle_make_effective(spindle_workspace *w, const float *parameters,
                            const spindle_chip *chip);
/// What a layer computes with, laid out as the parameters are.
const float *spindle_effective_of(const spindle_workspace *w, uint32_t layer,
                                  const float *parameters);
/// Turns gradients by what is effective into those by the parameters.
void spindle_pull_back(const spindle_workspace *w, float *gradients);
/// Of a piece of the parameters: no gradient where there is no weight; weights as they are held.
void spindle_mask(const uint8_t *constraints, size_t count, float *gradients);
void spindle_project(const uint8_t *constraints, size_t count, float *parameters);

// Reading (read.c) and losses (loss.c).

/// Of local sample b of a slice: v_t, in place where possible, else in `row`; s_t; or a quantity at
/// all the slice's steps, to `values` [steps][N].
const float *spindle_membrane_row(const run_layer *layer, uint32_t b, uint32_t t, float *row);
void spindle_spike_row(const run_layer *layer, uint32_t b, uint32_t t, float *spikes);
void spindle_copy_quantity(const run_layer *layer, spindle_quantity quantity, uint32_t b,
                           float *row, float *values);
/// A layer in the slice of sample b of the batch; *b becomes the sample in the slice.
run_layer spindle_layer_of(const spindle_workspace *w, uint32_t layer, uint32_t *b);
/// Counts of spikes of the last layer over the batch: [steps][P] from step `first` on.
void spindle_count_over_batch(const spindle_workspace *w, uint32_t first, uint32_t steps,
                              float *counts);
/// Counts of spikes over time of local sample b: [P].
void spindle_count_over_time(const run_layer *layer, uint32_t b, float *counts);
/// Spikes of a layer that the trace holds of the last forward call.
uint64_t spindle_count_spikes(const spindle_workspace *w, uint32_t layer);
/// Counts of spikes of each neuron of a layer over batch and time: [N].
void spindle_count_neurons(const spindle_workspace *w, uint32_t layer, uint64_t *counts);
spindle_status spindle_check_target(const spindle_workspace *w, const spindle_loss_target *target);
/// Where backward finds the gradient by the output.
void spindle_set_output_gradient(spindle_workspace *w, const spindle_loss_target *target);

// Gradients by sources in the rows layout (blocks.c).

/// Sources of a role's gradient; 0 where it is not learned or not a sum over sources.
uint32_t spindle_source_count(const layer_plan *plan, spindle_role role);
/// What one task sums of a role's gradient in a part; nothing, where a range is empty.
typedef struct source_block {
  uint32_t layer, part;
  spindle_role role;
  uint32_t first_source, last_source, first_column, last_column;
} source_block;
uint32_t spindle_count_blocks(const spindle_workspace *w);
source_block spindle_find_block(const spindle_workspace *w, uint32_t index);

// Gradients and pieces of parameters (optimizer.c).

/// The root of the sum of the squares of all learned gradients; SPINDLE_NOT_FINITE where an update
/// must not go by them.
spindle_status spindle_measure_gradients(spindle_workspace *w, const spindle_training *training,
                                         double *norm);

/// A piece of one learned parameter.
typedef struct parameter_piece {
  const parameter *parameter;
  size_t first, count;
} parameter_piece;
uint32_t spindle_count_pieces(const spindle_workspace *w);
parameter_piece spindle_find_piece(const spindle_workspace *w, uint32_t index);
/// Those of this rank's slice; one alone has all.
uint32_t spindle_count_own_pieces(const spindle_workspace *w);
parameter_piece spindle_own_piece(const spindle_workspace *w, uint32_t index);
/// Grains of those; some have no numbers.
uint32_t spindle_count_grains(const spindle_workspace *w);
parameter_piece spindle_find_grain(const spindle_workspace *w, uint32_t index);
/// Threads for tasks of a piece: few parameters are done sooner than another could be told of them.
uint32_t spindle_piece_threads(const spindle_workspace *w);

#endif

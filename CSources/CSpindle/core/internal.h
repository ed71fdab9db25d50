#ifndef SPINDLE_INTERNAL_H
#define SPINDLE_INTERNAL_H
/// What the files of the core share: the workspace and the functions on it.
#include "kernels.h"

/// Threads that wait for jobs (parallel.c).
typedef struct team team;

/// Which number of threads takes a small network's step sooner: all or one (train.c).
typedef struct thread_trial {
  bool needed;
  uint32_t steps;    ///< Since the last trial began.
  double fastest[2]; ///< Seconds of a step by all threads, by one.
} thread_trial;

struct spindle_workspace {
  const kernels *kernels;
  run_layer *layers; ///< [layer_count]
  uint32_t layer_count;
  uint32_t batch, steps;
  uint32_t threads;      ///< Of a single call, and of all calls of the current step.
  uint32_t step_threads; ///< The most of a step.
  thread_trial trial;
  spindle_isa isa;
  spindle_layout layout;
  spindle_sums sums;
  uint32_t tile, tiles, chunk;
  worker *workers; ///< [threads]
  team *team;      ///< During spindle_train_step; else NULL.
  size_t parameter_count, trace_bytes, bytes;
  parameter_segment *segments; ///< [segment_count], in order
  uint32_t segment_count;
  bool drops; ///< The next forward call drops inputs.
  enum { STAGE_NEW, STAGE_FORWARD, STAGE_LOSS, STAGE_BACKWARD } stage;
  // The loss (loss.c).
  output_gradient by_spike, by_membrane;
  float *loss_gradient;   ///< [max(T, B)][P of the last layer]
  int32_t *loss_steps;    ///< [B][P], the step of the maximum
  double *loss_terms;     ///< [max(T, B)]
  float *output_gradient; ///< [B][T][N] of the last layer; NULL where it is not asked for
  int32_t *predictions;   ///< [B]
  bool has_predictions;   ///< The last loss had logits.
  uint32_t correct;       ///< Predictions that were right.
  // The gradients (gradient.c).
  uint32_t parts;        ///< Of the batch, summed apart; lanes layout: the tiles.
  float *part_gradients; ///< [parts - 1][parameter_count]
  // The optimizer (optimizer.c).
  double *norm_terms; ///< One for each piece of the parameters.
};

/// A task's context is shared by all tasks of a job; `thread` numbers the thread that runs it.
typedef void (*parallel_task)(void *context, uint32_t task, uint32_t thread);
/// Runs tasks 0 to `tasks` - 1 on at most `threads` threads, those of the team where there is one,
/// with denormals flushed to zero. Which thread runs a task is left open, so a task may write only
/// what is its own.
void spindle_parallel(team *team, uint32_t threads, uint32_t tasks, parallel_task task,
                      void *context);
/// Runs `lead` on this thread while *slot names a team of `threads` threads that wait for its jobs.
void spindle_with_team(team **slot, uint32_t threads, void (*lead)(void *), void *context);

spindle_status spindle_check_configuration(const spindle_configuration *configuration);
/// Lays out one layer's parameters from *end on and, where `segments` is not NULL, appends them to
/// the *segment_count there; false where the total no longer fits in memory.
bool spindle_layout_layer(const spindle_layer *layer, size_t *end, spindle_layer_parameters *p,
                          parameter_segment *segments, uint32_t *segment_count);
/// v_t of sample b, in `row` [N rounded up to LANES] or where it lies already (read.c).
const float *spindle_membrane_row(const spindle_workspace *workspace, const run_layer *layer,
                                  uint32_t b, uint32_t t, float *row);
/// s_t of sample b as numbers: [N] (read.c).
void spindle_spike_row(const spindle_workspace *workspace, const run_layer *layer, uint32_t b,
                       uint32_t t, float *spikes);
/// Spikes of neurons [first, last), `first` a multiple of 32, over batch and time, into counts [N]
/// (regularize.c).
void spindle_count_neurons(const spindle_workspace *workspace, const run_layer *layer,
                           uint32_t first, uint32_t last, uint64_t *counts);
/// Spikes of each neuron over the batch: [steps][P], from step `first` on; or of sample b over
/// time.
void spindle_count_over_batch(const spindle_workspace *workspace, const run_layer *layer,
                              uint32_t first, uint32_t steps, float *counts);
void spindle_count_over_time(const spindle_workspace *workspace, const run_layer *layer, uint32_t b,
                             float *counts);
/// Points by_spike and by_membrane to the gradient that the loss left, or to the target (loss.c).
void spindle_set_output_gradient(spindle_workspace *workspace, const spindle_loss_target *target);
/// Refuses a target that lacks what its loss needs.
spindle_status spindle_check_target(const spindle_workspace *workspace,
                                    const spindle_loss_target *target);
/// Fills kept_input for samples [b0, b1) of a part (dropout.c).
void spindle_drop(const run_layer *layer, const rows_input *input, uint32_t b0, uint32_t b1);
/// What is left of a part's input: `input` itself where the layer drops none.
rows_input spindle_kept_input(const run_layer *layer, rows_input input);
/// The factor of the inputs that stay; 1 where none is dropped.
float spindle_kept_factor(const run_layer *layer);
/// Whether a layer has none of the options of rows_options.h.
bool spindle_is_plain(const spindle_layer *layer);
/// Derives what the kernels need from the parameters, for forward or for backward.
void spindle_prepare_forward(spindle_workspace *workspace, const float *parameters);
void spindle_prepare_backward(spindle_workspace *workspace, const float *parameters);

#endif

/// The C core of Spindle: recurrent networks of leaky integrate-and-fire (LIF) neurons, forward and
/// backward through time on the CPU, with the same bits for every thread count and every ISA.
///
/// Shape letters: B batch, T steps, I inputs of a layer, N neurons of a layer. A buffer's comment
/// gives its shape, outermost index first; the innermost index is contiguous.
///
/// The order of calls for one training step:
///
///     spindle_workspace_size -> (caller allocates) -> spindle_workspace_create    once
///     spindle_forward -> spindle_loss -> (spindle_regularize) -> spindle_backward ->
///     spindle_optimize                                                            every step,
///     or spindle_train_step, which is all of them
///
/// The core owns no memory, prints nothing and never aborts: every fallible call returns a status.
/// A workspace serves one call at a time; different workspaces may be used at the same time.
#ifndef SPINDLE_H
#define SPINDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPINDLE_VERSION "0.1.0"

// MARK: Status

/// What a fallible call returns.
typedef enum spindle_status {
  SPINDLE_OK = 0,
  SPINDLE_NULL_POINTER,      ///< A pointer that must not be NULL is NULL.
  SPINDLE_INVALID_SIZE,      ///< A size is zero, or larger than SPINDLE_MAXIMUM_SIZE.
  SPINDLE_SIZE_OVERFLOW,     ///< A product of sizes does not fit the address space.
  SPINDLE_INVALID_OPTION,    ///< An option has no such value, or does not go with another one.
  SPINDLE_INVALID_PARAMETER, ///< A number is not finite, or outside its range.
  SPINDLE_LAYER_MISMATCH,    ///< A layer's inputs are not the neurons of the layer below.
  SPINDLE_UNSUPPORTED_ISA,   ///< The processor, or this build, lacks the ISA asked for.
  SPINDLE_OUT_OF_MEMORY,     ///< The memory cannot be had.
  SPINDLE_MEMORY_TOO_SMALL,  ///< The memory given is too small, or not aligned to 64 bytes.
  SPINDLE_NOT_FINITE,        ///< The loss or a gradient is NaN or infinite; nothing was updated.
  SPINDLE_WRONG_ORDER,       ///< The call needs another one before it (see above).
} spindle_status;

/// One sentence for a status; never NULL.
const char *spindle_status_text(spindle_status status);

// MARK: Memory

/// Bytes to which every buffer handed to spindle_workspace_create must be aligned.
#define SPINDLE_ALIGNMENT 64

/// Allocates `bytes`, zeroed and aligned to SPINDLE_ALIGNMENT; refuses what the machine plainly
/// cannot give (more than its available memory) instead of being killed later. Free with
/// spindle_free.
spindle_status spindle_allocate(size_t bytes, void **memory);
void spindle_free(void *memory);
/// Bytes of memory that the machine could give now; SIZE_MAX where it does not say.
size_t spindle_available_memory(void);

// MARK: Instruction sets

/// Every ISA gives the same bits; they differ in speed alone.
typedef enum spindle_isa {
  SPINDLE_ISA_AUTOMATIC = 0, ///< SPINDLE_ISA in the environment if set, else the best found.
  SPINDLE_ISA_BASELINE,      ///< What every processor of the architecture has.
  SPINDLE_ISA_AVX2,          ///< x86-64 with AVX2 and FMA.
  SPINDLE_ISA_AVX512,        ///< x86-64 with AVX-512 F, BW, DQ and VL.
  SPINDLE_ISA_NEON,          ///< AArch64.
} spindle_isa;
#define SPINDLE_ISA_COUNT 5

/// "automatic", "baseline", "avx2", "avx512", "neon"; NULL for another value.
const char *spindle_isa_name(spindle_isa isa);
/// True where this build has kernels for `isa` and this processor runs them.
bool spindle_isa_supported(spindle_isa isa);
/// The ISA that `wanted` leads to. SPINDLE_UNSUPPORTED_ISA where it cannot be had, or where the
/// environment variable SPINDLE_ISA names none that can.
spindle_status spindle_isa_resolve(spindle_isa wanted, spindle_isa *chosen);

/// Threads that OpenMP would use by itself (OMP_NUM_THREADS, else the processors).
uint32_t spindle_default_threads(void);
/// The OpenMP runtime that runs the threads.
const char *spindle_openmp_runtime(void);

// MARK: Configuration

typedef enum spindle_neuron { SPINDLE_LIF = 0, SPINDLE_LI } spindle_neuron;
typedef enum spindle_topology {
  SPINDLE_FF = 0,
  SPINDLE_RC,         ///< Each neuron's spikes reach every neuron, by weights [N][N].
  SPINDLE_ONE_TO_ONE, ///< Each neuron's spikes reach itself alone, by weights [N].
} spindle_topology;
typedef enum spindle_reset {
  SPINDLE_RESET_SUBTRACTION = 0, ///< v = u - s threshold
  SPINDLE_RESET_ZERO,            ///< v = u (1 - s)
  SPINDLE_RESET_NONE,            ///< v = u
} spindle_reset;
typedef enum spindle_reset_gradient {
  SPINDLE_ATTACHED = 0,
  SPINDLE_DETACHED
} spindle_reset_gradient;
typedef enum spindle_reset_timing {
  SPINDLE_RESET_IMMEDIATE = 0, ///< In the step of the spike.
  /// One step later, as snnTorch does by default: v_t = u_t, and from beta v_{t-1} + c_t the spike
  /// s_{t-1} takes threshold_{t-1} (subtraction) or all (zero; detached alone).
  SPINDLE_RESET_DELAYED,
} spindle_reset_timing;

/// The surrogate h(x) in place of ds/dx at x = u - threshold; k is the slope.
typedef enum spindle_surrogate {
  SPINDLE_FAST_SIGMOID = 0, ///< 1 / (k |x| + 1)^2
  SPINDLE_ATAN,             ///< (k / 2) / (1 + (pi k x / 2)^2)
  SPINDLE_SIGMOID,          ///< k p (1 - p), p = 1 / (1 + exp(-k x))
  SPINDLE_TRIANGULAR,       ///< k max(0, 1 - |k x|)
  SPINDLE_RECTANGULAR,      ///< k where |k x| < 1/2, else 0
} spindle_surrogate;

/// A dense synapse [I] -> [N] followed by a layer of N neurons. For each step t, all state zero
/// before the first:
///
///     i_t = x_t W + b  (+ s_{t-1} R with topology RC, + s_{t-1} r, neuron by neuron, one-to-one)
///     c_t = alpha c_{t-1} + i_t     alpha = exp(-dt / synaptic_tau); without a filter c_t = i_t
///     u_t = beta v_{t-1} + c_t      beta = exp(-dt / tau); the product, then the sum, each rounded
///     s_t = 1 where u_t > threshold_t, else 0
///     v_t = u_t after its reset; a leaky integrator (LI) has no spikes and v_t = u_t
///
/// threshold_t is the threshold; with an adaptive one (ALIF, Bellec et al. 2018) it is
///
///     threshold_t = threshold + strength a_t
///     a_t = rho a_{t-1} + (1 - rho) s_{t-1}      rho = exp(-dt / adaptation_tau)
///
/// A refractory period of r steps keeps s_t at 0 where a neuron fired in one of the r steps before;
/// its membrane goes on, and its surrogate is 0 there.
typedef struct spindle_layer {
  uint32_t inputs;  ///< I
  uint32_t neurons; ///< N
  spindle_neuron neuron;
  spindle_topology topology; ///< FF for a leaky integrator.
  spindle_reset reset;
  spindle_reset_gradient reset_gradient;
  spindle_reset_timing reset_timing;
  spindle_surrogate surrogate;
  float slope;               ///< k of the surrogate, > 0.
  bool bias;                 ///< The synapse has a bias [N].
  bool synaptic_filter;      ///< The current is filtered, by synaptic_tau [N].
  bool adaptive;             ///< The threshold adapts; not for a leaky integrator.
  uint32_t refractory_steps; ///< 0: none; up to SPINDLE_MAXIMUM_REFRACTORY.
  float dropout;             ///< Probability with which spindle_dropout drops an input, < 1.
  // Which parameters training changes: backward gives their gradients, and zero for the others.
  bool learn_weight, learn_bias, learn_recurrent_weight;
  bool learn_tau, learn_synaptic_tau, learn_threshold;
  bool learn_adaptation_strength, learn_adaptation_tau;
} spindle_layer;

/// Steps of a refractory period are counted in float.
#define SPINDLE_MAXIMUM_REFRACTORY 0xffffffu

/// How the neurons of a network lie in the SIMD lanes.
typedef enum spindle_layout {
  SPINDLE_LAYOUT_AUTOMATIC = 0, ///< By shape.
  SPINDLE_LAYOUT_ROWS,          ///< 16 neurons of one sample in a vector; spikes are events.
  SPINDLE_LAYOUT_LANES,         ///< 16 samples of one neuron in a vector; for small layers.
} spindle_layout;

/// How the sums over spikes are taken in the rows layout, x_t W, s_{t-1} R and the gradients of W
/// and R; every choice gives the same bits.
typedef enum spindle_sums {
  SPINDLE_SUMS_AUTOMATIC = 0, ///< By the density seen.
  SPINDLE_SUMS_EVENTS,        ///< By sums of the rows whose input is active; analog input is dense.
  SPINDLE_SUMS_BLOCKED_EVENTS, ///< The same in blocks that stay in the first-level cache.
  SPINDLE_SUMS_DENSE,          ///< By dense products.
} spindle_sums;

/// Whether a layer runs in the rows layout alone: with one-to-one recurrence, a learned synaptic
/// tau, a delayed reset, a refractory period, an adaptive threshold or dropout.
bool spindle_needs_rows(const spindle_layer *layer);

typedef struct spindle_configuration {
  const spindle_layer *layers; ///< [layer_count], from input to output.
  uint32_t layer_count;
  uint32_t batch;   ///< B
  uint32_t steps;   ///< T
  float time_step;  ///< dt, seconds.
  uint32_t threads; ///< The most; 0: as many as pay, up to spindle_default_threads().
  spindle_isa isa;
  spindle_layout layout;
  spindle_sums sums;
  bool output_gradient; ///< Room for a gradient at every output, [B][T][N] (SPINDLE_VAN_ROSSUM).
} spindle_configuration;

/// No size may exceed this, so that an index of a neuron, sample or step fits 31 bits.
#define SPINDLE_MAXIMUM_SIZE 0x40000000u
/// No more threads than this in one call.
#define SPINDLE_MAXIMUM_THREADS 256u

// MARK: Parameters

/// Where an absent parameter would be.
#define SPINDLE_ABSENT SIZE_MAX

/// Offsets, in floats, of a layer's parameters in the one array that holds all parameters; the
/// array of gradients and the optimizer's arrays are laid out the same way.
typedef struct spindle_layer_parameters {
  size_t weight;              ///< [I][N]
  size_t bias;                ///< [N], or SPINDLE_ABSENT
  size_t recurrent_weight;    ///< [N][N], row source, column target; [N] one-to-one; or absent
  size_t tau;                 ///< [N], seconds
  size_t synaptic_tau;        ///< [N], seconds, or absent
  size_t threshold;           ///< [N]; absent for a leaky integrator
  size_t adaptation_strength; ///< [N], or absent
  size_t adaptation_tau;      ///< [N], seconds, or absent
} spindle_layer_parameters;

/// Lays out the parameters. `layers` has room for layer_count entries; `count` is the length of
/// the parameter array in floats. Checks everything about the configuration but memory.
spindle_status spindle_parameter_layout(const spindle_configuration *configuration,
                                        spindle_layer_parameters *layers, size_t *count);

// MARK: Workspace

/// Everything that a network keeps for backward, and its scratch memory.
typedef struct spindle_workspace spindle_workspace;

spindle_status spindle_workspace_size(const spindle_configuration *configuration, size_t *bytes);
/// Makes a workspace in `memory` (aligned to SPINDLE_ALIGNMENT, `bytes` long, zeroed), which the
/// caller keeps until the workspace is no longer used. Copies the configuration.
spindle_status spindle_workspace_create(const spindle_configuration *configuration, void *memory,
                                        size_t bytes, spindle_workspace **workspace);

/// What a workspace decided for its shape, and what it saw in the last forward call.
typedef struct spindle_plan {
  spindle_isa isa;
  spindle_layout layout;
  uint32_t threads;       ///< The most of a training step; a small one may take one (train.c).
  uint32_t tile;          ///< Samples that one thread takes through all steps at a time.
  uint32_t tiles;         ///< Number of tiles.
  uint32_t chunk;         ///< Steps whose input currents are computed in one go.
  uint32_t parts;         ///< Of the batch, whose gradients are summed apart and then added.
  size_t trace_bytes;     ///< Kept for backward: potentials and spikes; a_t and c_t, where wanted.
  size_t workspace_bytes; ///< All memory.
} spindle_plan;
void spindle_workspace_plan(const spindle_workspace *workspace, spindle_plan *plan);

/// How a sum over spikes was taken in the last forward call.
typedef struct spindle_layer_plan {
  spindle_sums input_sums;     ///< Input currents and gradients of the weights.
  spindle_sums recurrent_sums; ///< Recurrent currents and gradients of the recurrent weights.
  double input_density;        ///< Fraction of inputs that were not zero.
  double spike_density;        ///< Fraction of neurons and steps with a spike.
} spindle_layer_plan;
spindle_status spindle_workspace_layer_plan(const spindle_workspace *workspace, uint32_t layer,
                                            spindle_layer_plan *plan);

// MARK: Input

/// 32-bit words that hold the spikes of `units` units.
#define SPINDLE_WORDS(units) (((size_t)(units) + 31) / 32)

/// A batch of input sequences: exactly one pointer is set.
typedef struct spindle_input {
  /// Spikes, a bit each: [T][B][SPINDLE_WORDS(I)]; unit i is bit i % 32 of word i / 32; the bits
  /// beyond the last unit are zero.
  const uint32_t *spikes;
  /// Analog values: [T][B][I].
  const float *values;
} spindle_input;

/// The state of all layers between two steps, for running a sequence in pieces: for each layer, in
/// order, five blocks [B][N]: membranes, filtered currents, adaptations, steps that are left of the
/// refractory period (each zero where the layer has none), and spikes, 0 or 1. spindle_state_count
/// gives the number of floats.
spindle_status spindle_state_count(const spindle_configuration *configuration, size_t *count);

// MARK: Training

/// Runs all steps of all layers. `initial` is the state before the first step (NULL: zero), `final`
/// receives the state after the last (NULL: not wanted); they may be the same buffer. A state needs
/// SPINDLE_LAYOUT_ROWS: with lanes it is SPINDLE_INVALID_OPTION. Parameters and values are not
/// searched for NaN, here and in the other calls: it would cost a pass over memory.
spindle_status spindle_forward(spindle_workspace *workspace, const float *parameters,
                               const spindle_input *input, const float *initial, float *final);

/// Makes the next spindle_forward drop inputs of the layers with dropout (Srivastava et al. 2014):
/// each input of a sample with the layer's probability p, at all steps alike, while those that stay
/// count 1 / (1 - p) times. Which, depends on seed, step, layer, sample and input alone. Analog
/// input of a first layer with dropout is then SPINDLE_INVALID_OPTION.
spindle_status spindle_dropout(spindle_workspace *workspace, uint64_t seed, uint64_t step);

typedef enum spindle_quantity {
  SPINDLE_SPIKES = 0, ///< s_t, 0 or 1; zeros for a leaky integrator
  SPINDLE_POTENTIAL,  ///< u_t
  SPINDLE_MEMBRANE,   ///< v_t
} spindle_quantity;

/// Copies what the last forward call computed for a layer to `values` [B][T][N]. After backward
/// only the spikes remain: the rest is SPINDLE_WRONG_ORDER.
spindle_status spindle_read(const spindle_workspace *workspace, uint32_t layer,
                            spindle_quantity quantity, float *values);
/// Spikes of each neuron of a layer in the last forward call, over batch and steps: `counts` [N].
spindle_status spindle_spike_counts(const spindle_workspace *workspace, uint32_t layer,
                                    uint64_t *counts);
/// Fraction of a layer's neurons and steps that fired in the last forward call; 0 before any.
double spindle_firing_rate(const spindle_workspace *workspace, uint32_t layer);

typedef enum spindle_loss_kind {
  /// Mean over (t, n) of (mean over the batch of s - target)^2; target [T][N].
  SPINDLE_MEAN_RATE_MSE = 0,
  /// Cross-entropy of the spike counts over time as logits, mean over the batch; classes [B].
  SPINDLE_RATE_CROSS_ENTROPY,
  /// The same with the maximum over time of v as logits (its first step, where several tie).
  SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY,
  /// The same with the mean over time of v as logits.
  SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY,
  /// The same with the mean of v over the steps from `first_step` on as logits, for what must be
  /// held in memory. Predictions are those of the mean over the last `answer_steps` steps.
  SPINDLE_RECALL_CROSS_ENTROPY,
  /// Mean over (b, t, n) of (v - target)^2; target [B][T][N].
  SPINDLE_MEMBRANE_MSE,
  /// Mean over (b, n) of (spikes over time - target)^2; target [B][N].
  SPINDLE_SPIKE_COUNT_MSE,
  /// Mean over (b, n) of (mean over time of s - target)^2; target [B][N], or [N] where it is
  /// shared.
  SPINDLE_FIRING_RATE_MSE,
  /// Mean over (b, n) of the squared distance of van Rossum 2001 between the spikes and those of
  /// the target [B][T][N], (dt / tau) sum over t of e_t^2 with e_t = exp(-dt / tau) e_{t-1} + s_t -
  /// target_t, over the T steps alone: one spike too many, long before the end, counts about 1/2.
  /// Needs spindle_configuration.output_gradient.
  SPINDLE_VAN_ROSSUM,
  /// Any other loss: the caller gives its value, and its gradients with respect to s and to v, each
  /// [B][T][N] or NULL for zero, in `target` and `membrane_gradient`.
  SPINDLE_CUSTOM_LOSS,
} spindle_loss_kind;

typedef struct spindle_loss_target {
  spindle_loss_kind kind;
  const float *target;            ///< As the kind says; the gradient by s for a custom loss.
  const float *membrane_gradient; ///< Custom loss only.
  const int32_t *classes;         ///< Cross-entropies: [B], each from 0 to N - 1.
  bool shared;                    ///< Firing rates: one target [N] for all samples.
  float tau;                      ///< Van Rossum's distance: seconds, positive.
  double value;                   ///< Custom loss only.
  uint32_t first_step;            ///< Recall: below T.
  uint32_t answer_steps;          ///< Recall: from 1 to T.
} spindle_loss_target;

/// The loss of the last forward call's output, and its gradient for spindle_backward.
spindle_status spindle_loss(spindle_workspace *workspace, const spindle_loss_target *target,
                            double *value);

/// What a penalty of firing rates adds to the loss: strength times the mean over a layer's neurons
/// of a function of their rate r, the fraction of steps with a spike, over batch and time.
typedef enum spindle_penalty_kind {
  SPINDLE_RATE_L1 = 0, ///< r
  SPINDLE_RATE_L2,     ///< r^2
  SPINDLE_RATE_LOWER,  ///< max(0, bound - r)^2
  SPINDLE_RATE_UPPER,  ///< max(0, r - bound)^2
} spindle_penalty_kind;

typedef struct spindle_penalty {
  spindle_penalty_kind kind;
  uint32_t layer; ///< Of LIF neurons, or SPINDLE_ALL_LAYERS for each of them.
  float strength; ///< Not negative.
  float bound;    ///< From 0 to 1.
} spindle_penalty;
#define SPINDLE_ALL_LAYERS UINT32_MAX

/// Adds penalties to the loss of the last loss call: their sum is `value`, and spindle_backward
/// takes their gradient into account. Spikes are counted exactly.
spindle_status spindle_regularize(spindle_workspace *workspace, const spindle_penalty *penalties,
                                  uint32_t count, double *value);

/// The class that each sample's logits named in the last loss call, a cross-entropy: the first of
/// the largest; `classes` [B]. SPINDLE_WRONG_ORDER where the last loss had no logits.
spindle_status spindle_predictions(const spindle_workspace *workspace, int32_t *classes);
/// Samples whose prediction was their class in the last loss call; 0 where it had no logits.
uint32_t spindle_correct(const spindle_workspace *workspace);

/// The gradient of the loss with respect to every parameter: `gradients` is laid out as the
/// parameters; zero for one that is not learned. Needs the parameters and input of
/// the forward call and the target of the loss call before it.
spindle_status spindle_backward(spindle_workspace *workspace, const float *parameters,
                                const spindle_input *input, const spindle_loss_target *target,
                                float *gradients);

// MARK: Optimizer

typedef enum spindle_optimizer_kind {
  /// Gradient descent: p -= rate g; with momentum m = momentum m + g, p -= rate m; with Nesterov's
  /// p -= rate (g + momentum m).
  SPINDLE_SGD = 0,
  /// Kingma and Ba 2015, algorithm 1, with epsilon added to the corrected root.
  SPINDLE_ADAM,
  /// Kingma and Ba 2015, algorithm 2: variance = max(beta2 variance, |g| + epsilon).
  SPINDLE_ADAMAX,
} spindle_optimizer_kind;

/// How parameters follow their gradients; each kind as PyTorch computes it. A learned time constant
/// or threshold, which must stay positive, is updated by its logarithm q: its gradient is p g, and
/// p becomes p exp(-step) where another parameter becomes p - step. Weight decay and bound are for
/// weights alone (weight and recurrent_weight), not for bias, time constants or thresholds.
typedef struct spindle_optimizer {
  spindle_optimizer_kind kind;
  float learning_rate; ///< From 0 to SPINDLE_MAXIMUM_RATE.
  float momentum;      ///< SGD: from 0 (none) to below 1.
  bool nesterov;       ///< SGD: Nesterov's momentum.
  float beta1, beta2;  ///< Adam, Adamax: from 0 to below 1.
  float epsilon;       ///< Adam, Adamax: positive.
  float weight_decay;  ///< Not negative; added as weight_decay p to the gradient.
  bool decoupled;      ///< Or p is first multiplied by 1 - rate weight_decay (AdamW: Loshchilov
                       ///< and Hutter 2019).
  float weight_bound;  ///< Weights are kept within plus and minus this; 0 for no bound.
  float clip_norm;     ///< Gradients are scaled to this global norm where it is larger; 0: never.
  float clip_value;    ///< Each gradient is kept within plus and minus this; 0: no limit.
} spindle_optimizer;
#define SPINDLE_MAXIMUM_RATE 1e30f

/// The arrays of a training run, each laid out as the parameters and as long.
typedef struct spindle_training {
  spindle_optimizer optimizer;
  const spindle_penalty *penalties; ///< [penalty_count]
  uint32_t penalty_count;
  float *parameters; ///< Read and updated.
  float *gradients;  ///< Written by backward.
  float *mean;       ///< The optimizer's (SGD: momentum), zero before the first step.
  float *variance;   ///< Likewise (Adamax: infinity norm); SGD leaves it alone.
} spindle_training;

/// One update of all learned parameters by the gradients. `step` counts from 1. `gradient_norm`
/// receives the root of the sum of the squares of all learned gradients, before clipping. Where
/// that sum is not finite, or beyond the largest float, it is SPINDLE_NOT_FINITE and nothing is
/// updated.
spindle_status spindle_optimize(spindle_workspace *workspace, const spindle_training *training,
                                uint64_t step, double *gradient_norm);

// MARK: Measuring

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

// MARK: Training step

/// What a training step tells.
typedef struct spindle_step_result {
  double loss;           ///< Before the update, without penalties.
  double regularization; ///< The sum of the penalties.
  double gradient_norm;  ///< See spindle_optimize; 0 where the loss is not finite.
  uint32_t correct;      ///< See spindle_correct.
} spindle_step_result;

/// spindle_forward, spindle_loss, spindle_regularize, spindle_backward and spindle_optimize in one
/// go, with the same bits and less overhead: the threads are called together once. With
/// SPINDLE_NOT_FINITE nothing was updated, and the result tells whether the loss or the gradients
/// were not finite.
spindle_status spindle_train_step(spindle_workspace *workspace, const spindle_training *training,
                                  const spindle_input *input, const spindle_loss_target *target,
                                  uint64_t step, spindle_step_result *result);

/// The same after a call of spindle_forward, for a custom loss, whose gradients come of its output.
spindle_status spindle_finish_step(spindle_workspace *workspace, const spindle_training *training,
                                   const spindle_input *input, const spindle_loss_target *target,
                                   uint64_t step, spindle_step_result *result);

/// Where a potential is not finite.
typedef struct spindle_place {
  uint32_t layer, sample, step, neuron;
  float value;
} spindle_place;
/// The first potential of the last forward call that is not finite: of the first layer that has
/// one, at its earliest step. `found` is false where there is none. Not after backward.
spindle_status spindle_find_not_finite(const spindle_workspace *workspace, bool *found,
                                       spindle_place *place);

// MARK: Random numbers

/// A stream of random numbers of the counter-based generator Philox4x32-10 (Salmon et al. 2011):
/// number j depends on seed, stream and offset + j alone. Of 64 numbers in a row, number j is word
/// j / 16 of the generator's block 16 (j / 64) + j % 16.
typedef struct spindle_random {
  uint64_t seed;
  uint64_t stream;
  uint64_t offset; ///< Index of the first number; a multiple of 64.
  spindle_isa isa; ///< Which kernel draws them; all draw the same numbers.
} spindle_random;

/// Offset of the first number that `count` numbers from `offset` leave unused.
#define SPINDLE_RANDOM_NEXT(offset, count) ((offset) + (((count) + 63) / 64) * 64)

/// The 32 random bits themselves.
spindle_status spindle_random_bits(const spindle_random *random, size_t count, uint32_t *values);
/// Uniform over [low, high).
spindle_status spindle_random_uniform(const spindle_random *random, float low, float high,
                                      size_t count, float *values);
/// Normal (Box and Muller 1958).
spindle_status spindle_random_normal(const spindle_random *random, float mean,
                                     float standard_deviation, size_t count, float *values);
/// Spikes with the given probability: [rows][SPINDLE_WORDS(units)], as in spindle_input. Unit i of
/// row r takes number r units + i; it fires where the number is less than probability 2^32.
spindle_status spindle_random_spikes(const spindle_random *random, double probability, size_t rows,
                                     uint32_t units, uint32_t *spikes);

#ifdef __cplusplus
}
#endif
#endif

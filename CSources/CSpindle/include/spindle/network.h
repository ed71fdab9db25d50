#ifndef SPINDLE_NETWORK_H
#define SPINDLE_NETWORK_H
/// Networks: their layers, parameters and input, and the memory they run in. Shape letters and the
/// order of calls: spindle.h.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "hardware.h"

// MARK: Status

/// What a fallible call may return, and what spindle_status_text says of it.
#define SPINDLE_STATUSES(STATUS)                                                                   \
  STATUS(SPINDLE_OK, "no error")                                                                   \
  STATUS(SPINDLE_NULL_POINTER, "a pointer that must not be NULL is NULL")                          \
  STATUS(SPINDLE_INVALID_SIZE, "a size is zero or too large")                                      \
  STATUS(SPINDLE_SIZE_OVERFLOW, "a product of sizes does not fit the address space")               \
  STATUS(SPINDLE_INVALID_OPTION, "an option has no such value or does not go with another")        \
  STATUS(SPINDLE_INVALID_PARAMETER, "a number is not finite or outside its range")                 \
  STATUS(SPINDLE_LAYER_MISMATCH, "a layer's inputs are not the neurons of the layer below")        \
  STATUS(SPINDLE_UNSUPPORTED_ISA, "the processor or this build lacks the instruction set")         \
  STATUS(SPINDLE_OUT_OF_MEMORY, "the memory cannot be had")                                        \
  STATUS(SPINDLE_MEMORY_TOO_SMALL, "the memory given is too small or not aligned")                 \
  STATUS(SPINDLE_NOT_FINITE, "the loss or a gradient is not finite; nothing was updated")          \
  STATUS(SPINDLE_WRONG_ORDER, "the call needs another call before it")                             \
  STATUS(SPINDLE_RANKS_FAILED, "the ranks cannot reach each other")

#define SPINDLE_STATUS_CASE(status, text) status,
typedef enum spindle_status { SPINDLE_STATUSES(SPINDLE_STATUS_CASE) } spindle_status;

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
/// Bytes of memory that the machine could give now, within the limits of the control groups that
/// the process is in; SIZE_MAX where it does not say.
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

/// Threads that OpenMP would use by itself (OMP_NUM_THREADS, else the processors), and at most as
/// many as can run at a time: more are never started, whatever is asked for.
uint32_t spindle_default_threads(void);
/// What OMP_NUM_THREADS said, at most its first 63 bytes, where it was neither empty nor a list of
/// numbers from 1 and so is as if it were not set; NULL elsewhere.
const char *spindle_ignored_threads(void);
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

/// What a parameter does in its layer. A change of this order changes the layout of all parameters.
typedef enum spindle_role {
  SPINDLE_WEIGHT = 0,          ///< W [I][N]
  SPINDLE_BIAS,                ///< b [N]
  SPINDLE_RECURRENT_WEIGHT,    ///< R [N][N], row source, column target; r [N] one-to-one
  SPINDLE_TAU,                 ///< [N], seconds
  SPINDLE_SYNAPTIC_TAU,        ///< [N], seconds; with a synaptic filter
  SPINDLE_THRESHOLD,           ///< [N]; not of a leaky integrator
  SPINDLE_ADAPTATION_STRENGTH, ///< [N]; with an adaptive threshold
  SPINDLE_ADAPTATION_TAU,      ///< [N], seconds; likewise
  SPINDLE_ROLE_COUNT
} spindle_role;

/// "weight", "bias", "recurrent_weight", ...; NULL for another value.
const char *spindle_role_name(spindle_role role);
/// The bit of a role among those that a layer learns.
#define SPINDLE_LEARNS(role) (UINT32_C(1) << (role))

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
  float peak;                ///< h(0), which scales h; 0: as the kind has it.
  float support;             ///< h(x) = 0 where |x| >= support; 0: as the kind has it.
  bool bias;                 ///< The synapse has a bias [N].
  bool synaptic_filter;      ///< The current is filtered, by synaptic_tau [N].
  bool adaptive;             ///< The threshold adapts; not for a leaky integrator.
  uint32_t refractory_steps; ///< 0: none; up to SPINDLE_MAXIMUM_REFRACTORY.
  float dropout;             ///< Probability with which dropout drops an input, < 1.
  /// The roles that training changes, SPINDLE_LEARNS of each: backward gives their gradients, and
  /// zero for the others. Roles that the layer lacks are left out.
  uint32_t learned;
  spindle_hardware hardware;
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

/// Which outputs backward's products compute for a layer whose surrogate has a support, in the rows
/// layout: dL/ds is multiplied by the surrogate, so that it is needed only where that is not zero.
/// Every choice gives the same bits.
typedef enum spindle_outputs {
  SPINDLE_OUTPUTS_AUTOMATIC = 0, ///< At each step by their fraction.
  SPINDLE_OUTPUTS_NEEDED,        ///< Where the surrogate is not zero.
  SPINDLE_OUTPUTS_ALL,           ///< All, in a dense product.
} spindle_outputs;

/// Whether backward takes the support of a layer's surrogate into account: it has one, of its own
/// or its kind's (triangular 1 / k, rectangular 1 / (2 k)), and `peak` or `support` is given. The
/// order of sums differs, so that a surrogate with neither keeps the bits that it had before there
/// were these.
bool spindle_has_support(const spindle_layer *layer);

/// Whether a layer runs in the rows layout alone: with one-to-one recurrence, a learned synaptic
/// tau, a delayed reset, a refractory period, an adaptive threshold, a floor or dropout.
bool spindle_needs_rows(const spindle_layer *layer);

/// What a workspace is for.
typedef enum spindle_purpose {
  SPINDLE_TRAINING = 0, ///< Forward keeps what losses and backward need.
  /// Forward alone, of any number of steps in the same memory: it runs windows of steps, and keeps
  /// neither a trace nor what only backward needs. Losses and readings are SPINDLE_INVALID_OPTION.
  SPINDLE_INFERENCE,
} spindle_purpose;

/// How much of a run is kept for backward; every choice gives the same bits.
typedef enum spindle_memory {
  SPINDLE_MEMORY_AUTOMATIC = 0, ///< All where it fits the limit, else segments.
  SPINDLE_MEMORY_ALL,           ///< What backward needs of all steps.
  /// The spikes of all steps, the state every 256 steps and the rest of as many at a time: the
  /// forward run of each such segment is repeated by backward, and by losses and readings of
  /// membranes. So the input of a forward call must stay where it is (see spindle_move_input).
  SPINDLE_MEMORY_SEGMENTS,
} spindle_memory;

typedef struct spindle_configuration {
  const spindle_layer *layers; ///< [layer_count], from input to output.
  uint32_t layer_count;
  uint32_t batch;  ///< B
  uint32_t steps;  ///< T
  float time_step; ///< dt, seconds.
  spindle_purpose purpose;
  /// Parts of the batch whose gradients are summed apart and then added: bits depend on it. 0: by
  /// batch and steps alone. At most as many as samples, in the lanes layout as tiles of 16.
  uint32_t parts;
  uint32_t threads; ///< The most; 0: as many as pay, up to spindle_default_threads().
  spindle_isa isa;
  spindle_layout layout;
  spindle_sums sums;
  spindle_outputs outputs;
  bool output_gradient;  ///< Room for a gradient at every output, [B][T][N] (SPINDLE_VAN_ROSSUM).
  spindle_memory memory; ///< Of training.
  size_t memory_limit;   ///< Bytes of a workspace for AUTOMATIC; 0: half of the available memory.
  /// Of processes that train together (ranks.h) this one, from 0, and how many there are; 0: one
  /// alone. Batch and parts are those of all together, the workspace is for this rank's share.
  uint32_t rank, ranks;
} spindle_configuration;

/// No size may exceed this, so that an index of a neuron, sample or step fits 31 bits.
#define SPINDLE_MAXIMUM_SIZE 0x40000000u
/// No more parts than this.
#define SPINDLE_MAXIMUM_PARTS 64u
/// No more threads than this in one call.
#define SPINDLE_MAXIMUM_THREADS 256u

// MARK: Parameters

/// Where an absent parameter would be.
#define SPINDLE_ABSENT SIZE_MAX

/// Offsets, in floats, of a layer's parameters in the one array that holds all parameters, by role;
/// SPINDLE_ABSENT where the layer has none. The array of gradients and the optimizer's arrays are
/// laid out the same way.
typedef struct spindle_layer_parameters {
  size_t offset[SPINDLE_ROLE_COUNT];
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
  uint32_t threads;       ///< The most of a training step; a small one may take one.
  uint32_t tile;          ///< Samples that one thread takes through all steps at a time.
  uint32_t tiles;         ///< Number of tiles.
  uint32_t window;        ///< Steps whose input currents are computed in one go.
  uint32_t parts;         ///< Of the batch of all ranks, whose gradients are summed apart.
  spindle_memory memory;  ///< All or segments; all where there is but one segment.
  uint32_t trace_steps;   ///< Steps that backward finds kept at a time.
  size_t trace_bytes;     ///< Kept for backward: potentials and spikes; a_t and c_t, where wanted.
  size_t workspace_bytes; ///< All memory.
} spindle_plan;
void spindle_workspace_plan(const spindle_workspace *workspace, spindle_plan *plan);

/// How a layer's sums over spikes were taken in the last forward call, and the products of the last
/// backward call.
typedef struct spindle_layer_plan {
  spindle_sums input_sums;     ///< Input currents and gradients of the weights.
  spindle_sums recurrent_sums; ///< Recurrent currents and gradients of the recurrent weights.
  double input_density;        ///< Fraction of inputs that were not zero; 0 where inference takes
                               ///< few rows at a time, of which none is sampled.
  double spike_density;        ///< Fraction of neurons and steps with a spike.
  /// What the next leads to: SPINDLE_OUTPUTS_ALL where the surrogate has no support.
  spindle_outputs outputs;
  /// Fraction of neurons, at the steps of the last backward call that have such a product, whose
  /// surrogate was not zero; 1 before it, and where there is none or the surrogate has no support.
  double surrogate_density;
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
  /// Steps of each sample, from 1 to T: [B]; NULL where all have T. Past its length a sample has no
  /// input, does not fire, has potential 0 and influences nothing. In training alone, without a
  /// final state or its adjoint.
  const uint32_t *lengths;
} spindle_input;

/// The state of all layers between two steps, for running a sequence in pieces: for each layer, in
/// order, five blocks [B][N]: membranes, filtered currents, adaptations, steps that are left of the
/// refractory period (each zero where the layer has none), and spikes, 0 or 1. Its adjoint is laid
/// out the same way. spindle_state_count gives the number of floats.
spindle_status spindle_state_count(const spindle_configuration *configuration, size_t *count);

#endif

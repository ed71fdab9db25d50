#ifndef SPINDLE_TRAINING_H
#define SPINDLE_TRAINING_H
/// Forward, losses, backward and the optimizer.
#include "network.h"

// MARK: Training

/// Derives from the parameters what the kernels need: decays, packed matrices. Needed once before
/// spindle_forward, and again when parameters have changed: spindle_optimize asks for it.
/// Parameters and values are not searched for NaN, here and in the other calls: it would cost a
/// pass over memory.
spindle_status spindle_load(spindle_workspace *workspace, const float *parameters);

/// One chip of those that mismatch makes: its normal numbers are number j of the stream of each
/// parameter, and depend on seed, number, parameter and j alone. Training takes another chip for
/// each batch, whose number is the step.
typedef struct spindle_chip {
  uint64_t seed;
  uint64_t number; ///< Below SPINDLE_MAXIMUM_CHIPS.
} spindle_chip;
#define SPINDLE_MAXIMUM_CHIPS 0x10000000u

/// The same on a chip; NULL, as spindle_load: on one without mismatch.
spindle_status spindle_load_chip(spindle_workspace *workspace, const float *parameters,
                                 const spindle_chip *chip);
/// What the kernels compute with in place of the parameters that were last loaded, laid out as they
/// are: `effective` [count of all parameters]. SPINDLE_WRONG_ORDER before.
spindle_status spindle_effective(const spindle_workspace *workspace, const float *parameters,
                                 float *effective);
/// The steps of the grids of a layer's neurons in the last load: `steps` [N].
/// SPINDLE_INVALID_OPTION for a layer without.
spindle_status spindle_grid_steps(const spindle_workspace *workspace, uint32_t layer, float *steps);

typedef enum spindle_quantity {
  SPINDLE_SPIKES = 0, ///< s_t, 0 or 1; zeros for a leaky integrator
  SPINDLE_POTENTIAL,  ///< u_t
  SPINDLE_MEMBRANE,   ///< v_t
} spindle_quantity;

/// A wish for what a forward call computes of a layer: values [B][T][N].
typedef struct spindle_output {
  uint32_t layer;
  spindle_quantity quantity;
  float *values;
} spindle_output;

/// Dropout of the inputs of layers that have it (Srivastava et al. 2014): each input of a sample is
/// dropped with the layer's probability p, at all steps alike, while those that stay count 1 / (1 -
/// p) times. Which, depends on seed, step, layer, sample and input alone.
typedef struct spindle_dropout {
  uint64_t seed, step;
} spindle_dropout;

/// What a forward call takes besides its input; all zero for a whole sequence from zero state.
typedef struct spindle_run {
  const float *initial; ///< The state before the first step; NULL: zero.
  float *final;         ///< Receives the state after the last; NULL: not wanted; may be `initial`.
  /// In inference: goes on from the state that the last call left in the workspace, which takes no
  /// time; without `initial`. SPINDLE_WRONG_ORDER where there was none.
  bool resume;
  /// NULL: none. In training alone; analog input of a first layer that has it is
  /// SPINDLE_INVALID_OPTION. A call without after one with needs another spindle_load.
  const spindle_dropout *dropout;
  const spindle_output *outputs; ///< [output_count], written as the steps are run.
  uint32_t output_count;
  uint32_t steps; ///< T; 0: as configured. Others in inference alone.
} spindle_run;

/// Runs all steps of all layers with the parameters that were loaded; `run` may be NULL.
spindle_status spindle_forward(spindle_workspace *workspace, const spindle_input *input,
                               const spindle_run *run);
/// Says where the input of the last forward call lies now. Where memory is segments, losses,
/// readings and spindle_find_not_finite read it again.
spindle_status spindle_move_input(spindle_workspace *workspace, const spindle_input *input);

/// Copies what the last forward call computed for a layer to `values` [B][T][N]. After backward
/// only the spikes remain: the rest is SPINDLE_WRONG_ORDER.
spindle_status spindle_read(const spindle_workspace *workspace, uint32_t layer,
                            spindle_quantity quantity, float *values);
/// Spikes of each neuron of a layer in the last forward call, over batch and steps: `counts` [N].
spindle_status spindle_spike_counts(const spindle_workspace *workspace, uint32_t layer,
                                    uint64_t *counts);
/// Fraction of a layer's neurons and steps that fired in the last forward call (in inference, in
/// the last window of it); 0 before any.
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
  const float *class_weights;     ///< Cross-entropies: [N], factors of samples; NULL: all 1.
  bool shared;                    ///< Firing rates: one target [N] for all samples.
  float tau;                      ///< Van Rossum's distance: seconds, positive.
  double value;                   ///< Custom loss only.
  uint32_t first_step;            ///< Recall: below T, and below every length.
  uint32_t answer_steps;          ///< Recall: from 1 to T, and to the smallest length.
} spindle_loss_target;

/// The loss of the last forward call's output, and its gradient for spindle_backward. Where samples
/// have lengths, T is each sample's own: the loss of a batch is the mean of what each sample would
/// have by itself. The mean rate at a step is that of the samples that have the step, and T the
/// largest length.
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

/// The penalties of the layers' weights (spindle_hardware): their sum is `value`. Where `gradients`
/// is given, laid out as the parameters, their gradients are added to those of learned parameters.
spindle_status spindle_penalize_weights(const spindle_workspace *workspace, const float *parameters,
                                        float *gradients, double *value);

/// The class that each sample's logits named in the last loss call, a cross-entropy: the first of
/// the largest; `classes` [B]. SPINDLE_WRONG_ORDER where the last loss had no logits.
spindle_status spindle_predictions(const spindle_workspace *workspace, int32_t *classes);
/// Samples whose prediction was their class in the last loss call; 0 where it had no logits.
uint32_t spindle_correct(const spindle_workspace *workspace);

/// What comes from the steps after the last and goes to those before the first: gradients by the
/// state, laid out as the state is. Those by the steps of a refractory period are zero.
typedef struct spindle_adjoint {
  const float *final; ///< By the final state; NULL: zero.
  float *initial;     ///< Receives that by the initial state; NULL: not wanted; not `final`.
} spindle_adjoint;

/// The gradient of the loss with respect to every parameter: `gradients` is laid out as the
/// parameters; zero for one that is not learned. Needs the input of the forward call and the target
/// of the loss call before it. `adjoint` may be NULL.
spindle_status spindle_backward(spindle_workspace *workspace, const spindle_input *input,
                                const spindle_loss_target *target, float *gradients,
                                const spindle_adjoint *adjoint);

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

/// What holds a weight, in each of `spindle_training.constraints`.
enum {
  SPINDLE_ABSENT_WEIGHT = 1, ///< There is no such connection: 0, and so is its gradient.
  SPINDLE_NOT_NEGATIVE = 2,  ///< An excitatory source (Dale's principle).
  SPINDLE_NOT_POSITIVE = 4,  ///< An inhibitory source.
};

/// The arrays of a training run, each laid out as the parameters and as long.
typedef struct spindle_training {
  spindle_optimizer optimizer;
  const spindle_penalty *penalties; ///< [penalty_count]
  uint32_t penalty_count;
  float *parameters; ///< Read and updated.
  float *gradients;  ///< Written by backward.
  float *mean;       ///< The optimizer's (SGD: momentum), zero before the first step.
  float *variance;   ///< Likewise (Adamax: infinity norm); SGD leaves it alone.
  /// What holds each parameter after every update; NULL: nothing.
  const uint8_t *constraints;
  const spindle_chip *chip; ///< Of spindle_train_step; NULL: without mismatch.
  // Of steps that are windows of a long sequence; all zero for a sequence by itself.
  /// The state before the first step, a constant: zeros for a sample whose sequence begins; NULL:
  /// all zero.
  const float *initial;
  float *final; ///< Receives the state after the last; NULL: not wanted; may be `initial`.
  /// The gradients of the windows since the last update: those of this one are added, and an update
  /// goes by the sum, after which it is zero. NULL: none. Where a step fails it stays as it was.
  float *sum;
  bool waits; ///< There is no update: the sum waits for a later window's.
} spindle_training;

/// One update of all learned parameters by the gradients. `step` counts from 1. `gradient_norm`
/// receives the root of the sum of the squares of all learned gradients, before clipping. Where
/// that sum is not finite, or beyond the largest float, it is SPINDLE_NOT_FINITE and nothing is
/// updated. The parameters must be loaded again before the next forward call.
spindle_status spindle_optimize(spindle_workspace *workspace, const spindle_training *training,
                                uint64_t step, double *gradient_norm);

// MARK: Training step

/// What a training step tells.
typedef struct spindle_step_result {
  double loss;           ///< Before the update, without penalties.
  double regularization; ///< The sum of the penalties, of rates and of weights.
  double gradient_norm;  ///< See spindle_optimize; 0 where the loss is not finite.
  uint32_t correct;      ///< See spindle_correct.
} spindle_step_result;

/// spindle_load, spindle_forward from zero state, spindle_loss, spindle_regularize,
/// spindle_backward and spindle_optimize in one go, with the same bits and less overhead: the
/// threads are called together once. With SPINDLE_NOT_FINITE nothing was updated, and the result
/// tells whether the loss or the gradients were not finite.
spindle_status spindle_train_step(spindle_workspace *workspace, const spindle_training *training,
                                  const spindle_input *input, const spindle_loss_target *target,
                                  const spindle_dropout *dropout, uint64_t step,
                                  spindle_step_result *result);

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
spindle_status spindle_find_not_finite(spindle_workspace *workspace, bool *found,
                                       spindle_place *place);

#endif

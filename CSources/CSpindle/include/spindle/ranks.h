#ifndef SPINDLE_RANKS_H
#define SPINDLE_RANKS_H
/// Processes (ranks) that train one network together, each on its share of every batch, with the
/// bits of one process. Each makes the same calls in the same order; what they tell one another
/// goes through functions of the caller's.
///
/// A rank's share is whole parts: of P parts rank r of R has those from P r / R to P (r + 1) / R,
/// rounded down. Inputs, targets of samples, lengths, states and predictions are of its samples
/// alone; the loss, penalties, the norm of the gradients, the number of right predictions and
/// firing rates are of all. Parameters are the same at every rank before and after each step, while
/// the optimizer's arrays and the gradients hold at each the numbers of its own slice alone
/// (spindle_gather_slices).
///
/// The calls that wait for the other ranks: spindle_forward with lengths, spindle_loss,
/// spindle_regularize, spindle_backward, spindle_optimize, the training steps,
/// spindle_find_not_finite and those declared here.
#include "network.h"

/// A rank's samples, [first, first + samples) of the batch, which may be none where there are more
/// ranks than parts; and the parts of all ranks.
typedef struct spindle_share {
  uint32_t first, samples, parts;
} spindle_share;
spindle_status spindle_share_of(const spindle_configuration *configuration, spindle_share *share);

/// How a rank reaches the others. Both functions are called on the thread that called the core, and
/// return false where the others cannot be reached, which is SPINDLE_RANKS_FAILED. Offsets are
/// [ranks + 1], in bytes, ascending.
typedef struct spindle_exchange {
  void *context;
  /// Rank r gives [offsets[r], offsets[r + 1]) of `data`; afterwards each rank has all of it.
  bool (*gather)(void *context, void *data, const size_t *offsets);
  /// Rank s gets [send_offsets[s], send_offsets[s + 1]) of `send`; what rank s sends comes to
  /// [receive_offsets[s], receive_offsets[s + 1]) of `receive`.
  bool (*exchange)(void *context, const void *send, const size_t *send_offsets, void *receive,
                   const size_t *receive_offsets);
} spindle_exchange;

/// Needed once where there are several ranks. Copies the struct; its context must live as long as
/// the workspace.
spindle_status spindle_connect(spindle_workspace *workspace, const spindle_exchange *exchange);

/// Gives each rank all of an array that is laid out as the parameters and of which each holds its
/// own slice: a gradient, or the optimizer's.
spindle_status spindle_gather_slices(spindle_workspace *workspace, float *values);

/// Makes the firing rates those of all ranks, which a loss does too.
spindle_status spindle_gather_rates(spindle_workspace *workspace);

#endif

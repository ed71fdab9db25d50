#ifndef SPINDLE_SHARE_H
#define SPINDLE_SHARE_H
/// What the ranks of a training share.
#include "plan.h"

// Gradients of parts (parts.c).

/// A part's sums, laid out as the parameters: the first own part's are the gradients themselves.
static inline float *spindle_part_gradients(const spindle_workspace *w, float *gradients,
                                            uint32_t part) {
  return part == 0 ? gradients : w->part_gradients + (part - 1) * w->parameter_count;
}
/// Adds the parts of all ranks in their order; with several ranks the own slice alone.
spindle_status spindle_add_parts(spindle_workspace *w, float *gradients);

// What they tell one another (ranks.c).

/// Takes what ranks need besides; the batch is cut.
void spindle_plan_ranks(spindle_workspace *w, const spindle_configuration *c, arena *arena);
/// Cuts the pieces of the parameters into a slice for each rank.
void spindle_cut_slices(spindle_workspace *w);
/// Each rank gives the elements, of `size` bytes, from borders[r] to borders[r + 1].
spindle_status spindle_gather(const spindle_workspace *w, void *data, size_t size,
                              const size_t *borders);
/// Rank r gets the elements from sent[r] to sent[r + 1], and its own come to those from
/// received[r].
spindle_status spindle_exchange_all(const spindle_workspace *w, const void *send,
                                    const size_t *sent, void *receive, const size_t *received,
                                    size_t size);
/// Makes counts of this rank's spikes those of all: at each step, or of each neuron of all layers.
spindle_status spindle_sum_counts(spindle_workspace *w, float *counts, size_t count);
spindle_status spindle_sum_neurons(spindle_workspace *w);
/// The terms of the loss of this rank's samples, one each.
double *spindle_sample_terms(const spindle_workspace *w);
/// Shares what a loss of this rank's samples gave, its number of right predictions and its spikes;
/// `by_sample` with their terms, whose sum in order becomes `value`.
spindle_status spindle_share_loss(spindle_workspace *w, bool by_sample, double *value);

#endif

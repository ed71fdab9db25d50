/// Adds the gradients of the parts in ascending order, which is the order that decides bits. With
/// several ranks each adds a slice of the parameters over the parts of all: first every rank sends
/// the others their slices of its own parts.
#include <string.h>
#include "plan.h"
#include "share.h"

typedef struct parts_call {
  spindle_workspace *workspace;
  float *gradients;
  /// The gradients of each part of all ranks, from number `begin` of the parameters on.
  const float *parts[SPINDLE_MAXIMUM_PARTS];
  size_t begin;
} parts_call;

/// Adds the parts of a grain; so many sums at a time that they stay in the first-level cache.
static void sum_task(void *context, task task) {
  const parts_call *call = context;
  const spindle_workspace *w = call->workspace;
  parameter_piece grain = spindle_find_grain(w, task.index);
  for (size_t i = 0, some; i < grain.count; i += some) {
    float sums[GRAIN];
    some = MINIMUM(grain.count - i, (size_t)GRAIN);
    size_t at = grain.first + i - call->begin;
    memcpy(sums, call->parts[0] + at, some * sizeof *sums);
    for (uint32_t part = 1; part < w->whole.parts; part++) {
      const float *restrict other = call->parts[part] + at;
      for (size_t k = 0; k < some; k++) sums[k] += other[k];
    }
    memcpy(call->gradients + grain.first + i, sums, some * sizeof *sums);
  }
}

static uint32_t parts_of(const spindle_workspace *w, uint32_t rank) {
  return spindle_rank_part(w, rank + 1) - spindle_rank_part(w, rank);
}

static size_t slice_length(const spindle_workspace *w, uint32_t rank) {
  return w->slice_borders[rank + 1] - w->slice_borders[rank];
}

/// Where each rank's numbers begin in what is sent, its slice of the own parts, and in what is
/// received, its parts of the own slice. The own are in neither.
static void place_numbers(const spindle_workspace *w, size_t *sent, size_t *received) {
  sent[0] = received[0] = 0;
  for (uint32_t r = 0; r < w->ranks; r++) {
    bool own = r == w->rank;
    sent[r + 1] = sent[r] + (own ? 0 : w->parts * slice_length(w, r));
    received[r + 1] = received[r] + (own ? 0 : parts_of(w, r) * slice_length(w, w->rank));
  }
}

/// Copies the slice of one rank in one own part to what is sent.
static void send_task(void *context, task task) {
  const parts_call *call = context;
  const spindle_workspace *w = call->workspace;
  uint32_t rank = task.index % w->ranks, part = task.index / w->ranks;
  if (rank == w->rank) return;
  size_t sent[SPINDLE_MAXIMUM_PARTS + 1], received[SPINDLE_MAXIMUM_PARTS + 1];
  place_numbers(w, sent, received);
  size_t count = slice_length(w, rank);
  memcpy(w->sent + sent[rank] + part * count,
         spindle_part_gradients(w, call->gradients, part) + w->slice_borders[rank],
         count * sizeof(float));
}

/// Exchanges slices, and finds those of the other ranks' parts.
static spindle_status exchange_slices(parts_call *call) {
  spindle_workspace *w = call->workspace;
  size_t sent[SPINDLE_MAXIMUM_PARTS + 1], received[SPINDLE_MAXIMUM_PARTS + 1];
  place_numbers(w, sent, received);
  spindle_parallel(w->team, spindle_piece_threads(w), w->parts * w->ranks, send_task, call);
  for (uint32_t r = 0; r < w->ranks; r++)
    for (uint32_t i = 0; r != w->rank && i < parts_of(w, r); i++)
      call->parts[spindle_rank_part(w, r) + i] =
          w->received + received[r] + i * slice_length(w, w->rank);
  return spindle_exchange_all(w, w->sent, sent, w->received, received, sizeof(float));
}

spindle_status spindle_add_parts(spindle_workspace *w, float *gradients) {
  if (w->whole.parts == 1 && !has_ranks(w)) return SPINDLE_OK;
  parts_call call = {.workspace = w, .gradients = gradients, .begin = w->slice_borders[w->rank]};
  for (uint32_t part = 0; part < w->parts; part++)
    call.parts[w->whole.first_part + part] =
        spindle_part_gradients(w, gradients, part) + call.begin;
  if (has_ranks(w)) TRY(exchange_slices(&call));
  spindle_parallel(w->team, spindle_piece_threads(w), spindle_count_grains(w), sum_task, &call);
  return SPINDLE_OK;
}

/// Samples of different lengths in one batch. Forward keeps what is past a sample's end at zero, so
/// that counts of spikes need no lengths, and backward lets no delta be there (step.h).
#include <string.h>
#include "plan.h"
#include "share.h"

spindle_status spindle_check_lengths(const spindle_workspace *w, const uint32_t *lengths) {
  if (!lengths) return SPINDLE_OK;
  if (!w->training) return SPINDLE_INVALID_OPTION;
  for (uint32_t b = 0; b < w->batch; b++)
    if (lengths[b] == 0 || lengths[b] > w->steps) return SPINDLE_INVALID_SIZE;
  return SPINDLE_OK;
}

spindle_status spindle_keep_lengths(spindle_workspace *w, const uint32_t *lengths) {
  w->has_lengths = lengths != NULL;
  if (!lengths) return SPINDLE_OK;
  for (uint32_t b = 0; b < w->batch; b++) w->lengths[b] = (int32_t)lengths[b];
  if (!has_ranks(w)) return SPINDLE_OK;
  size_t borders[SPINDLE_MAXIMUM_PARTS + 1];
  for (uint32_t r = 0; r <= w->ranks; r++) borders[r] = spindle_rank_sample(w, r);
  memcpy(w->all_lengths + w->whole.first, w->lengths, w->batch * sizeof *w->lengths);
  return spindle_gather(w, w->all_lengths, sizeof *w->all_lengths, borders);
}

uint32_t spindle_sample_steps(const spindle_workspace *w, uint32_t b) {
  return w->has_lengths ? (uint32_t)w->lengths[b] : w->steps;
}

uint32_t spindle_longest(const spindle_workspace *w) {
  uint32_t longest = w->has_lengths ? 0 : w->steps;
  for (uint32_t b = 0; w->has_lengths && b < w->whole.samples; b++)
    longest = MAXIMUM(longest, (uint32_t)w->all_lengths[b]);
  return longest;
}

static uint64_t count_rows(const spindle_workspace *w, uint32_t samples, const int32_t *lengths) {
  if (!w->has_lengths) return (uint64_t)samples * w->steps;
  uint64_t rows = 0;
  for (uint32_t b = 0; b < samples; b++) rows += (uint32_t)lengths[b];
  return rows;
}

uint64_t spindle_sample_rows(const spindle_workspace *w) {
  return count_rows(w, w->batch, w->lengths);
}

uint64_t spindle_all_rows(const spindle_workspace *w) {
  return count_rows(w, w->whole.samples, w->all_lengths);
}

uint32_t spindle_samples_at(const spindle_workspace *w, uint32_t t) {
  uint32_t count = w->has_lengths ? 0 : w->whole.samples;
  for (uint32_t b = 0; w->has_lengths && b < w->whole.samples; b++)
    count += t < (uint32_t)w->all_lengths[b];
  return count;
}

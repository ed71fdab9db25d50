/// Samples of different lengths in one batch. Forward keeps what is past a sample's end at zero, so
/// that counts of spikes need no lengths, and backward lets no delta be there (step.h).
#include "plan.h"

spindle_status spindle_check_lengths(const spindle_workspace *w, const uint32_t *lengths) {
  if (!lengths) return SPINDLE_OK;
  if (!w->training) return SPINDLE_INVALID_OPTION;
  for (uint32_t b = 0; b < w->batch; b++)
    if (lengths[b] == 0 || lengths[b] > w->steps) return SPINDLE_INVALID_SIZE;
  return SPINDLE_OK;
}

void spindle_keep_lengths(spindle_workspace *w, const uint32_t *lengths) {
  w->has_lengths = lengths != NULL;
  for (uint32_t b = 0; lengths && b < w->batch; b++) w->lengths[b] = (int32_t)lengths[b];
}

uint32_t spindle_sample_steps(const spindle_workspace *w, uint32_t b) {
  return w->has_lengths ? (uint32_t)w->lengths[b] : w->steps;
}

uint32_t spindle_longest(const spindle_workspace *w) {
  uint32_t longest = w->has_lengths ? 0 : w->steps;
  for (uint32_t b = 0; w->has_lengths && b < w->batch; b++)
    longest = MAXIMUM(longest, spindle_sample_steps(w, b));
  return longest;
}

uint64_t spindle_sample_rows(const spindle_workspace *w) {
  if (!w->has_lengths) return (uint64_t)w->batch * w->steps;
  uint64_t rows = 0;
  for (uint32_t b = 0; b < w->batch; b++) rows += spindle_sample_steps(w, b);
  return rows;
}

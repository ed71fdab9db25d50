/// Parts, slices and tiles (plan.h). A part's trace and state lie together and apart from the
/// others': cores that work on different parts would otherwise take cache lines from each other at
/// every step, where their samples meet and where a core fetches ahead.
#include "plan.h"

uint32_t spindle_part_slice(const spindle_workspace *w, uint32_t part) {
  return (uint32_t)((uint64_t)w->slices * part / w->parts);
}

uint32_t spindle_slice_begin(const spindle_workspace *w, uint32_t slice) {
  return has_lanes(w) ? MINIMUM(w->batch, slice * LANES)
                      : (uint32_t)((uint64_t)w->batch * slice / w->slices);
}

uint32_t spindle_part_begin(const spindle_workspace *w, uint32_t part) {
  return spindle_slice_begin(w, spindle_part_slice(w, part));
}

uint32_t spindle_slice_of(const spindle_workspace *w, uint32_t b) {
  if (has_lanes(w)) return b / LANES;
  return (uint32_t)((((uint64_t)b + 1) * w->slices - 1) / w->batch);
}

tile spindle_tile(const spindle_workspace *w, uint32_t index) {
  uint32_t tiles = w->tiles / w->slices, slice = index / tiles;
  uint32_t samples = spindle_slice_begin(w, slice + 1) - spindle_slice_begin(w, slice);
  uint32_t b0 = MINIMUM(samples, index % tiles * w->tile);
  return (tile){.slice = slice, .b0 = b0, .b1 = MINIMUM(samples, b0 + w->tile)};
}

layer_input spindle_input_of(const spindle_workspace *w, const spindle_input *input, uint32_t l,
                             uint32_t slice) {
  if (l > 0) {
    run_layer below = spindle_layer_in(w, l - 1, slice);
    return (layer_input){
        .spikes = below.view.spikes, .masks = below.view.masks, .batch = below.view.batch};
  }
  const layer_plan *plan = &w->plans[0];
  size_t first = spindle_slice_begin(w, slice);
  layer_input own = {.batch = w->batch};
  if (input->values) own.values = input->values + first * plan->shape.inputs;
  else own.spikes = input->spikes + first * plan->input_words;
  return own;
}

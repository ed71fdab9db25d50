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

run_layer spindle_layer_of(const spindle_workspace *w, uint32_t l, uint32_t *b) {
  uint32_t slice =
      has_lanes(w) ? *b / LANES : (uint32_t)((((uint64_t)*b + 1) * w->slices - 1) / w->batch);
  run_layer layer = spindle_layer_in(w, l, slice);
  *b -= layer.view.first;
  return layer;
}

tile spindle_tile(const spindle_workspace *w, uint32_t index) {
  uint32_t tiles = w->tiles / w->slices, slice = index / tiles;
  uint32_t samples = spindle_slice_begin(w, slice + 1) - spindle_slice_begin(w, slice);
  uint32_t b0 = MINIMUM(samples, index % tiles * w->tile);
  return (tile){.slice = slice, .b0 = b0, .b1 = MINIMUM(samples, b0 + w->tile)};
}

run_layer spindle_layer_in_tile(const spindle_workspace *w, uint32_t l, const tile *tile,
                                uint32_t thread) {
  run_layer layer = spindle_layer_in(w, l, tile->slice);
  layer.scratch = &w->workers[thread];
  layer.view.b0 = tile->b0;
  layer.view.b1 = tile->b1;
  return layer;
}

source_rows spindle_input_of(const spindle_workspace *w, const spindle_input *input, uint32_t l,
                             uint32_t slice) {
  uint32_t count = w->plans[l].shape.inputs;
  if (l == 0)
    return source_rows_from(
        (source_rows){
            .spikes = input->spikes, .values = input->values, .count = count, .batch = w->batch},
        0, spindle_slice_begin(w, slice));
  run_layer below = spindle_layer_in(w, l - 1, slice);
  return (source_rows){.spikes = below.view.spikes,
                       .masks = below.view.masks,
                       .count = count,
                       .batch = below.view.batch};
}

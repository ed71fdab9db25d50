/// Parts, slices and tiles (plan.h). A part's trace and state lie together and apart from the
/// others': cores that work on different parts would otherwise take cache lines from each other at
/// every step, where their samples meet and where a core fetches ahead.
#include "plan.h"

/// Parts where none are asked for. More would serve more threads, but each takes memory and is
/// added in the end, which must be little beside its rows.
static uint32_t default_parts(uint32_t batch, uint32_t steps) {
  uint64_t parts = MINIMUM(MAXIMUM(batch / TILE_SAMPLES, 2), 4);
  parts = MINIMUM(parts, batch / 8);
  parts = MINIMUM(parts, (uint64_t)batch * steps / 512);
  return (uint32_t)MAXIMUM(parts, 1);
}

/// The first slice of a part, and the first sample of a slice, of the batch of all ranks.
static uint32_t whole_slice(const batch_cut *whole, uint32_t part) {
  return (uint32_t)((uint64_t)whole->slices * part / whole->parts);
}
static uint32_t whole_sample(const spindle_workspace *w, uint32_t slice) {
  const batch_cut *whole = &w->whole;
  return has_lanes(w) ? MINIMUM(whole->samples, slice * LANES)
                      : (uint32_t)((uint64_t)whole->samples * slice / whole->slices);
}

void spindle_cut_batch(spindle_workspace *w, const spindle_configuration *c) {
  batch_cut *whole = &w->whole;
  w->rank = c->rank;
  w->ranks = MAXIMUM(c->ranks, 1);
  whole->samples = c->batch;
  if (has_lanes(w)) {
    whole->slices = CEILING_DIVIDE(c->batch, LANES);
    whole->parts = MINIMUM(c->parts ? c->parts : SPINDLE_MAXIMUM_PARTS, whole->slices);
  } else {
    whole->parts = c->parts ? MINIMUM(c->parts, c->batch) : default_parts(c->batch, c->steps);
    whole->slices = whole->parts;
  }
  whole->first_part = spindle_rank_part(w, w->rank);
  whole->first_slice = whole_slice(whole, whole->first_part);
  whole->first = spindle_rank_sample(w, w->rank);
  uint32_t end = spindle_rank_part(w, w->rank + 1);
  w->parts = end - whole->first_part;
  w->slices = whole_slice(whole, end) - whole->first_slice;
  w->batch = spindle_rank_sample(w, w->rank + 1) - whole->first;
}

uint32_t spindle_rank_part(const spindle_workspace *w, uint32_t rank) {
  return (uint32_t)((uint64_t)w->whole.parts * rank / w->ranks);
}

uint32_t spindle_rank_sample(const spindle_workspace *w, uint32_t rank) {
  return whole_sample(w, whole_slice(&w->whole, spindle_rank_part(w, rank)));
}

uint32_t spindle_part_slice(const spindle_workspace *w, uint32_t part) {
  return whole_slice(&w->whole, w->whole.first_part + part) - w->whole.first_slice;
}

uint32_t spindle_slice_begin(const spindle_workspace *w, uint32_t slice) {
  return whole_sample(w, w->whole.first_slice + slice) - w->whole.first;
}

run_layer spindle_layer_of(const spindle_workspace *w, uint32_t l, uint32_t *b) {
  const batch_cut *whole = &w->whole;
  uint64_t next = (uint64_t)whole->first + *b + 1; // the sample after it, of all ranks
  uint32_t slice =
      has_lanes(w) ? *b / LANES
                   : (uint32_t)((next * whole->slices - 1) / whole->samples) - whole->first_slice;
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

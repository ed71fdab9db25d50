/// The parts of the batch in the rows layout, whose number follows from its size and length alone:
/// gradients are summed part by part, whatever the threads (gradient.c). A part's trace and state
/// lie together and apart from the others': cores that work on different parts would otherwise take
/// cache lines from each other at every step, where their samples meet and where a core fetches
/// ahead.
#include "parts.h"

uint32_t spindle_part_begin(const spindle_workspace *w, uint32_t part) {
  return (uint32_t)((uint64_t)w->batch * part / w->parts);
}

static uint32_t part_of(const spindle_workspace *w, uint32_t b) {
  return (uint32_t)((((uint64_t)b + 1) * w->parts - 1) / w->batch);
}

size_t spindle_row(const spindle_workspace *w, uint32_t b, uint32_t t) {
  uint32_t part = part_of(w, b), first = spindle_part_begin(w, part);
  size_t samples = spindle_part_begin(w, part + 1) - first;
  return (size_t)first * w->steps + t * samples + (b - first);
}

size_t spindle_state_at(const spindle_workspace *w, const run_layer *layer, uint32_t b) {
  return b * (size_t)layer->padded + part_of(w, b) * (size_t)PART_GAP;
}

rows_tile spindle_tile(const spindle_workspace *w, uint32_t index) {
  uint32_t tiles = w->tiles / w->parts, part = index / tiles;
  uint32_t samples = spindle_part_begin(w, part + 1) - spindle_part_begin(w, part);
  uint32_t b0 = MINIMUM(samples, index % tiles * w->tile);
  return (rows_tile){.part = part, .b0 = b0, .b1 = MINIMUM(samples, b0 + w->tile)};
}

static void move(float **pointer, size_t offset) {
  if (*pointer) *pointer += offset;
}

run_layer spindle_part_layer(const spindle_workspace *w, uint32_t l, uint32_t part) {
  run_layer layer = w->layers[l];
  uint32_t first = spindle_part_begin(w, part);
  size_t row = spindle_row(w, first, 0), state = spindle_state_at(w, &layer, first);
  layer.batch = spindle_part_begin(w, part + 1) - first;
  layer.spikes += row * layer.spike_words;
  layer.initial_spikes += first * (size_t)layer.spike_words;
  if (layer.kept) {
    layer.kept += first * (size_t)layer.input_words;
    layer.kept_input += row * layer.input_words;
  }
  float **traces[] = {&layer.trace, &layer.adaptation_trace, &layer.current_trace};
  for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) move(traces[i], row * layer.padded);
  float **states[] = {&layer.membrane,          &layer.filtered,         &layer.adaptation,
                      &layer.refractory,        &layer.spike_gradient,   &layer.carry,
                      &layer.threshold_sum,     &layer.tau_sum,          &layer.adaptation_carry,
                      &layer.recurrent_sum,     &layer.synaptic_tau_sum, &layer.strength_sum,
                      &layer.adaptation_tau_sum};
  for (size_t i = 0; i < sizeof states / sizeof *states; i++) move(states[i], state);
  return layer;
}

rows_input spindle_part_input(const spindle_workspace *w, const spindle_input *input, uint32_t l,
                              uint32_t part) {
  if (l > 0) {
    run_layer below = spindle_part_layer(w, l - 1, part);
    return (rows_input){.spikes = below.spikes, .batch = below.batch};
  }
  const run_layer *layer = &w->layers[0];
  size_t first = spindle_part_begin(w, part);
  rows_input own = {.batch = w->batch};
  if (input->values) own.values = input->values + first * layer->shape.inputs;
  else own.spikes = input->spikes + first * layer->input_words;
  return own;
}

/// What is made from the table of arrays (fields.def): their memory, a slice's view, and the state
/// at both ends of a sequence.
#include <string.h>
#include "plan.h"

typedef enum shape { TRACE, HISTORY, SPIKES, STATE, MASK, MASKED } shape;

/// What a field's block says: NONE, the block that it begins and ends with, or only begins with.
enum { NONE = -1, BEGINNING = 16 };
#define BEGINS(block) (BEGINNING + (block))

void *spindle_take(arena *arena, size_t a, size_t b, size_t c, size_t size) {
  size_t bytes, end;
  if (__builtin_mul_overflow(a, b, &bytes) || __builtin_mul_overflow(bytes, c, &bytes) ||
      __builtin_mul_overflow(bytes, size, &bytes) || bytes > SIZE_MAX / 4 ||
      __builtin_add_overflow(arena->used, ROUND_UP(bytes, SPINDLE_ALIGNMENT), &end)) {
    arena->overflow = true;
    return NULL;
  }
  void *taken = arena->memory ? arena->memory + arena->used : NULL;
  arena->used = end;
  return taken;
}

static void *take_shape(spindle_workspace *w, const layer_plan *plan, shape shape, size_t size,
                        arena *arena) {
  bool lanes = has_lanes(w);
  size_t T = w->trace_steps, P = plan->padded, before = arena->used;
  size_t B = lanes ? w->slices * (size_t)LANES : w->batch; // with the lanes that hold no sample
  void *taken = NULL;
  switch (shape) {
  case TRACE:
    taken = spindle_take(arena, T, B, P, size);
    break;
  case HISTORY:
    taken = spindle_take(arena, T + 1, B, P, size);
    break;
  case SPIKES:
    taken = lanes ? spindle_take(arena, T + 1, w->slices, P, size)
                  : spindle_take(arena, T + 1, B, plan->spike_words, size);
    break;
  case STATE:
    return spindle_take(arena, B * P + (lanes ? 0 : w->slices * (size_t)SLICE_GAP), 1, 1, size);
  case MASK:
    return spindle_take(arena, B, plan->input_words, 1, size);
  case MASKED:
    return spindle_take(arena, T, B, plan->input_words, size);
  }
  w->trace_bytes += arena->used - before;
  return taken;
}

void spindle_take_fields(spindle_workspace *w, const layer_plan *plan, uint32_t index, arena *arena,
                         layer_weights *weights, layer_view *view) {
  const spindle_layer *s = &plan->shape;
  bool lanes = has_lanes(w), training = w->training;
  size_t P = plan->padded;
  size_t packed = lanes ? P : ROUND_UP(P, spindle_band(plan));
  size_t packed_inputs = lanes ? s->inputs : ROUND_UP((size_t)s->inputs, PANEL);
  size_t packed_neurons = lanes ? P : ROUND_UP(P, PANEL);
#define LOADED(type, name, count, condition)                                                       \
  if (condition) weights->name = TAKE(arena, type, count, 1, 1);
#define RUN(type, name, shape, condition, block)                                                   \
  if (condition) view->name = take_shape(w, plan, shape, sizeof(type), arena);
#include "fields.def"
}

/// How far a slice's array lies from the first's.
static size_t offset_of(const spindle_workspace *w, const layer_plan *plan, shape shape,
                        const layer_view *view, size_t slice) {
  bool lanes = has_lanes(w);
  size_t P = plan->padded, T = w->trace_steps, n = view->batch;
  size_t b = lanes ? slice * LANES : view->first;
  switch (shape) {
  case TRACE:
    return b * T * P;
  case HISTORY:
    return (b * (T + 1) + n) * P;
  case SPIKES:
    return lanes ? (slice * (T + 1) + 1) * P : (b * (T + 1) + n) * plan->spike_words;
  case STATE:
    return b * P + (lanes ? 0 : slice * SLICE_GAP);
  case MASK:
    return b * plan->input_words;
  case MASKED:
    return b * T * plan->input_words;
  }
  return 0;
}

run_layer spindle_layer_in(const spindle_workspace *w, uint32_t l, uint32_t slice) {
  const layer_plan *plan = &w->plans[l];
  run_layer layer = {.plan = plan, .weights = &w->weights[l], .view = w->views[l]};
  layer_view *view = &layer.view;
  view->first = spindle_slice_begin(w, slice);
  view->batch = spindle_slice_begin(w, slice + 1) - view->first;
  view->steps = w->trace_steps;
  view->has_initial = w->has_initial;
  view->state_block = w->batch * (size_t)plan->shape.neurons;
#define RUN(type, name, shape, condition, block)                                                   \
  if (view->name) view->name += offset_of(w, plan, shape, view, slice);
#include "fields.def"
  return layer;
}

/// Sets a state, or the row before a history: `initial` [B][N] lies at the slice's first sample.
static void begin_field(bool lanes, const run_layer *layer, float *to, uint32_t b0, uint32_t b1,
                        const float *initial) {
  size_t N = layer->plan->shape.neurons, P = layer->plan->padded;
  if (lanes) {
    memset(to, 0, N * LANES * sizeof *to);
    for (size_t b = b0; initial && b < b1; b++)
      for (size_t n = 0; n < N; n++) to[n * LANES + b] = initial[b * N + n];
    return;
  }
  if (!initial) memset(to + b0 * P, 0, (b1 - b0) * P * sizeof *to);
  else
    for (size_t b = b0; b < b1; b++) memcpy(to + b * P, initial + b * N, N * sizeof *to);
}

static void begin_spikes(const spindle_workspace *w, const run_layer *layer, uint32_t b0,
                         uint32_t b1, const float *initial) {
  const layer_view *view = &layer->view;
  uint32_t N = layer->plan->shape.neurons;
  size_t words = layer->plan->spike_words;
  if (has_lanes(w)) {
    memset(view->masks - N, 0, N * sizeof *view->masks);
    for (size_t b = b0; initial && b < b1; b++)
      for (uint32_t n = 0; n < N; n++)
        (view->masks - N)[n] |= (uint16_t)((initial[b * N + n] != 0) << b);
    return;
  }
  uint32_t *before = view->spikes - view->batch * words;
  if (!initial) memset(before + b0 * words, 0, (b1 - b0) * words * sizeof *before);
  else
    for (size_t b = b0; b < b1; b++)
      w->kernels->pack_spikes(initial + b * N, N, before + b * words);
}

void spindle_begin_state(const spindle_workspace *w, const run_layer *layer, uint32_t b0,
                         uint32_t b1, const float *initial) {
  const layer_view *view = &layer->view;
  size_t first = (size_t)view->first * layer->plan->shape.neurons;
  size_t history = (size_t)view->batch * layer->plan->padded; // floats of a row before the first
#define RUN(type, name, shape, condition, block)                                                   \
  if ((block) != NONE && view->name)                                                               \
    begin_field(has_lanes(w), layer,                                                               \
                (float *)(void *)view->name - ((shape) == HISTORY ? history : 0), b0, b1,          \
                initial ? initial + (block) % BEGINNING * view->state_block + first : NULL);
#include "fields.def"
  begin_spikes(w, layer, b0, b1,
               initial ? initial + STATE_SPIKES * view->state_block + first : NULL);
}

void spindle_carry_spikes(const run_layer *layer, uint32_t b0, uint32_t b1) {
  const layer_view *view = &layer->view;
  size_t N = layer->plan->shape.neurons, row = view->batch * (size_t)layer->plan->spike_words;
  size_t words = layer->plan->spike_words;
  if (view->masks)
    memmove(view->masks - N, view->masks + (view->steps - 1) * N, N * sizeof *view->masks);
  else
    memmove(view->spikes - row + b0 * words, view->spikes + (view->steps - 1) * row + b0 * words,
            (b1 - b0) * words * sizeof *view->spikes);
}

static void end_field(bool lanes, const run_layer *layer, const float *from, uint32_t b0,
                      uint32_t b1, float *final) {
  size_t N = layer->plan->shape.neurons, P = layer->plan->padded;
  for (size_t b = b0; b < b1; b++) {
    float *to = final + b * N;
    if (!from) memset(to, 0, N * sizeof *to);
    else if (!lanes) memcpy(to, from + b * P, N * sizeof *to);
    else
      for (size_t n = 0; n < N; n++) to[n] = from[n * LANES + b];
  }
}

void spindle_end_state(const spindle_workspace *w, const run_layer *layer, uint32_t b0, uint32_t b1,
                       float *final) {
  const layer_view *view = &layer->view;
  size_t N = layer->plan->shape.neurons;
  const float *fields[STATE_SPIKES] = {NULL};
#define RUN(type, name, shape, condition, block)                                                   \
  if ((block) >= 0 && (block) < STATE_SPIKES)                                                      \
    fields[(block) >= 0 ? (block) % STATE_SPIKES : 0] = (const float *)(const void *)view->name;
#include "fields.def"
  final += view->first * N;
  for (int block = 0; block < STATE_SPIKES; block++, final += view->state_block)
    end_field(has_lanes(w), layer, fields[block], b0, b1, final);
  for (size_t b = b0; b < b1; b++)
    spindle_spike_row(w, layer, (uint32_t)b, view->steps - 1, final + b * N);
}

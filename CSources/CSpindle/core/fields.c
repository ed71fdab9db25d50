/// What is made from the table of arrays (fields.def): their memory, a slice's view, and the state
/// at both ends of a sequence.
#include <string.h>
#include "plan.h"

typedef enum shape { TRACE, HISTORY, SPIKES, STATE, BORDERS, MASK, MASKED, COUNT } shape;

/// What a field's block says: NONE, the block that it begins and ends with, or only begins with.
enum { NONE = -1, BEGINNING = 16 };
#define BEGINS(block) (BEGINNING + (block))
#define IS_STATE(block) ((block) != NONE && (block) < BEGINNING)
_Static_assert(STATE_BLOCKS <= BEGINNING, "a block is told from a beginning");
_Static_assert(SPINDLE_MAXIMUM_REFRACTORY < 1 << FLT_MANT_DIG, "a float counts the steps");

void *spindle_take(arena *arena, size_t a, size_t b, size_t size) {
  size_t bytes, end;
  if (__builtin_mul_overflow(a, b, &bytes) || __builtin_mul_overflow(bytes, size, &bytes) ||
      bytes > SIZE_MAX / 4 ||
      __builtin_add_overflow(arena->used, ROUND_UP(bytes, SPINDLE_ALIGNMENT), &end)) {
    arena->overflow = true;
    return NULL;
  }
  void *taken = arena->memory ? arena->memory + arena->used : NULL;
  arena->used = end;
  return taken;
}

/// The steps of a shape, those before the first and after the last, and the elements of a step of a
/// sample (lanes: of a slice).
typedef struct extent {
  size_t steps, before, after, unit;
} extent;

static size_t count_borders(const spindle_workspace *w) {
  return CEILING_DIVIDE(w->steps, w->trace_steps);
}

static inline extent extent_of(const spindle_workspace *w, const layer_plan *plan, shape shape) {
  size_t T = w->trace_steps, P = plan->padded, lanes = has_lanes(w) ? LANES : 1;
  size_t state = P * lanes;
  const extent extents[] = {[TRACE] = {T, 0, is_segmented(w), state},
                            [HISTORY] = {T, 1, 0, P},
                            [SPIKES] = {w->spike_steps, 1, 0, has_lanes(w) ? P : plan->spike_words},
                            [STATE] = {1, 0, 0, state},
                            [BORDERS] = {1, 0, 0, count_borders(w) * plan->state_blocks * state},
                            [MASK] = {1, 0, 0, plan->input_words},
                            [MASKED] = {T, 0, 0, plan->input_words},
                            [COUNT] = {1, 0, 0, 1}};
  return extents[shape];
}

/// Between the states of two slices.
static size_t gap_of(const spindle_workspace *w, shape shape) {
  return shape == STATE && !has_lanes(w) ? SLICE_GAP : 0;
}

static void *take_shape(spindle_workspace *w, const layer_plan *plan, shape shape, size_t size,
                        arena *arena) {
  extent e = extent_of(w, plan, shape);
  size_t before = arena->used, samples = has_lanes(w) ? w->slices : w->batch;
  void *taken = spindle_take(arena, e.steps + e.before + e.after,
                             samples * e.unit + w->slices * gap_of(w, shape), size);
  if (shape != STATE && shape != COUNT) w->trace_bytes += arena->used - before;
  return taken;
}

void spindle_take_fields(spindle_workspace *w, layer_plan *plan, uint32_t index, arena *arena,
                         layer_weights *weights, layer_view *view) {
  const spindle_layer *s = &plan->shape;
  bool lanes = has_lanes(w), training = w->training, segmented = is_segmented(w);
#define RUN(type, name, shape, condition, block)                                                   \
  plan->state_blocks += IS_STATE(block) && (condition);
#include "fields.def"
  size_t P = plan->padded;
  size_t packed = lanes ? P : ROUND_UP(P, spindle_band(plan));
  size_t packed_inputs = lanes ? s->inputs : ROUND_UP((size_t)s->inputs, PANEL);
  size_t packed_neurons = lanes ? P : ROUND_UP(P, PANEL);
#define LOADED(type, name, count, condition)                                                       \
  if (condition) weights->name = TAKE(arena, type, count, 1);
#define RUN(type, name, shape, condition, block)                                                   \
  if (condition) view->name = take_shape(w, plan, shape, sizeof(type), arena);
#include "fields.def"
}

/// How far a slice's array lies from the first's memory.
static inline size_t offset_of(const spindle_workspace *w, const layer_plan *plan, shape shape,
                               const layer_view *view, size_t slice) {
  extent e = extent_of(w, plan, shape);
  size_t first = has_lanes(w) ? slice : view->first, samples = has_lanes(w) ? 1 : view->batch;
  return (first * (e.steps + e.before + e.after) + e.before * samples) * e.unit +
         slice * gap_of(w, shape);
}

run_layer spindle_layer_in(const spindle_workspace *w, uint32_t l, uint32_t slice) {
  const layer_plan *plan = &w->plans[l];
  run_layer layer = {
      .kernels = w->kernels, .plan = plan, .weights = &w->weights[l], .view = w->views[l]};
  layer_view *view = &layer.view;
  view->first = spindle_slice_begin(w, slice);
  view->batch = view->b1 = spindle_slice_begin(w, slice + 1) - view->first;
  view->slice = slice;
  view->steps = w->spike_steps;
  view->ends = true;
  view->has_initial = w->has_initial;
  view->lengths = w->has_lengths ? w->lengths + view->first : NULL;
  view->state_block = w->batch * (size_t)plan->shape.neurons;
#define RUN(type, name, shape, condition, block)                                                   \
  if (view->name) view->name += offset_of(w, plan, shape, view, slice);
#include "fields.def"
  return layer;
}

void spindle_move_view(const spindle_workspace *w, run_layer *layer, uint32_t t0, uint32_t steps) {
  layer_view *view = &layer->view;
  size_t samples = has_lanes(w) ? 1 : view->batch;
#define RUN(type, name, shape, condition, block)                                                   \
  if (view->name) {                                                                                \
    extent e = extent_of(w, layer->plan, shape);                                                   \
    view->name += t0 % e.steps * e.unit * samples;                                                 \
  }
#include "fields.def"
  view->begin = t0;
  view->steps = steps;
  view->ends = t0 + steps == w->steps;
}

/// Copies numbers of a tile's samples from or to rows of N outside, at the slice's first sample.
static void copy_field(const run_layer *layer, float *field, float *outside, bool out) {
  size_t N = layer->plan->shape.neurons, P = layer->plan->padded;
  for (size_t b = layer->view.b0; b < layer->view.b1; b++) {
    float *row = outside + b * N;
    if (!in_lanes(layer))
      memcpy(out ? row : field + b * P, out ? field + b * P : row, N * sizeof *row);
    else
      for (size_t n = 0; n < N; n++)
        *(out ? row + n : field + n * LANES + b) = out ? field[n * LANES + b] : row[n];
  }
}

/// Sets a state, or the row before a history.
static void begin_field(const run_layer *layer, float *to, const float *initial) {
  size_t P = layer->plan->padded, b0 = layer->view.b0;
  if (in_lanes(layer)) memset(to, 0, P * LANES * sizeof *to);
  else if (!initial) memset(to + b0 * P, 0, (layer->view.b1 - b0) * P * sizeof *to);
  if (initial) copy_field(layer, to, (float *)(uintptr_t)initial, false);
}

static void begin_spikes(const run_layer *layer, const float *initial) {
  const layer_view *view = &layer->view;
  uint32_t N = layer->plan->shape.neurons;
  size_t words = layer->plan->spike_words;
  if (in_lanes(layer)) memset(view->masks - N, 0, N * sizeof *view->masks);
  for (size_t b = view->b0; b < view->b1; b++) {
    uint32_t *before = in_lanes(layer) ? NULL : view->spikes - (view->batch - b) * words;
    if (in_lanes(layer))
      for (uint32_t n = 0; initial && n < N; n++)
        (view->masks - N)[n] |= (uint16_t)((initial[b * N + n] != 0) << b);
    else if (initial) layer->kernels->pack_spikes(initial + b * N, N, before);
    else memset(before, 0, words * sizeof *before);
  }
}

void spindle_begin_state(const run_layer *layer, const float *initial) {
  const layer_view *view = &layer->view;
  size_t history = (size_t)view->batch * layer->plan->padded; // floats of a row before the first
  if (initial) initial += view->first * (size_t)layer->plan->shape.neurons;
#define RUN(type, name, shape, condition, block)                                                   \
  if ((block) != NONE && view->name)                                                               \
    begin_field(layer, (float *)(void *)view->name - ((shape) == HISTORY ? history : 0),           \
                initial ? initial + (block) % BEGINNING * view->state_block : NULL);
#include "fields.def"
  begin_spikes(layer, initial ? initial + STATE_SPIKES * view->state_block : NULL);
}

/// Copies a state, or the row before a history, to or from its block of the border at which the
/// view begins.
static void copy_border(const spindle_workspace *w, const run_layer *layer, float *field,
                        uint32_t block, bool out) {
  const layer_view *view = &layer->view;
  bool lanes = in_lanes(layer);
  size_t count = extent_of(w, layer->plan, STATE).unit, blocks = layer->plan->state_blocks;
  size_t border = view->begin / w->trace_steps;
  for (size_t b = lanes ? 0 : view->b0; b < (lanes ? 1 : view->b1); b++) {
    float *kept = view->borders + ((b * count_borders(w) + border) * blocks + block) * count;
    memcpy(out ? kept : field + b * count, out ? field + b * count : kept, count * sizeof *kept);
  }
}

void spindle_keep_border(const spindle_workspace *w, const run_layer *layer) {
  uint32_t place = 0;
#define RUN(type, name, shape, condition, block)                                                   \
  if (IS_STATE(block) && layer->view.name)                                                         \
    copy_border(w, layer, (float *)(void *)layer->view.name, place++, true);
#include "fields.def"
}

void spindle_begin_at_border(const spindle_workspace *w, const run_layer *layer) {
  const layer_view *view = &layer->view;
  size_t history = (size_t)view->batch * layer->plan->padded;
  uint32_t places[BEGINNING] = {0}, place = 0;
#define RUN(type, name, shape, condition, block)                                                   \
  if (IS_STATE(block) && view->name) places[(block) % BEGINNING] = place++;
#include "fields.def"
#define RUN(type, name, shape, condition, block)                                                   \
  if ((block) != NONE && view->name)                                                               \
    copy_border(w, layer, (float *)(void *)view->name - ((shape) == HISTORY ? history : 0),        \
                places[(block) % BEGINNING], false);
#include "fields.def"
}

void spindle_carry_spikes(const run_layer *layer) {
  const layer_view *view = &layer->view;
  size_t N = layer->plan->shape.neurons, words = layer->plan->spike_words;
  size_t row = view->batch * words, first = view->b0 * words, last = view->steps - 1;
  if (in_lanes(layer)) memcpy(view->masks - N, view->masks + last * N, N * sizeof *view->masks);
  else
    memcpy(view->spikes - row + first, view->spikes + last * row + first,
           (view->b1 - view->b0) * words * sizeof *view->spikes);
}

void spindle_end_state(const run_layer *layer, float *final) {
  const layer_view *view = &layer->view;
  size_t N = layer->plan->shape.neurons;
  float *fields[BEGINNING + STATE_BLOCKS] = {NULL};
#define RUN(type, name, shape, condition, block)                                                   \
  if ((block) != NONE) fields[(block) + 0u] = (float *)(void *)view->name;
#include "fields.def"
  final += view->first * N;
  for (int block = 0; block < STATE_SPIKES; block++, final += view->state_block)
    if (fields[block]) copy_field(layer, fields[block], final, true);
    else memset(final + view->b0 * N, 0, (view->b1 - view->b0) * N * sizeof *final);
  for (uint32_t b = view->b0; b < view->b1; b++)
    spindle_spike_row(layer, b, view->steps - 1, final + b * N);
}

/// The plan of a workspace (layout, threads, parts, tiles, window) and its memory.
#include <math.h>
#include <string.h>
#include "plan.h"
#include "share.h"

/// What a layer's neurons sum over at a step: its inputs and, recurrent, themselves.
static double sources_of(const spindle_layer *s) {
  return s->inputs + (s->topology == SPINDLE_RC ? (double)s->neurons : 0);
}

/// The lanes layout pays where every layer is so small that touching all its weights costs less
/// than finding the active ones.
static spindle_layout choose_layout(const spindle_configuration *c) {
  if (c->layout != SPINDLE_LAYOUT_AUTOMATIC) return c->layout;
  if (c->batch < LANES / 2) return SPINDLE_LAYOUT_ROWS;
  for (uint32_t l = 0; l < c->layer_count; l++) {
    const spindle_layer *layer = &c->layers[l];
    if (spindle_needs_rows(layer) || layer->neurons > LANES ||
        sources_of(layer) * layer->neurons > 512)
      return SPINDLE_LAYOUT_ROWS;
  }
  return SPINDLE_LAYOUT_LANES;
}

/// Multiplications of a training step below which handing data from core to core may cost more than
/// a second thread saves.
#define SMALL_STEP 2000000

static bool is_small(const spindle_workspace *w, const spindle_configuration *c) {
  double step = 0;
  for (uint32_t l = 0; l < c->layer_count; l++) {
    const spindle_layer *layer = &c->layers[l];
    step += 3 * sources_of(layer) * layer->neurons * w->batch * c->steps;
  }
  return step < SMALL_STEP;
}

/// A small network's tiles are few, and a single call of it too short for a second thread: a whole
/// step may be long enough (step.c).
static void plan_threads(spindle_workspace *w, const spindle_configuration *c) {
  // Of more than can run the work would be cut finer than pays, and each would have scratch memory.
  w->threads = w->step_threads =
      c->threads ? MINIMUM(c->threads, spindle_useful_threads()) : spindle_default_threads();
  if (!has_lanes(w) || !w->training || !is_small(w, c)) return;
  w->step_threads = MINIMUM(w->threads, MAXIMUM(1, w->slices));
  w->trial.needed = w->step_threads > 1;
  if (c->threads == 0) w->threads = 1;
}

/// Rows of input currents computed before the recurrent steps that use them.
#define WINDOW_ROWS 512

static void plan_tiles(spindle_workspace *w, const spindle_configuration *c) {
  if (has_lanes(w)) {
    w->tile = LANES;
    w->tiles = w->slices;
  } else {
    uint32_t samples = CEILING_DIVIDE(w->whole.samples, w->whole.parts); // of the largest part
    uint32_t tiles = MAXIMUM(CEILING_DIVIDE(samples, TILE_SAMPLES),
                             CEILING_DIVIDE(w->threads, MAXIMUM(1, w->parts)));
    w->tile = CEILING_DIVIDE(samples, tiles);
    w->tiles = w->parts * CEILING_DIVIDE(samples, w->tile);
  }
  w->window = MINIMUM(w->steps, MAXIMUM(1, WINDOW_ROWS / w->tile));
  w->spike_steps = w->training ? w->steps : w->window;
  bool segments = w->training && c->memory == SPINDLE_MEMORY_SEGMENTS;
  w->trace_steps = segments ? MINIMUM(w->spike_steps, SEGMENT) : w->spike_steps;
}

/// Training changes no parameter that the layer lacks.
static uint32_t present_and_learned(const spindle_layer *s) {
  uint32_t learned = s->learned;
  for (int role = 0; role < SPINDLE_ROLE_COUNT; role++)
    if (!spindle_role_rows(s, (spindle_role)role)) learned &= ~SPINDLE_LEARNS(role);
  return learned;
}

/// The height is h(0) over that of the kind's shape: see surrogate in neuron.h.
static surrogate_rule plan_surrogate(const spindle_layer *s) {
  const float of_kind[] = {[SPINDLE_FAST_SIGMOID] = 1,
                           [SPINDLE_ATAN] = s->slope * 0.5f,
                           [SPINDLE_SIGMOID] = s->slope,
                           [SPINDLE_TRIANGULAR] = s->slope,
                           [SPINDLE_RECTANGULAR] = s->slope};
  float peak = s->surrogate == SPINDLE_SIGMOID ? 4 * s->peak : s->peak;
  return (surrogate_rule){.kind = s->surrogate,
                          .slope = s->slope,
                          .height = peak != 0 ? peak : of_kind[s->surrogate],
                          .support = s->support};
}

/// Where backward needs no dense product of all outputs.
static void plan_backward(const spindle_workspace *w, const spindle_configuration *c,
                          uint32_t index, layer_plan *plan) {
  if (!w->training || has_lanes(w)) return;
  const spindle_layer *s = &c->layers[index];
  bool has_products = index + 1 < c->layer_count || s->topology == SPINDLE_RC;
  plan->by_outputs = has_products && spindle_has_support(s);
  plan->by_outputs_below = index > 0 && spindle_has_support(&c->layers[index - 1]);
  plan->outputs = c->outputs;
  if (index + 1 == c->layer_count) return;
  const spindle_layer *above = &c->layers[index + 1];
  plan->below_readout =
      above->neuron == SPINDLE_LI && !above->synaptic_filter && !LEARNS(above, SPINDLE_TAU);
}

static bool plan_layer(spindle_workspace *w, const spindle_configuration *c, uint32_t index,
                       layer_plan *plan) {
  *plan = (layer_plan){.shape = c->layers[index], .time_step = c->time_step, .window = w->window};
  spindle_layer *s = &plan->shape;
  s->learned = present_and_learned(s);
  plan->padded = has_lanes(w) ? s->neurons : (uint32_t)ROUND_UP(s->neurons, LANES);
  plan->input_words = (uint32_t)SPINDLE_WORDS(s->inputs);
  plan->spike_words = (uint32_t)SPINDLE_WORDS(s->neurons);
  plan->plain = spindle_is_plain(s);
  plan->surrogate = plan_surrogate(s);
  plan_backward(w, c, index, plan);
  bool delayed = s->reset_timing == SPINDLE_RESET_DELAYED;
  bool zero = s->reset == SPINDLE_RESET_ZERO, subtracts = s->reset == SPINDLE_RESET_SUBTRACTION;
  plan->reset = (reset_rule){.keep = !(zero && !delayed),
                             .zero = zero && !delayed,
                             .subtracts = subtracts && !delayed,
                             .attached = s->reset_gradient == SPINDLE_ATTACHED,
                             .delayed_keep = !(zero && delayed),
                             .delayed_subtracts = subtracts && delayed,
                             .floor = s->hardware.has_floor ? s->hardware.floor : -INFINITY};
  return spindle_place_parameters(s, &w->parameter_count, &plan->parameters);
}

/// Lists a layer's parameters, for the optimizer; gives their number.
static uint32_t list_parameters(const layer_plan *plan, parameter *list) {
  uint32_t count = 0;
  for (int role = 0; role < SPINDLE_ROLE_COUNT; role++) {
    size_t rows = spindle_role_rows(&plan->shape, (spindle_role)role);
    if (rows)
      list[count++] = (parameter){.first = plan->parameters.offset[role],
                                  .count = rows * plan->shape.neurons,
                                  .role = (spindle_role)role,
                                  .learned = LEARNS(&plan->shape, role)};
  }
  return count;
}

static void plan_workers(spindle_workspace *w, const spindle_configuration *c, arena *arena) {
  size_t widest = 0;
  for (uint32_t l = 0; l < c->layer_count; l++)
    widest = MAXIMUM(widest, MAXIMUM(c->layers[l].inputs, c->layers[l].neurons));
  size_t sources = MINIMUM(widest, GRADIENT_BLOCK);
  uint32_t threads = MAXIMUM(w->threads, w->step_threads);
  w->workers = TAKE(arena, worker, threads, 1);
  size_t begin = arena->used;
  for (uint32_t i = 0; i < threads; i++) {
    worker part = {.active = TAKE(arena, uint32_t, ROUND_UP(widest, 32) + ACTIVE_SLACK, 1),
                   .row = TAKE(arena, float, ROUND_UP(widest, LANES), 1)};
    if (!has_lanes(w)) {
      part.values = TAKE(arena, float, VALUE_ROWS, VALUE_STRIDE(widest));
      part.panel = TAKE(arena, float, VALUE_ROWS, PANEL);
      part.lists = TAKE(arena, uint32_t, BLOCK_ROWS, ROUND_UP(widest, 32) + ACTIVE_SLACK);
      part.starts = TAKE(arena, uint32_t, BLOCK_ROWS + 1, widest / BLOCK_SOURCES + 1);
    }
    if (!has_lanes(w) && w->training) {
      part.counts = TAKE(arena, uint32_t, ROUND_UP(sources, 32), 1);
      part.events = TAKE(arena, uint16_t, ROUND_UP(sources, 32), GRADIENT_STRIDE);
    }
    if (arena->memory) w->workers[i] = part;
  }
  // Scratch is touched here, so that no later step waits for the system's pages.
  if (arena->memory) memset(arena->memory + begin, 0, arena->used - begin);
}

/// The memory of losses, gradients and the optimizer.
static void plan_training(spindle_workspace *w, const spindle_configuration *c, arena *arena) {
  const spindle_layer *last = &c->layers[w->layer_count - 1];
  size_t rows = MAXIMUM(w->steps, w->batch), width = ROUND_UP(last->neurons, LANES);
  w->loss_gradient = TAKE(arena, float, rows, width);
  w->loss_steps = TAKE(arena, int32_t, w->batch, width);
  if (c->output_gradient)
    w->output_gradient = TAKE(arena, float, w->batch *(size_t)w->steps, last->neurons);
  w->predictions = TAKE(arena, int32_t, w->batch, 1);
  w->lengths = TAKE(arena, int32_t, (size_t)w->batch + LANES, 1);
  w->all_lengths = w->lengths;
  w->loss_terms = TAKE(arena, double, rows, 1);
  w->sample_scales = TAKE(arena, float, w->batch, 1);
  size_t pieces = w->parameter_count / PIECE + (size_t)w->layer_count * SPINDLE_ROLE_COUNT;
  w->norm_terms = TAKE(arena, double, pieces, 1);
  w->part_gradients = TAKE(arena, float, MAXIMUM(1, w->parts) - 1, w->parameter_count);
  if (has_ranks(w)) spindle_plan_ranks(w, c, arena);
}

/// Lays a workspace out in the arena; without memory it plans and counts alone. Memory is not
/// AUTOMATIC.
static spindle_status plan_workspace(const spindle_configuration *c, arena *arena,
                                     spindle_workspace *w) {
  TRY(spindle_isa_resolve(c->isa, &w->isa));
  w->kernels = spindle_kernels_for(w->isa);
  w->layer_count = c->layer_count;
  w->steps = c->steps;
  w->training = c->purpose == SPINDLE_TRAINING;
  w->layout = choose_layout(c);
  w->sums = c->sums;
  w->counted = true; // nothing has fired
  spindle_cut_batch(w, c);
  plan_threads(w, c);
  plan_tiles(w, c);
  w->plans = TAKE(arena, layer_plan, c->layer_count, 1);
  w->weights = TAKE(arena, layer_weights, c->layer_count, 1);
  w->views = TAKE(arena, layer_view, c->layer_count, 1);
  w->spike_density = TAKE(arena, double, c->layer_count, 1);
  w->parameters = TAKE(arena, parameter, c->layer_count, SPINDLE_ROLE_COUNT);
  for (uint32_t l = 0; l < c->layer_count; l++) {
    layer_plan plan;
    layer_weights weights = {0};
    layer_view view = {0};
    if (!plan_layer(w, c, l, &plan)) return SPINDLE_SIZE_OVERFLOW;
    spindle_take_fields(w, &plan, l, arena, &weights, &view);
    parameter list[SPINDLE_ROLE_COUNT];
    uint32_t count = list_parameters(&plan, list);
    for (uint32_t i = 0; i < count; i++) w->learned_count += list[i].learned ? list[i].count : 0;
    if (!arena->memory) continue;
    memcpy(w->parameters + w->count_parameters, list, count * sizeof *list);
    w->count_parameters += count;
    w->plans[l] = plan;
    w->weights[l] = weights;
    w->views[l] = view;
  }
  spindle_plan_effective(w, c, arena);
  if (w->training) plan_training(w, c, arena);
  plan_workers(w, c, arena);
  if (arena->memory) spindle_cut_slices(w);
  w->bytes = arena->used;
  return arena->overflow ? SPINDLE_SIZE_OVERFLOW : SPINDLE_OK;
}

spindle_status spindle_share_of(const spindle_configuration *c, spindle_share *share) {
  TRY(spindle_check_configuration(c));
  if (!share) return SPINDLE_NULL_POINTER;
  spindle_workspace planned = {.layout = choose_layout(c)};
  spindle_cut_batch(&planned, c);
  *share = (spindle_share){
      .first = planned.whole.first, .samples = planned.batch, .parts = planned.whole.parts};
  return SPINDLE_OK;
}

static spindle_status count_bytes(const spindle_configuration *c, size_t *bytes) {
  arena counting = {0};
  (void)TAKE(&counting, spindle_workspace, 1, 1);
  spindle_workspace planned = {0};
  spindle_status status = plan_workspace(c, &counting, &planned);
  *bytes = counting.used;
  return status;
}

/// Bytes below which nobody asks for the available memory.
#define SMALL_WORKSPACE ((size_t)1 << 26)

/// Makes AUTOMATIC memory all or segments, and counts the bytes.
static spindle_status choose_memory(spindle_configuration *c, size_t *bytes) {
  if (c->memory != SPINDLE_MEMORY_AUTOMATIC) return count_bytes(c, bytes);
  c->memory = SPINDLE_MEMORY_ALL;
  spindle_status status = count_bytes(c, bytes);
  if (status != SPINDLE_OK && status != SPINDLE_SIZE_OVERFLOW) return status;
  size_t limit = c->memory_limit;
  if (status == SPINDLE_OK && limit == 0)
    limit = *bytes <= SMALL_WORKSPACE ? SMALL_WORKSPACE : spindle_available_memory() / 2;
  if (status == SPINDLE_OK && *bytes <= limit) return SPINDLE_OK;
  c->memory = SPINDLE_MEMORY_SEGMENTS;
  return count_bytes(c, bytes);
}

spindle_status spindle_workspace_size(const spindle_configuration *configuration, size_t *bytes) {
  TRY(spindle_check_configuration(configuration));
  if (!bytes) return SPINDLE_NULL_POINTER;
  spindle_configuration chosen = *configuration;
  return choose_memory(&chosen, bytes);
}

spindle_status spindle_workspace_create(const spindle_configuration *configuration, void *memory,
                                        size_t bytes, spindle_workspace **workspace) {
  size_t needed;
  TRY(spindle_check_configuration(configuration));
  if (!memory || !workspace) return SPINDLE_NULL_POINTER;
  spindle_configuration chosen = *configuration;
  // What is available may have changed since the size was asked for: what was given decides.
  if (chosen.memory_limit == 0 || chosen.memory_limit > bytes) chosen.memory_limit = bytes;
  TRY(choose_memory(&chosen, &needed));
  if (bytes < needed || (uintptr_t)memory % SPINDLE_ALIGNMENT) return SPINDLE_MEMORY_TOO_SMALL;
  arena arena = {.memory = memory};
  spindle_workspace *w = TAKE(&arena, spindle_workspace, 1, 1);
  memset(w, 0, sizeof *w);
  TRY(plan_workspace(&chosen, &arena, w));
  *workspace = w;
  return SPINDLE_OK;
}

void spindle_workspace_plan(const spindle_workspace *w, spindle_plan *plan) {
  *plan = (spindle_plan){.isa = w->isa,
                         .layout = w->layout,
                         .threads = w->step_threads,
                         .tile = w->tile,
                         .tiles = w->tiles,
                         .window = w->window,
                         .parts = w->whole.parts,
                         .memory = is_segmented(w) ? SPINDLE_MEMORY_SEGMENTS : SPINDLE_MEMORY_ALL,
                         .trace_steps = w->trace_steps,
                         .trace_bytes = w->trace_bytes,
                         .workspace_bytes = w->bytes};
}

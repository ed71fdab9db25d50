/// The plan of a workspace (layout, tiles, chunk) and its memory.
#include <string.h>
#include "parts.h"
#include "pieces.h"

/// Hands out parts of one block of memory; with no memory it only counts.
typedef struct arena {
  char *memory;
  size_t used;
  bool overflow;
} arena;

static void *take(arena *arena, size_t a, size_t b, size_t c, size_t size) {
  size_t bytes, end;
  if (__builtin_mul_overflow(a, b, &bytes) || __builtin_mul_overflow(bytes, c, &bytes) ||
      __builtin_mul_overflow(bytes, size, &bytes) || bytes > SIZE_MAX / 4 ||
      __builtin_add_overflow(arena->used, ROUND_UP(bytes, SPINDLE_ALIGNMENT), &end)) {
    arena->overflow = true;
    return NULL;
  }
  void *part = arena->memory ? arena->memory + arena->used : NULL;
  arena->used = end;
  return part;
}
#define TAKE(arena, T, a, b, c) ((T *)take(arena, a, b, c, sizeof(T)))

/// The lanes layout pays where every layer is so small that touching all its weights costs less
/// than finding the active ones.
static spindle_layout choose_layout(const spindle_configuration *c) {
  if (c->layout != SPINDLE_LAYOUT_AUTOMATIC) return c->layout;
  if (c->batch < LANES / 2) return SPINDLE_LAYOUT_ROWS;
  for (uint32_t l = 0; l < c->layer_count; l++) {
    const spindle_layer *layer = &c->layers[l];
    uint64_t sources =
        (uint64_t)layer->inputs + (layer->topology == SPINDLE_RC ? layer->neurons : 0);
    if (spindle_needs_rows(layer) || layer->neurons > LANES || sources * layer->neurons > 512)
      return SPINDLE_LAYOUT_ROWS;
  }
  return SPINDLE_LAYOUT_LANES;
}

/// Multiplications of a training step below which handing data from core to core may cost more than
/// a second thread saves.
#define SMALL_STEP 2000000

static bool is_small(const spindle_configuration *c) {
  double step = 0;
  for (uint32_t l = 0; l < c->layer_count; l++) {
    const spindle_layer *layer = &c->layers[l];
    double sources = layer->inputs + (layer->topology == SPINDLE_RC ? (double)layer->neurons : 0);
    step += 3 * sources * layer->neurons * c->batch * c->steps;
  }
  return step < SMALL_STEP;
}

/// A small network's tiles are few, and a single call of it too short for a second thread: a whole
/// step may be long enough (train.c).
static void plan_threads(spindle_workspace *w, const spindle_configuration *c) {
  w->threads = w->step_threads = c->threads ? c->threads : spindle_default_threads();
  if (w->layout != SPINDLE_LAYOUT_LANES || !is_small(c)) return;
  w->step_threads = MINIMUM(w->threads, CEILING_DIVIDE(c->batch, LANES));
  w->trial.needed = w->step_threads > 1;
  if (c->threads == 0) w->threads = 1;
}

/// Samples whose state and deltas one thread keeps in its cache while it walks through time.
#define TILE_SAMPLES 64
/// Rows of input currents computed before the recurrent steps that use them.
#define CHUNK_ROWS 512

/// Parts of the batch whose gradients are summed apart. More would serve more threads, but each
/// takes memory and is added in the end, which must be little beside its rows.
static uint32_t count_parts(uint32_t batch, uint32_t steps) {
  uint64_t parts = MINIMUM(MAXIMUM(batch / TILE_SAMPLES, 2), 4);
  parts = MINIMUM(parts, batch / 8);
  parts = MINIMUM(parts, (uint64_t)batch * steps / 512);
  return (uint32_t)MAXIMUM(parts, 1);
}

static void plan_tiles(spindle_workspace *w) {
  if (w->layout == SPINDLE_LAYOUT_LANES) {
    w->tile = LANES;
    w->tiles = w->parts = CEILING_DIVIDE(w->batch, LANES);
  } else {
    w->parts = count_parts(w->batch, w->steps);
    uint32_t samples = CEILING_DIVIDE(w->batch, w->parts); // of the largest part
    uint32_t tiles =
        MAXIMUM(CEILING_DIVIDE(samples, TILE_SAMPLES), CEILING_DIVIDE(w->threads, w->parts));
    w->tile = CEILING_DIVIDE(samples, tiles);
    w->tiles = w->parts * CEILING_DIVIDE(samples, w->tile);
  }
  w->chunk = MINIMUM(w->steps, MAXIMUM(1, CHUNK_ROWS / w->tile));
}

/// The memory of the options that a plain layer lacks.
static void plan_options(spindle_workspace *w, run_layer *layer, size_t state, arena *arena) {
  const spindle_layer *s = &layer->shape;
  size_t B = layer->batch, P = layer->padded, before = arena->used;
  if (s->adaptive) layer->adaptation_trace = TAKE(arena, float, layer->steps, B, P);
  if (s->synaptic_filter && s->learn_synaptic_tau)
    layer->current_trace = TAKE(arena, float, layer->steps, B, P);
  w->trace_bytes += arena->used - before;
  layer->plain = spindle_is_plain(s);
  layer->delayed_threshold = TAKE(arena, float, P, 1, 1);
  if (s->dropout > 0) {
    layer->kept = TAKE(arena, uint32_t, B, layer->input_words, 1);
    layer->kept_input = TAKE(arena, uint32_t, layer->steps, B, layer->input_words);
  }
  if (s->refractory_steps) layer->refractory = TAKE(arena, float, state, 1, 1);
  if (s->synaptic_filter && s->learn_synaptic_tau)
    layer->synaptic_tau_sum = TAKE(arena, float, state, 1, 1);
  if (s->topology == SPINDLE_ONE_TO_ONE) {
    layer->one_to_one = TAKE(arena, float, P, 1, 1);
    if (s->learn_recurrent_weight) layer->recurrent_sum = TAKE(arena, float, state, 1, 1);
  }
  if (!s->adaptive) return;
  layer->strength = TAKE(arena, float, P, 1, 1);
  layer->rho = TAKE(arena, float, P, 1, 1);
  layer->rho_rest = TAKE(arena, float, P, 1, 1);
  layer->adaptation = TAKE(arena, float, state, 1, 1);
  layer->adaptation_carry = TAKE(arena, float, state, 1, 1);
  if (s->learn_adaptation_strength) layer->strength_sum = TAKE(arena, float, state, 1, 1);
  if (s->learn_adaptation_tau) layer->adaptation_tau_sum = TAKE(arena, float, state, 1, 1);
}

static void plan_layer(spindle_workspace *w, run_layer *layer, uint32_t index, arena *arena) {
  bool lanes = w->layout == SPINDLE_LAYOUT_LANES;
  const spindle_layer *s = &layer->shape;
  size_t I = s->inputs, N = s->neurons, B = w->batch, T = w->steps;
  bool recurrent = s->topology == SPINDLE_RC;
  size_t P = layer->padded = (uint32_t)(lanes ? N : ROUND_UP(N, LANES));
  size_t samples = lanes ? w->tiles * (size_t)LANES : B; // with padding
  size_t state = samples * P + (lanes ? 0 : w->parts * (size_t)PART_GAP);
  layer->batch = w->batch;
  layer->steps = w->steps;
  layer->chunk = w->chunk;
  layer->input_words = (uint32_t)SPINDLE_WORDS(I);
  layer->spike_words = (uint32_t)SPINDLE_WORDS(N);
  bool delayed = s->reset_timing == SPINDLE_RESET_DELAYED;
  bool zero = s->reset == SPINDLE_RESET_ZERO, subtracts = s->reset == SPINDLE_RESET_SUBTRACTION;
  layer->reset_keep = zero && !delayed ? 0 : 1;
  layer->reset_zero = zero && !delayed ? 1 : 0;
  layer->reset_subtracts = subtracts && !delayed ? 1 : 0;
  layer->delayed_keep = zero && delayed ? 0 : 1;
  layer->delayed_subtracts = subtracts && delayed ? 1 : 0;
  layer->reset_attached = s->reset_gradient == SPINDLE_ATTACHED ? 1 : 0;

  size_t before = arena->used;
  layer->trace = TAKE(arena, float, T, samples, P);
  layer->spikes = lanes ? (uint32_t *)TAKE(arena, uint16_t, T, w->tiles, N)
                        : TAKE(arena, uint32_t, T, B, layer->spike_words);
  w->trace_bytes += arena->used - before;
  layer->membrane = TAKE(arena, float, state, 1, 1);
  if (s->synaptic_filter) layer->filtered = TAKE(arena, float, state, 1, 1);
  layer->initial_spikes = TAKE(arena, uint32_t, B, layer->spike_words, 1);
  layer->spike_gradient = TAKE(arena, float, state, 1, 1);
  layer->carry = TAKE(arena, float, state, 1, 1);
  if (s->learn_threshold) layer->threshold_sum = TAKE(arena, float, state, 1, 1);
  if (s->learn_tau) layer->tau_sum = TAKE(arena, float, state, 1, 1);
  layer->counts = TAKE(arena, uint64_t, P, 1, 1);
  layer->rate_memory = TAKE(arena, float, P, 1, 1);
  layer->bias = TAKE(arena, float, P, 1, 1);
  layer->beta = TAKE(arena, float, P, 1, 1);
  layer->alpha = TAKE(arena, float, P, 1, 1);
  layer->threshold = TAKE(arena, float, P, 1, 1);
  layer->reset_threshold = TAKE(arena, float, P, 1, 1);
  if (index > 0) layer->weight_transposed = TAKE(arena, float, ROUND_UP(I, PANEL), N, 1);
  if (recurrent) layer->recurrent_transposed = TAKE(arena, float, ROUND_UP(N, PANEL), N, 1);
  if (lanes) return;
  plan_options(w, layer, state, arena);
  size_t packed = MAXIMUM(ROUND_UP(P, MINIMUM(P, BAND)), ROUND_UP(P, PANEL));
  layer->weight_packed = TAKE(arena, float, I, packed, 1);
  if (recurrent) layer->recurrent_packed = TAKE(arena, float, N, packed, 1);
}

static void plan_workers(spindle_workspace *w, const spindle_configuration *c, arena *arena) {
  size_t widest = 0;
  for (uint32_t l = 0; l < c->layer_count; l++)
    widest = MAXIMUM(widest, MAXIMUM(c->layers[l].inputs, c->layers[l].neurons));
  size_t sources = MINIMUM(widest, GRADIENT_BLOCK);
  uint32_t threads = MAXIMUM(w->threads, w->step_threads);
  w->workers = TAKE(arena, worker, threads, 1, 1);
  size_t begin = arena->used;
  for (uint32_t i = 0; i < threads; i++) {
    worker part = {.active = TAKE(arena, uint32_t, ROUND_UP(widest, 32) + ACTIVE_SLACK, 1, 1),
                   .row = TAKE(arena, float, ROUND_UP(widest, LANES), 1, 1)};
    if (w->layout == SPINDLE_LAYOUT_ROWS) {
      part.values = TAKE(arena, float, VALUE_ROWS, VALUE_STRIDE(widest), 1);
      part.panel = TAKE(arena, float, VALUE_ROWS, PANEL, 1);
      part.lists = TAKE(arena, uint32_t, BLOCK_ROWS, ROUND_UP(widest, 32) + ACTIVE_SLACK, 1);
      part.starts = TAKE(arena, uint32_t, BLOCK_ROWS + 1, widest / BLOCK_SOURCES + 1, 1);
      part.counts = TAKE(arena, uint32_t, ROUND_UP(sources, 32), 1, 1);
      part.events = TAKE(arena, uint16_t, ROUND_UP(sources, 32), GRADIENT_STRIDE, 1);
    }
    if (arena->memory) w->workers[i] = part;
  }
  // Scratch is touched here, so that no later step waits for the system's pages.
  if (arena->memory) memset(arena->memory + begin, 0, arena->used - begin);
}

/// Lays a workspace out in the arena; without memory it plans and counts alone.
static spindle_status plan_workspace(const spindle_configuration *c, arena *arena,
                                     spindle_workspace *w) {
  spindle_isa isa;
  spindle_status status = spindle_isa_resolve(c->isa, &isa);
  if (status != SPINDLE_OK) return status;
  w->isa = isa;
  w->kernels = spindle_kernels_for(isa);
  w->layer_count = c->layer_count;
  w->batch = c->batch;
  w->steps = c->steps;
  w->layout = choose_layout(c);
  plan_threads(w, c);
  w->sums = c->sums;
  plan_tiles(w);
  w->layers = TAKE(arena, run_layer, c->layer_count, 1, 1);
  w->segments = TAKE(arena, parameter_segment, c->layer_count, LAYER_SEGMENTS, 1);
  for (uint32_t l = 0; l < c->layer_count; l++) {
    run_layer layer = {.shape = c->layers[l], .time_step = c->time_step};
    if (!spindle_layout_layer(&layer.shape, &w->parameter_count, &layer.parameters, w->segments,
                              &w->segment_count))
      return SPINDLE_SIZE_OVERFLOW;
    plan_layer(w, &layer, l, arena);
    if (arena->memory) w->layers[l] = layer;
  }
  size_t rows = MAXIMUM(w->steps, w->batch);
  size_t width = ROUND_UP(c->layers[c->layer_count - 1].neurons, LANES);
  w->loss_gradient = TAKE(arena, float, rows, width, 1);
  w->loss_steps = TAKE(arena, int32_t, w->batch, width, 1);
  w->loss_terms = TAKE(arena, double, rows, 1, 1);
  if (c->output_gradient)
    w->output_gradient =
        TAKE(arena, float, w->batch, w->steps, c->layers[c->layer_count - 1].neurons);
  w->predictions = TAKE(arena, int32_t, w->batch, 1, 1);
  size_t pieces = w->parameter_count / PIECE + (size_t)w->layer_count * LAYER_SEGMENTS;
  w->norm_terms = TAKE(arena, double, pieces, 1, 1);
  w->part_gradients = TAKE(arena, float, w->parts - 1, w->parameter_count, 1);
  plan_workers(w, c, arena);
  w->bytes = arena->used;
  return arena->overflow ? SPINDLE_SIZE_OVERFLOW : SPINDLE_OK;
}

spindle_status spindle_workspace_size(const spindle_configuration *configuration, size_t *bytes) {
  spindle_status status = spindle_check_configuration(configuration);
  if (status != SPINDLE_OK) return status;
  if (!bytes) return SPINDLE_NULL_POINTER;
  arena counting = {0};
  (void)TAKE(&counting, spindle_workspace, 1, 1, 1);
  spindle_workspace planned = {0};
  status = plan_workspace(configuration, &counting, &planned);
  *bytes = counting.used;
  return status;
}

spindle_status spindle_workspace_create(const spindle_configuration *configuration, void *memory,
                                        size_t bytes, spindle_workspace **workspace) {
  size_t needed;
  spindle_status status = spindle_workspace_size(configuration, &needed);
  if (status != SPINDLE_OK) return status;
  if (!memory || !workspace) return SPINDLE_NULL_POINTER;
  if (bytes < needed || (uintptr_t)memory % SPINDLE_ALIGNMENT) return SPINDLE_MEMORY_TOO_SMALL;
  arena arena = {.memory = memory};
  spindle_workspace *w = TAKE(&arena, spindle_workspace, 1, 1, 1);
  memset(w, 0, sizeof *w);
  status = plan_workspace(configuration, &arena, w);
  if (status != SPINDLE_OK) return status;
  *workspace = w;
  return SPINDLE_OK;
}

void spindle_workspace_plan(const spindle_workspace *w, spindle_plan *plan) {
  *plan = (spindle_plan){.isa = w->isa,
                         .layout = w->layout,
                         .threads = w->step_threads,
                         .tile = w->tile,
                         .tiles = w->tiles,
                         .chunk = w->chunk,
                         .parts = w->parts,
                         .trace_bytes = w->trace_bytes,
                         .workspace_bytes = w->bytes};
}

/// What a configuration must hold to, the roles of its parameters, and where these and the state
/// lie.
#include <math.h>
#include "plan.h"

static bool is_size(uint32_t size) { return size > 0 && size <= SPINDLE_MAXIMUM_SIZE; }
static bool is_positive(float x) { return isfinite(x) && x > 0; }
static bool is_optional(float x) { return x == 0 || is_positive(x); }

static bool is_spread(float sigma) { return isfinite(sigma) && sigma >= 0; }

static spindle_status check_hardware(const spindle_layer *layer) {
  const spindle_hardware *h = &layer->hardware;
  if ((unsigned)h->scale > SPINDLE_SCALE_NEURON || h->bits == 1 || h->bits > SPINDLE_MAXIMUM_BITS ||
      (h->has_floor && layer->neuron == SPINDLE_LI))
    return SPINDLE_INVALID_OPTION;
  // Its outputs are compared with one another.
  if (h->bits && h->scale == SPINDLE_SCALE_NEURON && layer->neuron == SPINDLE_LI)
    return SPINDLE_INVALID_OPTION;
  bool grid = !h->bits || h->scale != SPINDLE_SCALE_RANGE || is_positive((float)h->range);
  bool spread = is_spread(h->weight_mismatch) && is_spread(h->tau_mismatch) &&
                is_spread(h->synaptic_tau_mismatch) && is_spread(h->threshold_mismatch);
  bool floor = !h->has_floor || (isfinite(h->floor) && h->floor <= 0);
  bool penalties = is_spread(h->magnitude_strength) && is_spread(h->magnitude_limit) &&
                   is_spread(h->sign_strength) && (h->sign_strength == 0 || h->sign_group > 0);
  return grid && spread && floor && penalties ? SPINDLE_OK : SPINDLE_INVALID_PARAMETER;
}

static spindle_status check_layer(const spindle_layer *layer, bool last) {
  if (!is_size(layer->inputs) || !is_size(layer->neurons)) return SPINDLE_INVALID_SIZE;
  if ((unsigned)layer->neuron > SPINDLE_LI || (unsigned)layer->topology > SPINDLE_ONE_TO_ONE ||
      (unsigned)layer->reset > SPINDLE_RESET_NONE ||
      (unsigned)layer->reset_gradient > SPINDLE_DETACHED ||
      (unsigned)layer->reset_timing > SPINDLE_RESET_DELAYED ||
      (unsigned)layer->surrogate > SPINDLE_RECTANGULAR ||
      layer->learned >= SPINDLE_LEARNS(SPINDLE_ROLE_COUNT))
    return SPINDLE_INVALID_OPTION;
  // A leaky integrator has no spikes: nothing to feed back, or to a layer above, or to learn from.
  if (layer->neuron == SPINDLE_LI &&
      (!last || layer->topology != SPINDLE_FF || LEARNS(layer, SPINDLE_THRESHOLD) ||
       layer->adaptive || layer->refractory_steps || layer->reset_timing == SPINDLE_RESET_DELAYED))
    return SPINDLE_INVALID_OPTION;
  // It would need the potential before the reset, which the trace does not have.
  if (layer->reset_timing == SPINDLE_RESET_DELAYED && layer->reset == SPINDLE_RESET_ZERO &&
      layer->reset_gradient == SPINDLE_ATTACHED)
    return SPINDLE_INVALID_OPTION;
  if (layer->refractory_steps > SPINDLE_MAXIMUM_REFRACTORY) return SPINDLE_INVALID_PARAMETER;
  if (!(layer->dropout >= 0 && layer->dropout < 1)) return SPINDLE_INVALID_PARAMETER;
  if (layer->neuron == SPINDLE_LIF &&
      (!is_positive(layer->slope) || !is_optional(layer->peak) || !is_optional(layer->support)))
    return SPINDLE_INVALID_PARAMETER;
  return check_hardware(layer);
}

bool spindle_has_support(const spindle_layer *s) {
  bool kind = s->surrogate == SPINDLE_TRIANGULAR || s->surrogate == SPINDLE_RECTANGULAR;
  return s->neuron == SPINDLE_LIF && (s->support != 0 || (s->peak != 0 && kind));
}

bool spindle_needs_rows(const spindle_layer *s) { return !spindle_is_plain(s) || s->dropout != 0; }

bool spindle_is_plain(const spindle_layer *s) {
  return s->topology != SPINDLE_ONE_TO_ONE &&
         !(s->synaptic_filter && LEARNS(s, SPINDLE_SYNAPTIC_TAU)) &&
         s->reset_timing == SPINDLE_RESET_IMMEDIATE && !s->refractory_steps && !s->adaptive &&
         !s->hardware.has_floor;
}

spindle_status spindle_check_configuration(const spindle_configuration *c) {
  if (!c || !c->layers) return SPINDLE_NULL_POINTER;
  if (!is_size(c->layer_count) || !is_size(c->batch) || !is_size(c->steps))
    return SPINDLE_INVALID_SIZE;
  if (c->threads > SPINDLE_MAXIMUM_THREADS || c->parts > SPINDLE_MAXIMUM_PARTS)
    return SPINDLE_INVALID_SIZE;
  if (c->ranks > SPINDLE_MAXIMUM_PARTS || c->rank >= MAXIMUM(c->ranks, 1))
    return SPINDLE_INVALID_SIZE;
  if (c->ranks > 1 && c->purpose != SPINDLE_TRAINING) return SPINDLE_INVALID_OPTION;
  if ((unsigned)c->layout > SPINDLE_LAYOUT_LANES || (unsigned)c->sums > SPINDLE_SUMS_DENSE ||
      (unsigned)c->outputs > SPINDLE_OUTPUTS_ALL || (unsigned)c->purpose > SPINDLE_INFERENCE ||
      (unsigned)c->memory > SPINDLE_MEMORY_SEGMENTS)
    return SPINDLE_INVALID_OPTION;
  if (!is_positive(c->time_step)) return SPINDLE_INVALID_PARAMETER;
  for (uint32_t l = 0; l < c->layer_count; l++) {
    TRY(check_layer(&c->layers[l], l + 1 == c->layer_count));
    if (c->layout == SPINDLE_LAYOUT_LANES && spindle_needs_rows(&c->layers[l]))
      return SPINDLE_INVALID_OPTION;
    if (l > 0 && c->layers[l].inputs != c->layers[l - 1].neurons) return SPINDLE_LAYER_MISMATCH;
  }
  return SPINDLE_OK;
}

/// Reserves rows x columns floats at *end; false where the total no longer fits in memory.
static bool reserve(size_t *end, size_t rows, size_t columns, size_t *offset) {
  size_t count;
  *offset = *end;
  return !__builtin_mul_overflow(rows, columns, &count) &&
         !__builtin_add_overflow(*end, count, end) && *end <= SIZE_MAX / 64;
}

static const struct {
  const char *name;
  bool positive, decays;
} roles[SPINDLE_ROLE_COUNT] = {
#define ROLE(role, name, rows, positive, decays) [role] = {name, positive, decays},
#include "roles.def"
};

const char *spindle_role_name(spindle_role role) {
  return (unsigned)role < SPINDLE_ROLE_COUNT ? roles[role].name : NULL;
}
bool spindle_role_is_positive(spindle_role role) { return roles[role].positive; }
bool spindle_role_decays(spindle_role role) { return roles[role].decays; }

uint32_t spindle_role_rows(const spindle_layer *s, spindle_role role) {
  const uint32_t rows[SPINDLE_ROLE_COUNT] = {
#define ROLE(role, name, rows, positive, decays) [role] = rows,
#include "roles.def"
  };
  return rows[role];
}

bool spindle_place_parameters(const spindle_layer *s, size_t *end, spindle_layer_parameters *p) {
  for (int role = 0; role < SPINDLE_ROLE_COUNT; role++) {
    uint32_t rows = spindle_role_rows(s, (spindle_role)role);
    if (rows && !reserve(end, rows, s->neurons, &p->offset[role])) return false;
    if (!rows) p->offset[role] = SPINDLE_ABSENT;
  }
  return true;
}

spindle_status spindle_parameter_layout(const spindle_configuration *c,
                                        spindle_layer_parameters *layers, size_t *count) {
  TRY(spindle_check_configuration(c));
  if (!layers || !count) return SPINDLE_NULL_POINTER;
  *count = 0;
  for (uint32_t l = 0; l < c->layer_count; l++)
    if (!spindle_place_parameters(&c->layers[l], count, &layers[l])) return SPINDLE_SIZE_OVERFLOW;
  return SPINDLE_OK;
}

spindle_status spindle_state_count(const spindle_configuration *c, size_t *count) {
  TRY(spindle_check_configuration(c));
  if (!count) return SPINDLE_NULL_POINTER;
  size_t end = 0, offset;
  for (uint32_t l = 0; l < c->layer_count; l++)
    if (!reserve(&end, STATE_BLOCKS * (size_t)c->batch, c->layers[l].neurons, &offset))
      return SPINDLE_SIZE_OVERFLOW;
  *count = end;
  return SPINDLE_OK;
}

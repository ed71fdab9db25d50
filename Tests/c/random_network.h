#ifndef RANDOM_NETWORK_H
#define RANDOM_NETWORK_H
/// Random networks with all options, for the programs of this folder.
#include "check.h"

// AArch64 would fuse what x86-64 does not.
#pragma STDC FP_CONTRACT OFF

enum { MOST_LAYERS = 3, MOST_OUTPUTS = 2 };

/// A random network and what it is run on. Shapes as in spindle.h.
typedef struct network {
  spindle_layer layers[MOST_LAYERS];
  spindle_configuration configuration;
  spindle_layer_parameters places[MOST_LAYERS];
  size_t count, state_count, output_count; ///< Of parameters, of a state, B T N of the last layer.
  size_t input_words;
  float *parameters, *by_spike, *by_membrane;
  uint32_t *spikes;
} network;

static uint64_t random_state;
static inline uint32_t pick(uint32_t count) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(random_state >> 33) % count;
}

static inline void pick_options(spindle_layer *layer) {
  layer->adaptive = pick(2);
  layer->refractory_steps = pick(2) ? 1 + pick(4) : 0;
  layer->topology = (spindle_topology)pick(3);
  layer->reset_timing = (spindle_reset_timing)pick(2);
  if (layer->reset_timing == SPINDLE_RESET_DELAYED && layer->reset == SPINDLE_RESET_ZERO)
    layer->reset_gradient = SPINDLE_DETACHED;
}

static inline void pick_layers(network *n, bool small) {
  spindle_configuration *c = &n->configuration;
  c->layers = n->layers;
  c->layer_count = 1 + pick(MOST_LAYERS);
  uint32_t units = small ? 1 + pick(5) : 3 + pick(60);
  for (uint32_t l = 0; l < c->layer_count; l++) {
    spindle_layer *layer = &n->layers[l];
    bool top = l + 1 == c->layer_count;
    *layer = (spindle_layer){.inputs = units,
                             .neurons = small ? 1 + pick(11) : 5 + pick(90),
                             .neuron = top && pick(3) == 0 ? SPINDLE_LI : SPINDLE_LIF,
                             .reset = (spindle_reset)pick(3),
                             .reset_gradient = (spindle_reset_gradient)pick(2),
                             .slope = 1,
                             .bias = pick(2),
                             .synaptic_filter = pick(2)};
    units = layer->neurons;
    layer->learned = SPINDLE_LEARNS(SPINDLE_ROLE_COUNT) - 1;
    if (layer->neuron == SPINDLE_LI) layer->learned &= ~SPINDLE_LEARNS(SPINDLE_THRESHOLD);
    else if (!small) pick_options(layer);
    else layer->topology = (spindle_topology)pick(2);
    if (small) layer->learned &= ~SPINDLE_LEARNS(SPINDLE_SYNAPTIC_TAU);
  }
}

static inline void fill(network *n, uint32_t l, spindle_role role, float first, float step) {
  size_t place = n->places[l].offset[role];
  for (uint32_t i = 0; place != SPINDLE_ABSENT && i < n->layers[l].neurons; i++)
    n->parameters[place + i] = first + step * (float)i;
}

static inline void make_network(network *n, uint64_t seed, bool small, uint32_t batch,
                                uint32_t steps) {
  *n = (network){0};
  random_state = seed;
  for (int i = 0; i < 8; i++) pick(2);
  pick_layers(n, small);
  spindle_configuration *c = &n->configuration;
  c->batch = batch;
  c->steps = steps;
  c->time_step = 1e-3f;
  c->threads = 1;
  c->layout = small ? SPINDLE_LAYOUT_LANES : SPINDLE_LAYOUT_ROWS;
  OK(spindle_parameter_layout(c, n->places, &n->count));
  OK(spindle_state_count(c, &n->state_count));
  n->output_count = (size_t)batch * steps * n->layers[c->layer_count - 1].neurons;
  n->parameters = allocate(n->count * sizeof(float));
  n->by_spike = allocate(n->output_count * sizeof(float));
  n->by_membrane = allocate(n->output_count * sizeof(float));
  size_t rows = (size_t)batch * steps;
  n->input_words = rows * SPINDLE_WORDS(n->layers[0].inputs);
  n->spikes = allocate(n->input_words * sizeof(uint32_t));
  spindle_random random = {.seed = seed};
  float deviation = 0.6f / sqrtf((float)n->layers[0].inputs);
  OK(spindle_random_normal(&random, 0.1f, deviation, n->count, n->parameters));
  random.stream = 1;
  OK(spindle_random_normal(&random, 0, 1, n->output_count, n->by_spike));
  random.stream = 2;
  OK(spindle_random_normal(&random, 0, 1, n->output_count, n->by_membrane));
  random.stream = 3;
  OK(spindle_random_spikes(&random, 0.3, rows, n->layers[0].inputs, n->spikes));
  for (uint32_t l = 0; l < c->layer_count; l++) {
    fill(n, l, SPINDLE_TAU, 0.004f, 1e-4f);
    fill(n, l, SPINDLE_SYNAPTIC_TAU, 0.003f, 5e-5f);
    fill(n, l, SPINDLE_THRESHOLD, 0.3f, 1e-3f);
    fill(n, l, SPINDLE_ADAPTATION_STRENGTH, 0.2f, 1e-3f);
    fill(n, l, SPINDLE_ADAPTATION_TAU, 0.02f, 1e-4f);
  }
}

static inline void free_network(network *n) {
  spindle_free(n->parameters);
  spindle_free(n->by_spike);
  spindle_free(n->by_membrane);
  spindle_free(n->spikes);
}

static inline spindle_workspace *make_workspace(const spindle_configuration *c, void **memory) {
  size_t bytes;
  spindle_workspace *workspace;
  OK(spindle_workspace_size(c, &bytes));
  *memory = allocate(bytes);
  OK(spindle_workspace_create(c, *memory, bytes, &workspace));
  return workspace;
}

#endif

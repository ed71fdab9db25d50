/// How the sums over spikes are taken, by the densities seen.
#include "plan.h"

/// Densities of spikes from which blocked events, and dense products, are faster.
#ifndef BLOCKED_FROM
#define BLOCKED_FROM 0.07
#define DENSE_FROM 0.65
#endif
/// Rows taken at a time below which neither pays.
#define FEW_ROWS 4

/// Fraction of spikes in up to 64 rows spread over the input.
static double sample_density(const spindle_workspace *w, const spindle_input *input,
                             uint32_t steps) {
  if (input->values) return 1;
  if (w->batch == 0) return 0;
  const layer_plan *first = &w->plans[0];
  size_t rows = (size_t)w->batch * steps, samples = MINIMUM(rows, 64);
  uint64_t count = 0;
  for (size_t s = 0; s < samples; s++)
    count += w->kernels->count_bits(input->spikes + s * rows / samples * first->input_words,
                                    first->input_words * sizeof(uint32_t));
  return (double)count / ((double)samples * first->shape.inputs);
}

uint64_t spindle_count_spikes(const spindle_workspace *w, uint32_t l) {
  uint64_t count = 0;
  for (uint32_t slice = 0; slice < w->slices; slice++) {
    run_layer layer = spindle_layer_in(w, l, slice);
    size_t row = in_lanes(&layer) ? layer.plan->shape.neurons * sizeof(uint16_t)
                                  : layer.view.batch * layer.plan->spike_words * sizeof(uint32_t);
    const void *spikes = in_lanes(&layer) ? (void *)layer.view.masks : layer.view.spikes;
    count += w->kernels->count_bits(spikes, layer.view.steps * row);
  }
  return count;
}

/// Fraction of spikes in what the trace holds of the last forward call.
static double spike_density(const spindle_workspace *w, uint32_t l) {
  if (w->counted) return w->spike_density[l];
  double rows = w->training ? (double)spindle_sample_rows(w) : (double)w->spike_steps * w->batch;
  if (rows == 0) return 0;
  return (double)spindle_count_spikes(w, l) / (rows * w->plans[l].shape.neurons);
}

static spindle_sums sums_for(const spindle_workspace *w, double density, uint32_t rows) {
  if (w->sums != SPINDLE_SUMS_AUTOMATIC) return w->sums;
  if (!w->training && rows < FEW_ROWS) return SPINDLE_SUMS_EVENTS;
  if (density > DENSE_FROM) return SPINDLE_SUMS_DENSE;
  return density > BLOCKED_FROM ? SPINDLE_SUMS_BLOCKED_EVENTS : SPINDLE_SUMS_EVENTS;
}

void spindle_choose_sums(spindle_workspace *w, const spindle_input *input, uint32_t steps) {
  uint32_t rows = w->tile * w->window;
  // Of few rows nothing is sampled: it would take a twentieth of a stepper's step.
  bool sampled = w->training || rows >= FEW_ROWS;
  bool by_density = sampled && w->sums == SPINDLE_SUMS_AUTOMATIC;
  for (uint32_t l = 0; by_density && l < w->layer_count; l++)
    w->spike_density[l] = spike_density(w, l);
  w->counted |= by_density;
  w->input_density = sampled ? sample_density(w, input, steps) : 0;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    double density = l > 0 ? w->spike_density[l - 1] : w->input_density;
    w->weights[l].input_sums =
        l == 0 && input->values ? SPINDLE_SUMS_DENSE : sums_for(w, density, rows);
    w->weights[l].recurrent_sums = sums_for(w, w->spike_density[l], w->tile);
  }
}

/// Fraction of the outputs of a layer's products in the last backward call that were needed.
static double surrogate_density(const spindle_workspace *w, uint32_t l) {
  const layer_plan *plan = &w->plans[l];
  if (!plan->by_outputs || !w->has_backward) return 1;
  uint64_t count = 0;
  for (uint32_t slice = 0; slice < w->slices; slice++) {
    run_layer layer = spindle_layer_in(w, l, slice);
    for (uint32_t b = 0; b < layer.view.batch; b++) count += layer.view.needed[b];
  }
  // The last layer has none at the last step.
  double steps = (double)w->steps - (l + 1 == w->layer_count);
  return steps > 0 && w->batch > 0 ? (double)count / (steps * w->batch * plan->shape.neurons) : 1;
}

spindle_status spindle_workspace_layer_plan(const spindle_workspace *w, uint32_t index,
                                            spindle_layer_plan *plan) {
  if (!w || !plan) return SPINDLE_NULL_POINTER;
  if (index >= w->layer_count) return SPINDLE_INVALID_SIZE;
  double needed = surrogate_density(w, index);
  *plan = (spindle_layer_plan){.input_sums = w->weights[index].input_sums,
                               .recurrent_sums = w->weights[index].recurrent_sums,
                               .input_density =
                                   index > 0 ? spike_density(w, index - 1) : w->input_density,
                               .spike_density = spike_density(w, index),
                               .outputs = w->kernels->choose_outputs(&w->plans[index], needed),
                               .surrogate_density = needed};
  return SPINDLE_OK;
}

double spindle_firing_rate(const spindle_workspace *w, uint32_t layer) {
  if (!w || layer >= w->layer_count || w->stage == STAGE_NEW) return 0;
  return spike_density(w, layer);
}

/// What is derived from the parameters before the kernels run: decays, padded rows, packed and
/// transposed matrices; and dropout of a layer's input (Srivastava et al. 2014): a mask of each
/// sample, and of spikes those that it leaves. The kernels sum these as they sum any spikes; the
/// factor of those that stay lies in the loaded weights and is put on the gradient of the weights.
#include <math.h>
#include <string.h>
#include "plan.h"

/// The stream of random numbers of layer l is this plus l.
#define DROPOUT_STREAM (UINT64_C(4) << 32)
/// Numbers between the beginnings of two steps: more than a mask takes.
#define DROPOUT_NUMBERS (UINT64_C(1) << 36)

/// exp(-dt / tau) of neuron n's time constant, and where `slopes` are given its derivative by tau.
static float decay(const layer_plan *plan, const float *parameters, spindle_role role, uint32_t n,
                   double *slopes) {
  double dt = plan->time_step, tau = parameters[plan->parameters.offset[role] + n];
  float decay = (float)spindle_exp(-dt / tau);
  if (slopes) slopes[n] = decay * dt / (tau * tau);
  return decay;
}

static void load_neurons(const layer_plan *plan, layer_weights *w, const float *parameters) {
  const spindle_layer *s = &plan->shape;
  const size_t *at = plan->parameters.offset;
  for (uint32_t n = 0; n < s->neurons; n++) {
    w->beta[n] = decay(plan, parameters, SPINDLE_TAU, n, w->tau_slope);
    if (s->synaptic_filter)
      w->alpha[n] = decay(plan, parameters, SPINDLE_SYNAPTIC_TAU, n, w->synaptic_tau_slope);
    w->bias[n] = s->bias ? parameters[at[SPINDLE_BIAS] + n] : 0;
    float threshold = s->neuron == SPINDLE_LIF ? parameters[at[SPINDLE_THRESHOLD] + n] : INFINITY;
    w->threshold[n] = threshold;
    w->reset_threshold[n] = s->neuron == SPINDLE_LIF && plan->reset.subtracts != 0 ? threshold : 0;
    w->delayed_threshold[n] = plan->reset.delayed_subtracts != 0 ? threshold : 0;
    if (w->one_to_one) w->one_to_one[n] = parameters[at[SPINDLE_RECURRENT_WEIGHT] + n];
    if (!w->strength) continue;
    double tau = parameters[at[SPINDLE_ADAPTATION_TAU] + n];
    w->strength[n] = parameters[at[SPINDLE_ADAPTATION_STRENGTH] + n];
    w->rho[n] = decay(plan, parameters, SPINDLE_ADAPTATION_TAU, n, w->adaptation_tau_slope);
    w->rho_rest[n] = (float)-spindle_expm1(-plan->time_step / tau);
  }
  w->one_beta = true;
  for (uint32_t n = 1; n < s->neurons; n++) w->one_beta &= w->beta[n] == w->beta[0];
  // Padding never fires; its other numbers stay the zeros that the memory began with.
  for (uint32_t n = s->neurons; n < plan->padded; n++) w->threshold[n] = INFINITY;
}

/// Rows of a band that a task packs.
#define PACK_ROWS 16

static void pack_task(void *context, task task) {
  const packing *p = context;
  uint32_t blocks = CEILING_DIVIDE(p->depth, PACK_ROWS), first = task.index % blocks * PACK_ROWS;
  p->kernels->pack(p, task.index / blocks, first, MINIMUM(p->depth, first + PACK_ROWS));
}

float spindle_effective_factor(const layer_plan *plan, bool dropping) {
  return dropping ? 1 / (1 - plan->shape.dropout) : 1;
}

/// Packs `matrix` [rows][N] times `factor`, or its transpose, into bands of `width` columns.
static void pack(const spindle_workspace *w, const layer_plan *plan, const float *matrix,
                 uint32_t rows, float factor, bool transpose, uint32_t width, float *packed) {
  uint32_t N = plan->shape.neurons;
  packing p = {.kernels = w->kernels,
               .matrix = matrix,
               .row_stride = transpose ? 1 : N,
               .column_stride = transpose ? N : 1,
               .depth = transpose ? N : rows,
               .columns = transpose ? rows : N,
               .width = width,
               .factor = factor,
               .packed = packed};
  spindle_parallel(w->team, w->threads,
                   CEILING_DIVIDE(p.columns, width) * CEILING_DIVIDE(p.depth, PACK_ROWS), pack_task,
                   &p);
}

static uint32_t width_for(const spindle_workspace *w, const layer_plan *plan, spindle_sums sums) {
  if (has_lanes(w)) return plan->padded;
  uint32_t band = spindle_band(plan);
  return sums == SPINDLE_SUMS_EVENTS ? band : MINIMUM(band, PANEL);
}

void spindle_load_weights(spindle_workspace *w, const float *learned, const spindle_chip *chip,
                          bool dropping) {
  spindle_make_effective(w, learned, chip);
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const layer_plan *plan = &w->plans[l];
    const float *parameters = spindle_effective_of(w, l, learned);
    layer_weights *to = &w->weights[l];
    uint32_t I = plan->shape.inputs, N = plan->shape.neurons;
    bool lanes = has_lanes(w);
    load_neurons(plan, to, parameters);
    to->dropping = dropping && plan->shape.dropout > 0;
    float factor = spindle_effective_factor(plan, to->dropping);
    to->weight_width = width_for(w, plan, to->input_sums);
    to->recurrent_width = width_for(w, plan, to->recurrent_sums);
    const float *weight = parameters + plan->parameters.offset[SPINDLE_WEIGHT];
    pack(w, plan, weight, I, factor, false, to->weight_width, to->weight);
    if (to->weight_transposed)
      pack(w, plan, weight, I, factor, true, lanes ? I : PANEL, to->weight_transposed);
    if (!to->recurrent) continue;
    const float *recurrent = parameters + plan->parameters.offset[SPINDLE_RECURRENT_WEIGHT];
    pack(w, plan, recurrent, N, 1, false, to->recurrent_width, to->recurrent);
    if (to->recurrent_transposed)
      pack(w, plan, recurrent, N, 1, true, lanes ? N : PANEL, to->recurrent_transposed);
  }
  w->loaded = true;
}

static void scale(float *x, size_t count, float factor) {
  for (size_t i = 0; i < count; i++) x[i] *= factor;
}

/// Puts a factor on loaded matrices of a layer.
static void scale_weights(spindle_workspace *w, uint32_t l, float factor) {
  const layer_plan *plan = &w->plans[l];
  size_t width = w->weights[l].weight_width, I = plan->shape.inputs, N = plan->shape.neurons;
  scale(w->weights[l].weight, ROUND_UP(N, width) * I, factor);
  if (w->weights[l].weight_transposed)
    scale(w->weights[l].weight_transposed, has_lanes(w) ? I * N : ROUND_UP(I, PANEL) * N, factor);
}

/// A matrix of `rows` by `columns` panels' rows, transposed in place: each element moves along its
/// cycle, which begins at its smallest place.
static void transpose_panels(float *x, size_t rows, size_t columns) {
  size_t last = rows * columns - 1;
  for (size_t first = 1; first < last; first++) {
    size_t place = first;
    do place = place * columns % last;
    while (place > first);
    if (place < first) continue;
    float carried[PANEL], other[PANEL];
    memcpy(carried, x + first * PANEL, sizeof carried);
    do { // element (r, c) at r columns + c goes to c rows + r
      place = place * rows % last;
      memcpy(other, x + place * PANEL, sizeof other);
      memcpy(x + place * PANEL, carried, sizeof carried);
      memcpy(carried, other, sizeof other);
    } while (place != first);
  }
}

/// Cuts the bands of a packed matrix into panels, or puts these together.
static void repack(const layer_plan *plan, float *packed, uint32_t sources, uint32_t *width,
                   uint32_t wanted) {
  if (*width == wanted) return;
  uint32_t band = spindle_band(plan), panels = band / PANEL;
  for (uint32_t column = 0; column < plan->padded; column += band)
    transpose_panels(packed + (size_t)column * sources, wanted == PANEL ? sources : panels,
                     wanted == PANEL ? panels : sources);
  *width = wanted;
}

void spindle_fit_weights(spindle_workspace *w) {
  for (uint32_t l = 0; l < w->layer_count; l++) {
    const layer_plan *plan = &w->plans[l];
    layer_weights *to = &w->weights[l];
    repack(plan, to->weight, plan->shape.inputs, &to->weight_width,
           width_for(w, plan, to->input_sums));
    if (to->recurrent)
      repack(plan, to->recurrent, plan->shape.neurons, &to->recurrent_width,
             width_for(w, plan, to->recurrent_sums));
  }
}

spindle_status spindle_load(spindle_workspace *w, const float *parameters) {
  return spindle_load_chip(w, parameters, NULL);
}

spindle_status spindle_load_chip(spindle_workspace *w, const float *parameters,
                                 const spindle_chip *chip) {
  if (!w || !parameters) return SPINDLE_NULL_POINTER;
  if (chip && chip->number >= SPINDLE_MAXIMUM_CHIPS) return SPINDLE_INVALID_SIZE;
  spindle_load_weights(w, parameters, chip, false);
  w->stage = STAGE_NEW;
  return SPINDLE_OK;
}

spindle_status spindle_apply_dropout(spindle_workspace *w, const spindle_input *input,
                                     const spindle_dropout *dropout) {
  if (dropout && (!w->training || (w->plans[0].shape.dropout > 0 && input->values)))
    return SPINDLE_INVALID_OPTION;
  for (uint32_t l = 0; l < w->layer_count; l++)
    if (!dropout && w->weights[l].dropping) return SPINDLE_WRONG_ORDER;
  for (uint32_t l = 0; dropout && l < w->layer_count; l++) {
    const layer_plan *plan = &w->plans[l];
    if (plan->shape.dropout == 0) continue;
    if (!w->weights[l].dropping) scale_weights(w, l, spindle_effective_factor(plan, true));
    w->weights[l].dropping = true;
    spindle_random random = {.seed = dropout->seed,
                             .stream = DROPOUT_STREAM + l,
                             .offset = dropout->step * DROPOUT_NUMBERS +
                                       (uint64_t)w->whole.first * plan->shape.inputs};
    uint64_t limit = (uint64_t)((1 - (double)plan->shape.dropout) * 0x1p32);
    w->kernels->random_spikes(&random, limit, w->batch, plan->shape.inputs, w->views[l].kept);
  }
  return SPINDLE_OK;
}

void spindle_drop(const run_layer *layer, source_rows input) {
  const layer_view *view = &layer->view;
  size_t words = layer->plan->input_words;
  for (uint32_t t = 0; t < view->steps; t++)
    for (size_t b = view->b0; b < view->b1; b++)
      for (size_t i = 0; i < words; i++)
        view->kept_input[((size_t)t * view->batch + b) * words + i] =
            input.spikes[(t * input.batch + b) * words + i] & view->kept[b * words + i];
}

source_rows spindle_kept_input(const run_layer *layer) {
  return (source_rows){.spikes = layer->view.kept_input,
                       .count = layer->plan->shape.inputs,
                       .batch = layer->view.batch};
}

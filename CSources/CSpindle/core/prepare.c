/// What a call derives from the parameters before the kernels run: decays, padded rows, packed and
/// transposed matrices. Done once a call, not once a tile.
#include <math.h>
#include <string.h>
#include "internal.h"

static void prepare_neurons(run_layer *layer, const float *parameters) {
  const spindle_layer *s = &layer->shape;
  const spindle_layer_parameters *p = &layer->parameters;
  double dt = layer->time_step;
  for (uint32_t n = 0; n < s->neurons; n++) {
    layer->beta[n] = (float)spindle_exp(-dt / parameters[p->tau + n]);
    layer->alpha[n] =
        s->synaptic_filter ? (float)spindle_exp(-dt / parameters[p->synaptic_tau + n]) : 0;
    layer->bias[n] = s->bias ? parameters[p->bias + n] : 0;
    float threshold = s->neuron == SPINDLE_LIF ? parameters[p->threshold + n] : INFINITY;
    layer->threshold[n] = threshold;
    layer->reset_threshold[n] =
        s->neuron == SPINDLE_LIF && layer->reset_subtracts != 0 ? threshold : 0;
    if (layer->delayed_threshold)
      layer->delayed_threshold[n] = layer->delayed_subtracts != 0 ? threshold : 0;
    if (layer->one_to_one) layer->one_to_one[n] = parameters[p->recurrent_weight + n];
    if (!layer->strength) continue;
    double time = dt / parameters[p->adaptation_tau + n];
    layer->strength[n] = parameters[p->adaptation_strength + n];
    layer->rho[n] = (float)spindle_exp(-time);
    layer->rho_rest[n] = (float)-spindle_expm1(-time);
  }
  // Padding never fires; its other numbers stay the zeros that the memory began with.
  for (uint32_t n = s->neurons; n < layer->padded; n++) layer->threshold[n] = INFINITY;
}

typedef struct packing {
  const kernels *kernels;
  const float *matrix;
  size_t row_stride, column_stride;
  uint32_t depth, columns, width;
  float scale;
  float *packed;
} packing;

static void pack_task(void *context, uint32_t band, uint32_t thread) {
  (void)thread;
  const packing *p = context;
  p->kernels->pack(p->matrix, p->row_stride, p->column_stride, p->depth, p->columns, p->width, band,
                   band + 1, p->packed);
  if (p->scale == 1) return;
  size_t size = (size_t)p->depth * p->width;
  for (size_t i = 0; i < size; i++) p->packed[band * size + i] *= p->scale;
}

/// Packs `matrix` [rows][columns] times `scale`, or its transpose, into bands of `width` columns.
static void pack(const spindle_workspace *w, const float *matrix, float scale, uint32_t rows,
                 uint32_t columns, bool transpose, uint32_t width, float *packed) {
  packing p = {
      .kernels = w->kernels, .matrix = matrix, .width = width, .scale = scale, .packed = packed};
  p.row_stride = transpose ? 1 : columns;
  p.column_stride = transpose ? columns : 1;
  p.depth = transpose ? columns : rows;
  p.columns = transpose ? rows : columns;
  spindle_parallel(w->team, w->threads, CEILING_DIVIDE(p.columns, width), pack_task, &p);
}

static uint32_t width_for(const run_layer *layer, spindle_sums mode) {
  return mode == SPINDLE_SUMS_EVENTS ? MINIMUM(layer->padded, BAND) : PANEL;
}

void spindle_prepare_forward(spindle_workspace *w, const float *parameters) {
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer *layer = &w->layers[l];
    uint32_t I = layer->shape.inputs, N = layer->shape.neurons;
    bool recurrent = layer->shape.topology == SPINDLE_RC;
    prepare_neurons(layer, parameters);
    layer->weight = parameters + layer->parameters.weight;
    if (recurrent) layer->recurrent = parameters + layer->parameters.recurrent_weight;
    if (w->layout == SPINDLE_LAYOUT_LANES) continue;
    layer->weight_width = width_for(layer, layer->input_sums);
    pack(w, layer->weight, spindle_kept_factor(layer), I, N, false, layer->weight_width,
         layer->weight_packed);
    layer->weight = layer->weight_packed;
    if (!recurrent) continue;
    layer->recurrent_width = width_for(layer, layer->recurrent_sums);
    pack(w, layer->recurrent, 1, N, N, false, layer->recurrent_width, layer->recurrent_packed);
    layer->recurrent = layer->recurrent_packed;
  }
}

void spindle_prepare_backward(spindle_workspace *w, const float *parameters) {
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer *layer = &w->layers[l];
    uint32_t I = layer->shape.inputs, N = layer->shape.neurons;
    bool lanes = w->layout == SPINDLE_LAYOUT_LANES;
    if (l > 0)
      pack(w, parameters + layer->parameters.weight, spindle_kept_factor(layer), I, N, true,
           lanes ? I : PANEL, layer->weight_transposed);
    if (layer->shape.topology == SPINDLE_RC)
      pack(w, parameters + layer->parameters.recurrent_weight, 1, N, N, true, lanes ? N : PANEL,
           layer->recurrent_transposed);
  }
}

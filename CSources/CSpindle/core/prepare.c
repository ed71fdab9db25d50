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
    layer->beta[n] = (float)exp(-dt / parameters[p->tau + n]);
    layer->alpha[n] = s->synaptic_tau > 0 ? (float)exp(-dt / s->synaptic_tau) : 0;
    layer->bias[n] = s->bias ? parameters[p->bias + n] : 0;
    float threshold = s->neuron == SPINDLE_LIF ? parameters[p->threshold + n] : INFINITY;
    layer->threshold[n] = threshold;
    layer->reset_threshold[n] =
        s->neuron == SPINDLE_LIF && layer->reset_subtracts != 0 ? threshold : 0;
  }
  // Padding never fires; its other numbers stay the zeros that the memory began with.
  for (uint32_t n = s->neurons; n < layer->padded; n++) layer->threshold[n] = INFINITY;
}

/// The matrix itself where its rows are whole vectors, else a copy with padded rows.
static const float *padded_rows(const float *matrix, size_t rows, size_t columns, size_t padded,
                                float *copy) {
  if (!copy) return matrix;
  for (size_t r = 0; r < rows; r++)
    memcpy(copy + r * padded, matrix + r * columns, columns * sizeof(float));
  return copy;
}

typedef struct packing {
  const kernels *kernels;
  const float *matrix;
  size_t row_stride, column_stride;
  uint32_t depth, columns;
  panels packed;
} packing;

static void pack_task(void *context, uint32_t panel, uint32_t thread) {
  (void)thread;
  const packing *p = context;
  p->kernels->pack(p->matrix, p->row_stride, p->column_stride, p->depth, p->columns, panel,
                   panel + 1, p->packed);
}

/// Packs `matrix` [rows][columns], or its transpose, into panels.
static void pack(const spindle_workspace *w, const float *matrix, uint32_t rows, uint32_t columns,
                 bool transpose, panels packed) {
  packing p = {.kernels = w->kernels, .matrix = matrix, .packed = packed};
  p.row_stride = transpose ? 1 : columns;
  p.column_stride = transpose ? columns : 1;
  p.depth = transpose ? columns : rows;
  p.columns = transpose ? rows : columns;
  spindle_parallel(w->threads, CEILING_DIVIDE(p.columns, PANEL), pack_task, &p);
}

void spindle_prepare_forward(spindle_workspace *w, const float *parameters) {
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer *layer = &w->layers[l];
    uint32_t I = layer->shape.inputs, N = layer->shape.neurons;
    prepare_neurons(layer, parameters);
    const float *weight = parameters + layer->parameters.weight;
    layer->weight = padded_rows(weight, I, N, layer->padded, layer->weight_rows);
    if (layer->dense_input) pack(w, weight, I, N, false, layer->weight_panels);
    if (layer->shape.topology != SPINDLE_RC) continue;
    const float *recurrent = parameters + layer->parameters.recurrent_weight;
    layer->recurrent = padded_rows(recurrent, N, N, layer->padded, layer->recurrent_rows);
    if (layer->dense_recurrence) pack(w, recurrent, N, N, false, layer->recurrent_panels);
  }
}

void spindle_prepare_backward(spindle_workspace *w, const float *parameters) {
  if (w->layout == SPINDLE_LAYOUT_LANES) return;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer *layer = &w->layers[l];
    uint32_t I = layer->shape.inputs, N = layer->shape.neurons;
    if (l > 0) pack(w, parameters + layer->parameters.weight, I, N, true, layer->weight_transposed);
    if (layer->shape.topology == SPINDLE_RC)
      pack(w, parameters + layer->parameters.recurrent_weight, N, N, true,
           layer->recurrent_transposed);
  }
}

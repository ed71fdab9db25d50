/// Backward through time in two passes: the deltas of each tile, then the gradients of the
/// parameters (gradient.c).
#include <string.h>
#include "gradient.h"
#include "parts.h"

/// The gradient by the output from sample `first` on.
static output_gradient from_sample(output_gradient g, size_t first) {
  if (g.values) g.values += first * g.batch_stride;
  if (g.only_step) g.only_step += first * g.batch_stride;
  return g;
}

static const output_gradient none = {0};

static void rows_task(void *context, uint32_t index, uint32_t thread) {
  (void)thread;
  const backward_call *call = context;
  spindle_workspace *w = call->workspace;
  rows_tile tile = spindle_tile(w, index);
  if (tile.b0 >= tile.b1) return;
  size_t first = spindle_part_begin(w, tile.part);
  output_gradient by_spike = from_sample(w->by_spike, first);
  output_gradient by_membrane = from_sample(w->by_membrane, first);
  run_layer above;
  for (uint32_t l = w->layer_count; l-- > 0;) {
    bool top = l + 1 == w->layer_count;
    run_layer layer = spindle_part_layer(w, l, tile.part);
    w->kernels->rows_backward(&layer, top ? NULL : &above, top ? &by_spike : &none,
                              top ? &by_membrane : &none, tile.b0, tile.b1);
    above = layer;
  }
}

/// The deltas of a tile, then its part of the gradients, while its trace is in the thread's cache.
static void lanes_task(void *context, uint32_t tile, uint32_t thread) {
  (void)thread;
  const backward_call *call = context;
  spindle_workspace *w = call->workspace;
  for (uint32_t l = w->layer_count; l-- > 0;) {
    bool top = l + 1 == w->layer_count;
    run_layer *layer = &w->layers[l];
    w->kernels->lanes_backward(layer, top ? NULL : layer + 1, top ? &w->by_spike : &none,
                               top ? &w->by_membrane : &none, tile);
  }
  spindle_lanes_gradient(call, tile);
}

/// Sums a per-sample quantity of neuron n over the batch, in order.
static float sum_over_batch(const spindle_workspace *w, const run_layer *layer, const float *sums,
                            uint32_t n) {
  float sum = 0;
  for (size_t b = 0; b < w->batch; b++)
    sum += w->layout == SPINDLE_LAYOUT_LANES
               ? sums[(b / LANES * layer->shape.neurons + n) * LANES + b % LANES]
               : sums[spindle_state_at(w, layer, (uint32_t)b) + n];
  return sum;
}

/// The gradient of a parameter with one number a neuron, at `offset`, from those of each sample in
/// `sums`; NULL where it is not learned.
static void neuron_gradient(const spindle_workspace *w, const run_layer *layer, const float *sums,
                            size_t offset, float *gradients) {
  if (!sums) return;
  for (uint32_t n = 0; n < layer->shape.neurons; n++)
    gradients[offset + n] = sum_over_batch(w, layer, sums, n);
}

/// The same for a time constant, whose sums are of its decay: decay = exp(-dt / tau), so that its
/// derivative is decay dt / tau^2.
static void tau_gradient(const spindle_workspace *w, const run_layer *layer, const float *sums,
                         size_t offset, const float *decay, const float *parameters,
                         float *gradients) {
  if (!sums) return;
  for (uint32_t n = 0; n < layer->shape.neurons; n++) {
    double tau = parameters[offset + n];
    double slope = decay[n] * (double)layer->time_step / (tau * tau);
    gradients[offset + n] = (float)(sum_over_batch(w, layer, sums, n) * slope);
  }
}

static void neuron_gradients(const spindle_workspace *w, const run_layer *l,
                             const float *parameters, float *gradients) {
  const spindle_layer_parameters *p = &l->parameters;
  neuron_gradient(w, l, l->recurrent_sum, p->recurrent_weight, gradients);
  neuron_gradient(w, l, l->threshold_sum, p->threshold, gradients);
  neuron_gradient(w, l, l->strength_sum, p->adaptation_strength, gradients);
  tau_gradient(w, l, l->tau_sum, p->tau, l->beta, parameters, gradients);
  tau_gradient(w, l, l->synaptic_tau_sum, p->synaptic_tau, l->alpha, parameters, gradients);
  tau_gradient(w, l, l->adaptation_tau_sum, p->adaptation_tau, l->rho, parameters, gradients);
}

spindle_status spindle_backward(spindle_workspace *w, const float *parameters,
                                const spindle_input *input, const spindle_loss_target *target,
                                float *gradients) {
  if (!w || !parameters || !input || !target || !gradients) return SPINDLE_NULL_POINTER;
  if ((input->spikes != NULL) == (input->values != NULL)) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  spindle_status status = spindle_check_target(w, target);
  if (status != SPINDLE_OK) return status;
  spindle_set_output_gradient(w, target);
  spindle_prepare_backward(w, parameters);
  backward_call call = {.workspace = w, .input = input, .gradients = gradients};
  if (w->layout == SPINDLE_LAYOUT_LANES) {
    spindle_parallel(w->team, w->threads, w->tiles, lanes_task, &call);
  } else {
    spindle_parallel(w->team, w->threads, w->tiles, rows_task, &call);
    spindle_parallel(w->team, w->threads, spindle_gradient_tasks(w), spindle_gradient_task, &call);
  }
  spindle_sum_parts(&call);
  for (uint32_t l = 0; l < w->layer_count; l++)
    neuron_gradients(w, &w->layers[l], parameters, gradients);
  for (uint32_t i = 0; i < w->segment_count; i++)
    if (!w->segments[i].learned)
      memset(gradients + w->segments[i].first, 0, w->segments[i].count * sizeof *gradients);
  w->stage = STAGE_BACKWARD;
  return SPINDLE_OK;
}

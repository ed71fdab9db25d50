/// Dropout of a layer's input (Srivastava et al. 2014): a mask of each sample, and of spikes those
/// that it leaves. The kernels sum these as they sum any spikes; their factor lies in the packed
/// weights and is put on the gradient of the weights.
#include "internal.h"

/// The stream of random numbers of layer l is this plus l.
#define DROPOUT_STREAM (UINT64_C(4) << 32)
/// Numbers between the beginnings of two steps: more than a mask takes.
#define DROPOUT_NUMBERS (UINT64_C(1) << 36)

spindle_status spindle_dropout(spindle_workspace *w, uint64_t seed, uint64_t step) {
  if (!w) return SPINDLE_NULL_POINTER;
  for (uint32_t l = 0; l < w->layer_count; l++) {
    run_layer *layer = &w->layers[l];
    if (!layer->kept) continue;
    spindle_random random = {
        .seed = seed, .stream = DROPOUT_STREAM + l, .offset = step * DROPOUT_NUMBERS};
    uint64_t limit = (uint64_t)((1 - (double)layer->shape.dropout) * 0x1p32);
    w->kernels->random_spikes(&random, limit, w->batch, layer->shape.inputs, layer->kept);
  }
  w->drops = true;
  return SPINDLE_OK;
}

float spindle_kept_factor(const run_layer *layer) {
  return layer->dropping ? 1 / (1 - layer->shape.dropout) : 1;
}

void spindle_drop(const run_layer *layer, const rows_input *input, uint32_t b0, uint32_t b1) {
  size_t words = layer->input_words;
  for (uint32_t t = 0; t < layer->steps; t++)
    for (size_t b = b0; b < b1; b++)
      for (size_t i = 0; i < words; i++) {
        uint32_t spikes = input->spikes[(t * input->batch + b) * words + i];
        layer->kept_input[((size_t)t * layer->batch + b) * words + i] =
            spikes & layer->kept[b * words + i];
      }
}

rows_input spindle_kept_input(const run_layer *layer, rows_input input) {
  if (!layer->dropping) return input;
  return (rows_input){.spikes = layer->kept_input, .batch = layer->batch};
}

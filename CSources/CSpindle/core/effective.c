/// How the weights that the kernels use differ from the parameters. So far by dropout of a layer's
/// input (Srivastava et al. 2014): a mask of each sample, and of spikes those that it leaves. The
/// kernels sum these as they sum any spikes; the factor of those that stay lies in the loaded
/// weights and is put on the gradient of the weights.
#include "plan.h"

/// The stream of random numbers of layer l is this plus l.
#define DROPOUT_STREAM (UINT64_C(4) << 32)
/// Numbers between the beginnings of two steps: more than a mask takes.
#define DROPOUT_NUMBERS (UINT64_C(1) << 36)

float spindle_effective_factor(const layer_plan *plan, bool dropping) {
  return dropping ? 1 / (1 - plan->shape.dropout) : 1;
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
    if (!w->weights[l].dropping) spindle_scale_weights(w, l, spindle_effective_factor(plan, true));
    w->weights[l].dropping = true;
    spindle_random random = {.seed = dropout->seed,
                             .stream = DROPOUT_STREAM + l,
                             .offset = dropout->step * DROPOUT_NUMBERS};
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

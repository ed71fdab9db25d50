/// Streams: a workspace for inference of one step, whose state goes on from call to call.
#include "plan.h"

static spindle_configuration stepwise(const spindle_configuration *configuration) {
  spindle_configuration c = *configuration;
  c.purpose = SPINDLE_INFERENCE;
  c.steps = 1;
  return c;
}

spindle_status spindle_stream_size(const spindle_configuration *configuration, size_t *bytes) {
  if (!configuration) return SPINDLE_NULL_POINTER;
  spindle_configuration c = stepwise(configuration);
  return spindle_workspace_size(&c, bytes);
}

spindle_status spindle_stream_load(const spindle_configuration *configuration,
                                   const float *parameters, void *memory, size_t bytes,
                                   spindle_stream **stream) {
  if (!configuration || !stream) return SPINDLE_NULL_POINTER;
  spindle_configuration c = stepwise(configuration);
  TRY(spindle_workspace_create(&c, memory, bytes, stream));
  return spindle_load(*stream, parameters);
}

spindle_status spindle_stream_step(spindle_stream *w, const spindle_input *input, float *spikes,
                                   float *membrane) {
  if (!w) return SPINDLE_NULL_POINTER;
  spindle_output outputs[2];
  uint32_t count = 0, last = w->layer_count - 1;
  if (spikes) outputs[count++] = (spindle_output){last, SPINDLE_SPIKES, spikes};
  if (membrane) outputs[count++] = (spindle_output){last, SPINDLE_MEMBRANE, membrane};
  return spindle_forward(
      w, input, &(spindle_run){.outputs = outputs, .output_count = count, .resume = w->has_state});
}

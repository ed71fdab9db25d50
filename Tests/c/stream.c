/// An example of spindle/stream.h: a network with ten inputs, sixteen recurrent neurons and two
/// leaky integrators runs on a stream of random spikes and prints what comes out, every
/// thousandth step.
///
///     clang stream.c -ICSources/CSpindle/include -lspindle -lomp5 -lm
#include <stdio.h>
#include <stdlib.h>
#include "spindle.h"

enum { INPUTS = 10, HIDDEN = 16, OUTPUTS = 2, STEPS = 5000 };

static void check(spindle_status status) {
  if (status == SPINDLE_OK) return;
  fprintf(stderr, "stream: %s\n", spindle_status_text(status));
  exit(1);
}

static void *allocate(size_t bytes) {
  void *memory;
  check(spindle_allocate(bytes, &memory));
  return memory;
}

static const spindle_layer layers[] = {
    {.inputs = INPUTS, .neurons = HIDDEN, .topology = SPINDLE_RC, .slope = 1},
    {.inputs = HIDDEN, .neurons = OUTPUTS, .neuron = SPINDLE_LI}};
static const spindle_configuration network = {
    .layers = layers, .layer_count = 2, .batch = 1, .time_step = 1e-3f, .threads = 1};

/// Random weights, for want of trained ones; time constants of 20 ms and thresholds of 1.
static float *make_parameters(void) {
  spindle_configuration one_step = network;
  one_step.steps = 1;
  spindle_layer_parameters places[2];
  size_t count;
  check(spindle_parameter_layout(&one_step, places, &count));
  float *parameters = allocate(count * sizeof(float));
  spindle_random random = {.seed = 1};
  check(spindle_random_normal(&random, 0.1f, 0.5f, count, parameters));
  for (int l = 0; l < 2; l++)
    for (uint32_t n = 0; n < layers[l].neurons; n++) {
      parameters[places[l].offset[SPINDLE_TAU] + n] = 0.02f;
      if (l == 0) parameters[places[l].offset[SPINDLE_THRESHOLD] + n] = 1;
    }
  return parameters;
}

int main(void) {
  float *parameters = make_parameters();
  // 1. How much memory. 2. Load the parameters into it.
  size_t bytes;
  check(spindle_stream_size(&network, &bytes));
  void *memory = allocate(bytes);
  spindle_stream *stream;
  check(spindle_stream_load(&network, parameters, memory, bytes, &stream));
  spindle_free(parameters);
  // 3. Step by step, as the input comes.
  spindle_random random = {.seed = 2};
  for (int step = 1; step <= STEPS; step++) {
    uint32_t spikes[SPINDLE_WORDS(INPUTS)];
    float membrane[OUTPUTS];
    check(spindle_random_spikes(&random, 0.2, 1, INPUTS, spikes));
    random.offset += 64; // the numbers of the next step
    check(spindle_stream_step(stream, &(spindle_input){.spikes = spikes}, NULL, membrane));
    if (step % 1000 == 0) printf("stream %d: %a %a\n", step, membrane[0], membrane[1]);
  }
  spindle_free(memory);
  return 0;
}

/// What a call of one step costs beside a step inside a whole sequence: 700 -> 256 RC -> 20 LI,
/// batch 1, one thread, at several activities of the input. Prints microseconds a step, each the
/// median of many calls: inside a sequence; of a step that goes on in the workspace (`resume`); of
/// one whose state is read from the caller and handed back.
///
///     swift run -c release --package-path Benchmarks stepper-bench
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "spindle.h"

enum { INPUTS = 700, HIDDEN = 256, OUTPUTS = 20, STEPS = 1000, ROUNDS = 201 };

static void check(spindle_status status) {
  if (status == SPINDLE_OK) return;
  fprintf(stderr, "stepper-bench: %s\n", spindle_status_text(status));
  exit(1);
}

static void *allocate(size_t bytes) {
  void *memory;
  check(spindle_allocate(bytes, &memory));
  return memory;
}

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static const spindle_layer layers[2] = {
    {.inputs = INPUTS, .neurons = HIDDEN, .topology = SPINDLE_RC, .slope = 1},
    {.inputs = HIDDEN, .neurons = OUTPUTS, .neuron = SPINDLE_LI, .slope = 1}};

typedef struct bench {
  spindle_workspace *sequence, *stepper;
  float *parameters, *state, *spikes, *membrane;
  uint32_t *input;
} bench;

static spindle_configuration configuration(uint32_t steps) {
  return (spindle_configuration){.layers = layers,
                                 .layer_count = 2,
                                 .batch = 1,
                                 .steps = steps,
                                 .time_step = 1e-3f,
                                 .purpose = SPINDLE_INFERENCE,
                                 .threads = 1};
}

static spindle_workspace *make(uint32_t steps, const float *parameters) {
  spindle_configuration c = configuration(steps);
  spindle_workspace *workspace;
  size_t bytes;
  check(spindle_workspace_size(&c, &bytes));
  check(spindle_workspace_create(&c, allocate(bytes), bytes, &workspace));
  check(spindle_load(workspace, parameters));
  return workspace;
}

/// Weights for which about 4 % of the hidden neurons fire at 2 % of the inputs.
static bench make_bench(void) {
  bench b;
  spindle_configuration c = configuration(STEPS);
  spindle_layer_parameters places[2];
  size_t count, state;
  check(spindle_parameter_layout(&c, places, &count));
  check(spindle_state_count(&c, &state));
  b.parameters = allocate(count * sizeof(float));
  spindle_random random = {.seed = 1};
  check(spindle_random_normal(&random, 0, 0.08f, count, b.parameters));
  for (int l = 0; l < 2; l++)
    for (uint32_t n = 0; n < layers[l].neurons; n++) {
      b.parameters[places[l].offset[SPINDLE_TAU] + n] = 0.02f;
      if (l == 0) b.parameters[places[l].offset[SPINDLE_THRESHOLD] + n] = 1;
    }
  b.sequence = make(STEPS, b.parameters);
  b.stepper = make(1, b.parameters);
  b.state = allocate(state * sizeof(float));
  b.spikes = allocate(STEPS * OUTPUTS * sizeof(float));
  b.membrane = allocate(STEPS * OUTPUTS * sizeof(float));
  b.input = allocate(STEPS * SPINDLE_WORDS(INPUTS) * sizeof(uint32_t));
  return b;
}

typedef enum way { SEQUENCE, RESUMED, PASSED, WAYS } way;

/// Takes all steps in one of the ways: seconds of one.
static double run(const bench *b, way way) {
  uint32_t call_steps = way == SEQUENCE ? STEPS : 1;
  double begin = seconds();
  for (uint32_t t = 0; t < STEPS; t += call_steps) {
    const spindle_output outputs[2] = {
        {.layer = 1, .quantity = SPINDLE_SPIKES, .values = b->spikes + t * OUTPUTS},
        {.layer = 1, .quantity = SPINDLE_MEMBRANE, .values = b->membrane + t * OUTPUTS}};
    spindle_run run = {.outputs = outputs, .output_count = 2, .resume = way == RESUMED && t > 0};
    if (way == PASSED) run.initial = t > 0 ? b->state : NULL, run.final = b->state;
    spindle_input input = {.spikes = b->input + t * SPINDLE_WORDS(INPUTS)};
    check(spindle_forward(way == SEQUENCE ? b->sequence : b->stepper, &input, &run));
  }
  return (seconds() - begin) / STEPS;
}

int main(void) {
  static const double activities[] = {0.02, 0.05, 0.1};
  bench b = make_bench();
  printf("input  firing  in sequence  resumed  (ratio)  state passed  (ratio)\n");
  for (size_t i = 0; i < sizeof activities / sizeof *activities; i++) {
    spindle_random random = {.seed = 2, .stream = i};
    check(spindle_random_spikes(&random, activities[i], STEPS, INPUTS, b.input));
    double median[WAYS], times[WAYS][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) // in turn, so that all meet the same machine
      for (int way = 0; way < WAYS; way++) times[way][round] = run(&b, (enum way)way);
    for (int way = 0; way < WAYS; way++) {
      qsort(times[way], ROUNDS, sizeof(double), ascending);
      median[way] = times[way][ROUNDS / 2];
    }
    run(&b, SEQUENCE);
    printf("%4.0f %%  %4.1f %%  %8.2f us  %5.2f us  (%.2f)  %9.2f us  (%.2f)\n",
           100 * activities[i], 100 * spindle_firing_rate(b.sequence, 0), 1e6 * median[SEQUENCE],
           1e6 * median[RESUMED], median[RESUMED] / median[SEQUENCE], 1e6 * median[PASSED],
           median[PASSED] / median[SEQUENCE]);
  }
  return 0;
}

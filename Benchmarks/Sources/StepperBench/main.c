/// What a call of one step costs beside a step inside a whole sequence: 700 -> 256 RC -> 20 LI and
/// 12 -> 40 RC, batch 1, one thread, at several activities of the input. Prints microseconds a
/// step, each the median of many runs: inside a sequence; of a step that goes on in the workspace
/// (`resume`); of one whose state is read from the caller and handed back. Then the latencies of
/// the single steps of a stream (spindle/stream.h).
///
///     swift run -c release --package-path Benchmarks stepper-bench
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "spindle.h"

enum { STEPS = 1000, ROUNDS = 101, LATENCIES = 200000 };

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

/// A network and weights for which about 4 % of its recurrent neurons fire at 2 % of the inputs (12
/// inputs: 10 %).
typedef struct network {
  const char *name;
  uint32_t layer_count;
  spindle_layer layers[2];
  float deviation;
  double activities[3];
} network;

static const network networks[] = {
    {"700 -> 256 RC -> 20 LI",
     2,
     {{.inputs = 700, .neurons = 256, .topology = SPINDLE_RC, .slope = 1},
      {.inputs = 256, .neurons = 20, .neuron = SPINDLE_LI, .slope = 1}},
     0.08f,
     {0.02, 0.05, 0.1}},
    {"12 -> 40 RC",
     1,
     {{.inputs = 12, .neurons = 40, .topology = SPINDLE_RC, .slope = 1}},
     0.2f,
     {0.05, 0.1, 0.2}},
};

typedef struct bench {
  const network *network;
  uint32_t inputs, outputs;
  spindle_workspace *sequence, *stepper;
  spindle_stream *stream;
  float *parameters, *state, *spikes, *membrane;
  uint32_t *input;
} bench;

static spindle_configuration configuration(const network *n, uint32_t steps) {
  return (spindle_configuration){.layers = n->layers,
                                 .layer_count = n->layer_count,
                                 .batch = 1,
                                 .steps = steps,
                                 .time_step = 1e-3f,
                                 .purpose = SPINDLE_INFERENCE,
                                 .threads = 1};
}

static spindle_workspace *make(const network *n, uint32_t steps, const float *parameters) {
  spindle_configuration c = configuration(n, steps);
  spindle_workspace *workspace;
  size_t bytes;
  check(spindle_workspace_size(&c, &bytes));
  check(spindle_workspace_create(&c, allocate(bytes), bytes, &workspace));
  check(spindle_load(workspace, parameters));
  return workspace;
}

static bench make_bench(const network *n) {
  const spindle_layer *last = &n->layers[n->layer_count - 1];
  bench b = {.network = n, .inputs = n->layers[0].inputs, .outputs = last->neurons};
  spindle_configuration c = configuration(n, STEPS);
  spindle_layer_parameters places[2];
  size_t count, state, bytes;
  check(spindle_parameter_layout(&c, places, &count));
  check(spindle_state_count(&c, &state));
  b.parameters = allocate(count * sizeof(float));
  spindle_random random = {.seed = 1};
  check(spindle_random_normal(&random, 0, n->deviation, count, b.parameters));
  for (uint32_t l = 0; l < n->layer_count; l++)
    for (uint32_t i = 0; i < n->layers[l].neurons; i++) {
      b.parameters[places[l].offset[SPINDLE_TAU] + i] = 0.02f;
      if (l == 0) b.parameters[places[l].offset[SPINDLE_THRESHOLD] + i] = 1;
    }
  b.sequence = make(n, STEPS, b.parameters);
  b.stepper = make(n, 1, b.parameters);
  check(spindle_stream_size(&c, &bytes));
  check(spindle_stream_load(&c, b.parameters, allocate(bytes), bytes, &b.stream));
  b.state = allocate(state * sizeof(float));
  b.spikes = allocate(STEPS * b.outputs * sizeof(float));
  b.membrane = allocate(STEPS * b.outputs * sizeof(float));
  b.input = allocate(STEPS * SPINDLE_WORDS(b.inputs) * sizeof(uint32_t));
  return b;
}

typedef enum way { SEQUENCE, RESUMED, PASSED, WAYS } way;

/// Takes all steps in one of the ways: seconds of one.
static double run(const bench *b, way way) {
  uint32_t call_steps = way == SEQUENCE ? STEPS : 1, last = b->network->layer_count - 1;
  double begin = seconds();
  for (uint32_t t = 0; t < STEPS; t += call_steps) {
    const spindle_output outputs[2] = {
        {.layer = last, .quantity = SPINDLE_SPIKES, .values = b->spikes + t * b->outputs},
        {.layer = last, .quantity = SPINDLE_MEMBRANE, .values = b->membrane + t * b->outputs}};
    spindle_run run = {.outputs = outputs, .output_count = 2, .resume = way == RESUMED && t > 0};
    if (way == PASSED) run.initial = t > 0 ? b->state : NULL, run.final = b->state;
    spindle_input input = {.spikes = b->input + t * SPINDLE_WORDS(b->inputs)};
    check(spindle_forward(way == SEQUENCE ? b->sequence : b->stepper, &input, &run));
  }
  return (seconds() - begin) / STEPS;
}

/// Compares the ways at one activity.
static void compare(const bench *b, double activity) {
  double median[WAYS], times[WAYS][ROUNDS];
  for (int round = 0; round < ROUNDS; round++) // in turn, so that all meet the same machine
    for (int way = 0; way < WAYS; way++) times[way][round] = run(b, (enum way)way);
  for (int way = 0; way < WAYS; way++) {
    qsort(times[way], ROUNDS, sizeof(double), ascending);
    median[way] = times[way][ROUNDS / 2];
  }
  run(b, SEQUENCE);
  printf("%4.0f %%  %4.1f %%  %8.2f us  %5.2f us  (%.2f)  %9.2f us  (%.2f)", 100 * activity,
         100 * spindle_firing_rate(b->sequence, 0), 1e6 * median[SEQUENCE], 1e6 * median[RESUMED],
         median[RESUMED] / median[SEQUENCE], 1e6 * median[PASSED],
         median[PASSED] / median[SEQUENCE]);
}

/// Times the steps of a stream one by one.
static void tell_latencies(const bench *b, double *latencies) {
  for (uint32_t i = 0; i < LATENCIES; i++) {
    spindle_input input = {.spikes = b->input + i % STEPS * SPINDLE_WORDS(b->inputs)};
    double begin = seconds();
    check(spindle_stream_step(b->stream, &input, b->spikes, b->membrane));
    latencies[i] = seconds() - begin;
  }
  qsort(latencies, LATENCIES, sizeof(double), ascending);
  printf("  %5.2f us  %5.2f us  %7.1f us\n", 1e6 * latencies[LATENCIES / 2],
         1e6 * latencies[LATENCIES / 100 * 99], 1e6 * latencies[LATENCIES - 1]);
}

int main(void) {
  double *latencies = allocate(LATENCIES * sizeof(double));
  for (size_t n = 0; n < sizeof networks / sizeof *networks; n++) {
    bench b = make_bench(&networks[n]);
    printf("%s\ninput  firing  in sequence  resumed  (ratio)  state passed  (ratio)"
           "  stream: median, p99, worst\n",
           networks[n].name);
    for (uint64_t i = 0; i < 3; i++) {
      spindle_random random = {.seed = 2, .stream = i};
      check(spindle_random_spikes(&random, networks[n].activities[i], STEPS, b.inputs, b.input));
      compare(&b, networks[n].activities[i]);
      tell_latencies(&b, latencies);
    }
  }
  return 0;
}

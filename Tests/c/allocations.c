/// A stream's steps give the bits of the whole sequence, and allocate nothing: neither by malloc
/// and its like, which this program counts, nor by pages mapped.
#define _GNU_SOURCE
#include <malloc.h>
#include "check.h"

enum { INPUTS = 70, HIDDEN = 40, OUTPUTS = 5, STEPS = 500 };

static size_t allocations;

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);

void *malloc(size_t bytes) {
  allocations++;
  return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
  allocations++;
  return __libc_calloc(count, bytes);
}
void *realloc(void *memory, size_t bytes) {
  allocations++;
  return __libc_realloc(memory, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  allocations++;
  return __libc_memalign(alignment, bytes);
}

static const spindle_layer layers[] = {
    {.inputs = INPUTS, .neurons = HIDDEN, .topology = SPINDLE_RC, .slope = 1, .adaptive = true},
    {.inputs = HIDDEN, .neurons = OUTPUTS, .slope = 1, .synaptic_filter = true}};

int main(void) {
  spindle_configuration c = {
      .layers = layers, .layer_count = 2, .batch = 1, .time_step = 1e-3f, .threads = 1};
  size_t bytes, stream_bytes, count;
  REFUSED(SPINDLE_NULL_POINTER, spindle_stream_size(NULL, &bytes));
  OK(spindle_stream_size(&c, &stream_bytes));
  c.steps = STEPS;
  c.purpose = SPINDLE_INFERENCE;
  spindle_layer_parameters places[2];
  OK(spindle_parameter_layout(&c, places, &count));
  float *parameters = allocate(count * sizeof(float));
  spindle_random random = {.seed = 4};
  OK(spindle_random_normal(&random, 0.05f, 0.2f, count, parameters));
  for (int l = 0; l < 2; l++)
    for (int role = SPINDLE_TAU; role < SPINDLE_ROLE_COUNT; role++)
      for (uint32_t n = 0; places[l].offset[role] != SPINDLE_ABSENT && n < layers[l].neurons; n++)
        parameters[places[l].offset[role] + n] = role == SPINDLE_THRESHOLD ? 0.5f : 0.02f;
  uint32_t *input = allocate(STEPS * SPINDLE_WORDS(INPUTS) * sizeof(uint32_t));
  OK(spindle_random_spikes(&random, 0.1, STEPS, INPUTS, input));

  OK(spindle_workspace_size(&c, &bytes));
  spindle_workspace *whole;
  OK(spindle_workspace_create(&c, allocate(bytes), bytes, &whole));
  OK(spindle_load(whole, parameters));
  float *expected[] = {allocate(STEPS * OUTPUTS * sizeof(float)),
                       allocate(STEPS * OUTPUTS * sizeof(float))};
  const spindle_output outputs[] = {{1, SPINDLE_SPIKES, expected[0]},
                                    {1, SPINDLE_MEMBRANE, expected[1]}};
  OK(spindle_forward(whole, &(spindle_input){.spikes = input},
                     &(spindle_run){.outputs = outputs, .output_count = 2}));

  spindle_stream *stream;
  void *memory = allocate(stream_bytes);
  REFUSED(SPINDLE_MEMORY_TOO_SMALL,
          spindle_stream_load(&c, parameters, memory, stream_bytes - 1, &stream));
  OK(spindle_stream_load(&c, parameters, memory, stream_bytes, &stream));
  size_t allocated = allocations;
  expect(allocated > 0, "allocations are counted");
  struct mallinfo2 before = mallinfo2();
  uint64_t spikes_seen = 0;
  for (uint32_t t = 0; t < STEPS; t++) {
    float spikes[OUTPUTS], membrane[OUTPUTS];
    spindle_input row = {.spikes = input + t * SPINDLE_WORDS(INPUTS)};
    OK(spindle_stream_step(stream, &row, spikes, membrane));
    expect(memcmp(spikes, expected[0] + t * OUTPUTS, sizeof spikes) == 0, "a step's spikes");
    expect(memcmp(membrane, expected[1] + t * OUTPUTS, sizeof membrane) == 0, "its membranes");
    for (int n = 0; n < OUTPUTS; n++) spikes_seen += spikes[n] == 1;
  }
  struct mallinfo2 after = mallinfo2();
  expect(allocations == allocated, "a step that allocates nothing");
  expect(after.hblkhd == before.hblkhd && after.arena == before.arena, "no memory but that given");
  expect(spikes_seen > STEPS / 20, "a network that fires");
  printf("allocations: none in %d steps\n", STEPS);
  return 0;
}

/// Sequences in pieces: a sequence cut in two, with the state and its adjoint handed over, gives
/// the gradients of the whole one; inference gives the bits of training; threads, ISAs, the way
/// sums are taken and how much is kept for backward change none. On random networks with all
/// options.
#include "check.h"

// AArch64 would fuse what x86-64 does not.
#pragma STDC FP_CONTRACT OFF

enum { MOST_LAYERS = 3, MOST_OUTPUTS = 2 };

/// A random network and what it is run on. Shapes as in spindle.h.
typedef struct network {
  spindle_layer layers[MOST_LAYERS];
  spindle_configuration configuration;
  spindle_layer_parameters places[MOST_LAYERS];
  size_t count, state_count, output_count; ///< Of parameters, of a state, B T N of the last layer.
  size_t input_words;
  float *parameters, *by_spike, *by_membrane;
  uint32_t *spikes;
} network;

static uint64_t random_state, bits = UINT64_C(0xcbf29ce484222325);
static uint32_t pick(uint32_t count) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(random_state >> 33) % count;
}

static void pick_options(spindle_layer *layer) {
  layer->adaptive = pick(2);
  layer->refractory_steps = pick(2) ? 1 + pick(4) : 0;
  layer->topology = (spindle_topology)pick(3);
  layer->reset_timing = (spindle_reset_timing)pick(2);
  if (layer->reset_timing == SPINDLE_RESET_DELAYED && layer->reset == SPINDLE_RESET_ZERO)
    layer->reset_gradient = SPINDLE_DETACHED;
}

static void pick_layers(network *n, bool small) {
  spindle_configuration *c = &n->configuration;
  c->layers = n->layers;
  c->layer_count = 1 + pick(MOST_LAYERS);
  uint32_t units = small ? 1 + pick(5) : 3 + pick(60);
  for (uint32_t l = 0; l < c->layer_count; l++) {
    spindle_layer *layer = &n->layers[l];
    bool top = l + 1 == c->layer_count;
    *layer = (spindle_layer){.inputs = units,
                             .neurons = small ? 1 + pick(11) : 5 + pick(90),
                             .neuron = top && pick(3) == 0 ? SPINDLE_LI : SPINDLE_LIF,
                             .reset = (spindle_reset)pick(3),
                             .reset_gradient = (spindle_reset_gradient)pick(2),
                             .slope = 1,
                             .bias = pick(2),
                             .synaptic_filter = pick(2)};
    units = layer->neurons;
    layer->learned = SPINDLE_LEARNS(SPINDLE_ROLE_COUNT) - 1;
    if (layer->neuron == SPINDLE_LI) layer->learned &= ~SPINDLE_LEARNS(SPINDLE_THRESHOLD);
    else if (!small) pick_options(layer);
    else layer->topology = (spindle_topology)pick(2);
    if (small) layer->learned &= ~SPINDLE_LEARNS(SPINDLE_SYNAPTIC_TAU);
  }
}

static void fill(network *n, uint32_t l, spindle_role role, float first, float step) {
  size_t place = n->places[l].offset[role];
  for (uint32_t i = 0; place != SPINDLE_ABSENT && i < n->layers[l].neurons; i++)
    n->parameters[place + i] = first + step * (float)i;
}

static void make_network(network *n, uint64_t seed, bool small, uint32_t batch, uint32_t steps) {
  *n = (network){0};
  random_state = seed;
  for (int i = 0; i < 8; i++) pick(2);
  pick_layers(n, small);
  spindle_configuration *c = &n->configuration;
  c->batch = batch;
  c->steps = steps;
  c->time_step = 1e-3f;
  c->threads = 1;
  c->layout = small ? SPINDLE_LAYOUT_LANES : SPINDLE_LAYOUT_ROWS;
  OK(spindle_parameter_layout(c, n->places, &n->count));
  OK(spindle_state_count(c, &n->state_count));
  n->output_count = (size_t)batch * steps * n->layers[c->layer_count - 1].neurons;
  n->parameters = allocate(n->count * sizeof(float));
  n->by_spike = allocate(n->output_count * sizeof(float));
  n->by_membrane = allocate(n->output_count * sizeof(float));
  size_t rows = (size_t)batch * steps;
  n->input_words = rows * SPINDLE_WORDS(n->layers[0].inputs);
  n->spikes = allocate(n->input_words * sizeof(uint32_t));
  spindle_random random = {.seed = seed};
  float deviation = 0.6f / sqrtf((float)n->layers[0].inputs);
  OK(spindle_random_normal(&random, 0.1f, deviation, n->count, n->parameters));
  random.stream = 1;
  OK(spindle_random_normal(&random, 0, 1, n->output_count, n->by_spike));
  random.stream = 2;
  OK(spindle_random_normal(&random, 0, 1, n->output_count, n->by_membrane));
  random.stream = 3;
  OK(spindle_random_spikes(&random, 0.3, rows, n->layers[0].inputs, n->spikes));
  for (uint32_t l = 0; l < c->layer_count; l++) {
    fill(n, l, SPINDLE_TAU, 0.004f, 1e-4f);
    fill(n, l, SPINDLE_SYNAPTIC_TAU, 0.003f, 5e-5f);
    fill(n, l, SPINDLE_THRESHOLD, 0.3f, 1e-3f);
    fill(n, l, SPINDLE_ADAPTATION_STRENGTH, 0.2f, 1e-3f);
    fill(n, l, SPINDLE_ADAPTATION_TAU, 0.02f, 1e-4f);
  }
}

static void free_network(network *n) {
  spindle_free(n->parameters);
  spindle_free(n->by_spike);
  spindle_free(n->by_membrane);
  spindle_free(n->spikes);
}

static spindle_workspace *make_workspace(const spindle_configuration *c, void **memory) {
  size_t bytes;
  spindle_workspace *workspace;
  OK(spindle_workspace_size(c, &bytes));
  *memory = allocate(bytes);
  OK(spindle_workspace_create(c, *memory, bytes, &workspace));
  return workspace;
}

/// Steps [t0, t1) of numbers [B][T][N].
static float *steps_of(const network *n, const float *all, uint32_t t0, uint32_t t1) {
  size_t T = n->configuration.steps, B = n->configuration.batch, N = n->output_count / T / B;
  float *some = allocate(B * (t1 - t0) * N * sizeof(float));
  for (size_t b = 0; b < B; b++)
    memcpy(some + b * (t1 - t0) * N, all + (b * T + t0) * N, (t1 - t0) * N * sizeof(float));
  return some;
}

/// Forward and backward of steps [t0, t1).
static void run_piece(const network *n, uint32_t t0, uint32_t t1, const float *initial,
                      float *final, const spindle_adjoint *adjoint, float *gradients) {
  spindle_configuration c = n->configuration;
  c.steps = t1 - t0;
  void *memory;
  double loss;
  spindle_workspace *w = make_workspace(&c, &memory);
  float *by_spike = steps_of(n, n->by_spike, t0, t1);
  float *by_membrane = steps_of(n, n->by_membrane, t0, t1);
  spindle_input input = {.spikes = n->spikes + t0 * c.batch * SPINDLE_WORDS(n->layers[0].inputs)};
  spindle_loss_target target = {
      .kind = SPINDLE_CUSTOM_LOSS, .target = by_spike, .membrane_gradient = by_membrane};
  REFUSED(SPINDLE_WRONG_ORDER, spindle_forward(w, &input, NULL));
  OK(spindle_load(w, n->parameters));
  OK(spindle_forward(w, &input, &(spindle_run){.initial = initial, .final = final}));
  OK(spindle_loss(w, &target, &loss));
  OK(spindle_backward(w, &input, &target, gradients, adjoint));
  spindle_free(memory);
  spindle_free(by_spike);
  spindle_free(by_membrane);
}

/// The largest difference, over the largest number.
static double difference(const float *a, const float *b, size_t count) {
  double largest = 1e-30, difference = 0;
  for (size_t i = 0; i < count; i++) {
    largest = fmax(largest, fabs((double)a[i]));
    difference = fmax(difference, fabs((double)a[i] - b[i]));
  }
  return difference / largest;
}

/// A sequence cut in two, where the second piece hands its adjoint to the first.
static void check_pieces(const network *n, uint32_t cut) {
  uint32_t steps = n->configuration.steps;
  size_t floats = n->count * sizeof(float), state = n->state_count * sizeof(float);
  float *whole = allocate(floats), *first = allocate(floats), *second = allocate(floats);
  float *middle = allocate(state), *end = allocate(state), *whole_end = allocate(state);
  float *by_middle = allocate(state), *by_end = allocate(state), *by_start = allocate(state);
  float *whole_by_start = allocate(state);
  spindle_random random = {.seed = 7, .stream = 9};
  OK(spindle_random_normal(&random, 0, 1, n->state_count, by_end));
  run_piece(n, 0, steps, NULL, whole_end, &(spindle_adjoint){by_end, whole_by_start}, whole);
  float *nothing = allocate(floats);
  run_piece(n, 0, cut, NULL, middle, NULL, nothing);
  run_piece(n, cut, steps, middle, end, &(spindle_adjoint){by_end, by_middle}, second);
  run_piece(n, 0, cut, NULL, middle, &(spindle_adjoint){by_middle, by_start}, first);
  expect(memcmp(whole_end, end, state) == 0, "the state after two pieces");
  for (size_t i = 0; i < n->count; i++) first[i] += second[i];
  expect(difference(whole, first, n->count) < 2e-4, "the gradients of two pieces together");
  expect(difference(whole_by_start, by_start, n->state_count) < 2e-4,
         "the adjoint of the initial state");
  float *all[] = {whole,     first,  second,   middle,         end,    whole_end,
                  by_middle, by_end, by_start, whole_by_start, nothing};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) spindle_free(all[i]);
}

/// Inference from a state, in windows, against training.
static void check_inference(const network *n) {
  spindle_configuration c = n->configuration;
  void *memory[2];
  spindle_workspace *training = make_workspace(&c, &memory[0]);
  c.purpose = SPINDLE_INFERENCE;
  c.steps = 1 + c.steps / 3; // the plan's; a call may take others
  spindle_workspace *inference = make_workspace(&c, &memory[1]);
  size_t state = n->state_count * sizeof(float), output = n->output_count * sizeof(float);
  float *initial = allocate(state), *final[2] = {allocate(state), allocate(state)};
  float *got = allocate(output), *expected = allocate(output);
  for (size_t i = 0; i < n->state_count; i++) initial[i] = pick(4) == 0;
  spindle_input input = {.spikes = n->spikes};
  uint32_t top = c.layer_count - 1, steps = n->configuration.steps;
  OK(spindle_load(training, n->parameters));
  OK(spindle_load(inference, n->parameters));
  OK(spindle_forward(training, &input, &(spindle_run){.initial = initial, .final = final[0]}));
  for (int quantity = SPINDLE_SPIKES; quantity <= SPINDLE_MEMBRANE; quantity++) {
    spindle_output wanted = {.layer = top, .quantity = (spindle_quantity)quantity, .values = got};
    OK(spindle_read(training, top, wanted.quantity, expected));
    OK(spindle_forward(inference, &input,
                       &(spindle_run){.initial = initial,
                                      .final = final[1],
                                      .outputs = &wanted,
                                      .output_count = 1,
                                      .steps = steps}));
    expect(memcmp(got, expected, output) == 0, "the outputs of inference");
    expect(memcmp(final[0], final[1], state) == 0, "the state after inference");
  }
  // In two calls, of which the second goes on from the state that the first left in the workspace.
  uint32_t cut = steps / 2;
  spindle_input rest = {.spikes = n->spikes + cut * n->configuration.batch *
                                                  SPINDLE_WORDS(n->layers[0].inputs)};
  OK(spindle_forward(inference, &input, &(spindle_run){.initial = initial, .steps = cut}));
  OK(spindle_forward(inference, &rest,
                     &(spindle_run){.resume = true, .final = final[1], .steps = steps - cut}));
  expect(memcmp(final[0], final[1], state) == 0, "the state after going on");
  REFUSED(SPINDLE_INVALID_OPTION,
          spindle_forward(training, &input, &(spindle_run){.resume = true}));
  REFUSED(SPINDLE_INVALID_OPTION,
          spindle_forward(inference, &input, &(spindle_run){.initial = initial, .resume = true}));
  double loss;
  spindle_loss_target target = {.kind = SPINDLE_CUSTOM_LOSS};
  REFUSED(SPINDLE_INVALID_OPTION, spindle_loss(inference, &target, &loss));
  REFUSED(SPINDLE_INVALID_OPTION, spindle_read(inference, 0, SPINDLE_SPIKES, got));
  REFUSED(SPINDLE_INVALID_SIZE,
          spindle_forward(training, &input, &(spindle_run){.steps = steps + 1}));
  float *all[] = {initial, final[0], final[1], got, expected, memory[0], memory[1]};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) spindle_free(all[i]);
}

/// The same bits from every number of threads, ISA and kind of sums, for a number of parts.
static void check_bits(network *n, uint32_t parts) {
  static const uint32_t threads[] = {1, 2, 3, 4, 5, 6, 7, 8, 16, 64};
  size_t floats = n->count * sizeof(float);
  float *expected = allocate(floats), *got = allocate(floats);
  n->configuration.parts = parts;
  run_piece(n, 0, n->configuration.steps, NULL, NULL, NULL, expected);
  enum { COUNTS = sizeof threads / sizeof *threads };
  for (int i = 1; i < COUNTS + SPINDLE_ISA_COUNT; i++) {
    n->configuration.threads = i < COUNTS ? threads[i] : 2;
    n->configuration.isa = i < COUNTS ? SPINDLE_ISA_AUTOMATIC : (spindle_isa)(i - COUNTS);
    n->configuration.sums = (spindle_sums)(i % 4);
    if (!spindle_isa_supported(n->configuration.isa)) continue;
    run_piece(n, 0, n->configuration.steps, NULL, NULL, NULL, got);
    expect(memcmp(got, expected, floats) == 0, "the same gradients");
  }
  for (size_t i = 0; i < floats; i++) // FNV-1a
    bits = (bits ^ ((const unsigned char *)expected)[i]) * UINT64_C(0x100000001b3);
  spindle_free(expected);
  spindle_free(got);
}

/// What a run leaves: gradients, final state and the adjoint of the initial one, then the loss and
/// the penalty, last the potentials of the last layer.
static size_t outcome_count(const network *n) {
  return n->count + 2 * n->state_count + 2 + n->output_count;
}

static void run_outcome(const network *n, const spindle_configuration *c, spindle_loss_kind kind,
                        const float *initial, float *outcome) {
  void *memory;
  double loss, penalty;
  spindle_workspace *w = make_workspace(c, &memory);
  spindle_plan plan;
  spindle_workspace_plan(w, &plan);
  bool segments = c->memory == SPINDLE_MEMORY_SEGMENTS && c->steps > 256;
  expect(plan.memory == (segments ? SPINDLE_MEMORY_SEGMENTS : SPINDLE_MEMORY_ALL) &&
             plan.trace_steps == (segments ? 256 : c->steps),
         "the plan's memory");
  int32_t *classes = allocate(c->batch * sizeof *classes); // all of class 0
  spindle_loss_target target = {.kind = kind,
                                .target = n->by_spike,
                                .membrane_gradient = n->by_membrane,
                                .classes = classes,
                                .tau = 0.01f,
                                .first_step = c->steps / 3,
                                .answer_steps = 1 + c->steps / 4};
  spindle_input input = {.spikes = n->spikes};
  spindle_input moved = {.spikes = allocate(n->input_words * sizeof(uint32_t))};
  float *final = outcome + n->count, *by_start = final + n->state_count;
  float *potentials = by_start + n->state_count + 2;
  const spindle_dropout dropout = {.seed = 3, .step = 5};
  const spindle_penalty penalties[] = {{SPINDLE_RATE_L2, SPINDLE_ALL_LAYERS, 0.3f, 0},
                                       {SPINDLE_RATE_UPPER, SPINDLE_ALL_LAYERS, 0.7f, 0.02f}};
  OK(spindle_load(w, n->parameters));
  OK(spindle_forward(w, &input,
                     &(spindle_run){.initial = initial, .final = final, .dropout = &dropout}));
  memcpy((void *)(uintptr_t)moved.spikes, n->spikes, n->input_words * sizeof(uint32_t));
  OK(spindle_move_input(w, &moved));
  OK(spindle_loss(w, &target, &loss));
  OK(spindle_regularize(w, penalties, 2, &penalty));
  OK(spindle_read(w, c->layer_count - 1, SPINDLE_POTENTIAL, potentials));
  bool found;
  spindle_place place;
  if (kind % 2) OK(spindle_find_not_finite(w, &found, &place)); // which moves the trace
  OK(spindle_backward(w, &input, &target, outcome, &(spindle_adjoint){initial, by_start}));
  memcpy(by_start + n->state_count, (float[]){(float)loss, (float)penalty}, 2 * sizeof(float));
  spindle_free(classes);
  spindle_free(memory);
  spindle_free((void *)(uintptr_t)moved.spikes);
}

/// The same bits where one segment is kept, of every loss, with penalties, dropout and a state
/// given.
static void check_memory(uint64_t seed, bool small, uint32_t steps) {
  network n;
  make_network(&n, seed, small, small ? 19 : 5, steps);
  spindle_configuration c = n.configuration;
  c.output_gradient = true;
  for (uint32_t l = 0; !small && l < c.layer_count; l++) n.layers[l].dropout = 0.1f * (float)l;
  bool integrates = n.layers[c.layer_count - 1].neuron == SPINDLE_LI;
  size_t floats = outcome_count(&n) * sizeof(float);
  float *expected = allocate(floats), *got = allocate(floats);
  float *initial = allocate(n.state_count * sizeof(float));
  for (size_t i = 0; i < n.state_count; i++) initial[i] = pick(4) == 0;
  for (int kind = SPINDLE_MEAN_RATE_MSE; kind <= SPINDLE_CUSTOM_LOSS; kind++) {
    bool reads_membranes =
        (kind >= SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY && kind <= SPINDLE_MEMBRANE_MSE) ||
        kind == SPINDLE_CUSTOM_LOSS;
    if (integrates && !reads_membranes) continue;
    const float *state = pick(2) ? initial : NULL;
    c.threads = 1, c.isa = SPINDLE_ISA_AUTOMATIC, c.memory = SPINDLE_MEMORY_ALL;
    run_outcome(&n, &c, (spindle_loss_kind)kind, state, expected);
    c.memory = SPINDLE_MEMORY_SEGMENTS;
    do c.isa = (spindle_isa)pick(SPINDLE_ISA_COUNT);
    while (!spindle_isa_supported(c.isa) && c.isa != SPINDLE_ISA_AUTOMATIC);
    c.threads = 1 + pick(8), c.sums = (spindle_sums)pick(4);
    run_outcome(&n, &c, (spindle_loss_kind)kind, state, got);
    expect(memcmp(got, expected, floats) == 0, "the outcome of segments");
  }
  spindle_free(expected);
  spindle_free(got);
  spindle_free(initial);
  free_network(&n);
}

int main(void) {
  for (uint64_t seed = 0; seed < 40; seed++) {
    network n;
    bool small = seed % 4 == 3;
    make_network(&n, seed, small, small ? 19 : 1 + (uint32_t)seed % 5, 6 + (uint32_t)seed % 7);
    check_pieces(&n, 1 + (uint32_t)seed % 5);
    check_inference(&n);
    free_network(&n);
  }
  static const uint32_t parts[] = {0, 1, 2, 3, 5, 64};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    for (int small = 0; small < 2; small++) {
      network n;
      make_network(&n, 100 + i, small, 37, i % 4 == 1 ? 300 : 20); // of several segments
      check_bits(&n, parts[i]);
      free_network(&n);
    }
  static const uint32_t lengths[] = {1, 255, 256, 257, 1000};
  for (uint64_t seed = 0; seed < 40; seed++) check_memory(seed, seed % 4 == 3, lengths[seed % 5]);
  printf("sequences %016llx\n", (unsigned long long)bits);
  return 0;
}

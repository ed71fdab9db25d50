/// Sequences in pieces: a sequence cut in two, with the state and its adjoint handed over, gives
/// the gradients of the whole one; inference gives the bits of training; threads, ISAs and the way
/// sums are taken change none. On random networks with all options.
#include "random_network.h"

static uint64_t bits = HASH_START;

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

/// The same bits from every number of threads, ISA and kind of sums, for a number of parts; if
/// brief from every ISA alone.
static void check_bits(network *n, uint32_t parts, bool brief) {
  static const uint32_t threads[] = {1, 2, 3, 4, 5, 6, 7, 8, 16, 64};
  size_t floats = n->count * sizeof(float);
  float *expected = allocate(floats), *got = allocate(floats);
  n->configuration.parts = parts;
  run_piece(n, 0, n->configuration.steps, NULL, NULL, NULL, expected);
  enum { COUNTS = sizeof threads / sizeof *threads };
  for (int i = brief ? COUNTS : 1; i < COUNTS + SPINDLE_ISA_COUNT; i++) {
    n->configuration.threads = i < COUNTS ? threads[i] : 2;
    n->configuration.isa = i < COUNTS ? SPINDLE_ISA_AUTOMATIC : (spindle_isa)(i - COUNTS);
    n->configuration.sums = (spindle_sums)(i % 4);
    if (!spindle_isa_supported(n->configuration.isa)) continue;
    run_piece(n, 0, n->configuration.steps, NULL, NULL, NULL, got);
    expect(memcmp(got, expected, floats) == 0, "the same gradients");
  }
  bits = hash(bits, expected, floats);
  spindle_free(expected);
  spindle_free(got);
}

int main(int argc, char **argv) {
  (void)argv;
  bool brief = is_brief(argc);
  for (uint64_t seed = 0; seed < (brief ? 12 : 40); seed++) {
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
      bool segments = parts[i] == 5;
      make_network(&n, 100 + i, small, segments ? 17 : 37, segments ? 260 : 20);
      check_bits(&n, parts[i], brief);
      free_network(&n);
    }
  printf("sequences %016llx\n", (unsigned long long)bits);
  return 0;
}

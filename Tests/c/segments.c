/// How much is kept for backward changes no bit: segments against the whole trace, for all losses,
/// with penalties, dropout, states and adjoints, on random networks with all options, on any ISA
/// and number of threads.
#include "random_network.h"

static uint64_t bits = HASH_START;

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

/// One of the architecture's ISAs, by as many draws on every architecture.
static spindle_isa pick_isa(void) {
  uint32_t isa = pick(SPINDLE_ISA_COUNT);
  while (isa != SPINDLE_ISA_AUTOMATIC && !spindle_isa_supported((spindle_isa)isa))
    isa = (isa + 1) % SPINDLE_ISA_COUNT;
  return (spindle_isa)isa;
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
    c.isa = pick_isa();
    c.threads = 1 + pick(8), c.sums = (spindle_sums)pick(4);
    run_outcome(&n, &c, (spindle_loss_kind)kind, state, got);
    expect(memcmp(got, expected, floats) == 0, "the outcome of segments");
  }
  bits = hash(bits, expected, floats); // of the last loss
  spindle_free(expected);
  spindle_free(got);
  spindle_free(initial);
  free_network(&n);
}

/// Networks, and those of them whose hash is printed.
enum { SEEDS = 40, HASHED = 8 };

int main(int argc, char **argv) {
  (void)argv;
  static const uint32_t lengths[] = {1, 255, 256, 257, 1000};
  uint64_t seeds = is_brief(argc) ? HASHED : SEEDS;
  for (uint64_t seed = 0; seed < seeds; seed++) {
    check_memory(seed, seed % 4 == 3, lengths[seed % 5]);
    if (seed == HASHED - 1) printf("segments %016llx\n", (unsigned long long)bits);
  }
  return 0;
}

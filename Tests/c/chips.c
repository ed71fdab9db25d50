/// Trains networks for chips by the C header alone: grids, mismatch, a floor, penalties and
/// constraints, in both layouts. Prints a hash of losses and weights, which must be the same on
/// every architecture and for any number of threads.
#include "check.h"

enum { INPUTS = 21, NEURONS = 14, OUTPUTS = 3, BATCH = 40, STEPS = 30, UPDATES = 25 };

typedef struct job {
  spindle_layer layers[2];
  spindle_configuration configuration;
  spindle_layer_parameters places[2];
  spindle_workspace *workspace;
  float *parameters, *gradients, *mean, *variance;
  uint8_t *constraints;
  void *memory;
  size_t count;
} job;

static void describe(job *job, spindle_layout layout, uint32_t threads, spindle_isa isa) {
  uint32_t weights = SPINDLE_LEARNS(SPINDLE_WEIGHT) | SPINDLE_LEARNS(SPINDLE_RECURRENT_WEIGHT);
  spindle_hardware hidden = {.bits = 4,
                             .scale = SPINDLE_SCALE_NEURON,
                             .weight_mismatch = 0.2f,
                             .tau_mismatch = 0.1f,
                             .threshold_mismatch = 0.05f,
                             .has_floor = layout == SPINDLE_LAYOUT_ROWS,
                             .floor = -0.1f,
                             .magnitude_strength = 0.1f,
                             .magnitude_limit = 0.2f,
                             .sign_strength = 0.1f,
                             .sign_group = 5};
  spindle_hardware readout = {.bits = 5, .range = 0.9, .power_of_two = true};
  job->layers[0] = (spindle_layer){.inputs = INPUTS,
                                   .neurons = NEURONS,
                                   .topology = SPINDLE_RC,
                                   .surrogate = SPINDLE_FAST_SIGMOID,
                                   .slope = 5,
                                   .learned = weights | SPINDLE_LEARNS(SPINDLE_TAU),
                                   .hardware = hidden};
  job->layers[1] = (spindle_layer){.inputs = NEURONS,
                                   .neurons = OUTPUTS,
                                   .neuron = SPINDLE_LI,
                                   .learned = weights,
                                   .hardware = readout};
  job->configuration = (spindle_configuration){.layers = job->layers,
                                               .layer_count = 2,
                                               .batch = BATCH,
                                               .steps = STEPS,
                                               .time_step = 1e-3f,
                                               .threads = threads,
                                               .isa = isa,
                                               .layout = layout};
}

static float *numbers(const job *job) { return allocate(job->count * sizeof(float)); }

static void draw(job *job, uint32_t layer, spindle_role role, float mean, float spread,
                 size_t count) {
  spindle_random random = {.seed = 3, .stream = layer * SPINDLE_ROLE_COUNT + (uint64_t)role};
  float *to = job->parameters + job->places[layer].offset[role];
  OK(spindle_random_normal(&random, mean, spread, count, to));
}

static void make(job *job) {
  size_t bytes = 0;
  OK(spindle_parameter_layout(&job->configuration, job->places, &job->count));
  OK(spindle_workspace_size(&job->configuration, &bytes));
  job->memory = allocate(bytes);
  OK(spindle_workspace_create(&job->configuration, job->memory, bytes, &job->workspace));
  job->parameters = numbers(job), job->gradients = numbers(job);
  job->mean = numbers(job), job->variance = numbers(job);
  job->constraints = allocate(job->count);
  draw(job, 0, SPINDLE_WEIGHT, 0.1f, 0.3f, INPUTS * NEURONS);
  draw(job, 0, SPINDLE_RECURRENT_WEIGHT, 0, 0.1f, NEURONS * NEURONS);
  draw(job, 0, SPINDLE_THRESHOLD, 0.5f, 0, NEURONS);
  draw(job, 0, SPINDLE_TAU, 0.01f, 0, NEURONS);
  draw(job, 1, SPINDLE_WEIGHT, 0, 0.5f, NEURONS * OUTPUTS);
  draw(job, 1, SPINDLE_TAU, 0.02f, 0, OUTPUTS);
  // Every third recurrent weight is absent; the first source's are not negative.
  uint8_t *held = job->constraints + job->places[0].offset[SPINDLE_RECURRENT_WEIGHT];
  for (int i = 0; i < NEURONS * NEURONS; i++)
    held[i] = i % 3 == 0 ? SPINDLE_ABSENT_WEIGHT : i < NEURONS ? SPINDLE_NOT_NEGATIVE : 0;
}

static void free_job(job *job) {
  spindle_free(job->memory);
  spindle_free(job->parameters);
  spindle_free(job->gradients);
  spindle_free(job->mean);
  spindle_free(job->variance);
  spindle_free(job->constraints);
}

static void check_held(const job *job) {
  const float *weights = job->parameters + job->places[0].offset[SPINDLE_RECURRENT_WEIGHT];
  for (int i = 0; i < NEURONS * NEURONS; i++)
    expect(i % 3 == 0 ? weights[i] == 0 : i >= NEURONS || weights[i] >= 0, "weights as held");
}

static uint64_t train(spindle_layout layout, uint32_t threads, spindle_isa isa) {
  job job = {0};
  describe(&job, layout, threads, isa);
  make(&job);
  uint32_t *spikes = allocate(STEPS * BATCH * SPINDLE_WORDS(INPUTS) * sizeof *spikes);
  int32_t classes[BATCH];
  for (int b = 0; b < BATCH; b++) classes[b] = b % OUTPUTS;
  spindle_random random = {.seed = 1, .stream = 2};
  OK(spindle_random_spikes(&random, 0.2, STEPS * BATCH, INPUTS, spikes));
  spindle_input input = {.spikes = spikes};
  spindle_loss_target target = {.kind = SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY, .classes = classes};
  uint64_t bits = HASH_START;
  double first = 0;
  for (uint64_t step = 1; step <= UPDATES; step++) {
    spindle_chip chip = {.seed = 9, .number = step};
    spindle_training training = {.optimizer = {.kind = SPINDLE_ADAM,
                                               .learning_rate = 1e-2f,
                                               .beta1 = 0.9f,
                                               .beta2 = 0.999f,
                                               .epsilon = 1e-8f},
                                 .parameters = job.parameters,
                                 .gradients = job.gradients,
                                 .mean = job.mean,
                                 .variance = job.variance,
                                 .constraints = job.constraints,
                                 .chip = &chip};
    spindle_step_result result;
    OK(spindle_train_step(job.workspace, &training, &input, &target, NULL, step, &result));
    expect(result.regularization > 0, "penalties of weights");
    check_held(&job);
    if (step == 1) first = result.loss;
    bits = hash(bits, &result.loss, sizeof result.loss);
    if (step == UPDATES) expect(result.loss < first, "a loss that falls");
  }
  bits = hash(bits, job.parameters, job.count * sizeof(float));
  spindle_free(spikes);
  free_job(&job);
  return bits;
}

static void check_refusals(void) {
  job job = {0};
  size_t bytes;
  describe(&job, SPINDLE_LAYOUT_ROWS, 1, SPINDLE_ISA_AUTOMATIC);
  job.layers[0].hardware.bits = 17;
  REFUSED(SPINDLE_INVALID_OPTION, spindle_workspace_size(&job.configuration, &bytes));
  job.layers[0].hardware.bits = 4;
  job.layers[0].hardware.floor = 1;
  REFUSED(SPINDLE_INVALID_PARAMETER, spindle_workspace_size(&job.configuration, &bytes));
  job.layers[0].hardware.floor = 0;
  job.layers[1].hardware.scale = SPINDLE_SCALE_NEURON;
  REFUSED(SPINDLE_INVALID_OPTION, spindle_workspace_size(&job.configuration, &bytes));
  job.layers[1].hardware.scale = SPINDLE_SCALE_TENSOR;
  job.configuration.layout = SPINDLE_LAYOUT_LANES;
  REFUSED(SPINDLE_INVALID_OPTION, spindle_workspace_size(&job.configuration, &bytes));
}

int main(void) {
  check_refusals();
  for (int layout = SPINDLE_LAYOUT_ROWS; layout <= SPINDLE_LAYOUT_LANES; layout++) {
    uint64_t bits = train((spindle_layout)layout, 1, SPINDLE_ISA_AUTOMATIC);
    for (int isa = 0; isa < SPINDLE_ISA_COUNT; isa++)
      if (isa && spindle_isa_supported((spindle_isa)isa))
        expect(train((spindle_layout)layout, 3, (spindle_isa)isa) == bits,
               "the same bits on every instruction set and any number of threads");
    printf("chips, %s: %016llx\n", layout == SPINDLE_LAYOUT_ROWS ? "rows" : "lanes",
           (unsigned long long)bits);
  }
  return 0;
}

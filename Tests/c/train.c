/// Trains the tutorial's network by the C header alone, as a C program would, and checks statuses.
/// Prints a hash of the losses and weights, which must be the same on every architecture.
#include "check.h"

enum { BATCH = 32, STEPS = 100, NEURONS = 8, EPOCHS = 150 };

typedef struct job {
  spindle_layer layer;
  spindle_configuration configuration;
  spindle_layer_parameters place;
  size_t count;
  void *memory;
  spindle_workspace *workspace;
  float *parameters, *gradients, *mean, *variance;
  uint32_t *noise;
  float target[STEPS * NEURONS];
} job;

/// A target of exact numbers: no libm may differ between architectures.
static void make_target(job *job) {
  for (int t = 0; t < STEPS; t++)
    for (int n = 0; n < NEURONS; n++)
      job->target[t * NEURONS + n] = (t + 6 * n) % 50 < 25 ? 0.875f : 0.125f;
}

static void make_parameters(job *job) {
  job->parameters = allocate(job->count * sizeof(float));
  job->gradients = allocate(job->count * sizeof(float));
  job->mean = allocate(job->count * sizeof(float));
  job->variance = allocate(job->count * sizeof(float));
  spindle_random random = {.seed = 1};
  OK(spindle_random_normal(&random, 0.5f, 0.1f, NEURONS,
                           job->parameters + job->place.offset[SPINDLE_WEIGHT]));
  random.stream = 1;
  OK(spindle_random_normal(&random, 0, 0.05f, NEURONS * NEURONS,
                           job->parameters + job->place.offset[SPINDLE_RECURRENT_WEIGHT]));
  for (int n = 0; n < NEURONS; n++) {
    job->parameters[job->place.offset[SPINDLE_TAU] + n] = 0.01f;
    job->parameters[job->place.offset[SPINDLE_THRESHOLD] + n] = 0.1f;
  }
}

static void make_job(job *job, spindle_isa isa, uint32_t threads, spindle_layout layout) {
  *job = (struct job){.layer = {.inputs = 1,
                                .neurons = NEURONS,
                                .topology = SPINDLE_RC,
                                .learned = SPINDLE_LEARNS(SPINDLE_WEIGHT) |
                                           SPINDLE_LEARNS(SPINDLE_RECURRENT_WEIGHT),
                                .surrogate = SPINDLE_FAST_SIGMOID,
                                .slope = 1}};
  job->configuration = (spindle_configuration){.layers = &job->layer,
                                               .layer_count = 1,
                                               .batch = BATCH,
                                               .steps = STEPS,
                                               .time_step = 1e-3f,
                                               .threads = threads,
                                               .isa = isa,
                                               .layout = layout};
  OK(spindle_parameter_layout(&job->configuration, &job->place, &job->count));
  expect(job->count == NEURONS + NEURONS * NEURONS + 2 * NEURONS, "the number of parameters");
  expect(job->place.offset[SPINDLE_BIAS] == SPINDLE_ABSENT, "no bias");
  size_t bytes = 0;
  OK(spindle_workspace_size(&job->configuration, &bytes));
  job->memory = allocate(bytes);
  REFUSED(SPINDLE_MEMORY_TOO_SMALL,
          spindle_workspace_create(&job->configuration, job->memory, bytes - 1, &job->workspace));
  REFUSED(SPINDLE_MEMORY_TOO_SMALL,
          spindle_workspace_create(&job->configuration, (char *)job->memory + 4, bytes,
                                   &job->workspace));
  REFUSED(SPINDLE_NULL_POINTER,
          spindle_workspace_create(&job->configuration, NULL, bytes, &job->workspace));
  OK(spindle_workspace_create(&job->configuration, job->memory, bytes, &job->workspace));
  make_parameters(job);
  make_target(job);
  job->noise = allocate(STEPS * BATCH * SPINDLE_WORDS(1) * sizeof(uint32_t));
}

static void free_job(job *job) {
  spindle_free(job->memory);
  spindle_free(job->parameters);
  spindle_free(job->gradients);
  spindle_free(job->mean);
  spindle_free(job->variance);
  spindle_free(job->noise);
}

/// Trains; returns a hash of all losses and of the parameters.
static uint64_t train(job *job, double *first, double *last) {
  spindle_training training = {.optimizer = {.kind = SPINDLE_ADAM,
                                             .learning_rate = 1e-3f,
                                             .beta1 = 0.9f,
                                             .beta2 = 0.999f,
                                             .epsilon = 1e-8f},
                               .parameters = job->parameters,
                               .gradients = job->gradients,
                               .mean = job->mean,
                               .variance = job->variance};
  spindle_input input = {.spikes = job->noise};
  spindle_loss_target target = {.kind = SPINDLE_MEAN_RATE_MSE, .target = job->target};
  spindle_random random = {.seed = 1, .stream = 2};
  uint64_t bits = HASH_START;
  *first = *last = 0;
  for (int epoch = 0; epoch < EPOCHS; epoch++) {
    double loss, norm;
    OK(spindle_random_spikes(&random, 0.4, STEPS * BATCH, 1, job->noise));
    random.offset = SPINDLE_RANDOM_NEXT(random.offset, STEPS * BATCH);
    OK(spindle_load(job->workspace, job->parameters));
    OK(spindle_forward(job->workspace, &input, NULL));
    OK(spindle_loss(job->workspace, &target, &loss));
    OK(spindle_backward(job->workspace, &input, &target, job->gradients, NULL));
    OK(spindle_optimize(job->workspace, &training, (uint64_t)epoch + 1, &norm));
    expect(isfinite(norm) && norm > 0, "a norm of the gradients");
    expect(isfinite(loss), "a finite loss");
    bits = hash(bits, &loss, sizeof loss);
    if (epoch < 50) *first += loss / 50;
    if (epoch >= EPOCHS - 50) *last += loss / 50;
  }
  return hash(bits, job->parameters, job->count * sizeof(float));
}

static void check_order(job *job) {
  double loss;
  spindle_input input = {.spikes = job->noise};
  spindle_loss_target target = {.kind = SPINDLE_MEAN_RATE_MSE, .target = job->target};
  static float recording[BATCH * STEPS * NEURONS];
  spindle_workspace *w = job->workspace;
  REFUSED(SPINDLE_WRONG_ORDER, spindle_read(w, 0, SPINDLE_SPIKES, recording));
  REFUSED(SPINDLE_WRONG_ORDER, spindle_forward(w, &input, NULL));
  REFUSED(SPINDLE_WRONG_ORDER, spindle_loss(w, &target, &loss));
  REFUSED(SPINDLE_WRONG_ORDER, spindle_backward(w, &input, &target, job->gradients, NULL));
  OK(spindle_load(w, job->parameters));
  OK(spindle_forward(w, &input, NULL));
  REFUSED(SPINDLE_WRONG_ORDER, spindle_backward(w, &input, &target, job->gradients, NULL));
  OK(spindle_loss(w, &target, &loss));
  OK(spindle_read(w, 0, SPINDLE_POTENTIAL, recording));
  OK(spindle_backward(w, &input, &target, job->gradients, NULL));
  REFUSED(SPINDLE_WRONG_ORDER, spindle_read(w, 0, SPINDLE_POTENTIAL, recording));
  REFUSED(SPINDLE_WRONG_ORDER, spindle_loss(w, &target, &loss));
  OK(spindle_read(w, 0, SPINDLE_SPIKES, recording));
  REFUSED(SPINDLE_INVALID_SIZE, spindle_read(w, 1, SPINDLE_SPIKES, recording));
}

static void check_null(job *job) {
  double loss;
  size_t size;
  spindle_isa isa;
  spindle_input none = {0}, input = {.spikes = job->noise}, both = input;
  both.values = job->target;
  spindle_loss_target target = {.kind = SPINDLE_MEAN_RATE_MSE};
  spindle_random random = {.offset = 1};
  uint32_t word;
  spindle_workspace *w = job->workspace;
  REFUSED(SPINDLE_NULL_POINTER, spindle_workspace_size(NULL, &size));
  REFUSED(SPINDLE_NULL_POINTER, spindle_workspace_size(&job->configuration, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_parameter_layout(&job->configuration, NULL, &size));
  REFUSED(SPINDLE_NULL_POINTER, spindle_state_count(&job->configuration, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_load(w, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_forward(NULL, &input, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_forward(w, NULL, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_forward(w, &none, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_forward(w, &both, NULL));
  spindle_output wanted = {.layer = 1};
  spindle_run run = {.outputs = &wanted, .output_count = 1};
  OK(spindle_load(w, job->parameters));
  REFUSED(SPINDLE_NULL_POINTER, spindle_forward(w, &input, &run));
  wanted.values = job->target;
  REFUSED(SPINDLE_INVALID_SIZE, spindle_forward(w, &input, &run));
  REFUSED(SPINDLE_NULL_POINTER, spindle_loss(w, NULL, &loss));
  REFUSED(SPINDLE_NULL_POINTER, spindle_backward(w, &input, NULL, job->gradients, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_allocate(1, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_isa_resolve(SPINDLE_ISA_AUTOMATIC, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_random_bits(NULL, 1, &word));
  REFUSED(SPINDLE_INVALID_PARAMETER, spindle_random_bits(&random, 1, &word));
  REFUSED(SPINDLE_INVALID_OPTION, spindle_isa_resolve((spindle_isa)77, &isa));
  OK(spindle_load(w, job->parameters));
  OK(spindle_forward(w, &input, NULL));
  REFUSED(SPINDLE_NULL_POINTER, spindle_loss(w, &target, &loss));
  target.kind = (spindle_loss_kind)99;
  REFUSED(SPINDLE_INVALID_OPTION, spindle_loss(w, &target, &loss));
  spindle_free(NULL);
  expect(strlen(spindle_status_text((spindle_status)1234)) > 0, "a text for an unknown status");
  expect(spindle_isa_name((spindle_isa)77) == NULL, "no name for an unknown ISA");
  expect(spindle_role_name(SPINDLE_ROLE_COUNT) == NULL, "no name for an unknown role");
  expect(strcmp(spindle_role_name(SPINDLE_TAU), "tau") == 0, "a name for a role");
}

static void check_configuration(const job *job) {
  size_t size;
  void *memory;
  spindle_layer layers[2] = {job->layer, job->layer};
  spindle_configuration c = job->configuration;
  c.layers = layers;
  c.layer_count = 2;
  REFUSED(SPINDLE_LAYER_MISMATCH, spindle_workspace_size(&c, &size));
  layers[1].inputs = NEURONS;
  OK(spindle_workspace_size(&c, &size));
  layers[0].neuron = SPINDLE_LI;
  REFUSED(SPINDLE_INVALID_OPTION, spindle_workspace_size(&c, &size));
  layers[0] = job->layer;
  layers[0].slope = NAN;
  REFUSED(SPINDLE_INVALID_PARAMETER, spindle_workspace_size(&c, &size));
  layers[0].slope = 1;
  layers[0].peak = -1;
  REFUSED(SPINDLE_INVALID_PARAMETER, spindle_workspace_size(&c, &size));
  layers[0].peak = 1;
  expect(!spindle_has_support(&layers[0]), "no support of a fast sigmoid");
  layers[0].support = INFINITY;
  REFUSED(SPINDLE_INVALID_PARAMETER, spindle_workspace_size(&c, &size));
  layers[0].support = 0.5f;
  expect(spindle_has_support(&layers[0]), "the support that was given");
  layers[0].peak = layers[0].support = 0;
  layers[0].surrogate = SPINDLE_TRIANGULAR;
  expect(!spindle_has_support(&layers[0]), "bits as before peak and support");
  layers[0].surrogate = job->layer.surrogate;
  c.outputs = SPINDLE_OUTPUTS_ALL + 1;
  REFUSED(SPINDLE_INVALID_OPTION, spindle_workspace_size(&c, &size));
  c.outputs = SPINDLE_OUTPUTS_AUTOMATIC;
  layers[0].refractory_steps = SPINDLE_MAXIMUM_REFRACTORY + 1;
  REFUSED(SPINDLE_INVALID_PARAMETER, spindle_workspace_size(&c, &size));
  layers[0].refractory_steps = 0;
  layers[0].dropout = 1;
  REFUSED(SPINDLE_INVALID_PARAMETER, spindle_workspace_size(&c, &size));
  layers[0].dropout = 0.5f;
  OK(spindle_workspace_size(&c, &size));
  c.layout = SPINDLE_LAYOUT_LANES;
  REFUSED(SPINDLE_INVALID_OPTION, spindle_workspace_size(&c, &size));
  c.layout = job->configuration.layout;
  layers[0].dropout = 0;
  layers[0].reset_timing = SPINDLE_RESET_DELAYED;
  OK(spindle_workspace_size(&c, &size));
  layers[0].reset = SPINDLE_RESET_ZERO;
  REFUSED(SPINDLE_INVALID_OPTION, spindle_workspace_size(&c, &size));
  layers[0] = job->layer;
  expect(!spindle_needs_rows(&layers[0]), "a plain layer to do in lanes");
  c.steps = 0;
  REFUSED(SPINDLE_INVALID_SIZE, spindle_workspace_size(&c, &size));
  c.steps = c.batch = SPINDLE_MAXIMUM_SIZE;
  layers[0].neurons = layers[1].inputs = 1 << 20;
  REFUSED(SPINDLE_SIZE_OVERFLOW, spindle_workspace_size(&c, &size));
  c = job->configuration;
  c.threads = SPINDLE_MAXIMUM_THREADS + 1;
  REFUSED(SPINDLE_INVALID_SIZE, spindle_workspace_size(&c, &size));
  c.threads = 1;
  c.parts = SPINDLE_MAXIMUM_PARTS + 1;
  REFUSED(SPINDLE_INVALID_SIZE, spindle_workspace_size(&c, &size));
  c.parts = 0;
  c.layers = layers;
  layers[0].learned = SPINDLE_LEARNS(SPINDLE_ROLE_COUNT);
  REFUSED(SPINDLE_INVALID_OPTION, spindle_workspace_size(&c, &size));
  layers[0] = job->layer;
  REFUSED(SPINDLE_INVALID_SIZE, spindle_allocate(0, &memory));
  REFUSED(SPINDLE_OUT_OF_MEMORY, spindle_allocate(SIZE_MAX, &memory));
  REFUSED(SPINDLE_OUT_OF_MEMORY, spindle_allocate(SIZE_MAX / 4, &memory));
}

int main(void) {
  static job job;
  double first, last;
  make_job(&job, SPINDLE_ISA_AUTOMATIC, 1, SPINDLE_LAYOUT_AUTOMATIC);
  check_order(&job);
  check_null(&job);
  check_configuration(&job);
  free_job(&job);
  for (spindle_layout layout = SPINDLE_LAYOUT_ROWS; layout <= SPINDLE_LAYOUT_LANES; layout++) {
    uint64_t expected = 0;
    for (int isa = 1; isa < SPINDLE_ISA_COUNT; isa++) {
      if (!spindle_isa_supported((spindle_isa)isa)) continue;
      for (uint32_t threads = 1; threads <= 2; threads++) {
        make_job(&job, (spindle_isa)isa, threads, layout);
        uint64_t got = train(&job, &first, &last);
        free_job(&job);
        expect(last < 0.98 * first, "the loss to fall");
        expect(expected == 0 || got == expected, "the same bits from every ISA and thread count");
        expected = got;
      }
    }
    printf("%s %016llx\n", layout == SPINDLE_LAYOUT_ROWS ? "rows" : "lanes",
           (unsigned long long)expected);
    fprintf(stderr, "%s: loss %f, then %f\n", layout == SPINDLE_LAYOUT_ROWS ? "rows" : "lanes",
            first, last);
  }
  return 0;
}

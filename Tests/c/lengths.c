/// One sample that ends before its batch does, for each loss and layout: its loss, penalties and
/// gradients must be those that it has alone, whatever stands past its end. Prints a hash of them.
#include "check.h"

enum { STEPS = 21, INPUTS = 4, HIDDEN = 9, OUTPUTS = 5, BATCH = 4, MAXIMUM = 1000 };

static const uint32_t all_lengths[BATCH] = {7, STEPS, 4, 12};

typedef struct job {
  spindle_layer layers[2];
  spindle_configuration configuration;
  spindle_layer_parameters places[2];
  size_t count;
  float parameters[MAXIMUM];
} job;

typedef struct result {
  double loss, penalty;
  float gradients[MAXIMUM];
} result;

static float values[BATCH][STEPS][INPUTS], targets[BATCH][STEPS][OUTPUTS];
static uint64_t state = 12345;

static float uniform(float low, float high) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (float)(state >> 40) * 0x1p-24f;
}

static job make_job(spindle_loss_kind loss, spindle_layout layout) {
  unsigned roles = 1u << SPINDLE_WEIGHT | 1u << SPINDLE_RECURRENT_WEIGHT | 1u << SPINDLE_TAU |
                   1u << SPINDLE_THRESHOLD | 1u << SPINDLE_BIAS;
  bool plain = layout == SPINDLE_LAYOUT_LANES;
  spindle_layer hidden = {.inputs = INPUTS,
                          .neurons = HIDDEN,
                          .neuron = SPINDLE_LIF,
                          .topology = SPINDLE_RC,
                          .bias = true,
                          .synaptic_filter = true,
                          .adaptive = !plain,
                          .refractory_steps = plain ? 0 : 1,
                          .reset_timing = plain ? SPINDLE_RESET_IMMEDIATE : SPINDLE_RESET_DELAYED,
                          .surrogate = SPINDLE_FAST_SIGMOID,
                          .slope = 2,
                          .learned = roles};
  spindle_layer last = {.inputs = HIDDEN,
                        .neurons = OUTPUTS,
                        .neuron = SPINDLE_LIF,
                        .surrogate = SPINDLE_FAST_SIGMOID,
                        .slope = 2,
                        .learned = roles};
  job job = {.layers = {hidden, last}};
  job.configuration = (spindle_configuration){.layer_count = 2,
                                              .batch = 1,
                                              .steps = STEPS,
                                              .time_step = 1e-3f,
                                              .threads = 1,
                                              .parts = 1,
                                              .layout = layout,
                                              .output_gradient = loss == SPINDLE_VAN_ROSSUM};
  return job;
}

static void draw(job *job) {
  job->configuration.layers = job->layers;
  OK(spindle_parameter_layout(&job->configuration, job->places, &job->count));
  expect(job->count <= MAXIMUM, "room for the parameters");
  for (size_t i = 0; i < job->count; i++) job->parameters[i] = uniform(-0.4f, 0.8f);
  static const spindle_role positive[] = {SPINDLE_TAU, SPINDLE_SYNAPTIC_TAU, SPINDLE_THRESHOLD,
                                          SPINDLE_ADAPTATION_TAU};
  for (int l = 0; l < 2; l++)
    for (size_t r = 0; r < sizeof positive / sizeof *positive; r++) {
      bool there = positive[r] == SPINDLE_TAU || positive[r] == SPINDLE_THRESHOLD ||
                   (l == 0 && (positive[r] == SPINDLE_SYNAPTIC_TAU || job->layers[0].adaptive));
      float *at = job->parameters + job->places[l].offset[positive[r]];
      bool is_tau = positive[r] != SPINDLE_THRESHOLD;
      for (uint32_t n = 0; there && n < job->layers[l].neurons; n++)
        at[n] = is_tau ? uniform(0.003f, 0.02f) : uniform(0.5f, 1);
    }
}

/// The sample with `steps` steps, or, with a length, padded to STEPS with a value.
static void run(job *job, spindle_loss_kind loss, uint32_t sample, uint32_t length, bool padded,
                float padding, result *result) {
  static float input[STEPS * INPUTS], target[STEPS * OUTPUTS];
  uint32_t steps = padded ? STEPS : length;
  for (uint32_t t = 0; t < steps; t++)
    for (uint32_t i = 0; i < INPUTS; i++)
      input[t * INPUTS + i] = t < length ? values[sample][t][i] : padding;
  memcpy(target, targets[sample], sizeof target);
  job->configuration.steps = steps;
  job->configuration.layers = job->layers;
  size_t bytes;
  OK(spindle_workspace_size(&job->configuration, &bytes));
  void *memory = allocate(bytes);
  spindle_workspace *workspace;
  OK(spindle_workspace_create(&job->configuration, memory, bytes, &workspace));
  spindle_input in = {.values = input, .lengths = padded ? &length : NULL};
  int32_t class = (int32_t)sample;
  spindle_loss_target to = {.kind = loss,
                            .target = target,
                            .classes = &class,
                            .tau = 0.004f,
                            .first_step = 2,
                            .answer_steps = 3};
  const spindle_penalty penalties[] = {
      {.kind = SPINDLE_RATE_L2, .layer = SPINDLE_ALL_LAYERS, .strength = 0.3f},
      {.kind = SPINDLE_RATE_LOWER, .layer = 0, .strength = 2, .bound = 0.6f}};
  OK(spindle_load(workspace, job->parameters));
  OK(spindle_forward(workspace, &in, NULL));
  OK(spindle_loss(workspace, &to, &result->loss));
  OK(spindle_regularize(workspace, penalties, 2, &result->penalty));
  OK(spindle_backward(workspace, &in, &to, result->gradients, NULL));
  // What follows the end adds zeros, which turn -0 to 0 where nothing else is added.
  for (size_t i = 0; i < job->count; i++) result->gradients[i] += 0.0f;
  uint32_t wrong = STEPS + 1;
  in.lengths = &wrong;
  if (padded) REFUSED(SPINDLE_INVALID_SIZE, spindle_forward(workspace, &in, NULL));
  spindle_free(memory);
}

int main(void) {
  for (size_t i = 0; i < sizeof values / sizeof(float); i++) (&values[0][0][0])[i] = uniform(-1, 2);
  for (size_t i = 0; i < sizeof targets / sizeof(float); i++)
    (&targets[0][0][0])[i] = uniform(0, 1) > 0.6f;
  for (int loss = 0; loss < SPINDLE_CUSTOM_LOSS; loss++)
    for (int lanes = 0; lanes < 2; lanes++) {
      job job =
          make_job((spindle_loss_kind)loss, lanes ? SPINDLE_LAYOUT_LANES : SPINDLE_LAYOUT_ROWS);
      draw(&job);
      uint64_t bits = HASH_START;
      for (uint32_t sample = 0; sample < BATCH; sample++) {
        static result alone, padded;
        uint32_t length = all_lengths[sample];
        run(&job, (spindle_loss_kind)loss, sample, length, false, 0, &alone);
        for (int p = 0; p < 3; p++) {
          run(&job, (spindle_loss_kind)loss, sample, length, true, p == 2 ? 3e38f : (float)p,
              &padded);
          expect(alone.loss == padded.loss, "the loss of a padded sample");
          expect(alone.penalty == padded.penalty, "the penalties of a padded sample");
          expect(!memcmp(alone.gradients, padded.gradients, job.count * sizeof(float)),
                 "the gradients of a padded sample");
        }
        bits = hash(bits, &alone.loss, sizeof alone.loss);
        bits = hash(bits, alone.gradients, job.count * sizeof(float));
      }
      printf("lengths, loss %d, %s: %016llx\n", loss, lanes ? "lanes" : "rows",
             (unsigned long long)bits);
    }
  return 0;
}

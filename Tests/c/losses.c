/// Trains many small networks, one for each loss and round, whose numbers cover many sizes, and
/// prints a hash of losses (Double), gradients and parameters for each loss. They must be the same
/// on every processor: no libm may decide a bit.
#include "check.h"

enum { BATCH = 3, STEPS = 12, INPUTS = 4, NEURONS = 5, MAXIMUM = 200, ROUNDS = 2000 };

typedef struct job {
  spindle_configuration configuration;
  spindle_layer layer;
  spindle_layer_parameters place;
  size_t count;
  void *memory;
  spindle_workspace *workspace;
  float parameters[MAXIMUM], gradients[MAXIMUM], mean[MAXIMUM], variance[MAXIMUM];
  float values[BATCH * STEPS * INPUTS], target[BATCH * STEPS * NEURONS];
  int32_t classes[BATCH];
  spindle_random random;
} job;

static void uniform(job *job, float low, float high, size_t count, float *values) {
  OK(spindle_random_uniform(&job->random, low, high, count, values));
  job->random.offset = SPINDLE_RANDOM_NEXT(job->random.offset, count);
}

static bool integrates(spindle_loss_kind loss) {
  return loss == SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY || loss == SPINDLE_RECALL_CROSS_ENTROPY ||
         loss == SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY;
}

static void make_job(job *job, spindle_loss_kind loss) {
  bool spikes = !integrates(loss);
  *job = (struct job){.layer = {.inputs = INPUTS,
                                .neurons = NEURONS,
                                .neuron = spikes ? SPINDLE_LIF : SPINDLE_LI,
                                .synaptic_filter = true,
                                .adaptive = spikes,
                                .surrogate = SPINDLE_SIGMOID,
                                .slope = 4,
                                .learned = SPINDLE_LEARNS(SPINDLE_WEIGHT) |
                                           SPINDLE_LEARNS(SPINDLE_TAU) |
                                           SPINDLE_LEARNS(SPINDLE_SYNAPTIC_TAU) |
                                           SPINDLE_LEARNS(SPINDLE_ADAPTATION_TAU)},
                      .random = {.seed = 1, .stream = (uint64_t)loss}};
  job->configuration = (spindle_configuration){.layers = &job->layer,
                                               .layer_count = 1,
                                               .batch = BATCH,
                                               .steps = STEPS,
                                               .time_step = 1e-3f,
                                               .threads = 1,
                                               .output_gradient = loss == SPINDLE_VAN_ROSSUM};
  OK(spindle_parameter_layout(&job->configuration, &job->place, &job->count));
  if (job->count > MAXIMUM) exit(1);
  size_t bytes = 0;
  OK(spindle_workspace_size(&job->configuration, &bytes));
  job->memory = allocate(bytes);
  OK(spindle_workspace_create(&job->configuration, job->memory, bytes, &job->workspace));
}

static void draw(job *job, float scale) {
  const size_t *at = job->place.offset;
  uniform(job, -scale, 2 * scale, INPUTS * NEURONS, job->parameters + at[SPINDLE_WEIGHT]);
  uniform(job, 0.001f, 0.05f, NEURONS, job->parameters + at[SPINDLE_TAU]);
  uniform(job, 0.001f, 0.05f, NEURONS, job->parameters + at[SPINDLE_SYNAPTIC_TAU]);
  if (job->layer.adaptive) {
    uniform(job, 0.1f, 1, NEURONS, job->parameters + at[SPINDLE_THRESHOLD]);
    uniform(job, 0, 0.5f, NEURONS, job->parameters + at[SPINDLE_ADAPTATION_STRENGTH]);
    uniform(job, 0.001f, 0.1f, NEURONS, job->parameters + at[SPINDLE_ADAPTATION_TAU]);
  }
  uniform(job, -1, 2, BATCH * STEPS * INPUTS, job->values);
  uniform(job, 0, 1, BATCH * STEPS * NEURONS, job->target);
}

/// Trains one step after the other, each with other numbers, and betas of another size.
static uint64_t train(job *job, spindle_loss_kind loss) {
  uint64_t bits = HASH_START;
  for (int round = 0; round < ROUNDS; round++) {
    draw(job, ldexpf(1, round % 12 - 8));
    float numbers[3];
    uniform(job, 0.001f, 0.999f, 3, numbers);
    for (int b = 0; b < BATCH; b++) job->classes[b] = (round + b) % NEURONS;
    spindle_training training = {.optimizer = {.kind = SPINDLE_ADAM,
                                               .learning_rate = 1e-3f,
                                               .beta1 = numbers[0],
                                               .beta2 = numbers[1],
                                               .epsilon = 1e-8f},
                                 .parameters = job->parameters,
                                 .gradients = job->gradients,
                                 .mean = job->mean,
                                 .variance = job->variance};
    spindle_input input = {.values = job->values};
    spindle_loss_target target = {.kind = loss,
                                  .target = job->target,
                                  .classes = job->classes,
                                  .tau = 0.02f * numbers[2],
                                  .first_step = 4,
                                  .answer_steps = 2};
    double value, norm;
    OK(spindle_load(job->workspace, job->parameters));
    OK(spindle_forward(job->workspace, &input, NULL));
    OK(spindle_loss(job->workspace, &target, &value));
    OK(spindle_backward(job->workspace, &input, &target, job->gradients, NULL));
    OK(spindle_optimize(job->workspace, &training, (uint64_t)round / 16 + 1, &norm));
    bits = hash(hash(bits, &value, sizeof value), &norm, sizeof norm);
    bits = hash(bits, job->gradients, job->count * sizeof(float));
    bits = hash(bits, job->parameters, job->count * sizeof(float));
  }
  return bits;
}

int main(void) {
  static job job;
  for (int loss = SPINDLE_MEAN_RATE_MSE; loss <= SPINDLE_VAN_ROSSUM; loss++) {
    if (loss == SPINDLE_CUSTOM_LOSS) continue;
    make_job(&job, (spindle_loss_kind)loss);
    printf("loss %d %016llx\n", loss, (unsigned long long)train(&job, (spindle_loss_kind)loss));
    spindle_free(job.memory);
  }
  return 0;
}

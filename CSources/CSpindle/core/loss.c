/// The losses and their gradients with respect to the output: what each needs, and its tasks. Each
/// term is computed by one thread; the terms are added in order.
#include <math.h>
#include <string.h>
#include "loss.h"
#include "share.h"

/// What a loss is to be told.
typedef enum loss_target { TARGET_NONE, TARGET_VALUES, TARGET_CLASSES } loss_target;

/// Where backward finds the gradient by the output (output_gradient).
typedef enum loss_reading {
  READ_STEPS,       ///< By s: loss_gradient [T][P], for all samples alike.
  READ_SAMPLES,     ///< By s: loss_gradient [B][P], at all steps alike.
  READ_OUTPUT,      ///< By s: output_gradient.
  READ_PEAKS,       ///< By v: loss_gradient [B][P] at loss_steps alone.
  READ_MEANS,       ///< By v: loss_gradient [B][P] from the first step on.
  READ_DIFFERENCES, ///< By v: scale (v - target).
  READ_CALLER,      ///< By s and v: the caller's.
} loss_reading;

/// One for each spindle_loss_kind. The terms of samples, or of steps; NULL where the caller gives
/// the value.
typedef struct loss_rule {
  loss_target target;
  bool spikes;          ///< It is of spikes, which leaky integrators do not have.
  bool output_gradient; ///< It needs spindle_configuration.output_gradient.
  loss_reading reading;
  void (*samples)(const loss_samples *samples);
  parallel_task steps; ///< A task of rate_steps steps.
} loss_rule;

static const loss_rule rules[] = {
#define RULE(kind, target, spikes, output_gradient, reading, samples, steps)                       \
  [kind] = {target, spikes, output_gradient, reading, samples, steps},
    RULE(SPINDLE_MEAN_RATE_MSE, TARGET_VALUES, true, false, READ_STEPS, NULL,
         spindle_mean_rate_task) RULE(SPINDLE_RATE_CROSS_ENTROPY, TARGET_CLASSES, true, false,
                                      READ_SAMPLES, spindle_cross_entropy, NULL)
        RULE(SPINDLE_MAX_MEMBRANE_CROSS_ENTROPY, TARGET_CLASSES, false, false, READ_PEAKS,
             spindle_cross_entropy, NULL) RULE(SPINDLE_MEAN_MEMBRANE_CROSS_ENTROPY, TARGET_CLASSES,
                                               false, false, READ_MEANS, spindle_cross_entropy,
                                               NULL) RULE(SPINDLE_RECALL_CROSS_ENTROPY,
                                                          TARGET_CLASSES, false, false, READ_MEANS,
                                                          spindle_cross_entropy, NULL)
            RULE(SPINDLE_MEMBRANE_MSE, TARGET_VALUES, false, false, READ_DIFFERENCES,
                 spindle_membrane_mse, NULL) RULE(SPINDLE_SPIKE_COUNT_MSE, TARGET_VALUES, true,
                                                  false, READ_SAMPLES, spindle_count_mse, NULL)
                RULE(SPINDLE_FIRING_RATE_MSE, TARGET_VALUES, true, false, READ_SAMPLES,
                     spindle_count_mse, NULL) RULE(SPINDLE_VAN_ROSSUM, TARGET_VALUES, true, true,
                                                   READ_OUTPUT, spindle_van_rossum, NULL)
                    RULE(SPINDLE_CUSTOM_LOSS, TARGET_NONE, false, false, READ_CALLER, NULL, NULL)};

_Static_assert(sizeof rules / sizeof *rules == SPINDLE_CUSTOM_LOSS + 1, "a rule for each");

/// NULL for an unknown kind.
static const loss_rule *rule_of(spindle_loss_kind kind) {
  return (size_t)kind < sizeof rules / sizeof *rules ? &rules[kind] : NULL;
}

/// Numbers that some losses take besides.
static spindle_status check_numbers(const spindle_workspace *w, const spindle_loss_target *target) {
  if (target->kind == SPINDLE_VAN_ROSSUM && !(isfinite(target->tau) && target->tau > 0))
    return SPINDLE_INVALID_PARAMETER;
  for (uint32_t b = 0; target->kind == SPINDLE_RECALL_CROSS_ENTROPY && b < w->batch; b++) {
    uint32_t steps = spindle_sample_steps(w, b);
    if (target->first_step >= steps || target->answer_steps == 0 || target->answer_steps > steps)
      return SPINDLE_INVALID_SIZE;
  }
  return SPINDLE_OK;
}

/// Weights of classes.
static bool is_valid_weight(float weight) { return isfinite(weight) && weight >= 0; }

spindle_status spindle_check_target(const spindle_workspace *w, const spindle_loss_target *target) {
  const loss_rule *rule = rule_of(target->kind);
  const spindle_layer *last = &w->plans[last_layer(w)].shape;
  if (!rule || !w->training || (has_ranks(w) && target->kind == SPINDLE_CUSTOM_LOSS) ||
      (rule->spikes && last->neuron == SPINDLE_LI) ||
      (rule->output_gradient && !w->output_gradient))
    return SPINDLE_INVALID_OPTION;
  TRY(check_numbers(w, target));
  if (w->batch == 0) return SPINDLE_OK;
  if ((rule->target == TARGET_VALUES && !target->target) ||
      (rule->target == TARGET_CLASSES && !target->classes))
    return SPINDLE_NULL_POINTER;
  for (uint32_t b = 0; rule->target == TARGET_CLASSES && b < w->batch; b++)
    if (target->classes[b] < 0 || (uint32_t)target->classes[b] >= last->neurons)
      return SPINDLE_INVALID_PARAMETER;
  for (uint32_t n = 0; target->class_weights && n < last->neurons; n++)
    if (!is_valid_weight(target->class_weights[n])) return SPINDLE_INVALID_PARAMETER;
  return SPINDLE_OK;
}

void spindle_set_output_gradient(spindle_workspace *w, const spindle_loss_target *target) {
  const layer_plan *plan = &w->plans[last_layer(w)];
  size_t N = plan->shape.neurons, T = w->steps;
  const output_gradient by_step = {.values = w->loss_gradient, .step_stride = plan->padded};
  output_gradient by_sample = {.values = w->loss_gradient, .batch_stride = plan->padded};
  output_gradient by_target = {.values = target->target, .batch_stride = T * N, .step_stride = N};
  output_gradient by_output = by_target, by_peak = by_sample, by_difference = by_target;
  output_gradient by_membrane = by_target, by_mean = by_sample;
  by_output.values = w->output_gradient;
  by_peak.only_step = w->loss_steps;
  by_mean.first_step = first_step(target);
  by_difference.scale = (float)(2 / ((double)w->whole.samples * (double)T * (double)N));
  for (uint32_t b = 0; w->has_lengths && b < w->batch; b++)
    w->sample_scales[b] =
        (float)(2 / ((double)w->whole.samples * (double)spindle_sample_steps(w, b) * (double)N));
  by_difference.scales = w->has_lengths ? w->sample_scales : NULL;
  by_membrane.values = target->membrane_gradient;
  const output_gradients readings[] = {
      [READ_STEPS] = {.spike = by_step},       [READ_SAMPLES] = {.spike = by_sample},
      [READ_OUTPUT] = {.spike = by_output},    [READ_PEAKS] = {.membrane = by_peak},
      [READ_MEANS] = {.membrane = by_mean},    [READ_DIFFERENCES] = {.membrane = by_difference},
      [READ_CALLER] = {by_target, by_membrane}};
  w->by = readings[rule_of(target->kind)->reading];
}

const float *spindle_loss_membrane(const loss_samples *s, uint32_t b, uint32_t t) {
  const spindle_workspace *w = s->workspace;
  layer_view *held = &s->held->view;
  if (t - held->begin >= held->steps) { // as unsigned numbers: before or after
    *s->held = s->layer;
    held->b0 = s->local;
    held->b1 = s->local + (s->end - s->first);
    spindle_run_again(w, &w->input, last_layer(w), s->held, t / w->trace_steps * w->trace_steps);
  }
  return spindle_membrane_row(s->held, s->local + (b - s->first), t - held->begin,
                              s->layer.scratch->row);
}

/// Samples of one task: with lanes, those of a tile.
#define LOSS_SAMPLES 16
_Static_assert(LOSS_SAMPLES == LANES, "no two tasks run a tile again");

/// Takes a task's samples, slice by slice.
static void samples_task(void *context, task task) {
  const loss_call *call = context;
  spindle_workspace *w = call->workspace;
  uint32_t end = MINIMUM(w->batch, (task.index + 1) * LOSS_SAMPLES);
  loss_samples s = {.workspace = w, .target = call->target, .end = task.index * LOSS_SAMPLES};
  while (s.end < end) {
    s.first = s.local = s.end;
    s.layer = spindle_layer_of(w, last_layer(w), &s.local);
    s.layer.scratch = &w->workers[task.thread];
    s.end = MINIMUM(end, s.layer.view.first + s.layer.view.batch);
    run_layer held = s.layer;
    if (is_segmented(w)) held.view.steps = 0; // nothing yet
    s.held = &held;
    rule_of(s.target->kind)->samples(&s);
  }
}

spindle_status spindle_loss(spindle_workspace *w, const spindle_loss_target *target,
                            double *value) {
  if (!w || !target || !value) return SPINDLE_NULL_POINTER;
  if (w->stage != STAGE_FORWARD && w->stage != STAGE_LOSS) return SPINDLE_WRONG_ORDER;
  TRY(spindle_check_target(w, target));
  const loss_rule *rule = rule_of(target->kind);
  w->has_predictions = rule->target == TARGET_CLASSES;
  w->correct = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) w->views[l].rate_gradient = NULL;
  loss_call call = {.workspace = w, .target = target};
  uint32_t steps = CEILING_DIVIDE(w->steps, rate_steps(w));
  uint32_t tasks = rule->steps ? steps : CEILING_DIVIDE(w->batch, LOSS_SAMPLES);
  *value = target->value;
  if (rule->steps && has_ranks(w)) {
    spindle_parallel(w->team, w->threads, tasks, spindle_count_task, &call);
    TRY(spindle_sum_counts(w, w->loss_gradient, w->steps * (size_t)w->plans[last_layer(w)].padded));
  }
  if (rule->steps || rule->samples) {
    spindle_parallel(w->team, w->threads, tasks, rule->steps ? rule->steps : samples_task, &call);
    *value = 0;
    for (uint32_t i = 0; rule->steps && i < tasks; i++) *value += w->loss_terms[i];
  }
  for (uint32_t b = 0; w->has_predictions && b < w->batch; b++)
    w->correct += w->predictions[b] == target->classes[b];
  TRY(spindle_share_loss(w, rule->samples != NULL, value));
  w->stage = STAGE_LOSS;
  return SPINDLE_OK;
}

spindle_status spindle_predictions(const spindle_workspace *w, int32_t *classes) {
  if (!w || !classes) return SPINDLE_NULL_POINTER;
  if (!w->has_predictions) return SPINDLE_WRONG_ORDER;
  memcpy(classes, w->predictions, w->batch * sizeof *classes);
  return SPINDLE_OK;
}

uint32_t spindle_correct(const spindle_workspace *w) { return w ? w->correct : 0; }

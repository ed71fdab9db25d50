/// How a training step's work lies on threads, counted and not measured: each job's tasks as the
/// threads take them (parallel.c), on processors that are equally fast and do nothing else.
///
/// Work is in multiply-adds of one number: a sum over spikes takes one for each spike and output;
/// the steps of neurons, losses and the optimizer are taken as a number of them for each number
/// that they compute.
#include "plan.h"

/// Multiply-adds that stand for a neuron's step forward and backward, and for an update.
enum { NEURON_FORWARD = 10, NEURON_BACKWARD = 20, UPDATE = 10 };

/// What is counted, with the densities that are assumed.
typedef struct load_count {
  const spindle_workspace *workspace;
  double input_density, spike_density;
} load_count;

typedef double (*task_work)(const load_count *count, uint32_t index);

static double density_into(const load_count *c, uint32_t layer) {
  return layer == 0 ? c->input_density : c->spike_density;
}

static bool is_recurrent(const layer_plan *plan) { return plan->shape.topology == SPINDLE_RC; }

static double tile_rows(const load_count *c, uint32_t index) {
  tile tile = spindle_tile(c->workspace, index);
  return (double)(tile.b1 - tile.b0) * c->workspace->steps;
}

static double forward_work(const load_count *c, uint32_t index) {
  double row = 0;
  for (uint32_t l = 0; l < c->workspace->layer_count; l++) {
    const layer_plan *plan = &c->workspace->plans[l];
    double sources = density_into(c, l) * plan->shape.inputs + NEURON_FORWARD;
    if (is_recurrent(plan)) sources += c->spike_density * plan->shape.neurons;
    row += sources * plan->shape.neurons;
  }
  return row * tile_rows(c, index);
}

/// The deltas: dense products to the step before and to the layer below.
static double backward_work(const load_count *c, uint32_t index) {
  double row = 0;
  for (uint32_t l = 0; l < c->workspace->layer_count; l++) {
    const layer_plan *plan = &c->workspace->plans[l];
    double N = plan->shape.neurons, outputs = NEURON_BACKWARD;
    if (is_recurrent(plan)) outputs += N;
    if (l > 0) outputs += plan->shape.inputs;
    row += outputs * N;
  }
  return row * tile_rows(c, index);
}

static double gradient_work(const load_count *c, uint32_t index) {
  const spindle_workspace *w = c->workspace;
  source_block block = spindle_find_block(w, index);
  double density = block.role == SPINDLE_WEIGHT             ? density_into(c, block.layer)
                   : block.role == SPINDLE_RECURRENT_WEIGHT ? c->spike_density
                                                            : 1;
  double samples = spindle_slice_begin(w, block.part + 1) - spindle_slice_begin(w, block.part);
  return density * samples * w->steps * (block.last_source - block.first_source) *
         (block.last_column - block.first_column);
}

/// A part's deltas and gradients together: the gradients take as many multiply-adds as forward.
static double lanes_work(const load_count *c, uint32_t part) {
  const spindle_workspace *w = c->workspace;
  double work = 0;
  for (uint32_t slice = spindle_part_slice(w, part); slice < spindle_part_slice(w, part + 1);
       slice++)
    work += backward_work(c, slice) + forward_work(c, slice);
  return work;
}

static double sum_work(const load_count *c, uint32_t index) {
  return (double)spindle_find_grain(c->workspace, index).count * c->workspace->whole.parts;
}
static double norm_work(const load_count *c, uint32_t index) {
  return (double)spindle_own_piece(c->workspace, index).count;
}
static double update_work(const load_count *c, uint32_t index) {
  return (double)spindle_find_grain(c->workspace, index).count * UPDATE;
}

/// The next task that a thread begins, its own first, as in parallel.c; `tasks` at the end.
static uint32_t next_task(uint32_t *begun, uint32_t tasks, uint32_t threads, uint32_t thread) {
  for (uint32_t i = 0; i < threads; i++) {
    uint32_t owner = (thread + i) % threads;
    uint32_t first = spindle_own_tasks(tasks, threads, owner);
    uint32_t count = spindle_own_tasks(tasks, threads, owner + 1) - first;
    if (begun[owner] < count) return first + begun[owner]++;
  }
  return tasks;
}

/// Lets the threads take the tasks: the one that has done least takes the next.
static spindle_job_load take_tasks(const load_count *c, const char *name, uint32_t threads,
                                   uint32_t tasks, task_work work) {
  double done[SPINDLE_MAXIMUM_THREADS] = {0};
  uint32_t begun[SPINDLE_MAXIMUM_THREADS] = {0};
  spindle_job_load load = {.name = name, .tasks = tasks};
  for (uint32_t taken = 0; taken < tasks; taken++) {
    uint32_t least = 0;
    for (uint32_t i = 1; i < threads; i++)
      if (done[i] < done[least]) least = i;
    uint32_t index = next_task(begun, tasks, threads, least);
    done[least] += work(c, index);
  }
  for (uint32_t i = 0; i < threads; i++) {
    load.total += done[i];
    load.most = MAXIMUM(load.most, done[i]);
  }
  return load;
}

spindle_status spindle_count_loads(const spindle_workspace *w, double input_density,
                                   double spike_density, spindle_job_load *loads) {
  if (!w || !loads) return SPINDLE_NULL_POINTER;
  if (!w->training) return SPINDLE_INVALID_OPTION;
  if (!(input_density >= 0 && input_density <= 1 && spike_density >= 0 && spike_density <= 1))
    return SPINDLE_INVALID_PARAMETER;
  // As it is within a step.
  spindle_workspace step = *w;
  step.threads = w->step_threads;
  w = &step;
  load_count c = {w, input_density, spike_density};
  uint32_t threads = w->threads, few = spindle_piece_threads(w), grains = spindle_count_grains(w);
  bool lanes = has_lanes(w);
  loads[SPINDLE_JOB_FORWARD] = take_tasks(&c, "forward", threads, w->tiles, forward_work);
  loads[SPINDLE_JOB_BACKWARD] = lanes
                                    ? take_tasks(&c, "backward", threads, w->parts, lanes_work)
                                    : take_tasks(&c, "backward", threads, w->tiles, backward_work);
  loads[SPINDLE_JOB_GRADIENT] =
      take_tasks(&c, "gradient", threads, lanes ? 0 : spindle_count_blocks(w), gradient_work);
  loads[SPINDLE_JOB_PARTS] = take_tasks(&c, "parts", few, grains, sum_work);
  loads[SPINDLE_JOB_NORM] = take_tasks(&c, "norm", few, spindle_count_own_pieces(w), norm_work);
  loads[SPINDLE_JOB_UPDATE] = take_tasks(&c, "update", few, grains, update_work);
  return SPINDLE_OK;
}

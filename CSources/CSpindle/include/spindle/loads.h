#ifndef SPINDLE_LOADS_H
#define SPINDLE_LOADS_H
/// How evenly a training step's work lies on its threads: for machines that are not at hand.
#include "network.h"

/// The jobs of a training step whose tasks the threads share, one after another.
typedef enum spindle_job {
  SPINDLE_JOB_FORWARD = 0,
  SPINDLE_JOB_BACKWARD, ///< The deltas; in the lanes layout the gradients too.
  SPINDLE_JOB_GRADIENT, ///< The gradients of weights and biases, of each part.
  SPINDLE_JOB_PARTS,    ///< The sums over the parts.
  SPINDLE_JOB_NORM,     ///< The squares of the gradients.
  SPINDLE_JOB_UPDATE,
  SPINDLE_JOB_COUNT
} spindle_job;

/// One job, counted in multiply-adds of one number: those of all threads, and of the thread that
/// has most.
typedef struct spindle_job_load {
  const char *name;
  uint32_t tasks;
  double total, most;
} spindle_job_load;

/// Counts the loads of a training step: `loads` [SPINDLE_JOB_COUNT]. The densities are the
/// fractions of inputs and of neurons that fire.
spindle_status spindle_count_loads(const spindle_workspace *workspace, double input_density,
                                   double spike_density, spindle_job_load *loads);

#endif

#ifndef SPINDLE_GRADIENT_H
#define SPINDLE_GRADIENT_H
#include "internal.h"

/// The context of the tasks of backward.
typedef struct backward_call {
  spindle_workspace *workspace;
  const spindle_input *input;
  float *gradients;
} backward_call;

/// The gradients by sources. Rows layout: tasks on the finished deltas. Lanes layout:
/// those of a tile. Then the sum of the batch's parts.
uint32_t spindle_gradient_tasks(const spindle_workspace *workspace);
void spindle_gradient_task(void *context, uint32_t task, uint32_t thread);
void spindle_lanes_gradient(const backward_call *call, uint32_t tile);
void spindle_sum_parts(const backward_call *call);

#endif

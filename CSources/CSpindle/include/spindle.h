/// The C core of Spindle: recurrent networks of leaky integrate-and-fire (LIF) neurons, forward and
/// backward through time on the CPU, with the same bits for every thread count and every ISA.
///
/// Shape letters: B batch, T steps, I inputs of a layer, N neurons of a layer. A buffer's comment
/// gives its shape, outermost index first; the innermost index is contiguous.
///
/// The order of calls for one training step:
///
///     spindle_workspace_size -> (caller allocates) -> spindle_workspace_create    once
///     spindle_load -> spindle_forward -> spindle_loss -> (spindle_regularize) ->
///     spindle_backward -> spindle_optimize                                        every step,
///     or spindle_train_step, which is all of them
///
/// and for running a network: spindle_load once, then spindle_forward as often as wanted. For input
/// that comes step by step: spindle_stream_size, spindle_stream_load, spindle_stream_step.
///
/// The core owns no memory, prints nothing and never aborts: every fallible call returns a status.
/// A workspace serves one call at a time; different workspaces may be used at the same time.
#ifndef SPINDLE_H
#define SPINDLE_H

/// The only place of the version; README.md, CHANGELOG.md and the scripts are held to it by tests.
#define SPINDLE_VERSION "0.2.0"

#ifdef __cplusplus
extern "C" {
#endif
#include "spindle/loads.h"
#include "spindle/mathematics.h"
#include "spindle/network.h"
#include "spindle/random.h"
#include "spindle/ranks.h"
#include "spindle/stream.h"
#include "spindle/training.h"
#ifdef __cplusplus
}
#endif

#endif

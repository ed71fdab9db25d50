#ifndef SPINDLE_STREAM_H
#define SPINDLE_STREAM_H
/// Streams: input that comes step by step, without end, and outputs as soon as they can be had.
/// Three calls: size, load, step. Tests/c/stream.c is an example.
#include "network.h"

/// A network at work on `batch` streams at a time, in memory that does not grow; a workspace for
/// inference of one step.
typedef spindle_workspace spindle_stream;

/// Bytes that a stream takes. Of the configuration, purpose and steps are not read.
spindle_status spindle_stream_size(const spindle_configuration *configuration, size_t *bytes);

/// Makes a stream in `memory` (aligned to SPINDLE_ALIGNMENT, `bytes` long, zeroed), which the
/// caller keeps while it is used: derives from the parameters what its steps need, which is done
/// here once. Its state is zero. Copies configuration and parameters.
spindle_status spindle_stream_load(const spindle_configuration *configuration,
                                   const float *parameters, void *memory, size_t bytes,
                                   spindle_stream **stream);

/// Takes the next step: input [1][B] of rows, and what the last layer gives, [B][N] each: s_t, 0 or
/// 1, and v_t; NULL where it is not wanted. Allocates nothing.
spindle_status spindle_stream_step(spindle_stream *stream, const spindle_input *input,
                                   float *spikes, float *membrane);

#endif

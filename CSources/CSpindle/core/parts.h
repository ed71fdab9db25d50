#ifndef SPINDLE_PARTS_H
#define SPINDLE_PARTS_H
/// Parts of the batch, in the rows layout alone.
#include "internal.h"

/// Floats between the states of two parts: further than a core fetches ahead.
#define PART_GAP 512
/// The first sample of a part.
uint32_t spindle_part_begin(const spindle_workspace *workspace, uint32_t part);
/// The row of sample b at step t in a trace of the whole batch.
size_t spindle_row(const spindle_workspace *workspace, uint32_t b, uint32_t t);
/// Where the state of sample b begins.
size_t spindle_state_at(const spindle_workspace *workspace, const run_layer *layer, uint32_t b);

/// Samples of a part that one thread takes through time; the last tile of a part may have none.
typedef struct rows_tile {
  uint32_t part, b0, b1;
} rows_tile;
rows_tile spindle_tile(const spindle_workspace *workspace, uint32_t index);

/// The description of layer `l` for one part.
run_layer spindle_part_layer(const spindle_workspace *workspace, uint32_t l, uint32_t part);
/// What comes to layer `l` in a part: the network's input, or the spikes of the layer below.
rows_input spindle_part_input(const spindle_workspace *workspace, const spindle_input *input,
                              uint32_t l, uint32_t part);

#endif

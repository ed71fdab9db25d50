#ifndef SPINDLE_PIECES_H
#define SPINDLE_PIECES_H
#include "internal.h"

/// A piece of one learned segment, of at most PIECE parameters.
typedef struct parameter_piece {
  const parameter_segment *segment;
  size_t first, count;
} parameter_piece;
#define PIECE 16384

uint32_t spindle_count_pieces(const spindle_workspace *workspace);
parameter_piece spindle_find_piece(const spindle_workspace *workspace, uint32_t index);
/// Threads for tasks of a piece: few parameters are done sooner than another could be told of them.
uint32_t spindle_piece_threads(const spindle_workspace *workspace);

#endif

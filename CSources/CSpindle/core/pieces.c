/// The learned parameters in pieces of one segment each, for tasks that work on all of them.
#include "pieces.h"

static uint32_t pieces_of(const parameter_segment *segment) {
  return segment->learned ? (uint32_t)CEILING_DIVIDE(segment->count, (size_t)PIECE) : 0;
}

uint32_t spindle_count_pieces(const spindle_workspace *w) {
  uint32_t pieces = 0;
  for (uint32_t s = 0; s < w->segment_count; s++) pieces += pieces_of(&w->segments[s]);
  return pieces;
}

parameter_piece spindle_find_piece(const spindle_workspace *w, uint32_t index) {
  const parameter_segment *segment = w->segments;
  for (; index >= pieces_of(segment); segment++) index -= pieces_of(segment);
  size_t offset = (size_t)index * PIECE;
  return (parameter_piece){.segment = segment,
                           .first = segment->first + offset,
                           .count = MINIMUM(segment->count - offset, (size_t)PIECE)};
}

uint32_t spindle_piece_threads(const spindle_workspace *w) {
  return w->parameter_count <= PIECE ? 1 : w->threads;
}

/// How the gradients that are sums over sources are cut into tasks in the rows layout: each part
/// into blocks of sources and, where threads are many, of columns. No bit depends on it.
#include "plan.h"

/// The roles whose gradients are sums over sources: inputs, neurons (recurrent) and the bias.
static const spindle_role by_source[] = {SPINDLE_WEIGHT, SPINDLE_RECURRENT_WEIGHT, SPINDLE_BIAS};
enum { SOURCE_KINDS = sizeof by_source / sizeof *by_source };

/// What finding a source's events costs, in columns: it is paid again for each block of columns.
#define FINDING 32

uint32_t spindle_source_count(const layer_plan *plan, spindle_role role) {
  const spindle_layer *s = &plan->shape;
  if (!LEARNS(s, role)) return 0;
  if (role == SPINDLE_RECURRENT_WEIGHT && s->topology != SPINDLE_RC) return 0;
  for (int kind = 0; kind < SOURCE_KINDS; kind++)
    if (by_source[kind] == role) return spindle_role_rows(s, role);
  return 0;
}

/// Blocks of each role in a part: enough for the threads, and for their scratch memory.
static uint32_t blocks_of_part(const spindle_workspace *w) {
  uint32_t most = 1;
  for (uint32_t l = 0; l < w->layer_count; l++)
    for (int kind = 0; kind < SOURCE_KINDS; kind++)
      most = MAXIMUM(most, spindle_source_count(&w->plans[l], by_source[kind]));
  return MAXIMUM(CEILING_DIVIDE(w->threads, MAXIMUM(1, w->parts)),
                 CEILING_DIVIDE(most, GRADIENT_BLOCK));
}

/// Blocks of columns among so many blocks: those of which the largest costs least.
static uint32_t column_blocks(uint32_t sources, uint32_t N, uint32_t blocks) {
  uint32_t panels = CEILING_DIVIDE(N, (uint32_t)PANEL), best = 1;
  uint64_t words = SPINDLE_WORDS(sources), least = UINT64_MAX;
  for (uint32_t across = 1; across <= MINIMUM(blocks, panels); across++) {
    uint32_t down = blocks / across;
    if (blocks % across != 0 || CEILING_DIVIDE(sources, GRADIENT_BLOCK) > down) continue;
    uint64_t rows = MINIMUM(sources, CEILING_DIVIDE(words, down) * 32);
    uint64_t cost = rows * (MINIMUM(N, CEILING_DIVIDE(panels, across) * PANEL) + FINDING);
    if (cost < least) least = cost, best = across;
  }
  return best;
}

uint32_t spindle_count_blocks(const spindle_workspace *w) {
  return w->parts * blocks_of_part(w) * w->layer_count * SOURCE_KINDS;
}

source_block spindle_find_block(const spindle_workspace *w, uint32_t index) {
  uint32_t blocks = blocks_of_part(w), place = index / SOURCE_KINDS / w->layer_count;
  source_block block = {.layer = index / SOURCE_KINDS % w->layer_count,
                        .part = place / blocks,
                        .role = by_source[index % SOURCE_KINDS]};
  const layer_plan *plan = &w->plans[block.layer];
  uint32_t N = plan->shape.neurons, panels = CEILING_DIVIDE(N, (uint32_t)PANEL);
  uint32_t sources = spindle_source_count(plan, block.role);
  uint32_t across = column_blocks(sources, N, blocks), down = blocks / across;
  uint32_t row = place % blocks / across, column = place % blocks % across;
  // Blocks are of whole words of spikes and whole panels.
  uint64_t words = SPINDLE_WORDS(sources);
  block.first_source = (uint32_t)(words * row / down * 32);
  block.last_source = (uint32_t)MINIMUM(sources, words * (row + 1) / down * 32);
  block.first_column = panels * column / across * PANEL;
  block.last_column = MINIMUM(N, panels * (column + 1) / across * PANEL);
  return block;
}

/// What the ranks of a training tell one another (ranks.h). Numbers that decide bits are gathered
/// and taken by every rank in the order of one alone; counts are exact in any order.
///
/// On paper: with R ranks, B samples, P parts of which R is a divisor, W parameters, learned or
/// not, in C pieces (plan.h) and L layers, all ranks together send in a training step
///
///     4 W P (R - 1) / R            slices of the gradients of parts
///     4 W (R - 1)                  parameters
///     8 C (R - 1)                  squares of gradients
///     8 (B + (1 + L) R) (R - 1)    terms of the loss; right predictions and spikes
///
/// bytes. Where R is no divisor of P the first is the sum over ranks r of 4 w_r (P - P_r), where
/// w_r are the parameters of r's slice and P_r its parts. Lengths add 4 B (R - 1), penalties of
/// rates 8 N R (R - 1) with N neurons in all. The mean rate's loss has no terms of samples, and
/// 8 T n (R - 1) for the counts of T steps and n outputs (rounded up to LANES in the rows layout).
#include <string.h>
#include "plan.h"
#include "share.h"

/// A rank's counts that go with its terms: right predictions, and spikes of each layer. Doubles
/// hold them exactly.
static size_t tally_count(const spindle_workspace *w) { return 1 + (size_t)w->layer_count; }

/// Where a rank's terms begin in loss_terms; its tally follows them. `ranks` gives the end.
static size_t terms_begin(const spindle_workspace *w, uint32_t rank, bool by_sample) {
  return (by_sample ? spindle_rank_sample(w, rank) : 0) + rank * tally_count(w);
}

void spindle_plan_ranks(spindle_workspace *w, const spindle_configuration *c, arena *arena) {
  const spindle_layer *last = &c->layers[w->layer_count - 1];
  size_t neurons = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) neurons += c->layers[l].neurons;
  w->all_lengths = TAKE(arena, int32_t, w->whole.samples, 1);
  w->loss_terms =
      TAKE(arena, double, MAXIMUM(w->steps, w->whole.samples + w->ranks * tally_count(w)), 1);
  w->all_counts = TAKE(arena, uint64_t, neurons, w->ranks);
  w->sent = TAKE(arena, float, w->parts, w->parameter_count);
  // Borders lie between pieces, and a slice has what is not learned between its pieces.
  size_t unlearned = w->parameter_count - w->learned_count;
  size_t slice = MINIMUM(w->parameter_count, w->learned_count / w->ranks + PIECE + unlearned);
  size_t counts = w->steps * ROUND_UP((size_t)last->neurons, LANES) / w->ranks + 1;
  w->received = TAKE(arena, float, MAXIMUM(w->whole.parts * slice, w->ranks * counts), 1);
}

void spindle_cut_slices(spindle_workspace *w) {
  uint32_t pieces = spindle_count_pieces(w), index = 0;
  size_t before = 0; // numbers of the pieces before
  for (uint32_t r = 0; r < w->ranks; r++) {
    while (index < pieces && before < w->learned_count * (double)r / w->ranks)
      before += spindle_find_piece(w, index++).count;
    w->piece_borders[r] = index;
    w->slice_borders[r] = index < pieces ? spindle_find_piece(w, index).first : w->parameter_count;
  }
  w->slice_borders[0] = 0;
  w->piece_borders[w->ranks] = pieces;
  w->slice_borders[w->ranks] = w->parameter_count;
}

spindle_status spindle_connect(spindle_workspace *w, const spindle_exchange *exchange) {
  if (!w || !exchange || !exchange->gather || !exchange->exchange) return SPINDLE_NULL_POINTER;
  w->exchange = *exchange;
  return SPINDLE_OK;
}

/// Offsets in bytes.
static void in_bytes(const spindle_workspace *w, const size_t *elements, size_t size,
                     size_t *bytes) {
  for (uint32_t r = 0; r <= w->ranks; r++) bytes[r] = elements[r] * size;
}

spindle_status spindle_gather(const spindle_workspace *w, void *data, size_t size,
                              const size_t *borders) {
  if (!has_ranks(w)) return SPINDLE_OK;
  if (!w->exchange.gather) return SPINDLE_WRONG_ORDER;
  size_t offsets[SPINDLE_MAXIMUM_PARTS + 1];
  in_bytes(w, borders, size, offsets);
  return w->exchange.gather(w->exchange.context, data, offsets) ? SPINDLE_OK : SPINDLE_RANKS_FAILED;
}

spindle_status spindle_exchange_all(const spindle_workspace *w, const void *send,
                                    const size_t *sent, void *receive, const size_t *received,
                                    size_t size) {
  if (!w->exchange.exchange) return SPINDLE_WRONG_ORDER;
  size_t from[SPINDLE_MAXIMUM_PARTS + 1], to[SPINDLE_MAXIMUM_PARTS + 1];
  in_bytes(w, sent, size, from);
  in_bytes(w, received, size, to);
  return w->exchange.exchange(w->exchange.context, send, from, receive, to) ? SPINDLE_OK
                                                                            : SPINDLE_RANKS_FAILED;
}

/// Each rank adds a slice of the counts of all, which are then gathered. A float holds up to 2^24
/// exactly, as many as there may be samples for the count of one alone.
spindle_status spindle_sum_counts(spindle_workspace *w, float *counts, size_t count) {
  size_t borders[SPINDLE_MAXIMUM_PARTS + 1], received[SPINDLE_MAXIMUM_PARTS + 1];
  for (uint32_t r = 0; r <= w->ranks; r++) borders[r] = count * r / w->ranks;
  size_t first = borders[w->rank], length = borders[w->rank + 1] - first;
  for (uint32_t r = 0; r <= w->ranks; r++) received[r] = r * length;
  TRY(spindle_exchange_all(w, counts, borders, w->received, received, sizeof *counts));
  memcpy(counts + first, w->received, length * sizeof *counts);
  for (uint32_t r = 1; r < w->ranks; r++)
    for (size_t i = 0; i < length; i++) counts[first + i] += w->received[received[r] + i];
  return spindle_gather(w, counts, sizeof *counts, borders);
}

spindle_status spindle_sum_neurons(spindle_workspace *w) {
  if (!has_ranks(w)) return SPINDLE_OK;
  size_t borders[SPINDLE_MAXIMUM_PARTS + 1], neurons = 0, place = 0;
  for (uint32_t l = 0; l < w->layer_count; l++) neurons += w->plans[l].shape.neurons;
  for (uint32_t r = 0; r <= w->ranks; r++) borders[r] = r * neurons;
  for (uint32_t l = 0; l < w->layer_count; place += w->plans[l++].shape.neurons)
    memcpy(w->all_counts + borders[w->rank] + place, w->weights[l].counts,
           w->plans[l].shape.neurons * sizeof *w->all_counts);
  TRY(spindle_gather(w, w->all_counts, sizeof *w->all_counts, borders));
  place = 0;
  for (uint32_t l = 0; l < w->layer_count; place += w->plans[l++].shape.neurons)
    for (uint32_t n = 0; n < w->plans[l].shape.neurons; n++) {
      uint64_t sum = 0;
      for (uint32_t r = 0; r < w->ranks; r++) sum += w->all_counts[borders[r] + place + n];
      w->weights[l].counts[n] = sum;
    }
  return SPINDLE_OK;
}

double *spindle_sample_terms(const spindle_workspace *w) {
  return w->loss_terms + (has_ranks(w) ? terms_begin(w, w->rank, true) : 0);
}

/// Gathers the terms and tallies, and takes over the sums of these.
static spindle_status share_tallies(spindle_workspace *w, bool by_sample) {
  size_t borders[SPINDLE_MAXIMUM_PARTS + 1], tally = tally_count(w);
  for (uint32_t r = 0; r <= w->ranks; r++) borders[r] = terms_begin(w, r, by_sample);
  double *own = w->loss_terms + borders[w->rank + 1] - tally;
  own[0] = w->correct;
  for (uint32_t l = 0; l < w->layer_count; l++) own[1 + l] = (double)spindle_count_spikes(w, l);
  TRY(spindle_gather(w, w->loss_terms, sizeof *w->loss_terms, borders));
  double rows = (double)spindle_all_rows(w), correct = 0;
  memset(w->spike_density, 0, w->layer_count * sizeof *w->spike_density);
  for (uint32_t r = 0; r < w->ranks; r++) {
    const double *theirs = w->loss_terms + borders[r + 1] - tally;
    correct += theirs[0];
    for (uint32_t l = 0; l < w->layer_count; l++) w->spike_density[l] += theirs[1 + l];
  }
  w->correct = (uint32_t)correct;
  for (uint32_t l = 0; l < w->layer_count; l++)
    w->spike_density[l] /= rows * w->plans[l].shape.neurons;
  w->counted = true;
  return SPINDLE_OK;
}

spindle_status spindle_share_loss(spindle_workspace *w, bool by_sample, double *value) {
  if (has_ranks(w)) TRY(share_tallies(w, by_sample));
  for (uint32_t r = 0; by_sample && r < w->ranks; r++) {
    const double *terms = w->loss_terms + (has_ranks(w) ? terms_begin(w, r, true) : 0);
    uint32_t samples = spindle_rank_sample(w, r + 1) - spindle_rank_sample(w, r);
    for (uint32_t i = 0; i < samples; i++) *value += terms[i];
  }
  return SPINDLE_OK;
}

spindle_status spindle_gather_rates(spindle_workspace *w) {
  if (!w) return SPINDLE_NULL_POINTER;
  if (w->stage == STAGE_NEW) return SPINDLE_WRONG_ORDER;
  // A loss has done so.
  return has_ranks(w) && !w->counted ? share_tallies(w, false) : SPINDLE_OK;
}

spindle_status spindle_gather_slices(spindle_workspace *w, float *values) {
  if (!w || !values) return SPINDLE_NULL_POINTER;
  return spindle_gather(w, values, sizeof *values, w->slice_borders);
}

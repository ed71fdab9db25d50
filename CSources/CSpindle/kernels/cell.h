/// What one step does to a vector, in either layout: a cell. In the rows layout it is 16 neurons of
/// one sample, in the lanes layout 16 samples of one neuron. `lanes` and `plain` are constants
/// where these are inlined.

/// Where a cell lies.
typedef struct cell {
  uint32_t b, n; ///< Its first sample (lanes: 0) and neuron.
  uint32_t some; ///< Neurons (lanes: samples) that are real.
  size_t at;     ///< In an array [B][P] (lanes: [N][LANES]), of a state or of one step.
  size_t bits;   ///< Of its spikes among those of one step, in 16 bits.
  vi valid;      ///< Lanes that hold a sample; all in the rows layout, whose padding never fires.
} cell;

INLINE cell cell_at(const bool lanes, const run_layer *layer, uint32_t b, uint32_t n) {
  const layer_plan *plan = layer->plan;
  if (!lanes)
    return (cell){.b = b,
                  .n = n,
                  .some = MINIMUM(plan->shape.neurons - n, LANES),
                  .at = b * (size_t)plan->padded + n,
                  .bits = 2 * b * (size_t)plan->spike_words + n / LANES,
                  .valid = (vi){0} - 1};
  vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return (cell){.n = n,
                .some = layer->view.batch,
                .at = n * (size_t)LANES,
                .bits = n,
                .valid = lane < (int32_t)layer->view.batch};
}

/// Lanes whose sample has step t.
INLINE vi cell_has_step(const bool lanes, const run_layer *layer, uint32_t t, const cell *c) {
  const int32_t *lengths = layer->view.lengths + c->b;
  vi length = lanes ? (vi)vf_load((const float *)lengths) : (vi){0} + *lengths;
  return length > (int32_t)(layer->view.begin + t);
}

/// Floats of a step in an array [T][B][P], and 16 bits of a step of spikes.
INLINE size_t step_floats(const bool lanes, const run_layer *layer) {
  return (size_t)layer->plan->padded * (lanes ? LANES : layer->view.batch);
}
INLINE size_t step_bits(const bool lanes, const run_layer *layer) {
  return lanes ? layer->plan->shape.neurons
               : 2 * layer->view.batch * (size_t)layer->plan->spike_words;
}

/// A cell's place at step t, which may be -1, in an array with a row before the first.
INLINE float *at_step(const bool lanes, const run_layer *layer, float *array, ptrdiff_t t,
                      const cell *c) {
  return array + t * (ptrdiff_t)step_floats(lanes, layer) + c->at;
}
INLINE uint16_t *bits_at(const bool lanes, const run_layer *layer, ptrdiff_t t, const cell *c) {
  uint16_t *bits = lanes ? layer->view.masks : (uint16_t *)(void *)layer->view.spikes;
  return bits + t * (ptrdiff_t)step_bits(lanes, layer) + c->bits;
}
INLINE vi spikes_at(const bool lanes, const run_layer *layer, ptrdiff_t t, const cell *c) {
  uint16_t bits;
  memcpy(&bits, bits_at(lanes, layer, t, c), sizeof bits);
  return mask_from_bits(bits);
}

/// Whether the sequence goes on after step t, which may be -1.
INLINE bool has_next(const run_layer *layer, int64_t t) {
  return t + 1 < layer->view.steps || !layer->view.ends;
}

/// Numbers of neurons, for a cell.
INLINE vf of_neurons(const bool lanes, const float *x, uint32_t n) {
  return lanes ? vf_all(x[n]) : vf_load(x + n);
}

/// `count` numbers that lie `stride` apart, zeros beyond.
INLINE vf vf_gather(const float *x, size_t stride, uint32_t count) {
  float value[LANES] = {0};
  for (uint32_t b = 0; b < count; b++) value[b] = x[b * stride];
  return vf_load(value);
}

/// Numbers of neurons and samples that lie `stride` from sample to sample and densely by neuron,
/// `x` at the cell's first; zero beyond.
INLINE vf cell_load(const bool lanes, const cell *c, const float *x, size_t stride) {
  return lanes ? vf_gather(x, stride, c->some) : vf_load_some(x, c->some);
}
INLINE void cell_store(const bool lanes, const cell *c, float *x, size_t stride, vf value) {
  if (!lanes) vf_store_some(x, value, c->some);
  else
    for (uint32_t b = 0; b < c->some; b++) x[b * stride] = value[b];
}

INLINE neuron cell_neuron(const bool lanes, const run_layer *layer, uint32_t n) {
  const layer_weights *w = layer->weights;
  const layer_plan *plan = layer->plan;
  return (neuron){.beta = of_neurons(lanes, w->beta, n),
                  .alpha = of_neurons(lanes, w->alpha, n),
                  .threshold = of_neurons(lanes, w->threshold, n),
                  .reset_threshold = of_neurons(lanes, w->reset_threshold, n),
                  .delayed_threshold = of_neurons(lanes, w->delayed_threshold, n),
                  .reset = plan->reset};
}

/// The neuron with the threshold that it had at a step, from the trace of a_t.
INLINE neuron cell_neuron_at(const bool plain, const bool lanes, const run_layer *layer,
                             ptrdiff_t t, const cell *c) {
  neuron p = cell_neuron(lanes, layer, c->n);
  if (plain || !layer->weights->strength) return p;
  vf a = vf_load(at_step(lanes, layer, layer->view.adaptation_trace, t, c));
  return neuron_raised(p, vf_load(layer->weights->strength + c->n) * a);
}

/// *sum += a b, over the steps of a sample, of which the last comes first.
INLINE void add_product(float *sum, vf a, vf b, bool last_step) {
  vf_store(sum, vf_fma(a, b, last_step ? vf_all(0) : vf_load(sum)));
}

/// A block of the adjoint of the final state; zero where there is none.
INLINE vf final_adjoint(const bool lanes, const run_layer *layer, int block, const cell *c) {
  size_t N = layer->plan->shape.neurons;
  if (!layer->view.final_adjoint) return vf_all(0);
  return cell_load(
      lanes, c, layer->view.final_adjoint + block * layer->view.state_block + c->b * N + c->n, N);
}

import Spindle

extension ReferenceTrace {
  /// The sum over penalties, layers and neurons of strength f(r) / N, and its derivative by each
  /// spike of a neuron, [N] of each layer; empty for a layer without.
  func penalize(_ penalties: [RatePenalty]) -> (value: Scalar, bySpike: [[Scalar]]) {
    var value = Scalar.zero
    let bySpike = layers.map { layer -> [Scalar] in
      let penalties = penalties.filter { $0.layer == nil || $0.layer == layer.index }
      guard !penalties.isEmpty, let spikes = layer.spikes else { return [] }
      let rows = ends.reduce(0, +)
      return (0..<layer.neurons).map { n in
        var (fired, slope) = (Scalar.zero, Scalar.zero)
        // Nothing fires past a sample's end.
        for row in 0..<batch * steps { fired += spikes[row * layer.neurons + n] }
        for penalty in penalties {
          let share = Scalar(penalty.strength) / Scalar(layer.neurons)
          let f = function(penalty.kind, fired / Scalar(rows))
          value += share * f.value
          slope += share * f.slope / Scalar(rows)
        }
        return slope
      }
    }
    return (value, bySpike)
  }

  /// f(r) and f'(r) of a firing rate r; the formulas stand at `RatePenalty.Kind`.
  private func function(_ kind: RatePenalty.Kind, _ r: Scalar) -> (value: Scalar, slope: Scalar) {
    switch kind {
    case .l1: return (r, 1)
    case .l2: return (r * r, 2 * r)
    case .lowerBound(let bound):
      let lack = max(0, Scalar(bound) - r)
      return (lack * lack, -2 * lack)
    case .upperBound(let bound):
      let excess = max(0, r - Scalar(bound))
      return (excess * excess, 2 * excess)
    }
  }
}

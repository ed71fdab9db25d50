import Spindle

extension RatePenalty {
  /// f(r) and f'(r) of a firing rate r; the formulas stand at `RatePenalty.Kind`.
  func function<Scalar: ReferenceScalar>(_ rate: Scalar) -> (value: Scalar, slope: Scalar) {
    switch kind {
    case .l1: return (rate, 1)
    case .l2: return (rate * rate, 2 * rate)
    case .lowerBound(let bound):
      let lack = max(0, Scalar(bound) - rate)
      return (lack * lack, -2 * lack)
    case .upperBound(let bound):
      let excess = max(0, rate - Scalar(bound))
      return (excess * excess, 2 * excess)
    }
  }
}

extension ReferenceTrace {
  /// The sum over penalties, layers and neurons of strength f(r) / N, and its derivative by each
  /// spike of a neuron [N], for each layer; nil for a layer without.
  func penalize(_ penalties: [RatePenalty]) -> (value: Scalar, slopes: [[Scalar]?]) {
    var value = Scalar.zero
    let slopes = layers.map { layer -> [Scalar]? in
      let matching = penalties.filter { ($0.layer ?? layer.index) == layer.index }
      guard !matching.isEmpty, let spikes = layer.spikes else { return nil }
      let rows = Scalar(layer.batch * layer.steps)
      return (0..<layer.neurons).map { n in
        var fired = Scalar.zero
        for element in stride(from: n, to: spikes.count, by: layer.neurons) {
          fired += spikes[element]
        }
        var slope = Scalar.zero
        for penalty in matching {
          let share = Scalar(penalty.strength) / Scalar(layer.neurons)
          let f = penalty.function(fired / rows)
          value += share * f.value
          slope += share * f.slope / rows
        }
        return slope
      }
    }
    return (value, slopes)
  }
}

/// A regularizer of firing rates: it adds strength x mean over a layer's neurons of f(r) to the loss,
/// with r the fraction of steps with a spike, over all samples and steps.
public struct ReferencePenalty<Scalar: ReferenceScalar>: Sendable {
  /// The function f(r).
  public enum Kind: Sendable {
    /// r.
    case l1
    /// r^2.
    case l2
    /// max(0, bound - r)^2.
    case lowerBound(Scalar)
    /// max(0, r - bound)^2.
    case upperBound(Scalar)
  }

  /// The function.
  public var kind: Kind
  /// How much it counts.
  public var strength: Scalar
  /// Which layer of neurons, counted from 0; nil for each that spikes.
  public var layer: Int?

  /// A penalty of one layer, or of all that spike.
  public init(_ kind: Kind, strength: Scalar, layer: Int? = nil) {
    self.kind = kind
    self.strength = strength
    self.layer = layer
  }

  /// f(r) and f'(r).
  func function(_ rate: Scalar) -> (value: Scalar, slope: Scalar) {
    switch kind {
    case .l1: return (rate, 1)
    case .l2: return (rate * rate, 2 * rate)
    case .lowerBound(let bound):
      let lack = max(0, bound - rate)
      return (lack * lack, -2 * lack)
    case .upperBound(let bound):
      let excess = max(0, rate - bound)
      return (excess * excess, 2 * excess)
    }
  }
}

extension Simulation {
  /// The sum of penalties, and its gradient by each spike of every neuron layer [W]; empty for a
  /// layer without.
  func penalize(
    _ penalties: [ReferencePenalty<Scalar>], _ traces: [ChunkTrace<Scalar>], batch: Int, steps: Int
  ) -> (value: Scalar, gradients: [[SIMD16<Scalar>]]) {
    let rows = Scalar(batch * steps)
    var value = Scalar.zero
    var gradients: [[SIMD16<Scalar>]] = stages.map { _ in [] }
    for (index, stage) in stages.enumerated() where stage.parameters.hasSpikes {
      let matching = penalties.filter { ($0.layer ?? index) == index }
      guard !matching.isEmpty else { continue }
      var sums: [SIMD16<Scalar>] = .zeros(rows: 1, columns: stage.neurons)
      for trace in traces {
        for (row, spikes) in trace.layers[index].spikes.enumerated() {
          sums[row % stage.width] += spikes
        }
      }
      let rates = sums.unpadded(columns: stage.neurons).map { $0 / rows }
      let neurons = Scalar(stage.neurons)
      var slopes = rates.map { _ in Scalar.zero }
      for penalty in matching {
        for (neuron, rate) in rates.enumerated() {
          let (term, slope) = penalty.function(rate)
          value += penalty.strength * term / neurons
          slopes[neuron] += penalty.strength * slope / (neurons * rows)
        }
      }
      gradients[index] = Array(rows: 1, columns: stage.neurons) { slopes[$1] }
    }
    return (value, gradients)
  }
}

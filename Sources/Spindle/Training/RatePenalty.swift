/// A regularizer of firing rates: it adds to the loss
///
///     strength x mean over the neurons of a layer of f(r)
///
/// where r is a neuron's rate, the fraction of steps with a spike, over all samples and steps of the
/// batch: a rate in hertz times the time step. Spikes are counted exactly. The gradient by every
/// spike of neuron n is strength f'(r_n) / (N B T).
public struct RatePenalty: Sendable, Equatable {
  /// The function f.
  public enum Kind: Sendable, Equatable {
    /// f(r) = r: drives rates down.
    case l1
    /// f(r) = r^2: drives high rates down.
    case l2
    /// f(r) = max(0, bound - r)^2: wakes neurons that fire less.
    case lowerBound(Float)
    /// f(r) = max(0, r - bound)^2: calms neurons that fire more.
    case upperBound(Float)
  }

  /// The function of a rate.
  public var kind: Kind
  /// How much it counts, not negative.
  public var strength: Float
  /// Which layer, counted from 0; nil for each that fires, hidden ones included.
  public var layer: Int?

  /// The mean rate.
  public static func l1(strength: Float, layer: Int? = nil) -> RatePenalty {
    .init(kind: .l1, strength: strength, layer: layer)
  }
  /// The mean squared rate.
  public static func l2(strength: Float, layer: Int? = nil) -> RatePenalty {
    .init(kind: .l2, strength: strength, layer: layer)
  }
  /// The squared lack of each neuron whose rate is below a bound from 0 to 1.
  public static func lowerBound(
    _ bound: Float, strength: Float, layer: Int? = nil
  ) -> RatePenalty {
    .init(kind: .lowerBound(bound), strength: strength, layer: layer)
  }
  /// The squared excess of each neuron whose rate is above a bound from 0 to 1.
  public static func upperBound(
    _ bound: Float, strength: Float, layer: Int? = nil
  ) -> RatePenalty {
    .init(kind: .upperBound(bound), strength: strength, layer: layer)
  }
}

extension RatePenalty {
  /// The bound, 0 where the function has none.
  var bound: Float {
    switch kind {
    case .l1, .l2: 0
    case .lowerBound(let bound), .upperBound(let bound): bound
    }
  }

  /// Refuses numbers outside their ranges.
  package func check() throws(SpindleError) {
    try require((0...1).contains(bound), "a penalty's bound", "from 0 to 1", bound)
    try require(
      strength >= 0 && strength.isFinite, "a penalty's strength", "finite and not negative",
      strength)
  }

  /// The layer; nil for all. Refuses one without spikes.
  package func layer(in network: NetworkDescription) throws(SpindleError) -> Int? {
    let spiking = network.spikingLayers
    guard !spiking.isEmpty else {
      throw .invalidNetwork("a penalty of rates needs spikes, and leaky integrators have none")
    }
    guard let layer else { return nil }
    try require(
      spiking.contains(layer), "a penalty's layer", "a layer of spiking neurons, one of \(spiking)",
      layer)
    return layer
  }
}

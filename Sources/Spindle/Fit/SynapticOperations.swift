/// Synaptic operations that one inference, a sample's whole sequence, takes: the effective ones of
/// NeuroBench (Yik et al. 2025), in which a zero input costs nothing.
///
///     accumulates            sum over layers of  spikes into W  x  N  +  own spikes  x  fan-out of R
///     multiply-accumulates   T I N of the first layer, where its input is analog
///
/// The fan-out of R is N for RC and 1 for one-to-one recurrence. Biases, decays and resets are not
/// synaptic.
public struct SynapticOperations: Sendable, Equatable {
  /// Additions of a weight for a spike.
  public var accumulates: Double
  /// Multiplications of a weight by an analog input.
  public var multiplyAccumulates: Double

  /// Both together.
  public var total: Double { accumulates + multiplyAccumulates }

  init(accumulates: Double, multiplyAccumulates: Double) {
    self.accumulates = accumulates
    self.multiplyAccumulates = multiplyAccumulates
  }
}

/// What the neurons of a network did over a set of data.
public struct Activity: Sendable, Equatable {
  /// A layer of spiking neurons.
  public struct Layer: Sendable, Equatable {
    /// A neuron that fires in more than this fraction of all steps is saturated.
    public static let saturation = 0.9

    /// The layer, counted from 0.
    public var layer: Int
    /// N.
    public var neurons: Int
    /// Fraction of neurons and steps that fired: spikes / (samples T N).
    public var firingRate: Double
    /// Fraction of neurons that never fired.
    public var dead: Double
    /// Fraction of neurons that were saturated.
    public var saturated: Double
  }

  /// Layers of spiking neurons, from the input to the output.
  public var layers: [Layer]
  /// What a sample took.
  public var operations: SynapticOperations

  static let none = Activity(
    layers: [], operations: .init(accumulates: 0, multiplyAccumulates: 0))

  /// Fraction of spiking neurons and steps that did not fire: 1 - sum of N rate / sum of N, over
  /// the layers. Nil where no neuron is of the spiking kind.
  public var sparsity: Double? {
    let neurons = layers.reduce(0) { $0 + $1.neurons }
    guard neurons > 0 else { return nil }
    return 1 - layers.reduce(0) { $0 + Double($1.neurons) * $1.firingRate } / Double(neurons)
  }
}

/// Synaptic operations that one inference, a sample's whole sequence, takes, counted as NeuroBench
/// (Yik et al. 2025) counts effective operations: a unit that does not fire costs nothing.
///
///     accumulates            sum over layers of  spikes into W  x  N  +  own spikes  x  fan-out of R
///     multiply-accumulates   T I N of the first layer, where its input is analog
///
/// The fan-out of R is N for RC and 1 for one-to-one recurrence. Analog input is counted in full,
/// zeros too. Biases, decays and resets are not synaptic.
public struct SynapticOperations: Sendable, Equatable {
  /// Additions of a weight for a spike.
  public var accumulates: Double
  /// Multiplications of a weight by an analog input.
  public var multiplyAccumulates: Double

  /// Both together.
  public var total: Double { accumulates + multiplyAccumulates }
}

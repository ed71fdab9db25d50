/// A network of integers alone, as a chip or a small processor computes it. With F fraction bits a
/// potential counts in units of s / 2^F, s the step of its neuron's weights; for each step, from
/// zero state:
///
///     i = (sum of q << F) + b               over the active inputs and, recurrent, the neurons
///     c = tz(c alpha / 2^16) + i            with a synaptic filter, saturating; else c = i
///     u = tz(v beta / 2^16) + c             saturating to plus and minus 2^(stateBits - 1) - 1
///     s = u > threshold
///     v = max(floor, u - s threshold)       or u (1 - s), or u, as the reset says
///
/// where tz rounds towards zero. The input must be spikes.
public struct IntegerNetwork: Sendable, Equatable {
  /// dt, length of a step, in seconds.
  public let timeStep: Double
  /// I of the first layer.
  public let inputs: Int
  /// Bits of a potential with its sign, 8 to 32.
  public let stateBits: Int
  /// F.
  public let fractionBits: Int
  /// From the input to the output.
  public let layers: [IntegerLayer]

  /// The bits that a potential may have.
  public static let possibleStateBits = 8...32
  /// The largest potential.
  public var limit: Int { 1 << (stateBits - 1) - 1 }
  /// N of the last layer.
  public var outputs: Int { layers.last?.neurons ?? inputs }
}

/// A layer of an `IntegerNetwork`.
public struct IntegerLayer: Sendable, Equatable {
  /// I.
  public let inputs: Int
  /// N.
  public let neurons: Int
  /// Whether its neurons fire; else they are leaky integrators.
  public let fires: Bool
  /// Feed-forward, recurrent or one to one.
  public let topology: Topology
  /// What a spike does to the membrane.
  public let reset: Reset
  /// Bits of a weight.
  public let bits: Int
  /// q of W [I, N], from -Q to Q.
  public let weights: [Int]
  /// q of R [N, N], of r [N] one to one; empty without recurrence.
  public let recurrent: [Int]
  /// b [N], in units of a potential.
  public let bias: [Int]
  /// [N], in units of a potential, at least 1; empty for leaky integrators.
  public let threshold: [Int]
  /// The least membrane [N], in units of a potential; empty for none.
  public let floor: [Int]
  /// exp(-dt / tau) 2^16 [N], at most 65535.
  public let beta: [Int]
  /// The same of the filter [N]; empty for none.
  public let alpha: [Int]
  /// s [N]: a potential v is v s / 2^F in the unit of the network.
  public let scale: [Float]

  /// Whether no sum of weights, in units of a potential, can leave 63 bits.
  static func sumsFit(sources: Int, bits: Int, fractionBits: Int) -> Bool {
    // Both factors are powers of two at least as large: sources < 2^(62 - the rest).
    sources.magnitude < 1 << UInt(62 - (bits - 1) - fractionBits)
  }
}

/// What a sequence left of a layer of integers.
public struct IntegerRecording: Sendable, Equatable {
  /// [B, T, N], 0 or 1; zeros for leaky integrators.
  public let spikes: [UInt8]
  /// v [B, T, N], after the reset, in units of a potential.
  public let membrane: [Int32]
  /// How often a potential or a filtered current was cut to the largest that there may be.
  public let saturations: Int
}

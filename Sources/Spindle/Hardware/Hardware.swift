/// The chip that a layer is trained for: what it makes of the layer's parameters. Engine and
/// reference compute with what the chip makes of them, once a batch, while training moves the
/// parameters themselves:
///
///     w^ = s clamp(round(w / s), -Q, Q)      quantisation; dw^/dw := 1 where |w| <= s (Q + 1/2)
///     w~ = w^ (1 + sigma e)                  mismatch of each weight
///     p~ = p exp(sigma e)                    mismatch of each time constant and threshold
///     v_t = max(floor, v after the reset)    gradient 0 where v is at or below the floor
///
/// with e normal, drawn anew for each batch.
public struct Hardware: Sendable, Equatable {
  /// The grid of the weights; nil for none.
  public var quantization: Quantization?
  /// How much chips differ from one another.
  public var mismatch: Mismatch
  /// The least membrane, 0 or below, in the unit of the potential; nil for none. Not of leaky
  /// integrators. With a floor of 0, weights whose sums cancel exactly decide by their last bit
  /// whether a gradient passes; a grid with a step that is a power of two makes such sums exact.
  public var floor: Double?
  /// The signs of weights from the layer below, by source [I]; nil for any.
  public var inputSigns: SourceSigns?
  /// The signs of recurrent weights, by source [N]; nil for any.
  public var recurrentSigns: SourceSigns?
  /// Which connections from the layer below there are [I, N]; nil for all.
  public var inputMask: ConnectionMask?
  /// Which recurrent connections there are [N, N], one to one [1, N]; nil for all.
  public var recurrentMask: ConnectionMask?
  /// What is added to the loss for weights beyond the chip's range.
  public var magnitudePenalty: MagnitudePenalty?
  /// What is added to the loss for groups of sources of differing signs.
  public var signPenalty: SignPenalty?
  /// What the chip's work costs; nil where it is not known.
  public var energy: EnergyCosts?

  /// A chip that changes nothing, unless told to. Nothing is checked before
  /// `NetworkDescription.check`.
  public init(
    quantization: Quantization? = nil, mismatch: Mismatch = .init(), floor: Double? = nil,
    inputSigns: SourceSigns? = nil, recurrentSigns: SourceSigns? = nil,
    inputMask: ConnectionMask? = nil, recurrentMask: ConnectionMask? = nil,
    magnitudePenalty: MagnitudePenalty? = nil, signPenalty: SignPenalty? = nil,
    energy: EnergyCosts? = nil
  ) {
    self.quantization = quantization
    self.mismatch = mismatch
    self.floor = floor
    self.inputSigns = inputSigns
    self.recurrentSigns = recurrentSigns
    self.inputMask = inputMask
    self.recurrentMask = recurrentMask
    self.magnitudePenalty = magnitudePenalty
    self.signPenalty = signPenalty
    self.energy = energy
  }

  /// No chip: the layer computes with its parameters.
  public static let ideal = Hardware()
}

/// Chips whose figures are published. The strengths of penalties and the spreads of mismatch are
/// not, so that they are the user's to add.
public enum HardwarePreset: String, Sendable, CaseIterable {
  /// Neuronova's H1, version 1: weights of 5 bits within plus and minus 0.9, membranes from 0 on
  /// (https://sdk.neuronovatech.com/hardware/chip-constraints.html, chip-overview.html).
  case h1v1
  /// Neuronova's H1, version 2: weights of 5 bits within plus and minus 1.66, membranes from 0 on
  /// (https://sdk.neuronovatech.com/100a/h2/chip-constraints.html, chip-overview.html).
  case h1v2

  /// What the chip asks of every layer. It has one threshold for all neurons, too, and a reset by
  /// subtraction.
  public var hardware: Hardware {
    let range = self == .h1v1 ? 0.9 : 1.66
    return Hardware(quantization: Quantization(bits: 5, scale: .range(range)), floor: 0)
  }
}

/// A grid of weights: whole numbers q from -Q to Q, Q = 2^(bits - 1) - 1, of a step s.
public struct Quantization: Sendable, Equatable {
  /// What the step is made of.
  public enum Scale: Sendable, Equatable {
    /// s = range / Q.
    case range(Double)
    /// s = max|w| / Q over the layer's weights W and R, which share potentials.
    case tensor
    /// The same for the weights of each neuron: its column of W and of R. Leaky integrators, whose
    /// outputs are compared, have one step together.
    case neuron
  }

  /// Of a weight, 2 to 16.
  public var bits: Int
  /// What the step is made of.
  public var scale: Scale
  /// Whether the step is rounded up to a power of two.
  public var isPowerOfTwo: Bool
  /// Whether the bias lies on the grid, too; else it is left as it is.
  public var includesBias: Bool

  /// Describes a grid; nothing is checked before `NetworkDescription.check`.
  public init(
    bits: Int, scale: Scale = .neuron, isPowerOfTwo: Bool = false, includesBias: Bool = false
  ) {
    self.bits = bits
    self.scale = scale
    self.isPowerOfTwo = isPowerOfTwo
    self.includesBias = includesBias
  }

  /// The bits that there may be.
  public static let possibleBits = 2...16
  /// Q.
  public var largest: Int { 1 << (bits - 1) - 1 }
}

/// How much the parameters of chips differ from those that were meant: the standard deviation of
/// the proportion, 0 for none.
public struct Mismatch: Sendable, Equatable {
  /// Of each weight.
  public var weights: Double
  /// Of each membrane time constant.
  public var tau: Double
  /// Of each time constant of a synaptic filter.
  public var synapticTau: Double
  /// Of each threshold.
  public var threshold: Double

  /// Describes a mismatch; nothing is checked before `NetworkDescription.check`.
  public init(
    weights: Double = 0, tau: Double = 0, synapticTau: Double = 0, threshold: Double = 0
  ) {
    self.weights = weights
    self.tau = tau
    self.synapticTau = synapticTau
    self.threshold = threshold
  }

  /// The spread of a parameter; 0 for none.
  package func spread(of role: Role) -> Double {
    switch role {
    case .weight, .recurrentWeight: weights
    case .tau: tau
    case .synapticTau: synapticTau
    case .threshold: threshold
    case .bias, .adaptationStrength, .adaptationTau: 0
    }
  }
}

/// Adds strength times the mean over a layer's weights W and R of max(0, |w| - limit)^2.
public struct MagnitudePenalty: Sendable, Equatable {
  /// How much it counts, not negative.
  public var strength: Double
  /// What a weight may be, not negative.
  public var limit: Double

  /// Describes a penalty; nothing is checked before `NetworkDescription.check`.
  public init(strength: Double, limit: Double) {
    self.strength = strength
    self.limit = limit
  }
}

/// Adds strength times the sum, over the targets of a layer and over groups of consecutive sources,
/// of sum|w| - |sum w|, divided by the number of weights in W and R: 0 where all of a group have one
/// sign.
public struct SignPenalty: Sendable, Equatable {
  /// How much it counts, not negative.
  public var strength: Double
  /// Sources of a group, from 1 on; the last of a target may have fewer.
  public var group: Int

  /// Describes a penalty; nothing is checked before `NetworkDescription.check`.
  public init(strength: Double, group: Int = 5) {
    self.strength = strength
    self.group = group
  }
}

/// What the work of a layer's chip costs.
public struct EnergyCosts: Sendable, Equatable {
  /// A spike's way through one weight that is not 0, in joules.
  public var synapticOperation: Double
  /// One step of one neuron, in joules.
  public var neuronStep: Double
  /// A spike, in joules.
  public var spike: Double
  /// What is drawn all the time, in watts.
  public var power: Double

  /// Describes costs; nothing is checked before `NetworkDescription.check`.
  public init(
    synapticOperation: Double = 0, neuronStep: Double = 0, spike: Double = 0, power: Double = 0
  ) {
    self.synapticOperation = synapticOperation
    self.neuronStep = neuronStep
    self.spike = spike
    self.power = power
  }
}

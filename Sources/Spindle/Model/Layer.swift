// Shape letters, here and in all of Spindle: B batch, T steps, I inputs, N neurons.

/// One number for all neurons of a layer, or one for each.
public enum PerNeuron: Sendable, Equatable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  /// The same for all neurons.
  case all(Float)
  /// One for each: [N].
  case each([Float])

  /// The same for all neurons.
  public init(floatLiteral value: Float) { self = .all(value) }
  /// The same for all neurons.
  public init(integerLiteral value: Int) { self = .all(Float(value)) }
  /// One for each neuron.
  public init(arrayLiteral elements: Float...) { self = .each(elements) }

  /// The numbers of all `count` neurons; `name` is the parameter's, for errors.
  func values(of name: String, count: Int) throws(SpindleError) -> [Float] {
    switch self {
    case .all(let value):
      return [Float](repeating: value, count: count)
    case .each(let values):
      guard values.count == count else {
        throw .shapeMismatch(what: "\"\(name)\"", expected: [count], got: [values.count])
      }
      return values
    }
  }
}

/// A dense synapse: current i_t = x_t W + b for an input x_t [I].
public struct Synapse: Sendable {
  /// I.
  public var inputs: Int
  /// N, the neurons of the layer that follows.
  public var outputs: Int
  /// How the weights W [I, N] begin.
  public var weights: Initializer
  /// How the bias b [N] begins; nil for none.
  public var bias: Initializer?
  /// Probability with which a step of training drops an input (Srivastava et al. 2014): a mask for
  /// each sample and input, held through the sequence; the inputs that stay are scaled by
  /// 1 / (1 - dropout). Nothing is dropped in a run or an evaluation. Of the first synapse's input
  /// only spikes can be dropped, no analog values.
  public var dropout: Float
  /// Whether training changes the weights.
  public var trainsWeights: Bool
  /// Whether training changes the bias.
  public var trainsBias: Bool

  /// Describes a synapse; nothing is checked before `Network.init`.
  public init(
    inputs: Int, outputs: Int, weights: Initializer = .kaimingUniform(), bias: Initializer? = nil,
    dropout: Float = 0, trainsWeights: Bool = true, trainsBias: Bool = true
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.weights = weights
    self.bias = bias
    self.dropout = dropout
    self.trainsWeights = trainsWeights
    self.trainsBias = trainsBias
  }
}

/// Whether a layer's spikes come back to it one step later.
public enum Topology: Sendable {
  /// Feed-forward.
  case ff
  /// Recurrent: the current gains s_{t-1} R, R [N, N] with row source and column target.
  case rc(weights: Initializer)
  /// Each neuron's spikes reach itself alone: the current of neuron n gains r_n s_{t-1,n}, r [N].
  case oneToOne(weights: Initializer)
}

/// What a spike does to the membrane.
public enum Reset: String, Sendable, CaseIterable {
  /// v = u - s threshold.
  case subtraction
  /// v = u (1 - s).
  case zero
  /// v = u.
  case none
}

/// Whether the gradient passes through the reset's spike.
public enum ResetGradient: String, Sendable, CaseIterable {
  /// It does.
  case attached
  /// The reset's spike counts as a constant.
  case detached
}

/// When a spike resets the membrane.
public enum ResetTiming: String, Sendable, CaseIterable {
  /// In the step of the spike: v_t from u_t by the reset.
  case immediate
  /// One step later, as snnTorch does by default: v_t = u_t, and from beta v_{t-1} + c_t the spike
  /// s_{t-1} takes threshold_{t-1} (subtraction) or all (zero, whose gradient must be detached).
  case delayed
}

/// A threshold that rises with the neuron's own spikes (ALIF; Bellec et al. 2018, "Long short-term
/// memory and learning-to-learn in networks of spiking neurons"):
///
///     threshold_t = threshold + strength a_t
///     a_t = rho a_{t-1} + (1 - rho) s_{t-1}     rho = exp(-dt / tau), a_0 = 0
///
/// Training keeps a_t, four bytes for each neuron and step more.
public struct Adaptation: Sendable, Equatable {
  /// By how much the threshold of a neuron that fires at every step rises, in the unit of the
  /// potential.
  public var strength: PerNeuron
  /// Time constant, in seconds.
  public var tau: PerNeuron
  /// Whether training changes the strength.
  public var learnsStrength: Bool
  /// Whether training changes tau.
  public var learnsTau: Bool

  /// Describes an adaptation; nothing is checked before `Network.init`.
  public init(
    strength: PerNeuron, tau: PerNeuron, learnsStrength: Bool = false, learnsTau: Bool = false
  ) {
    self.strength = strength
    self.tau = tau
    self.learnsStrength = learnsStrength
    self.learnsTau = learnsTau
  }
}

/// What stands for ds/dx in backward, at x = u - threshold (Neftci, Mostafa and Zenke 2019).
public struct Surrogate: Sendable, Equatable {
  /// The form of h(x); k is the slope.
  public enum Kind: String, Sendable, CaseIterable {
    /// h(x) = 1 / (k |x| + 1)^2 (Zenke and Ganguli 2018).
    case fastSigmoid = "fast_sigmoid"
    /// h(x) = (k / 2) / (1 + (pi k x / 2)^2).
    case atan
    /// h(x) = k p (1 - p), p = 1 / (1 + exp(-k x)).
    case sigmoid
    /// h(x) = k max(0, 1 - |k x|).
    case triangular
    /// h(x) = k where |k x| < 1/2, else 0.
    case rectangular
  }
  /// The form.
  public var kind: Kind
  /// k > 0, the reciprocal of a potential.
  public var slope: Float

  /// A surrogate of any kind.
  public init(kind: Kind, slope: Float) {
    self.kind = kind
    self.slope = slope
  }
  /// h(x) = 1 / (k |x| + 1)^2.
  public static func fastSigmoid(slope: Float) -> Surrogate {
    .init(kind: .fastSigmoid, slope: slope)
  }
}

/// A layer of leaky integrate-and-fire neurons. For each step t, from zero state:
///
///     c_t = alpha c_{t-1} + i_t      alpha = exp(-dt / synapticTau); without a filter c_t = i_t
///     u_t = beta v_{t-1} + c_t       potential; beta = exp(-dt / tau)
///     s_t = 1 where u_t > threshold  spike
///     v_t = u_t after its reset      membrane
///
/// A learned synaptic tau makes training keep c_t, four bytes for each neuron and step more.
public struct LIF: Sendable {
  /// N.
  public var neurons: Int
  /// Membrane time constant, in seconds.
  public var tau: PerNeuron
  /// Threshold, in the unit of the potential.
  public var threshold: PerNeuron
  /// FF, RC or one-to-one.
  public var topology: Topology
  /// What a spike does to the membrane.
  public var reset: Reset
  /// Whether the gradient passes through the reset.
  public var resetGradient: ResetGradient
  /// When a spike resets the membrane.
  public var resetTiming: ResetTiming
  /// Steps after a spike in which the neuron does not fire, whatever its potential, which goes on;
  /// the surrogate is 0 there.
  public var refractorySteps: Int
  /// What raises the threshold; nil for nothing.
  public var adaptation: Adaptation?
  /// What stands for the spike's derivative.
  public var surrogate: Surrogate
  /// Time constant of the synaptic filter, in seconds; nil for none.
  public var synapticTau: PerNeuron?
  /// Whether training changes tau; the optimizer updates its logarithm, so that it stays positive.
  public var learnsTau: Bool
  /// Whether training changes the threshold, which must be positive then.
  public var learnsThreshold: Bool
  /// Whether training changes the synaptic tau.
  public var learnsSynapticTau: Bool
  /// Whether training changes the recurrent weights.
  public var trainsRecurrentWeights: Bool

  /// Describes a layer; nothing is checked before `Network.init`.
  public init(
    neurons: Int, topology: Topology = .ff, tau: PerNeuron = 0.01, threshold: PerNeuron = 1,
    reset: Reset = .subtraction, resetGradient: ResetGradient = .attached,
    resetTiming: ResetTiming = .immediate, refractorySteps: Int = 0, adaptation: Adaptation? = nil,
    surrogate: Surrogate = .fastSigmoid(slope: 1), synapticTau: PerNeuron? = nil,
    learnsTau: Bool = false, learnsThreshold: Bool = false, learnsSynapticTau: Bool = false,
    trainsRecurrentWeights: Bool = true
  ) {
    self.neurons = neurons
    self.topology = topology
    self.tau = tau
    self.threshold = threshold
    self.reset = reset
    self.resetGradient = resetGradient
    self.resetTiming = resetTiming
    self.refractorySteps = refractorySteps
    self.adaptation = adaptation
    self.surrogate = surrogate
    self.synapticTau = synapticTau
    self.learnsTau = learnsTau
    self.learnsThreshold = learnsThreshold
    self.learnsSynapticTau = learnsSynapticTau
    self.trainsRecurrentWeights = trainsRecurrentWeights
  }
}

/// A layer of leaky integrators, which never fire: v_t = beta v_{t-1} + c_t is their output. The
/// last layer of a network that reads out potentials.
public struct LI: Sendable {
  /// N.
  public var neurons: Int
  /// Membrane time constant, in seconds.
  public var tau: PerNeuron
  /// Time constant of the synaptic filter, in seconds; nil for none.
  public var synapticTau: PerNeuron?
  /// Whether training changes tau.
  public var learnsTau: Bool
  /// Whether training changes the synaptic tau.
  public var learnsSynapticTau: Bool

  /// Describes a layer; nothing is checked before `Network.init`.
  public init(
    neurons: Int, tau: PerNeuron = 0.01, synapticTau: PerNeuron? = nil, learnsTau: Bool = false,
    learnsSynapticTau: Bool = false
  ) {
    self.neurons = neurons
    self.tau = tau
    self.synapticTau = synapticTau
    self.learnsTau = learnsTau
    self.learnsSynapticTau = learnsSynapticTau
  }
}

/// An element of a network: synapses and neurons take turns, from the input to the output.
public enum Layer: Sendable {
  /// Dense weights.
  case synapse(Synapse)
  /// Spiking neurons.
  case lif(LIF)
  /// Leaky integrators.
  case li(LI)
}

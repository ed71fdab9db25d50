// Shape letters: B batch, T steps, I inputs, N neurons.

/// One layer of a network; synapse and neuron layers take turns, a synapse first.
public enum ReferenceLayer<Scalar: ReferenceScalar>: Sendable {
  /// Weights from the input or from the neurons below.
  case synapse(ReferenceSynapse<Scalar>)
  /// Leaky integrate-and-fire neurons.
  case lif(ReferenceLIF<Scalar>)
  /// Leaky integrators without spikes, a readout.
  case li(ReferenceLI<Scalar>)
}

/// A linear map, x W + b.
public struct ReferenceSynapse<Scalar: ReferenceScalar>: Sendable {
  /// I.
  public var inputs: Int
  /// N.
  public var outputs: Int
  /// W [I,N].
  public var weight: [Scalar]
  /// b [N], if any.
  public var bias: [Scalar]?
  /// What every input is multiplied with at all steps, in a step of training and in a run [B,I]: 0
  /// or 1/(1-p) for a dropout with probability p; `nil` for 1.
  public var inputFactors: [Scalar]?

  /// A synapse from `inputs` to `outputs`.
  public init(
    inputs: Int, outputs: Int, weight: [Scalar], bias: [Scalar]? = nil,
    inputFactors: [Scalar]? = nil
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.weight = weight
    self.bias = bias
    self.inputFactors = inputFactors
  }
}

/// What a spike does to the membrane: from the potential u and the spike r to the membrane v.
public enum ReferenceReset: String, Sendable, CaseIterable {
  /// v = u - r threshold.
  case subtraction
  /// v = u (1 - r).
  case zero
  /// v = u.
  case none
}

/// Whether the gradient passes through the spike of the reset.
public enum ReferenceResetGradient: String, Sendable, CaseIterable {
  /// It passes.
  case attached
  /// The spike of the reset counts as a constant.
  case detached
}

/// When a spike resets the membrane.
public enum ReferenceResetTiming: String, Sendable, CaseIterable {
  /// In its own step: v from u by ``ReferenceReset``.
  case immediate
  /// In the step that follows: v = u, and u from beta v + c by ``ReferenceReset``, with the spike and
  /// the threshold of the step before.
  case delayed
}

/// A threshold that rises with a neuron's own spikes (ALIF: Bellec et al. 2018):
/// threshold_t = threshold + strength a_t, a_t = rho a_{t-1} + (1 - rho) s_{t-1},
/// rho = exp(-dt/tau).
public struct ReferenceAdaptation<Scalar: ReferenceScalar>: Sendable {
  /// By how much the threshold can rise [N].
  public var strength: [Scalar]
  /// Time constants [N], seconds.
  public var tau: [Scalar]
  /// Whether a step returns the gradient of `strength`.
  public var learnsStrength: Bool
  /// Whether a step returns the gradient of `tau`.
  public var learnsTau: Bool

  /// An adaptation of a layer.
  public init(
    strength: [Scalar], tau: [Scalar], learnsStrength: Bool = false, learnsTau: Bool = false
  ) {
    self.strength = strength
    self.tau = tau
    self.learnsStrength = learnsStrength
    self.learnsTau = learnsTau
  }
}

/// Leaky integrate-and-fire neurons, feed-forward or recurrent.
///
/// At each step, from the current i: c = alpha c + i; u = beta v + c; s = 1 where u - threshold > 0;
/// v = u after the reset; alpha = exp(-dt/synapticTau), beta = exp(-dt/tau).
public struct ReferenceLIF<Scalar: ReferenceScalar>: Sendable {
  /// N.
  public var neurons: Int
  /// Time constants of the membranes [N], seconds.
  public var tau: [Scalar]
  /// Potentials above which the neurons spike [N].
  public var threshold: [Scalar]
  /// What a spike does to the membrane.
  public var reset: ReferenceReset
  /// Whether the gradient passes through the reset.
  public var resetGradient: ReferenceResetGradient
  /// R [N,N], row: source, column: target; or r [N] where each neuron reaches itself alone; `nil`
  /// for a feed-forward layer.
  public var recurrentWeight: [Scalar]?
  /// Whether the recurrent weights are r [N].
  public var isOneToOne: Bool
  /// What stands for ds/du in backward.
  public var surrogate: ReferenceSurrogate<Scalar>
  /// Time constants of the filters on the current [N], seconds; `nil` for none.
  public var synapticTau: [Scalar]?
  /// Whether a step returns the gradient of `tau`.
  public var learnsTau: Bool
  /// Whether a step returns the gradient of `threshold`.
  public var learnsThreshold: Bool
  /// Whether a step returns the gradient of `synapticTau`.
  public var learnsSynapticTau: Bool
  /// When a spike resets the membrane.
  public var resetTiming: ReferenceResetTiming = .immediate
  /// Steps after a spike in which the neuron does not spike, and for which backward has no surrogate.
  public var refractorySteps = 0
  /// What raises the threshold; `nil` for nothing.
  public var adaptation: ReferenceAdaptation<Scalar>?

  /// A layer of `neurons` neurons.
  public init(
    neurons: Int, tau: [Scalar], threshold: [Scalar], reset: ReferenceReset = .subtraction,
    resetGradient: ReferenceResetGradient = .attached, recurrentWeight: [Scalar]? = nil,
    isOneToOne: Bool = false, surrogate: ReferenceSurrogate<Scalar>, synapticTau: [Scalar]? = nil,
    learnsTau: Bool = false, learnsThreshold: Bool = false, learnsSynapticTau: Bool = false
  ) {
    self.neurons = neurons
    self.tau = tau
    self.threshold = threshold
    self.reset = reset
    self.resetGradient = resetGradient
    self.recurrentWeight = recurrentWeight
    self.isOneToOne = isOneToOne
    self.surrogate = surrogate
    self.synapticTau = synapticTau
    self.learnsTau = learnsTau
    self.learnsThreshold = learnsThreshold
    self.learnsSynapticTau = learnsSynapticTau
  }
}

/// Leaky integrators: c = alpha c + i; v = beta v + c; the output is v.
public struct ReferenceLI<Scalar: ReferenceScalar>: Sendable {
  /// N.
  public var neurons: Int
  /// Time constants of the membranes [N], seconds.
  public var tau: [Scalar]
  /// Time constants of the filters on the current [N], seconds; `nil` for none.
  public var synapticTau: [Scalar]?
  /// Whether a step returns the gradient of `tau`.
  public var learnsTau: Bool
  /// Whether a step returns the gradient of `synapticTau`.
  public var learnsSynapticTau: Bool

  /// A layer of `neurons` integrators.
  public init(
    neurons: Int, tau: [Scalar], synapticTau: [Scalar]? = nil, learnsTau: Bool = false,
    learnsSynapticTau: Bool = false
  ) {
    self.neurons = neurons
    self.tau = tau
    self.synapticTau = synapticTau
    self.learnsTau = learnsTau
    self.learnsSynapticTau = learnsSynapticTau
  }
}

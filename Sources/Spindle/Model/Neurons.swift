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

  /// Describes an adaptation; nothing is checked before `NetworkDescription.check`.
  public init(strength: PerNeuron, tau: PerNeuron) {
    self.strength = strength
    self.tau = tau
  }
}

/// What makes neurons fire, and what a spike does to them.
public struct Spiking: Sendable, Equatable {
  /// Threshold, in the unit of the potential.
  public var threshold: PerNeuron
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

  /// Describes spikes; nothing is checked before `NetworkDescription.check`.
  public init(
    threshold: PerNeuron = 1, reset: Reset = .subtraction,
    resetGradient: ResetGradient = .attached, resetTiming: ResetTiming = .immediate,
    refractorySteps: Int = 0, adaptation: Adaptation? = nil,
    surrogate: Surrogate = .fastSigmoid(slope: 1)
  ) {
    self.threshold = threshold
    self.reset = reset
    self.resetGradient = resetGradient
    self.resetTiming = resetTiming
    self.refractorySteps = refractorySteps
    self.adaptation = adaptation
    self.surrogate = surrogate
  }
}

/// The neurons of a layer: leaky integrate-and-fire (LIF), or leaky integrators (LI), which never
/// fire and whose output is their membrane. For each step t, from zero state:
///
///     c_t = alpha c_{t-1} + i_t      alpha = exp(-dt / synapticTau); without a filter c_t = i_t
///     u_t = beta v_{t-1} + c_t       potential; beta = exp(-dt / tau)
///     s_t = 1 where u_t > threshold  spike
///     v_t = u_t after its reset      membrane
public struct Neurons: Sendable, Equatable {
  /// N.
  public var count: Int
  /// Membrane time constant, in seconds.
  public var tau: PerNeuron
  /// Time constant of the synaptic filter, in seconds; nil for none. One that is learned makes
  /// training keep c_t, four bytes for each neuron and step more.
  public var synapticTau: PerNeuron?
  /// What makes them fire; nil for leaky integrators.
  public var spiking: Spiking?

  /// Describes neurons; nothing is checked before `NetworkDescription.check`.
  public init(
    count: Int, tau: PerNeuron = 0.01, synapticTau: PerNeuron? = nil, spiking: Spiking? = nil
  ) {
    self.count = count
    self.tau = tau
    self.synapticTau = synapticTau
    self.spiking = spiking
  }
}

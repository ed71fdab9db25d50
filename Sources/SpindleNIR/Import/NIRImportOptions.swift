import Spindle

/// How a graph is read. A graph says differential equations; it does not say the step with which they
/// are solved, nor how, nor what a spike does besides `v_reset`. Each exporter has habits of its own
/// in the rest (``preset(_:)``).
public struct NIRImportOptions: Sendable, Equatable {
  /// How a step of tau v' = -v + ... is taken.
  public enum Integration: String, Sendable, CaseIterable {
    /// beta = 1 - dt / tau.
    case forwardEuler = "forward-euler"
    /// beta = exp(-dt / tau).
    case exponentialEuler = "exponential-euler"
  }

  /// When a neuron fires.
  public enum SpikeRule: String, Sendable, CaseIterable {
    /// Where the potential is above the threshold, as NIR defines it.
    case above
    /// Where it is at the threshold, too.
    case at
  }

  /// dt, in the unit of the graph's time constants, which is the second in most.
  public var timeStep: Double
  /// How a step is taken.
  public var integration: Integration
  /// What a spike does to the membrane, except in LI followed by Threshold, where it does nothing.
  public var reset: Reset
  /// When it does.
  public var resetTiming: ResetTiming
  /// When a neuron fires.
  public var spikeRule: SpikeRule
  /// The current's gain in place of the one that dt, r and w_in make; nil for theirs.
  public var gain: Double?
  /// Whether an input of weight 1 raises the current of CubaLIF and CubaLI by w_in, and not by
  /// (1 - alpha) w_in.
  public var synapseJump: Bool
  /// Whether the gain of IF and I is r, and not dt r.
  public var unitGain: Bool
  /// Whether a description that Spindle left in the graph's metadata is obeyed, where the graph's
  /// arrays still say the same.
  public var obeysMetadata: Bool

  /// Options; those left out take NIR by its letter.
  public init(
    timeStep: Double, integration: Integration = .forwardEuler, reset: Reset = .zero,
    resetTiming: ResetTiming = .immediate, spikeRule: SpikeRule = .above, gain: Double? = nil,
    synapseJump: Bool = false, unitGain: Bool = false, obeysMetadata: Bool = true
  ) {
    self.timeStep = timeStep
    self.integration = integration
    self.reset = reset
    self.resetTiming = resetTiming
    self.spikeRule = spikeRule
    self.gain = gain
    self.synapseJump = synapseJump
    self.unitGain = unitGain
    self.obeysMetadata = obeysMetadata
  }
}

/// The programs whose graphs are read as they run them.
public enum NIRExporter: String, Sendable, CaseIterable {
  /// snnTorch.
  case snntorch
  /// Norse.
  case norse
  /// SpikingJelly.
  case spikingjelly
  /// Sinabs.
  case sinabs
  /// Rockpool.
  case rockpool
  /// Spyx.
  case spyx
}

extension NIRImportOptions {
  /// The options with which a graph of an exporter's computes what its network computes there, for
  /// the exporter's defaults; single ones can be changed.
  public static func preset(_ exporter: NIRExporter) -> NIRImportOptions {
    switch exporter {
    case .snntorch:
      NIRImportOptions(
        timeStep: 1e-4, reset: .subtraction, resetTiming: .delayed, unitGain: true)
    case .norse:
      // Norse 1.1.0 writes dt tau for tau: its dt of 1 ms is 1e-6 there.
      NIRImportOptions(timeStep: 1e-6, synapseJump: true, unitGain: true)
    case .spikingjelly: NIRImportOptions(timeStep: 1e-4, spikeRule: .at)
    case .sinabs:
      NIRImportOptions(
        timeStep: 1, integration: .exponentialEuler, reset: .subtraction, spikeRule: .at,
        unitGain: true)
    case .rockpool:
      NIRImportOptions(
        timeStep: 1e-3, integration: .exponentialEuler, reset: .subtraction, spikeRule: .at,
        gain: 1)
    case .spyx:
      NIRImportOptions(
        timeStep: 1, reset: .subtraction, resetTiming: .delayed, gain: 1, unitGain: true)
    }
  }
}

extension NIRExporter {
  /// What the user should know of an exporter's graphs.
  package var advice: [String] {
    switch self {
    case .snntorch:
      [
        "snnTorch's default reset is assumed; for reset_mechanism \"zero\" give --reset zero, with "
          + "--reset-timing immediate for Leaky, and for reset_delay=False the same timing"
      ]
    case .norse:
      [
        "Norse 1.1.0 writes tau times dt: the step of 1e-6 stands for dt = 1 ms; a graph with "
          + "time constants in seconds wants --time-step 1e-3"
      ]
    case .spikingjelly: []
    case .sinabs:
      ["Sinabs lets a neuron fire several times a step by default; here it fires once"]
    case .rockpool:
      [
        "Rockpool lets a neuron fire several times a step; here it fires once",
        "Rockpool's exporter leaves recurrent weights out",
      ]
    case .spyx:
      [
        "each spiking layer of Spyx gives its spikes one step later than here; its CuBaLIF resets "
          + "at once (--reset-timing immediate)"
      ]
    }
  }
}

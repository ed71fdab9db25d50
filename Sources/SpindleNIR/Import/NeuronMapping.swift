import Spindle
import SpindleJSON

/// What a node of neurons becomes: with c = alpha c + i and u = beta v + c, the decays, the gain by
/// which its weights are multiplied, and what is left of its potentials' zero.
///
///     LIF, LI          beta = 1 - dt / tau, or exp(-dt / tau); gain (1 - beta) r
///     CubaLIF, CubaLI  gain (1 - beta) r (1 - alpha) w_in, or (1 - beta) r w_in
///     IF, I            beta = 1; gain dt r, or r
struct NeuronMapping {
  let count: Int
  /// Membrane time constants, of Spindle.
  private(set) var taus: [Double] = []
  /// Of the synaptic filter; nil for none.
  private(set) var synapticTaus: [Double]?
  /// By which weights and biases are multiplied.
  private(set) var gains: [Double] = []
  /// Constant currents; nil for none.
  private(set) var currents: [Double]?
  /// What the graph's potentials are above Spindle's.
  private(set) var offsets: [Double]
  /// Thresholds, less the offsets; nil for integrators.
  private(set) var thresholds: [Double]?
  /// Whether the threshold is a node of its own, which resets nothing.
  let isWithoutReset: Bool

  private let options: NIRImportOptions
  private let numbers: NodeNumbers

  /// Maps a node.
  ///
  /// - Parameters:
  ///   - stage: the node, and the Threshold behind it.
  ///   - graph: where they are.
  ///   - count: the neurons that the way before gives.
  ///   - source: the node that gives them.
  ///   - options: how the graph is read.
  init(
    _ stage: Chain.Stage, in graph: FlatGraph, count: Int, from source: String,
    _ options: NIRImportOptions
  ) throws(NIRError) {
    self.options = options
    self.count = count
    numbers = try NodeNumbers(stage.neuron, in: graph)
    offsets = [Double](repeating: 0, count: count)
    isWithoutReset = stage.threshold != nil
    if let own = try numbers.neuronCount(), own != count {
      throw numbers.refused("it has \(own) neurons, and \(source) gives \(count)")
    }
    try mapDecays()
    if !numbers.node.type.isIntegrator { try mapThresholds(numbers, "v_threshold") }
    try mapPotentials()
    if let threshold = stage.threshold {
      try mapThresholds(try NodeNumbers(threshold, in: graph), "threshold")
    }
  }

  private func own(_ key: String, absent: Double? = nil) throws(NIRError) -> [Double] {
    if let absent, !numbers.has(key) { return [Double](repeating: absent, count: count) }
    return try numbers.numbers(key, count: count, from: "the layer")
  }

  /// 1 - beta of each neuron, by a time constant.
  private func losses(_ key: String) throws(NIRError) -> [Double] {
    var losses: [Double] = []
    for (index, tau) in try own(key).enumerated() {
      let place = count == 1 ? key : "\(key) of neuron \(index)"
      guard tau > 0 else {
        throw numbers.refused("\(place) is \(Float(tau)), and must be above 0")
      }
      let ratio = options.timeStep / tau
      switch options.integration {
      case .forwardEuler:
        // A tau that is dt as float32 may be a little less.
        guard ratio <= 1 + 1e-6 else {
          throw numbers.refused(
            "\(place) is \(Float(tau)), below the time step \(options.timeStep): forward Euler would make "
              + "its decay \(1 - ratio); the integration exponential-euler takes it")
        }
        losses.append(min(ratio, 1))
      // 1 - exp(-x) loses digits for a small x, and no more than the decay itself as float32.
      case .exponentialEuler: losses.append(1 - Mathematics.exp(-ratio))
      }
    }
    return losses
  }

  private mutating func mapDecays() throws(NIRError) {
    let r = try own("r")
    var gains: [Double]
    switch numbers.node.type {
    case .integrateAndFire, .integrator:
      taus = [Double](repeating: tau(loss: 0), count: count)
      gains = options.unitGain ? r : r.map { options.timeStep * $0 }
    case .cubaLIF, .cubaLI:
      let membrane = try losses("tau_mem")
      let synapse = try losses("tau_syn")
      let w = try own("w_in", absent: 1)
      taus = membrane.map { tau(loss: $0) }
      synapticTaus = synapse.map { tau(loss: $0) }
      gains = (0..<count).map { index -> Double in
        let gain: Double = membrane[index] * r[index] * w[index]
        return options.synapseJump ? gain : gain * synapse[index]
      }
    default:
      let membrane = try losses("tau")
      taus = membrane.map { tau(loss: $0) }
      gains = zip(membrane, r).map { $0 * $1 }
    }
    if let gain = options.gain { gains = [Double](repeating: gain, count: count) }
    // What exporters mean to be 1 is so but for rounding.
    self.gains = gains.map { abs($0 - 1) <= 1e-6 ? 1 : $0 }
    for (index, gain) in self.gains.enumerated() where !Float(gain).isFinite {
      throw numbers.refused("the gain of neuron \(index) is \(gain), beyond float32")
    }
  }

  private func tau(loss: Double) -> Double {
    Double(TimeConstant.tau(decay: 1 - loss, timeStep: options.timeStep))
  }

  private mutating func mapThresholds(
    _ numbers: NodeNumbers, _ key: String
  ) throws(NIRError) {
    thresholds = try numbers.numbers(key, count: count, from: "the layer")
  }

  /// Takes v_leak and v_reset into the offsets, or as a constant current.
  private mutating func mapPotentials() throws(NIRError) {
    let resets = try own("v_reset", absent: 0)
    let hasLeak = numbers.has("v_leak")
    let leaks = hasLeak ? try own("v_leak") : [Double](repeating: 0, count: count)
    let canReset = !numbers.node.type.isIntegrator
    var currents = [Double](repeating: 0, count: count)
    for index in 0..<count {
      let (leak, reset) = (leaks[index], resets[index])
      if leak == 0, reset == 0 { continue }
      if canReset, hasLeak, leak == reset {
        offsets[index] = leak
        thresholds?[index] -= leak
        continue
      }
      guard reset == 0 else {
        throw numbers.refused(
          "v_reset of neuron \(index) is \(Float(reset))"
            + (hasLeak ? " and v_leak is \(leak)" : "")
            + ": Spindle resets to 0, or to v_leak where both are the same")
      }
      guard synapticTaus == nil else {
        throw numbers.refused(
          "v_leak of neuron \(index) is \(leak) and v_reset is 0: Spindle would need a constant "
            + "current behind the synaptic filter")
      }
      let loss = 1 - Double(decay(index))
      currents[index] = loss * leak
    }
    if currents.contains(where: { $0 != 0 }) { self.currents = currents }
  }

  /// Beta of a neuron.
  private func decay(_ index: Int) -> Float {
    TimeConstant.decay(tau: Float(taus[index]), timeStep: options.timeStep)
  }
}

extension NeuronMapping {
  /// The layer's neurons.
  func neurons() throws(NIRError) -> Neurons {
    var neurons = Neurons(
      count: count, tau: .of(taus), synapticTau: synapticTaus.map(PerNeuron.of))
    guard let thresholds else { return neurons }
    let reset = isWithoutReset ? Reset.none : options.reset
    // As float32, in which potentials are compared: u >= threshold where u > the next below it.
    let values = thresholds.map { threshold in
      Double(options.spikeRule == .at ? Float(threshold).nextDown : Float(threshold))
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw numbers.refused("the threshold of neuron \(index) is \(thresholds[index])")
    }
    let timing = reset == .none ? ResetTiming.immediate : options.resetTiming
    neurons.spiking = Spiking(
      threshold: .of(values), reset: reset,
      resetGradient: reset == .zero && timing == .delayed ? .detached : .attached,
      resetTiming: timing)
    return neurons
  }
}

extension PerNeuron {
  /// One number where all are the same.
  fileprivate static func of(_ values: [Double]) -> PerNeuron {
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return .each(values) }
    return .all(first)
  }
}

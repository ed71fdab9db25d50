import CSpindle

/// Turns a list of layers into parameters and the C core's layers, checking each.
struct NetworkBuilder {
  private(set) var parameters: [Network.Parameter] = []
  private(set) var values: [Float] = []
  private(set) var rawLayers: [spindle_layer] = []
  private let timeStep: Float
  private let seed: UInt64
  /// A synapse that still waits for its neurons, and its layer number.
  private var waiting: (synapse: Synapse, index: Int)?

  init(timeStep: Float, seed: UInt64) throws(SpindleError) {
    guard timeStep.isFinite, timeStep > 0 else {
      throw .invalidValue(
        what: "the time step", expected: "positive, in seconds", got: "\(timeStep)")
    }
    self.timeStep = timeStep
    self.seed = seed
  }

  /// Refuses layers whose parameters, with a gradient and the optimizer's two numbers of each, do
  /// not fit in memory: before any is drawn. Sizes out of range are left to `add`.
  static func checkMemory(of layers: [Layer]) throws(SpindleError) {
    var count = 0
    for layer in layers {
      let shapes: [[Int]] =
        switch layer {
        case .synapse(let synapse): [[synapse.inputs, synapse.outputs], [synapse.outputs]]
        case .lif(let lif):
          if case .rc = lif.topology {
            [[lif.neurons, lif.neurons], [2, lif.neurons]]
          } else {
            [[2, lif.neurons]]
          }
        case .li(let li): [[li.neurons]]
        }
      for shape in shapes where shape.allSatisfy({ (1...Limits.size).contains($0) }) {
        let volume = try shape.volume(of: "a parameter of shape \(shape)")
        let (sum, overflow) = count.addingReportingOverflow(volume)
        guard !overflow, sum <= Int.max / 64 else { throw .sizeOverflow(what: "a network") }
        count = sum
      }
    }
    try Spindle.checkMemory(4 * count * MemoryLayout<Float>.size)
  }

  /// Adds a layer; synapses and neurons must take turns.
  mutating func add(_ layer: Layer, at index: Int) throws(SpindleError) {
    switch (layer, waiting) {
    case (.synapse(let synapse), nil):
      try addSynapse(synapse, at: index)
    case (.synapse, .some):
      throw .invalidNetwork("layer \(index) is a synapse where neurons were expected")
    case (.lif(let lif), .some(let (synapse, number))):
      try checkNeurons(lif.neurons, synapse, index)
      try addLIF(lif, synapse, synapseIndex: number, index)
    case (.li(let li), .some(let (synapse, number))):
      try checkNeurons(li.neurons, synapse, index)
      try addLI(li, synapse, synapseIndex: number, index)
    case (.lif, nil), (.li, nil):
      throw .invalidNetwork("layer \(index) is of neurons where a synapse was expected")
    }
  }

  /// Checks what can be seen only at the end.
  func finish() throws(SpindleError) {
    guard waiting == nil, !rawLayers.isEmpty else {
      throw .invalidNetwork("the last layer must be of neurons")
    }
  }

  private mutating func addSynapse(_ synapse: Synapse, at index: Int) throws(SpindleError) {
    try Limits.check(synapse.inputs, "the inputs of layer \(index)")
    try Limits.check(synapse.outputs, "the outputs of layer \(index)")
    guard synapse.dropout >= 0, synapse.dropout < 1 else {
      throw .invalidValue(
        what: "the dropout of layer \(index)", expected: "a probability from 0 to below 1",
        got: "\(synapse.dropout)")
    }
    if let below = rawLayers.last {
      guard below.neuron == SPINDLE_LIF else {
        throw .invalidNetwork("leaky integrators must be the last layer")
      }
      guard Int(below.neurons) == synapse.inputs else {
        throw .shapeMismatch(
          what: "the inputs of layer \(index)", expected: [Int(below.neurons)],
          got: [synapse.inputs])
      }
    }
    waiting = (synapse, index)
  }

  private func checkNeurons(
    _ neurons: Int, _ synapse: Synapse, _ index: Int
  ) throws(SpindleError) {
    try Limits.check(neurons, "the neurons of layer \(index)")
    guard neurons == synapse.outputs else {
      throw .shapeMismatch(
        what: "the neurons of layer \(index)", expected: [synapse.outputs], got: [neurons])
    }
  }

  /// The parameters follow the order of spindle_layer_parameters.
  private mutating func addLIF(
    _ lif: LIF, _ synapse: Synapse, synapseIndex: Int, _ index: Int
  ) throws(SpindleError) {
    try Self.check(lif, index)
    var raw = rawLayer(synapse)
    let isRecurrent = if case .rc = lif.topology { true } else { false }
    var target = try fluctuationTarget(
      synapse, lif.tau, lif.synapticTau, lif.threshold, isRecurrent: isRecurrent, index)
    try addSynapticParameters(synapse, synapseIndex, target)
    target.isOfRecurrence = true
    raw.neuron = SPINDLE_LIF
    raw.reset = lif.reset.raw
    raw.reset_gradient = lif.resetGradient == .attached ? SPINDLE_ATTACHED : SPINDLE_DETACHED
    raw.surrogate = lif.surrogate.kind.raw
    raw.slope = lif.surrogate.slope
    raw.reset_timing =
      lif.resetTiming == .delayed ? SPINDLE_RESET_DELAYED : SPINDLE_RESET_IMMEDIATE
    raw.refractory_steps = UInt32(lif.refractorySteps)
    raw.learn_recurrent_weight = lif.trainsRecurrentWeights
    raw.learn_threshold = lif.learnsThreshold
    switch lif.topology {
    case .ff: break
    case .rc(let weights):
      raw.topology = SPINDLE_RC
      try append(
        "\(index).recurrent_weight", [lif.neurons, lif.neurons], weights,
        isLearned: lif.trainsRecurrentWeights, target)
    case .oneToOne(let weights):
      raw.topology = SPINDLE_ONE_TO_ONE
      try append(
        "\(index).recurrent_weight", [lif.neurons], weights,
        isLearned: lif.trainsRecurrentWeights)
    }
    try addTaus(lif.tau, lif.learnsTau, lif.synapticTau, lif.learnsSynapticTau, index, to: &raw)
    try append("\(index).threshold", lif.threshold, lif.neurons, isLearned: lif.learnsThreshold)
    if let adaptation = lif.adaptation { try add(adaptation, index, to: &raw) }
    rawLayers.append(raw)
    waiting = nil
  }

  private static func check(_ lif: LIF, _ index: Int) throws(SpindleError) {
    guard lif.surrogate.slope.isFinite, lif.surrogate.slope > 0 else {
      throw .invalidValue(
        what: "the surrogate's slope of layer \(index)", expected: "positive and finite",
        got: "\(lif.surrogate.slope)")
    }
    let most = Int(SPINDLE_MAXIMUM_REFRACTORY)
    guard (0...most).contains(lif.refractorySteps) else {
      throw .invalidValue(
        what: "the refractory period of layer \(index)", expected: "from 0 to \(most) steps",
        got: "\(lif.refractorySteps)")
    }
    guard lif.resetTiming == .immediate || lif.reset != .zero || lif.resetGradient == .detached
    else {
      throw .invalidNetwork(
        "layer \(index) has a delayed reset to zero, whose gradient must be detached")
    }
  }

  private mutating func add(
    _ adaptation: Adaptation, _ index: Int, to raw: inout spindle_layer
  ) throws(SpindleError) {
    let neurons = Int(raw.neurons)
    raw.adaptive = true
    raw.learn_adaptation_strength = adaptation.learnsStrength
    raw.learn_adaptation_tau = adaptation.learnsTau
    try append(
      "\(index).adaptation_strength", adaptation.strength, neurons,
      isLearned: adaptation.learnsStrength)
    try append(
      "\(index).adaptation_tau", adaptation.tau, neurons, isLearned: adaptation.learnsTau)
  }

  private mutating func addLI(
    _ li: LI, _ synapse: Synapse, synapseIndex: Int, _ index: Int
  ) throws(SpindleError) {
    var raw = rawLayer(synapse)
    let target = try fluctuationTarget(
      synapse, li.tau, li.synapticTau, 1, isRecurrent: false, index)
    try addSynapticParameters(synapse, synapseIndex, target)
    raw.neuron = SPINDLE_LI
    try addTaus(li.tau, li.learnsTau, li.synapticTau, li.learnsSynapticTau, index, to: &raw)
    rawLayers.append(raw)
    waiting = nil
  }

  /// The time constants of neurons of either kind.
  private mutating func addTaus(
    _ tau: PerNeuron, _ learnsTau: Bool, _ synapticTau: PerNeuron?, _ learnsSynapticTau: Bool,
    _ index: Int, to raw: inout spindle_layer
  ) throws(SpindleError) {
    let neurons = Int(raw.neurons)
    raw.learn_tau = learnsTau
    try append("\(index).tau", tau, neurons, isLearned: learnsTau)
    guard let synapticTau else {
      guard !learnsSynapticTau else {
        throw .invalidNetwork("layer \(index) learns a synaptic tau that it does not have")
      }
      return
    }
    raw.synaptic_filter = true
    raw.learn_synaptic_tau = learnsSynapticTau
    try append("\(index).synaptic_tau", synapticTau, neurons, isLearned: learnsSynapticTau)
  }

  private func rawLayer(_ synapse: Synapse) -> spindle_layer {
    var raw = spindle_layer()
    raw.inputs = UInt32(synapse.inputs)
    raw.neurons = UInt32(synapse.outputs)
    raw.bias = synapse.bias != nil
    raw.dropout = synapse.dropout
    raw.learn_weight = synapse.trainsWeights
    raw.learn_bias = synapse.trainsBias
    return raw
  }

  /// What an initializer is told of the neurons that a synapse drives.
  private func fluctuationTarget(
    _ synapse: Synapse, _ tau: PerNeuron, _ synapticTau: PerNeuron?, _ threshold: PerNeuron,
    isRecurrent: Bool, _ index: Int
  ) throws(SpindleError) -> FluctuationDriven.Target {
    let neurons = synapse.outputs
    func taus(_ name: String, _ numbers: PerNeuron) throws(SpindleError) -> [Float] {
      let values = try numbers.values(of: "\(index).\(name)", count: neurons)
      for value in values where !(value > 0) {
        throw .invalidValue(
          what: "\"\(index).\(name)\"", expected: "positive, in seconds", got: "\(value)")
      }
      return values
    }
    var filter: [Float]?
    if let synapticTau { filter = try taus("synaptic_tau", synapticTau) }
    return FluctuationDriven.Target(
      timeStep: timeStep, tau: try taus("tau", tau), synapticTau: filter,
      threshold: try threshold.values(of: "\(index).threshold", count: neurons),
      sources: synapse.inputs + (isRecurrent ? neurons : 0), isRecurrent: isRecurrent)
  }

  private mutating func addSynapticParameters(
    _ synapse: Synapse, _ index: Int, _ target: FluctuationDriven.Target
  ) throws(SpindleError) {
    try append(
      "\(index).weight", [synapse.inputs, synapse.outputs], synapse.weights,
      isLearned: synapse.trainsWeights, target)
    if let bias = synapse.bias {
      try append("\(index).bias", [synapse.outputs], bias, isLearned: synapse.trainsBias)
    }
  }

  private mutating func append(
    _ name: String, _ shape: [Int], _ initializer: Initializer, isLearned: Bool,
    _ target: FluctuationDriven.Target? = nil
  ) throws(SpindleError) {
    var random = RandomStream(seed: seed, stream: UInt64(parameters.count))
    append(
      name, shape,
      try initializer.makeValues(
        rows: shape.count == 1 ? 1 : shape[0], columns: shape[shape.count - 1], random: &random,
        name: name, target: target),
      isLearned: isLearned)
  }

  private mutating func append(
    _ name: String, _ numbers: PerNeuron, _ neurons: Int, isLearned: Bool
  ) throws(SpindleError) {
    append(
      name, [neurons], try numbers.values(of: name, count: neurons), isLearned: isLearned)
  }

  private mutating func append(
    _ name: String, _ shape: [Int], _ newValues: [Float], isLearned: Bool
  ) {
    let range = values.count..<values.count + newValues.count
    values.append(contentsOf: newValues)
    parameters.append(.init(name: name, shape: shape, isLearned: isLearned, range: range))
  }
}

extension Reset {
  var raw: spindle_reset {
    switch self {
    case .subtraction: SPINDLE_RESET_SUBTRACTION
    case .zero: SPINDLE_RESET_ZERO
    case .none: SPINDLE_RESET_NONE
    }
  }
}

extension Surrogate.Kind {
  var raw: spindle_surrogate {
    switch self {
    case .fastSigmoid: SPINDLE_FAST_SIGMOID
    case .atan: SPINDLE_ATAN
    case .sigmoid: SPINDLE_SIGMOID
    case .triangular: SPINDLE_TRIANGULAR
    case .rectangular: SPINDLE_RECTANGULAR
    }
  }
}

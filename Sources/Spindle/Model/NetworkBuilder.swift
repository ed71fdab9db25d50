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

  init(timeStep: Float, seed: UInt64) {
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
    guard timeStep.isFinite, timeStep > 0 else {
      throw .invalidValue(
        what: "the time step", expected: "positive, in seconds", got: "\(timeStep)")
    }
    guard waiting == nil, !rawLayers.isEmpty else {
      throw .invalidNetwork("the last layer must be of neurons")
    }
  }

  private mutating func addSynapse(_ synapse: Synapse, at index: Int) throws(SpindleError) {
    try Limits.check(synapse.inputs, "the inputs of layer \(index)")
    try Limits.check(synapse.outputs, "the outputs of layer \(index)")
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
    guard lif.surrogate.slope.isFinite, lif.surrogate.slope > 0 else {
      throw .invalidValue(
        what: "the surrogate's slope of layer \(index)", expected: "positive and finite",
        got: "\(lif.surrogate.slope)")
    }
    var raw = rawLayer(synapse)
    try addSynapticParameters(synapse, synapseIndex)
    raw.neuron = SPINDLE_LIF
    raw.reset = lif.reset.raw
    raw.reset_gradient = lif.resetGradient == .attached ? SPINDLE_ATTACHED : SPINDLE_DETACHED
    raw.surrogate = lif.surrogate.kind.raw
    raw.slope = lif.surrogate.slope
    raw.learn_recurrent_weight = lif.trainsRecurrentWeights
    raw.learn_threshold = lif.learnsThreshold
    switch lif.topology {
    case .ff: break
    case .rc(let weights):
      raw.topology = SPINDLE_RC
      try append(
        "\(index).recurrent_weight", [lif.neurons, lif.neurons], weights,
        isLearned: lif.trainsRecurrentWeights)
    case .oneToOne(let weights):
      raw.topology = SPINDLE_ONE_TO_ONE
      try append(
        "\(index).recurrent_weight", [lif.neurons], weights,
        isLearned: lif.trainsRecurrentWeights)
    }
    try addTaus(lif.tau, lif.learnsTau, lif.synapticTau, lif.learnsSynapticTau, index, to: &raw)
    try append("\(index).threshold", lif.threshold, lif.neurons, isLearned: lif.learnsThreshold)
    rawLayers.append(raw)
    waiting = nil
  }

  private mutating func addLI(
    _ li: LI, _ synapse: Synapse, synapseIndex: Int, _ index: Int
  ) throws(SpindleError) {
    var raw = rawLayer(synapse)
    try addSynapticParameters(synapse, synapseIndex)
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
    raw.learn_weight = synapse.trainsWeights
    raw.learn_bias = synapse.trainsBias
    return raw
  }

  private mutating func addSynapticParameters(
    _ synapse: Synapse, _ index: Int
  ) throws(SpindleError) {
    try append(
      "\(index).weight", [synapse.inputs, synapse.outputs], synapse.weights,
      isLearned: synapse.trainsWeights)
    if let bias = synapse.bias {
      try append("\(index).bias", [synapse.outputs], bias, isLearned: synapse.trainsBias)
    }
  }

  private mutating func append(
    _ name: String, _ shape: [Int], _ initializer: Initializer, isLearned: Bool
  ) throws(SpindleError) {
    var random = RandomStream(seed: seed, stream: UInt64(parameters.count))
    append(
      name, shape,
      try initializer.makeValues(
        rows: shape.count == 1 ? 1 : shape[0], columns: shape[shape.count - 1], random: &random,
        name: name),
      isLearned: isLearned)
  }

  private mutating func append(
    _ name: String, _ numbers: PerNeuron, _ neurons: Int, isLearned: Bool
  ) throws(SpindleError) {
    guard let expanded = numbers.values(count: neurons) else {
      guard case .each(let given) = numbers else { return }
      throw .shapeMismatch(what: "\"\(name)\"", expected: [neurons], got: [given.count])
    }
    append(name, [neurons], expanded, isLearned: isLearned)
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

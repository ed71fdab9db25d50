/// Turns a list of layers into parameters, checking each.
struct NetworkBuilder {
  private(set) var parameters: [Network.Parameter] = []
  private(set) var values: [Float] = []
  /// I of the first layer, and N of each layer of neurons.
  private(set) var inputs = 0
  private(set) var neuronCounts: [Int] = []
  private var endsInIntegrators = false
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
    guard waiting == nil, !neuronCounts.isEmpty else {
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
    if neuronCounts.isEmpty { inputs = synapse.inputs }
    if let below = neuronCounts.last {
      guard !endsInIntegrators else {
        throw .invalidNetwork("leaky integrators must be the last layer")
      }
      guard below == synapse.inputs else {
        throw .shapeMismatch(
          what: "the inputs of layer \(index)", expected: [below],
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

  /// The parameters follow the order of the core's roles (spindle_role).
  private mutating func addLIF(
    _ lif: LIF, _ synapse: Synapse, synapseIndex: Int, _ index: Int
  ) throws(SpindleError) {
    try Self.check(lif, index)
    let isRecurrent = if case .rc = lif.topology { true } else { false }
    var target = try fluctuationTarget(
      synapse, lif.tau, lif.synapticTau, lif.threshold, isRecurrent: isRecurrent, index)
    try addSynapticParameters(synapse, synapseIndex, target)
    target.isOfRecurrence = true
    switch lif.topology {
    case .ff: break
    case .rc(let weights):
      try append(
        "\(index).recurrent_weight", [lif.neurons, lif.neurons], weights,
        isLearned: lif.trainsRecurrentWeights, target)
    case .oneToOne(let weights):
      try append(
        "\(index).recurrent_weight", [lif.neurons], weights,
        isLearned: lif.trainsRecurrentWeights)
    }
    try addTaus(lif.tau, lif.learnsTau, lif.synapticTau, lif.learnsSynapticTau, index, lif.neurons)
    try append("\(index).threshold", lif.threshold, lif.neurons, isLearned: lif.learnsThreshold)
    if let adaptation = lif.adaptation { try add(adaptation, index, lif.neurons) }
    neuronCounts.append(lif.neurons)
    waiting = nil
  }

  private static func check(_ lif: LIF, _ index: Int) throws(SpindleError) {
    guard lif.surrogate.slope.isFinite, lif.surrogate.slope > 0 else {
      throw .invalidValue(
        what: "the surrogate's slope of layer \(index)", expected: "positive and finite",
        got: "\(lif.surrogate.slope)")
    }
    let most = Limits.refractorySteps
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
    _ adaptation: Adaptation, _ index: Int, _ neurons: Int
  ) throws(SpindleError) {
    try append(
      "\(index).adaptation_strength", adaptation.strength, neurons,
      isLearned: adaptation.learnsStrength)
    try append(
      "\(index).adaptation_tau", adaptation.tau, neurons, isLearned: adaptation.learnsTau)
  }

  private mutating func addLI(
    _ li: LI, _ synapse: Synapse, synapseIndex: Int, _ index: Int
  ) throws(SpindleError) {
    let target = try fluctuationTarget(
      synapse, li.tau, li.synapticTau, 1, isRecurrent: false, index)
    try addSynapticParameters(synapse, synapseIndex, target)
    try addTaus(li.tau, li.learnsTau, li.synapticTau, li.learnsSynapticTau, index, li.neurons)
    neuronCounts.append(li.neurons)
    endsInIntegrators = true
    waiting = nil
  }

  /// The time constants of neurons of either kind.
  private mutating func addTaus(
    _ tau: PerNeuron, _ learnsTau: Bool, _ synapticTau: PerNeuron?, _ learnsSynapticTau: Bool,
    _ index: Int, _ neurons: Int
  ) throws(SpindleError) {
    try append("\(index).tau", tau, neurons, isLearned: learnsTau)
    guard let synapticTau else {
      guard !learnsSynapticTau else {
        throw .invalidNetwork("layer \(index) learns a synaptic tau that it does not have")
      }
      return
    }
    try append("\(index).synaptic_tau", synapticTau, neurons, isLearned: learnsSynapticTau)
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
